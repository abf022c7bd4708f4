//! The venue as visitors see it: points, gifts and booths of today, printed codes and display codes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::http::api::answers::{CarnivalView, GiftView, PointView, RouteView};
use crate::http::api::client;
use crate::rules::carnival::location::metres_between;
use crate::rules::carnival::{Booth, Location};

use super::http_client::{HttpClient, RequestFailed};

/// Age up to which a fetched display code is reused, in carnival seconds. A display shows a code for 30 seconds.
const DISPLAY_CODE_MAX_AGE_S: f64 = 20.0;
/// Speed between points with a known location: a bicycle's, in metres per minute.
const METRES_PER_MINUTE: f64 = 200.0;

/// The venue, the client of its server, and the simulation's clock.
pub(super) struct Venue {
    /// The HTTP client.
    pub(super) client: HttpClient,
    /// Points of the routes that run today, in the order of the file.
    pub(super) points: Vec<PointView>,
    /// All gifts.
    pub(super) gifts: Vec<GiftView>,
    /// Booths of the routes that run today, and booths without a route.
    pub(super) booths: Vec<Booth>,
    /// The simulation's inputs.
    pub(super) inputs: SimulationInputs,
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
        http: HttpClient,
        inputs: SimulationInputs,
        speed: u32,
        run_id: String,
    ) -> Result<Venue, RequestFailed> {
        let CarnivalView { routes, mut points, gifts, mut booths, .. } = http.read("", &client::carnival()).await?;
        let now = http.read("", &client::availability()).await?.now;
        let today = now.get(..10).unwrap_or_default().to_owned();
        let runs = |route: &RouteView| {
            (route.days.first.to_string()..=route.days.last.to_string()).contains(&today)
                || route.extra_days.contains(&today)
        };
        let running = |id: &str| routes.iter().any(|route| route.id == id && runs(route));
        points.retain(|point| running(&point.route));
        booths.retain(|booth| booth.route.as_ref().is_none_or(|route| running(route.as_str())));
        let device = format!("simulated-organiser-{run_id}");
        let accept = client::accept_invitation(&inputs.invitation, "演练", &device, &run_id);
        let organiser_token = http.read("", &accept).await?.token;
        Ok(Venue {
            client: http,
            points,
            gifts,
            booths,
            inputs,
            run_id,
            organiser_token,
            today,
            display_codes: Mutex::default(),
            speed_factor: f64::from(speed),
        })
    }

    /// The ids of all points that are open now.
    pub(super) async fn open_points(&self) -> Result<BTreeSet<String>, RequestFailed> {
        let points = self.client.read("", &client::availability()).await?.points;
        Ok(points.into_iter().filter(|point| point.open).map(|point| point.point).collect())
    }

    /// Whether a booth hands out a gift.
    pub(super) fn offers(&self, booth: usize, gift: &str) -> bool {
        let gift = self.gifts.iter().find(|one| one.id == gift);
        gift.is_some_and(|gift| {
            gift.booths.is_empty() || gift.booths.iter().any(|id| id == self.booths[booth].id.as_str())
        })
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
        Some(metres_between(self.location(from)?, self.location(to)?))
    }

    /// The shortest time between two points, in carnival minutes; 0 without locations.
    pub(super) fn walking_minutes(&self, from: usize, to: usize) -> f64 {
        self.metres(from, to).unwrap_or(0.0) / METRES_PER_MINUTE
    }

    /// Whether a point accepts printed codes.
    pub(super) fn has_poster(&self, point: usize) -> bool {
        let point = &self.points[point];
        point.codes.iter().any(|kind| kind == "printed") && self.inputs.posters.contains_key(&point.id)
    }

    /// Whether a point has a display.
    pub(super) fn has_display(&self, point: usize) -> bool {
        self.points[point].codes.iter().any(|kind| kind == "display")
    }

    /// The printed code of a point.
    pub(super) fn printed_code(&self, point: usize) -> String {
        self.inputs.posters.get(&self.points[point].id).cloned().unwrap_or_default()
    }

    /// The current display code of a point.
    pub(super) async fn display_code(&self, point: usize) -> Result<String, RequestFailed> {
        let id = &self.points[point].id;
        let cache = || self.display_codes.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cache().get(id).cloned();
        if let Some((since, link)) = cached
            && since.elapsed() < self.real_duration(DISPLAY_CODE_MAX_AGE_S / 60.0)
        {
            return Ok(link);
        }
        let requested = Instant::now();
        let link = self.client.read(&self.organiser_token, &client::display_code(id)).await?.link;
        cache().insert(id.clone(), (requested, link.clone()));
        Ok(link)
    }

    /// The location that a phone sends at a point.
    pub(super) fn location(&self, point: usize) -> Option<Location> {
        let location = self.points[point].location.as_ref()?;
        Some(Location { latitude: location.latitude, longitude: location.longitude })
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
