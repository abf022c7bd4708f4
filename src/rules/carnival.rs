//! The carnival as its organisers declare it: routes, points, hours, activities, gifts, booths.
//!
//! A `Carnival` value has been validated: ids are unique, references resolve, dates lie inside the carnival, and every
//! gift can be earned. Only [`super::carnival_file`] constructs one.

pub mod change;
pub mod closures;
pub mod design;
pub mod hours;
pub mod impact;
pub mod location;
mod notices;
pub mod point_status;
pub mod relief;
pub mod route_need;

use std::collections::HashSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::design::{ArtworkPath, CardPattern, CardPosition, Colour, DayMark, MarkSymbol};
use self::hours::{OpeningHours, TimeRange};
pub use self::location::Location;
use self::relief::Relief;
use super::ids::{ActivityId, BoothId, CarnivalId, GiftId, GiftNumber, PointId, PointNumber, RouteId};
use super::staff::roles::Station;

/// Default privacy notice, used when the carnival file has none.
const PRIVACY: &str = include_str!("carnival/privacy.txt");

/// A validated carnival.
#[derive(Clone, Debug)]
pub struct Carnival {
    /// Stable id, part of every code's signature.
    pub id: CarnivalId,
    /// Name shown to people.
    pub name: String,
    /// Motto of the carnival.
    pub theme: Option<String>,
    /// The town or district.
    pub town: Option<String>,
    /// The time zone of all days and hours.
    pub time_zone: TimeZone,
    /// First and last day.
    pub days: DateRange,
    /// How residents log in.
    pub login: LoginMethod,
    /// The organisers' own notice for residents; read it through [`Carnival::notice_on`].
    pub notice: Option<String>,
    /// The last day of that notice; `None` means until it is removed.
    pub notice_until: Option<Date>,
    /// The organisers' privacy notice; read it through [`Carnival::privacy_notice`].
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
    /// In the order of the file, at most one per day.
    pub day_marks: Vec<DayMark>,
    /// What closures take off what routes ask for. Not part of the file: nothing after parsing.
    pub relief: Relief,
}

/// First and last day, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DaysView)]
pub struct DateRange {
    /// The first day.
    #[serde(rename = "first_day")]
    #[schema(value_type = String, example = "2023-04-13")]
    pub first: Date,
    /// The last day.
    #[serde(rename = "last_day")]
    #[schema(value_type = String, example = "2023-04-30")]
    pub last: Date,
}

impl DateRange {
    /// Whether the range contains the day.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

/// The login method of the carnival. Exactly one, because openids differ between a mini-program and a web login: with
/// both, one person would have two passports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginMethod {
    /// `wx.login` in a mini-program.
    MiniProgram,
    /// WeChat's web login.
    Web,
}

/// A route: the points of one week.
#[derive(Clone, Debug)]
pub struct Route {
    /// Id in the carnival file.
    pub id: RouteId,
    /// Name shown to people.
    pub name: String,
    /// The days of the week it runs.
    pub days: DateRange,
    /// Additional days, to make up for rain.
    pub extra_days: Vec<Date>,
    /// Number of stamps that complete the route; `None` means one per required point. See [`Carnival::required_stamps`].
    pub complete_with: Option<u16>,
    /// A notice that came with the move of the route.
    pub notice: Option<String>,
    /// The market at the end of the route.
    pub market: Option<Market>,
    /// A short description for residents.
    pub story: Option<String>,
    /// Background artwork of the postcard; `None` means one drawn from name, colour and pattern.
    pub artwork: Option<ArtworkPath>,
    /// Ink declared in the file; see [`Carnival::colour`] for the default.
    pub colour: Option<Colour>,
    /// Pattern declared in the file; see [`Carnival::pattern`] for the default.
    pub pattern: Option<CardPattern>,
}

impl Route {
    /// Whether the route accepts check-ins on this day.
    #[must_use]
    pub fn runs_on(&self, day: Date) -> bool {
        self.days.contains(day) || self.extra_days.contains(&day)
    }

    /// The first day on which the route runs, extra days included.
    #[must_use]
    pub fn first_day(&self) -> Date {
        self.extra_days.iter().copied().fold(self.days.first, Date::min)
    }

    /// The last day on which the route runs, extra days included.
    #[must_use]
    pub fn last_day(&self) -> Date {
        self.extra_days.iter().copied().fold(self.days.last, Date::max)
    }
}

/// A route's market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MarketView)]
pub struct Market {
    /// The market's name.
    #[schema(example = "时光音乐友邻荟")]
    pub name: String,
    /// Where it takes place.
    #[schema(example = "杉板桥社区")]
    pub venue: String,
}

/// A place where residents get a stamp.
#[derive(Clone, Debug)]
pub struct Point {
    /// Id in the carnival file.
    pub id: PointId,
    /// Stable number, printed in codes.
    pub number: PointNumber,
    /// The route it belongs to.
    pub route: RouteId,
    /// Name shown to people.
    pub name: String,
    /// The community (neighbourhood) of the point.
    pub community: Option<String>,
    /// Opening hours.
    pub hours: OpeningHours,
    /// Coordinates.
    pub location: Option<Location>,
    /// Maximum distance for a check-in; most points have none.
    pub geofence: Option<Geofence>,
    /// The kinds of code that the point accepts.
    pub codes: CodeKinds,
    /// Reason for closing the point for good. What its route asks for is then lowered by a relief period.
    pub closed: Option<String>,
    /// A notice for residents while the point is closed for good.
    pub notice: Option<String>,
    /// A short description for residents.
    pub story: Option<String>,
    /// Custom motif of the stamp.
    pub stamp: Option<ArtworkPath>,
    /// Position of the stamp on the postcard. Either all points of a route have one, or none has.
    pub card_position: Option<CardPosition>,
}

/// The area around a point in which check-ins are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geofence {
    /// Radius around the point's location, in metres. The accuracy that a phone reports is added in the resident's
    /// favour.
    pub radius_m: u32,
    /// Whether a check-in without a location is refused.
    #[serde(default)]
    pub required: bool,
}

/// The kinds of code that a point accepts; at least one is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeKinds {
    /// The code on the poster.
    pub printed: bool,
    /// The code on the tablet, which changes every 30 s.
    pub display: bool,
}

/// Where an activity takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Venue {
    /// At a point.
    Point(PointId),
    /// At the market of a route.
    Market(RouteId),
}

/// An event at a point or a market.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Id in the carnival file.
    pub id: ActivityId,
    /// Name shown to people.
    pub name: String,
    /// Where it takes place.
    pub venue: Venue,
    /// Days and time ranges.
    pub times: Vec<(Date, TimeRange)>,
    /// A short description for residents.
    pub story: Option<String>,
}

/// A gift and its requirement.
#[derive(Clone, Debug)]
pub struct Gift {
    /// Id in the carnival file.
    pub id: GiftId,
    /// Stable number: the first two digits of its vouchers.
    pub number: GiftNumber,
    /// Name shown to people.
    pub name: String,
    /// What a passport needs to earn it.
    pub needs: GiftRequirement,
    /// Initial stock, used when the gift is first published.
    pub stock: u32,
    /// Hold time of a claim, in minutes; `None` means until the end of the day.
    pub hold_minutes: Option<u32>,
    /// Booths that hand it out; empty means every booth.
    pub booths: Vec<BoothId>,
    /// When it is handed out; `None` means every day of the carnival at any hour, and after the last day until the last
    /// point closes.
    pub pick_up: Option<PickUp>,
    /// Reason for closing the gift; it then accepts no new claims.
    pub closed: Option<String>,
}

// `rules::gifts::requirement` says what each kind means. The comments are descriptions in the API document.
/// What a passport needs to earn a gift: one of four kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GiftRequirement {
    /// As many stamps of this route as complete it.
    #[serde(rename = "all_of")]
    CompleteRoute(RouteId),
    /// A number of stamps of one route.
    #[serde(rename = "stamps_of")]
    OfRoute {
        /// The route's id.
        #[schema(value_type = String, example = "play")]
        route: RouteId,
        /// How many stamps.
        #[schema(example = 3)]
        stamps: u16,
    },
    /// A number of stamps in total.
    #[serde(rename = "stamps")]
    Total(u16),
    /// A number of complete routes.
    Routes(u16),
}

/// When a gift is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickUp {
    /// First and last day.
    pub days: DateRange,
    /// Time ranges of each day; empty means any hour.
    pub hours: Vec<TimeRange>,
}

/// A booth.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = BoothView)]
pub struct Booth {
    /// The booth's id.
    #[schema(value_type = String, example = "market-play")]
    pub id: BoothId,
    /// The booth's name.
    #[schema(example = "时光音乐友邻荟兑换台")]
    pub name: String,
    /// The id of the route at whose market the booth is.
    #[schema(value_type = Option<String>, example = "play")]
    pub route: Option<RouteId>,
}

impl Carnival {
    /// Converts a timestamp to the carnival's local time.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.time_zone.to_datetime(at)
    }

    /// Converts a timestamp to a zoned time in the carnival's time zone.
    #[must_use]
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.time_zone.clone())
    }

    /// The station's name for people, or its id if the carnival does not declare it.
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

    /// The point with this id.
    #[must_use]
    pub fn point_by_id(&self, id: &PointId) -> Option<&Point> {
        self.points.iter().find(|point| point.id == *id)
    }

    /// The gift with this number.
    #[must_use]
    pub fn gift(&self, number: GiftNumber) -> Option<&Gift> {
        self.gifts.iter().find(|gift| gift.number == number)
    }

    /// The gift with this id.
    #[must_use]
    pub fn gift_by_id(&self, id: &GiftId) -> Option<&Gift> {
        self.gifts.iter().find(|gift| gift.id == *id)
    }

    /// The route with this id.
    #[must_use]
    pub fn route(&self, id: &RouteId) -> Option<&Route> {
        self.routes.iter().find(|route| route.id == *id)
    }

    /// The booth with this id.
    #[must_use]
    pub fn booth(&self, id: &BoothId) -> Option<&Booth> {
        self.booths.iter().find(|booth| booth.id == *id)
    }

    /// The points of a route, in the order of the file.
    pub fn points_of<'a>(&'a self, route: &'a RouteId) -> impl Iterator<Item = &'a Point> {
        self.points.iter().filter(move |point| point.route == *route)
    }

    /// The organisers' privacy notice, or the default one.
    #[must_use]
    pub fn privacy_notice(&self) -> &str {
        self.privacy.as_deref().unwrap_or(PRIVACY)
    }
}

/// The design of a carnival's entries, with defaults for what the file leaves out.
impl Carnival {
    /// The ink of a route: declared in the file, or chosen by the route's index in the file.
    #[must_use]
    pub fn colour(&self, route: &Route) -> Colour {
        route.colour.unwrap_or_else(|| Colour::default_for_route(self.index_in_file(route)))
    }

    /// The pattern of a route: declared in the file, or chosen by the route's index in the file.
    #[must_use]
    pub fn pattern(&self, route: &Route) -> CardPattern {
        route.pattern.unwrap_or_else(|| CardPattern::default_for_route(self.index_in_file(route)))
    }

    fn index_in_file(&self, route: &Route) -> usize {
        self.routes.iter().position(|one| one.id == route.id).unwrap_or_default()
    }

    /// The mark of this day, if it has one.
    #[must_use]
    pub fn day_mark(&self, day: Date) -> Option<&DayMark> {
        self.day_marks.iter().find(|mark| mark.day == day)
    }

    /// Every artwork file that the carnival refers to, each once: routes first, then points, then days.
    #[must_use]
    pub fn artwork(&self) -> Vec<&ArtworkPath> {
        let of_routes = self.routes.iter().filter_map(|route| route.artwork.as_ref());
        let of_points = self.points.iter().filter_map(|point| point.stamp.as_ref());
        let of_days = self.day_marks.iter().filter_map(|day| match &day.mark {
            MarkSymbol::Custom(path) => Some(path),
            MarkSymbol::Opening | MarkSymbol::Umbrella | MarkSymbol::Star | MarkSymbol::Flag => None,
        });
        let mut unique = HashSet::new();
        of_routes.chain(of_points).chain(of_days).filter(|path| unique.insert(*path)).collect()
    }
}
