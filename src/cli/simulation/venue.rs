//! The venue as visitors see it: points, gifts and booths of today, printed codes and display codes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::rules::carnival::Location;
use crate::rules::carnival::location::metres_between;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client_stats::RequestKind;
use super::http_client::{HttpClient, RequestFailed};

/// Age up to which a fetched display code is reused, in carnival seconds. A display shows a code for 30 seconds.
const DISPLAY_CODE_MAX_AGE_S: f64 = 20.0;
/// Speed between points with a known location: a bicycle's, in metres per minute.
const METRES_PER_MINUTE: f64 = 200.0;

/// The parts of `GET /v1/carnival` that the simulation reads.
#[derive(Deserialize)]
struct CarnivalDocument {
    routes: Vec<VenueRoute>,
    points: Vec<VenuePoint>,
    gifts: Vec<VenueGift>,
    booths: Vec<VenueBooth>,
}

#[derive(Deserialize)]
struct VenueRoute {
    id: String,
    first_day: String,
    last_day: String,
    extra_days: Vec<String>,
}

/// A point.
#[derive(Deserialize)]
pub(super) struct VenuePoint {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    route: String,
    location: Option<Location>,
    codes: Vec<String>,
}

/// A gift.
#[derive(Deserialize)]
pub(super) struct VenueGift {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// The booths that hand it out; empty for all.
    pub(super) booths: Vec<String>,
}

/// A booth.
#[derive(Deserialize)]
pub(super) struct VenueBooth {
    /// Its id.
    pub(super) id: String,
    route: Option<String>,
}

/// The venue, the client of its server, and the simulation's clock.
pub(super) struct Venue {
    /// The HTTP client.
    pub(super) client: HttpClient,
    /// Points of the routes that run today, in the order of the file.
    pub(super) points: Vec<VenuePoint>,
    /// All gifts.
    pub(super) gifts: Vec<VenueGift>,
    /// Booths of the routes that run today, and booths without a route.
    pub(super) booths: Vec<VenueBooth>,
    /// Printed codes by point.
    pub(super) posters: BTreeMap<String, String>,
    /// Codes of the paper passports.
    pub(super) cards: Vec<String>,
    /// Distinguishes this run in logins and nonces.
    pub(super) run_id: String,
    /// The staff token of the simulated organiser.
    pub(super) organiser_token: String,
    /// The day of the simulation.
    pub(super) today: String,
    display_codes: Mutex<BTreeMap<String, (Instant, String)>>,
    /// Carnival seconds per real second.
    speed_factor: f64,
}

/// The inputs of a simulation.
pub(crate) struct SimulationInputs {
    /// The server's base URL.
    pub(crate) base: String,
    /// Printed codes by point.
    pub(crate) posters: BTreeMap<String, String>,
    /// Codes of the paper passports.
    pub(crate) cards: Vec<String>,
    /// An organiser's invitation.
    pub(crate) invitation: String,
}

impl Venue {
    /// Reads the carnival and signs in the organiser.
    pub(super) async fn load(
        client: HttpClient,
        inputs: SimulationInputs,
        speed: u32,
        run_id: String,
    ) -> Result<Venue, RequestFailed> {
        let SimulationInputs { posters, cards, invitation, .. } = inputs;
        let document = client.request(RequestKind::Read, "", "/v1/carnival", None).await?;
        let document: CarnivalDocument = serde_json::from_value(document.body).map_err(|_| RequestFailed)?;
        let now = client.request(RequestKind::Read, "", "/v1/availability", None).await?;
        let today = now.body["now"].as_str().and_then(|now| now.get(..10)).unwrap_or_default().to_owned();
        let runs = |route: &VenueRoute| {
            (route.first_day.as_str()..=route.last_day.as_str()).contains(&today.as_str())
                || route.extra_days.contains(&today)
        };
        let CarnivalDocument { routes, mut points, gifts, mut booths } = document;
        let running = |id: &String| routes.iter().any(|route| route.id == *id && runs(route));
        points.retain(|point| running(&point.route));
        booths.retain(|booth| booth.route.as_ref().is_none_or(&running));
        let (organiser_token, display_codes) =
            (accept_invitation(&client, &invitation, "演练", &run_id).await?, Mutex::default());
        let speed_factor = f64::from(speed);
        Ok(Venue {
            client,
            points,
            gifts,
            booths,
            posters,
            cards,
            run_id,
            organiser_token,
            today,
            display_codes,
            speed_factor,
        })
    }

    /// Whether any point of today is open now.
    pub(super) async fn is_anything_open(&self) -> Result<bool, RequestFailed> {
        let now = self.client.request(RequestKind::Read, "", "/v1/availability", None).await?;
        let is_known = |id: &Value| self.points.iter().any(|point| id.as_str() == Some(&point.id));
        let mut points = now.body["points"].as_array().into_iter().flatten();
        Ok(points.any(|point| is_known(&point["point"]) && point["open"] == json!(true)))
    }

    /// Sleeps for a number of carnival minutes.
    pub(super) async fn sleep_minutes(&self, minutes: f64) {
        tokio::time::sleep(self.real_duration(minutes)).await;
    }

    /// The real duration of a number of carnival minutes.
    pub(super) fn real_duration(&self, minutes: f64) -> Duration {
        Duration::from_secs_f64(minutes * 60.0 / self.speed_factor)
    }

    /// The carnival seconds of a real duration.
    pub(super) fn simulated_secs(&self, real: Duration) -> f64 {
        real.as_secs_f64() * self.speed_factor
    }

    /// The carnival minutes since a time.
    pub(super) fn minutes_since(&self, then: Instant) -> f64 {
        then.elapsed().as_secs_f64() * self.speed_factor / 60.0
    }

    /// The distance of two points in metres; `None` without locations.
    pub(super) fn metres(&self, from: usize, to: usize) -> Option<f64> {
        Some(metres_between(self.points[from].location?, self.points[to].location?))
    }

    /// The shortest time between two points, in carnival minutes; 0 without locations.
    pub(super) fn walking_minutes(&self, from: usize, to: usize) -> f64 {
        self.metres(from, to).unwrap_or(0.0) / METRES_PER_MINUTE
    }

    /// Whether a point accepts printed codes.
    pub(super) fn has_poster(&self, point: usize) -> bool {
        let point = &self.points[point];
        point.codes.iter().any(|kind| kind == "printed") && self.posters.contains_key(&point.id)
    }

    /// Whether a point has a display.
    pub(super) fn has_display(&self, point: usize) -> bool {
        self.points[point].codes.iter().any(|kind| kind == "display")
    }

    /// The printed code of a point.
    pub(super) fn printed_code(&self, point: usize) -> String {
        self.posters.get(&self.points[point].id).cloned().unwrap_or_default()
    }

    /// The current display code of a point.
    pub(super) async fn display_code(&self, point: usize) -> Result<String, RequestFailed> {
        let id = &self.points[point].id;
        let cached = self.cached_display_code(id);
        if let Some((since, link)) = cached
            && since.elapsed() < self.real_duration(DISPLAY_CODE_MAX_AGE_S / 60.0)
        {
            return Ok(link);
        }
        let requested = Instant::now();
        let path = format!("/v1/booth/points/{id}/code");
        let response = self.client.request(RequestKind::Read, &self.organiser_token, &path, None).await?;
        let link = response.body["link"].as_str().unwrap_or_default().to_owned();
        if let Ok(mut display_codes) = self.display_codes.lock() {
            display_codes.insert(id.clone(), (requested, link.clone()));
        }
        Ok(link)
    }

    fn cached_display_code(&self, point: &str) -> Option<(Instant, String)> {
        self.display_codes.lock().ok()?.get(point).cloned()
    }

    /// The location that a phone sends at a point.
    pub(super) fn location(&self, point: usize) -> Value {
        let location = self.points[point].location;
        location
            .map_or(Value::Null, |location| json!({ "latitude": location.latitude, "longitude": location.longitude }))
    }

    /// The display name of a gift.
    pub(super) fn gift_name(&self, id: &str) -> String {
        self.gifts.iter().find(|gift| gift.id == id).map_or_else(|| id.to_owned(), |gift| gift.name.clone())
    }

    /// The display name of a point.
    pub(super) fn point_name(&self, id: &str) -> String {
        self.points.iter().find(|point| point.id == id).map_or_else(|| id.to_owned(), |point| point.name.clone())
    }
}

/// Accepts a staff invitation and returns the session's token.
pub(super) async fn accept_invitation(
    client: &HttpClient,
    invitation: &str,
    name: &str,
    nonce: &str,
) -> Result<String, RequestFailed> {
    let body = json!({ "invitation": invitation, "name": name, "nonce": nonce });
    let response = client.request(RequestKind::LogIn, "", "/v1/sessions/staff", Some(&body)).await?;
    Ok(response.body["token"].as_str().unwrap_or_default().to_owned())
}
