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
}

/// Declares calls: the arguments, the answer, the route and the body.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) -> $answer:ty = $method:ident $path:expr, $body:tt;)*) => {
        $(
            $(#[$doc])*
            pub fn $name($($argument: $type),*) -> Call<$answer> {
                Call::new(Method::$method, $path, json!($body))
            }
        )*
    };
}

calls! {
    /// Logs in a resident with a code of `wx.login`.
    log_in(code: &str) -> TokenView = POST "/v1/sessions/wechat", { "code": code };
    /// Comes on duty with an invitation.
    accept_invitation(invitation: &str, name: &str, device: &str, nonce: &str) -> StaffTokenView =
        POST "/v1/sessions/staff", { "invitation": invitation, "name": name, "device": device, "nonce": nonce };
    /// The carnival.
    carnival() -> CarnivalView = GET "/v1/carnival", null;
    /// What changes while the carnival runs.
    availability() -> AvailabilityView = GET "/v1/availability", null;
    /// A resident's passport, claims and companions.
    me() -> MeView = GET "/v1/me", null;
    /// Adds a paper passport to a resident's phone.
    add_companion(passport: &str) -> AddedCompanionView = POST "/v1/me/companions", { "passport": passport };
    /// Claims a gift.
    claim(gift: &str) -> ClaimWithVoucher = POST "/v1/me/claims", { "gift": gift };
    /// A resident's claims.
    claims() -> ClaimsView = GET "/v1/me/claims", null;
    /// Releases a claim.
    release(claim: &str) -> ClaimView = DELETE format!("/v1/me/claims/{claim}"), null;
    /// Looks up a code at a booth.
    look_up(code: &str) -> LookupView = POST "/v1/booth/lookups", { "code": code };
    /// Redeems vouchers.
    redeem(vouchers: &[&str], nonce: &str) -> RedeemResults =
        POST "/v1/booth/redemptions", { "vouchers": vouchers, "nonce": nonce };
    /// Voids a redemption.
    void(redemption: &str, reason: &str, nonce: &str) -> ClaimView =
        POST format!("/v1/booth/redemptions/{redemption}/void"), { "reason": reason, "nonce": nonce };
    /// Redeems a gift that a paper passport has earned.
    redeem_for_paper(passport: &str, gift: &str, nonce: &str) -> ClaimView =
        POST "/v1/booth/paper-redemptions", { "passport": passport, "gift": gift, "nonce": nonce };
    /// Records ink stamps of a paper passport.
    record_stamps(passport: &str, points: &[&str], nonce: &str) -> RecordedStampsView =
        POST "/v1/booth/check-ins", { "passport": passport, "points": points, "nonce": nonce };
    /// The display code of a point.
    display_code(point: &str) -> DisplayCodeView = GET format!("/v1/booth/points/{point}/code"), null;
    /// Invites volunteers to a booth.
    invite_volunteers(booth: &str, uses: usize, nonce: &str) -> NewInvitationView =
        POST "/v1/organiser/staff", { "role": "volunteer", "booth": booth, "uses": uses, "nonce": nonce };
    /// The staff.
    staff() -> StaffView = GET "/v1/organiser/staff", null;
    /// The gift ledger, as CSV: read its [`Answer::text`].
    ledger() -> IgnoredAny = GET "/v1/organiser/ledger.csv", null;
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
    Call::new(Method::POST, "/v1/check-ins", body)
}

/// The organisers' summary of all days, or of one.
pub fn summary(day: Option<&str>) -> Call<SummaryView> {
    let query = day.map_or_else(String::new, |day| format!("?day={day}"));
    Call::new(Method::GET, format!("/v1/organiser/summary{query}"), Value::Null)
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
