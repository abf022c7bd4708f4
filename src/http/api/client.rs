//! A typed client of this API: each call states its route, its request and its answer once. The simulation, the fault
//! tests and the load generator share it.

use std::marker::PhantomData;
use std::time::Duration;

use reqwest::Method;
use rustls::crypto::{CryptoProvider, ring};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};

use super::answers::{
    AddedCompanionView, AvailabilityView, CarnivalView, CheckInResponse, ClaimView, ClaimWithVoucher, ClaimsView,
    DisplayCodeView, LookupView, MeView, NewInvitationView, RecordedStampsView, RedeemResults, StaffTokenView,
    StaffView, SummaryView, TokenView,
};
use crate::rules::carnival::Location;

/// A request whose successful answer is an `A`.
#[derive(Clone, Debug)]
#[must_use = "a call must be sent"]
pub struct Call<A> {
    /// The method.
    pub method: Method,
    /// The path, with its query.
    pub path: String,
    /// The JSON body; `Null` for none.
    pub body: Value,
    answer: PhantomData<fn() -> A>,
}

impl<A> Call<A> {
    fn new(method: Method, path: impl Into<String>, body: Value) -> Call<A> {
        Call { method, path: path.into(), body, answer: PhantomData }
    }

    fn get(path: impl Into<String>) -> Call<A> {
        Call::new(Method::GET, path, Value::Null)
    }

    fn post(path: impl Into<String>, body: Value) -> Call<A> {
        Call::new(Method::POST, path, body)
    }
}

/// Logs in a resident with a code of `wx.login`.
pub fn log_in(code: &str) -> Call<TokenView> {
    Call::post("/v1/sessions/wechat", json!({ "code": code }))
}

/// Accepts a staff invitation.
pub fn accept_invitation(invitation: &str, name: &str, nonce: &str) -> Call<StaffTokenView> {
    Call::post("/v1/sessions/staff", json!({ "invitation": invitation, "name": name, "nonce": nonce }))
}

/// The carnival.
pub fn carnival() -> Call<CarnivalView> {
    Call::get("/v1/carnival")
}

/// What changes while the carnival runs.
pub fn availability() -> Call<AvailabilityView> {
    Call::get("/v1/availability")
}

/// A resident's passport, claims and companions.
pub fn me() -> Call<MeView> {
    Call::get("/v1/me")
}

/// Checks in: the resident alone if `party` is empty.
pub fn check_in(code: &str, location: Option<Location>, party: &[&str]) -> Call<CheckInResponse> {
    let mut body = json!({ "code": code });
    if let Some(location) = location {
        body["location"] = json!(location);
    }
    if !party.is_empty() {
        body["for"] = json!(party);
    }
    Call::post("/v1/check-ins", body)
}

/// Adds a paper passport to a resident's phone.
pub fn add_companion(passport: &str) -> Call<AddedCompanionView> {
    Call::post("/v1/me/companions", json!({ "passport": passport }))
}

/// Claims a gift.
pub fn claim(gift: &str) -> Call<ClaimWithVoucher> {
    Call::post("/v1/me/claims", json!({ "gift": gift }))
}

/// A resident's claims.
pub fn claims() -> Call<ClaimsView> {
    Call::get("/v1/me/claims")
}

/// Releases a claim.
pub fn release(claim: &str) -> Call<ClaimView> {
    Call::new(Method::DELETE, format!("/v1/me/claims/{claim}"), Value::Null)
}

/// Looks up a code at a booth.
pub fn look_up(code: &str) -> Call<LookupView> {
    Call::post("/v1/booth/lookups", json!({ "code": code }))
}

/// Redeems vouchers.
pub fn redeem(vouchers: &[&str], nonce: &str) -> Call<RedeemResults> {
    Call::post("/v1/booth/redemptions", json!({ "vouchers": vouchers, "nonce": nonce }))
}

/// Voids a redemption.
pub fn void(redemption: &str, reason: &str, nonce: &str) -> Call<ClaimView> {
    Call::post(format!("/v1/booth/redemptions/{redemption}/void"), json!({ "reason": reason, "nonce": nonce }))
}

/// Redeems a gift that a paper passport has earned.
pub fn redeem_for_paper(passport: &str, gift: &str, nonce: &str) -> Call<ClaimView> {
    Call::post("/v1/booth/paper-redemptions", json!({ "passport": passport, "gift": gift, "nonce": nonce }))
}

/// Records ink stamps of a paper passport.
pub fn record_stamps(passport: &str, points: &[&str], nonce: &str) -> Call<RecordedStampsView> {
    Call::post("/v1/booth/check-ins", json!({ "passport": passport, "points": points, "nonce": nonce }))
}

/// The display code of a point.
pub fn display_code(point: &str) -> Call<DisplayCodeView> {
    Call::get(format!("/v1/booth/points/{point}/code"))
}

/// Invites volunteers to a booth.
pub fn invite_volunteers(booth: &str, uses: usize, nonce: &str) -> Call<NewInvitationView> {
    let body = json!({ "role": "volunteer", "booth": booth, "uses": uses, "nonce": nonce });
    Call::post("/v1/organiser/staff", body)
}

/// The staff.
pub fn staff() -> Call<StaffView> {
    Call::get("/v1/organiser/staff")
}

/// The organisers' summary of all days, or of one.
pub fn summary(day: Option<&str>) -> Call<SummaryView> {
    Call::get(day.map_or_else(|| "/v1/organiser/summary".to_owned(), |day| format!("/v1/organiser/summary?day={day}")))
}

/// The gift ledger, as CSV: read its [`Answer::text`].
pub fn ledger() -> Call<IgnoredAny> {
    Call::get("/v1/organiser/ledger.csv")
}

/// A complete answer of any status.
#[derive(Debug)]
pub struct Answer<A> {
    /// The HTTP status.
    pub status: u16,
    /// Whether it states when to retry.
    pub retry_after: bool,
    /// The body.
    pub text: String,
    body: PhantomData<fn() -> A>,
}

impl<A: DeserializeOwned> Answer<A> {
    /// Whether the request succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The body as JSON; `Null` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The refusal's code; `None` on success.
    #[must_use]
    pub fn refusal_code(&self) -> Option<String> {
        (!self.is_success()).then(|| self.json()["code"].as_str().unwrap_or("unknown").to_owned())
    }

    /// The typed body of a success.
    ///
    /// # Errors
    /// The refusal's code; or `unreadable`, if a success has another body than expected.
    pub fn read(&self) -> Result<A, String> {
        match self.refusal_code() {
            Some(code) => Err(code),
            None => serde_json::from_str(&self.text).map_err(|_| "unreadable".to_owned()),
        }
    }
}

/// No complete answer arrived.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// There was no answer at all.
    #[error("no answer: {0}")]
    Unreachable(reqwest::Error),
    /// The answer was cut off.
    #[error("the answer was cut off: {0}")]
    CutOff(reqwest::Error),
}

/// An HTTP client of the API. Clones share one connection pool.
#[derive(Clone, Debug)]
pub struct ApiClient(reqwest::Client);

impl ApiClient {
    /// A client with a timeout per request.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(timeout: Duration) -> reqwest::Result<ApiClient> {
        // Fails only if a provider is already installed, and then that one is used.
        let _ = CryptoProvider::install_default(ring::default_provider());
        reqwest::Client::builder().no_proxy().timeout(timeout).build().map(ApiClient)
    }

    /// Sends a call once to the server at this base URL; an empty token is not sent.
    ///
    /// # Errors
    /// Without a complete answer.
    pub async fn send<A>(&self, base: &str, token: &str, call: &Call<A>) -> Result<Answer<A>, NoAnswer> {
        let mut request = self.0.request(call.method.clone(), format!("{base}{}", call.path));
        if !call.body.is_null() {
            request = request.json(&call.body);
        }
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(NoAnswer::Unreachable)?;
        let (status, retry_after) = (response.status().as_u16(), response.headers().contains_key("retry-after"));
        let text = response.text().await.map_err(NoAnswer::CutOff)?;
        Ok(Answer { status, retry_after, text, body: PhantomData })
    }
}
