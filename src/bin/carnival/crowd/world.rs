//! What everybody at the carnival can see: its points, gifts and booths of today, posters and tablets.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use carnival::rules::carnival::Location;
use carnival::rules::distance::metres_between;
use serde::Deserialize;
use serde_json::{Value, json};

use super::books::Ask;
use super::line::{Line, Silence};

/// A tablet shows a code for half a minute; whoever looks sees one that is at most so old, in the carnival's seconds.
const TABLET_S: f64 = 20.0;
/// How fast people come on between points whose places are known: by bicycle, in metres a minute.
const METRES_A_MINUTE: f64 = 200.0;

/// The carnival as `GET /v1/carnival` has it, of which the crowd reads this much.
#[derive(Deserialize)]
struct Document {
    routes: Vec<Route>,
    points: Vec<Spot>,
    gifts: Vec<Gift>,
    booths: Vec<Table>,
}

#[derive(Deserialize)]
struct Route {
    id: String,
    first_day: String,
    last_day: String,
    extra_days: Vec<String>,
}

/// A point.
#[derive(Deserialize)]
pub(super) struct Spot {
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
pub(super) struct Gift {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// The booths that hand it out; empty for all.
    pub(super) booths: Vec<String>,
}

/// A booth.
#[derive(Deserialize)]
pub(super) struct Table {
    /// Its id.
    pub(super) id: String,
    route: Option<String>,
}

/// What can be seen, and how fast it goes.
pub(super) struct World {
    /// The line to the server.
    pub(super) line: Line,
    /// Points of the routes that run today, in the order of the file.
    pub(super) points: Vec<Spot>,
    /// All gifts.
    pub(super) gifts: Vec<Gift>,
    /// Booths of the routes that run today, and of none.
    pub(super) tables: Vec<Table>,
    /// What the posters hold, by point.
    pub(super) posters: BTreeMap<String, String>,
    /// What the paper passports hold.
    pub(super) cards: Vec<String>,
    /// Names this crowd among others, in logins and nonces.
    pub(super) run: String,
    /// The crowd's organiser.
    pub(super) organiser: String,
    /// The day on which it comes.
    pub(super) today: String,
    tablets: Mutex<BTreeMap<String, (Instant, String)>>,
    /// How many times as fast as life.
    faster: f64,
}

/// What the rehearsal hands to its crowd: what hangs on walls and lies on tables.
pub(crate) struct Given {
    /// Where the server is.
    pub(crate) base: String,
    /// What the posters hold, by point.
    pub(crate) posters: BTreeMap<String, String>,
    /// What the paper passports hold.
    pub(crate) cards: Vec<String>,
    /// An organiser's invitation.
    pub(crate) invitation: String,
}

impl World {
    /// Looks round.
    pub(super) async fn look(line: Line, given: Given, speed: u32, run: String) -> Result<World, Silence> {
        let Given { posters, cards, invitation, .. } = given;
        let document = line.ask(Ask::Read, "", "/v1/carnival", None).await?;
        let document: Document = serde_json::from_value(document.body).map_err(|_| Silence)?;
        let now = line.ask(Ask::Read, "", "/v1/availability", None).await?;
        let today = now.body["now"].as_str().and_then(|now| now.get(..10)).unwrap_or_default().to_owned();
        let runs = |route: &Route| {
            (route.first_day.as_str()..=route.last_day.as_str()).contains(&today.as_str())
                || route.extra_days.contains(&today)
        };
        let Document { routes, mut points, gifts, mut booths } = document;
        let running = |id: &String| routes.iter().any(|route| route.id == *id && runs(route));
        points.retain(|point| running(&point.route));
        booths.retain(|booth| booth.route.as_ref().is_none_or(&running));
        let (organiser, tablets) = (on_duty(&line, &invitation, "演练", &run).await?, Mutex::default());
        let faster = f64::from(speed);
        Ok(World { line, points, gifts, tables: booths, posters, cards, run, organiser, today, tablets, faster })
    }

    /// Whether a stamp can be had now.
    pub(super) async fn is_anything_open(&self) -> Result<bool, Silence> {
        let now = self.line.ask(Ask::Read, "", "/v1/availability", None).await?;
        let mine = |id: &Value| self.points.iter().any(|point| id.as_str() == Some(&point.id));
        let mut points = now.body["points"].as_array().into_iter().flatten();
        Ok(points.any(|point| mine(&point["point"]) && point["open"] == json!(true)))
    }

    /// So many of the carnival's minutes pass.
    pub(super) async fn pass(&self, minutes: f64) {
        tokio::time::sleep(self.long(minutes)).await;
    }

    /// How long so many of the carnival's minutes are.
    pub(super) fn long(&self, minutes: f64) -> Duration {
        Duration::from_secs_f64(minutes * 60.0 / self.faster)
    }

    /// How many of the carnival's seconds so long a time is.
    pub(super) fn felt_s(&self, long: Duration) -> f64 {
        long.as_secs_f64() * self.faster
    }

    /// How many of the carnival's minutes it is since then.
    pub(super) fn minutes_since(&self, then: Instant) -> f64 {
        then.elapsed().as_secs_f64() * self.faster / 60.0
    }

    /// How far two points are apart, in metres, where the carnival says where they are.
    pub(super) fn metres(&self, from: usize, to: usize) -> Option<f64> {
        Some(metres_between(self.points[from].location?, self.points[to].location?))
    }

    /// The least that it takes from one to the other, in minutes.
    pub(super) fn way_min(&self, from: usize, to: usize) -> f64 {
        self.metres(from, to).unwrap_or(0.0) / METRES_A_MINUTE
    }

    /// Whether a point takes the poster's code.
    pub(super) fn has_poster(&self, point: usize) -> bool {
        let spot = &self.points[point];
        spot.codes.iter().any(|kind| kind == "printed") && self.posters.contains_key(&spot.id)
    }

    /// Whether a point has a tablet.
    pub(super) fn has_tablet(&self, point: usize) -> bool {
        self.points[point].codes.iter().any(|kind| kind == "display")
    }

    /// What a phone scans from the poster.
    pub(super) fn poster(&self, point: usize) -> String {
        self.posters.get(&self.points[point].id).cloned().unwrap_or_default()
    }

    /// What a phone scans from the tablet.
    pub(super) async fn tablet(&self, point: usize) -> Result<String, Silence> {
        let id = &self.points[point].id;
        let shown = self.seen(id);
        if let Some((since, link)) = shown
            && since.elapsed() < self.long(TABLET_S / 60.0)
        {
            return Ok(link);
        }
        let asked = Instant::now();
        let path = format!("/v1/booth/points/{id}/code");
        let answer = self.line.ask(Ask::Read, &self.organiser, &path, None).await?;
        let link = answer.body["link"].as_str().unwrap_or_default().to_owned();
        if let Ok(mut tablets) = self.tablets.lock() {
            tablets.insert(id.clone(), (asked, link.clone()));
        }
        Ok(link)
    }

    fn seen(&self, point: &str) -> Option<(Instant, String)> {
        self.tablets.lock().ok()?.get(point).cloned()
    }

    /// What a phone says of where it is.
    pub(super) fn location(&self, point: usize) -> Value {
        let here = self.points[point].location;
        here.map_or(Value::Null, |here| json!({ "latitude": here.latitude, "longitude": here.longitude }))
    }

    /// What a gift is called.
    pub(super) fn gift_name(&self, id: &str) -> String {
        self.gifts.iter().find(|gift| gift.id == id).map_or_else(|| id.to_owned(), |gift| gift.name.clone())
    }

    /// What a point is called.
    pub(super) fn point_name(&self, id: &str) -> String {
        self.points.iter().find(|point| point.id == id).map_or_else(|| id.to_owned(), |point| point.name.clone())
    }
}

/// Somebody accepts an invitation.
pub(super) async fn on_duty(line: &Line, invitation: &str, name: &str, nonce: &str) -> Result<String, Silence> {
    let body = json!({ "invitation": invitation, "name": name, "nonce": nonce });
    let answer = line.ask(Ask::LogIn, "", "/v1/sessions/staff", Some(&body)).await?;
    Ok(answer.body["token"].as_str().unwrap_or_default().to_owned())
}
