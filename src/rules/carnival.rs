//! The carnival as its organisers declare it: routes, points, hours, activities, gifts, booths.
//!
//! A `Carnival` that exists has been checked: names are unique, references lead somewhere, dates
//! lie inside the carnival, every gift can be earned. Only [`super::carnival_file`] makes one.

mod design;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::design::{ArtworkPath, CardPattern, CardPosition, Colour, DayMark};
use super::hours::{OpeningHours, TimeRange};
use super::ids::{ActivityId, BoothId, CarnivalId, GiftId, GiftNumber, PointId, PointNumber, RouteId};
use super::roles::Station;

/// The privacy notice of a carnival whose organisers wrote none.
const PRIVACY: &str = include_str!("privacy.txt");

/// A carnival, as checked.
#[derive(Clone, Debug)]
pub struct Carnival {
    /// Its stable name, part of every code's signature.
    pub id: CarnivalId,
    /// Its name for people.
    pub name: String,
    /// What it is about.
    pub theme: Option<String>,
    /// The town or district.
    pub town: Option<String>,
    /// The zone in which all its days and hours are meant.
    pub time_zone: TimeZone,
    /// First and last day.
    pub days: DateRange,
    /// How residents log in.
    pub login: LoginMethod,
    /// What residents should know today.
    pub notice: Option<String>,
    /// The organisers' own privacy notice; see [`Carnival::privacy_notice`].
    pub privacy: Option<String>,
    /// In the order of the file.
    pub routes: Vec<Route>,
    /// In the order of the file.
    pub points: Vec<Point>,
    /// In the order of the file.
    pub activities: Vec<Activity>,
    /// In the order of the file.
    pub gifts: Vec<Gift>,
    /// In the order of the file.
    pub booths: Vec<Booth>,
    /// In the order of the file, each of another day.
    pub day_marks: Vec<DayMark>,
}

/// A first and a last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl DateRange {
    /// Whether the day is one of them.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

/// The one login that a carnival enables: openids differ between a mini-program and a web login,
/// so with both one person would have two passports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginMethod {
    /// `wx.login` in a mini-program.
    MiniProgram,
    /// The web login of WeChat.
    Web,
}

/// A week's route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name in the file.
    pub id: RouteId,
    /// Its name for people.
    pub name: String,
    /// The week's days.
    pub days: DateRange,
    /// Further days, to make up for rain.
    pub extra_days: Vec<Date>,
    /// How many stamps complete it; without it, one of each open point. See [`Carnival::required_stamps`].
    pub complete_with: Option<u16>,
    /// The market where it ends.
    pub market: Option<Market>,
    /// A few sentences for residents.
    pub story: Option<String>,
    /// The picture of its postcard; without it, one is made of its name, colour and pattern.
    pub artwork: Option<ArtworkPath>,
    /// The ink that the file names; see [`Carnival::colour`].
    pub colour: Option<Colour>,
    /// The pattern that the file names; see [`Carnival::pattern`].
    pub pattern: Option<CardPattern>,
}

impl Route {
    /// Whether the route takes check-ins on this day.
    #[must_use]
    pub fn runs_on(&self, day: Date) -> bool {
        self.days.contains(day) || self.extra_days.contains(&day)
    }

    /// The first day on which it runs.
    #[must_use]
    pub fn first_day(&self) -> Date {
        self.extra_days.iter().copied().fold(self.days.first, Date::min)
    }
}

/// A route's market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// Its name for people.
    pub name: String,
    /// Where it is.
    pub venue: String,
}

/// A place where a stamp is given.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its name in the file.
    pub id: PointId,
    /// Its stable number.
    pub number: PointNumber,
    /// The route it belongs to.
    pub route: RouteId,
    /// Its name for people.
    pub name: String,
    /// The community it lies in.
    pub community: Option<String>,
    /// When it is open.
    pub hours: OpeningHours,
    /// Where it is.
    pub location: Option<Location>,
    /// How near one must be; most points ask for nothing.
    pub geofence: Option<Geofence>,
    /// Which kinds of code it takes.
    pub codes: CodeKinds,
    /// Set when the point is closed for good or until further notice; the route then asks for one stamp less.
    pub closed: Option<String>,
    /// A few sentences for residents.
    pub story: Option<String>,
    /// The motif of its stamp, if it has one of its own.
    pub stamp: Option<ArtworkPath>,
    /// Where its stamp lies on the postcard; all points of a route have a place, or none has.
    pub card_position: Option<CardPosition>,
}

impl Point {
    /// Whether its route asks for its stamp: it is not closed until further notice, and not excused
    /// because it was closed for a day.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.closed.is_none() && self.hours.excused_days.is_empty()
    }
}

/// A place on a Chinese map: GCJ-02, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// How near one must be to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geofence {
    /// Metres from the point's location; a phone's own accuracy is added in its favour.
    pub radius_m: u32,
    /// Whether a check-in without a location is refused.
    #[serde(default)]
    pub required: bool,
}

/// The kinds of code that a point takes; at least one is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeKinds {
    /// The poster's.
    pub printed: bool,
    /// The tablet's, new every 30 s.
    pub display: bool,
}

/// Where an activity happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Venue {
    /// At a point.
    Point(PointId),
    /// At the market of a route.
    Market(RouteId),
}

/// Something that happens at a point or a market.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its name in the file.
    pub id: ActivityId,
    /// Its name for people.
    pub name: String,
    /// Where it happens.
    pub venue: Venue,
    /// On which days and from when to when.
    pub times: Vec<(Date, TimeRange)>,
    /// A few sentences for residents.
    pub story: Option<String>,
}

/// A gift and what it takes.
#[derive(Clone, Debug)]
pub struct Gift {
    /// Its name in the file.
    pub id: GiftId,
    /// Its stable number.
    pub number: GiftNumber,
    /// Its name for people.
    pub name: String,
    /// What it takes.
    pub needs: GiftRequirement,
    /// How many there are when the carnival is first published.
    pub stock: u32,
    /// How long a claim is held, in minutes; without it, until the end of the day.
    pub hold_minutes: Option<u32>,
    /// Where it is handed out; empty means at every booth.
    pub booths: Vec<BoothId>,
    /// When it is handed out; without it, on every day of the carnival at any hour.
    pub pick_up: Option<PickUp>,
    /// Set when no more claims are taken, with the reason.
    pub closed: Option<String>,
}

/// What a gift takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GiftRequirement {
    /// A stamp of each open point of a route.
    AllOfRoute(RouteId),
    /// So many stamps of a route.
    OfRoute {
        /// The route.
        route: RouteId,
        /// How many.
        stamps: u16,
    },
    /// So many stamps, of whichever route.
    Total(u16),
    /// So many complete routes.
    Routes(u16),
}

/// When a gift is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickUp {
    /// First and last day.
    pub days: DateRange,
    /// The hours of each day; empty means at any hour.
    pub hours: Vec<TimeRange>,
}

/// A table where gifts are handed out.
#[derive(Clone, Debug)]
pub struct Booth {
    /// Its name in the file.
    pub id: BoothId,
    /// Its name for people.
    pub name: String,
    /// The route at whose market it stands, if it stands at one.
    pub route: Option<RouteId>,
}

impl Carnival {
    /// What the clocks of the carnival show at this moment.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.time_zone.to_datetime(at)
    }

    /// The moment with the carnival's own offset.
    #[must_use]
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.time_zone.clone())
    }

    /// What people call the place; its short name when the carnival no longer knows it.
    #[must_use]
    pub fn station_name(&self, place: &Station) -> String {
        let known = match place {
            Station::Booth(id) => self.booth(id).map(|booth| &booth.name),
            Station::Point(id) => self.point_by_id(id).map(|point| &point.name),
        };
        known.map_or_else(|| place.to_string(), Clone::clone)
    }

    /// The point with this number.
    #[must_use]
    pub fn point(&self, number: PointNumber) -> Option<&Point> {
        self.points.iter().find(|point| point.number == number)
    }

    /// The point with this name.
    #[must_use]
    pub fn point_by_id(&self, id: &PointId) -> Option<&Point> {
        self.points.iter().find(|point| point.id == *id)
    }

    /// The gift with this number.
    #[must_use]
    pub fn gift(&self, number: GiftNumber) -> Option<&Gift> {
        self.gifts.iter().find(|gift| gift.number == number)
    }

    /// The gift with this name.
    #[must_use]
    pub fn gift_by_id(&self, id: &GiftId) -> Option<&Gift> {
        self.gifts.iter().find(|gift| gift.id == *id)
    }

    /// The route with this name.
    #[must_use]
    pub fn route(&self, id: &RouteId) -> Option<&Route> {
        self.routes.iter().find(|route| route.id == *id)
    }

    /// The booth with this name.
    #[must_use]
    pub fn booth(&self, id: &BoothId) -> Option<&Booth> {
        self.booths.iter().find(|booth| booth.id == *id)
    }

    /// The points of a route, in the order of the file.
    pub fn points_of<'a>(&'a self, route: &'a RouteId) -> impl Iterator<Item = &'a Point> {
        self.points.iter().filter(move |point| point.route == *route)
    }

    /// The organisers' privacy notice, or the one that is true of every carnival.
    #[must_use]
    pub fn privacy_notice(&self) -> &str {
        self.privacy.as_deref().unwrap_or(PRIVACY)
    }

    /// How many stamps complete a route now: as many as the file says, and never more than there are
    /// points that it asks for; at least one, because a route whose points all closed was not walked by
    /// everybody.
    #[must_use]
    pub fn required_stamps(&self, route: &Route) -> u16 {
        let asked = self.points_of(&route.id).filter(|point| point.is_required()).count();
        u16::try_from(asked).unwrap_or(u16::MAX).min(route.complete_with.unwrap_or(u16::MAX)).max(1)
    }

    /// How many points a route has, open or closed.
    #[must_use]
    pub fn point_count(&self, route: &RouteId) -> u16 {
        u16::try_from(self.points_of(route).count()).unwrap_or(u16::MAX)
    }

    /// How many points of a route are not closed until further notice.
    #[must_use]
    pub fn open_point_count(&self, route: &RouteId) -> u16 {
        let open = self.points_of(route).filter(|point| point.closed.is_none()).count();
        u16::try_from(open).unwrap_or(u16::MAX)
    }
}
