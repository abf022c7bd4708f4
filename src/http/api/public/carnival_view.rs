//! JSON representation of the carnival for residents' phones.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::http::api::views;
use crate::rules::carnival::design::{DayMark, MarkSymbol};
use crate::rules::carnival::hours::TimeRange;
use crate::rules::carnival::{
    Activity, Booth, Carnival, DateRange, Geofence, Gift, GiftRequirement, Location, LoginMethod, Market, Point, Route,
    Venue,
};

/// The published carnival.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CarnivalView {
    /// Increases by one with each publication.
    version: u64,
    /// The carnival's id.
    #[schema(example = "chenghua-2023")]
    id: String,
    /// Its name.
    #[schema(example = "2023成华友邻荟·社区嘉年华")]
    name: String,
    /// The theme.
    #[schema(example = "爱成都·迎大运·树文明")]
    theme: Option<String>,
    /// The venue.
    #[schema(example = "成都市成华区")]
    place: Option<String>,
    /// Time zone of all days and hours.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
    #[serde(flatten)]
    days: DateRange,
    /// How residents log in.
    #[schema(example = "mini_program")]
    login: LoginMethod,
    /// The notice for residents today, one line for each cause.
    #[schema(example = "今天下雨，社区美空间·第3站不开放。")]
    notice: Option<String>,
    /// The privacy notice: which data of a resident are stored, which are not, and how to have them erased.
    #[schema(example = "我们保存什么、不保存什么、怎样删除……")]
    privacy: String,
    /// In the order of the carnival file.
    pub routes: Vec<RouteView>,
    /// In the order of the carnival file.
    pub points: Vec<PointView>,
    /// In the order of the carnival file.
    activities: Vec<ActivityView>,
    /// In the order of the carnival file.
    pub gifts: Vec<GiftView>,
    /// In the order of the carnival file.
    pub booths: Vec<Booth>,
    /// Days whose stamps carry an extra mark, such as a rainy day.
    day_marks: Vec<DayMarkView>,
}

/// A route.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteView {
    /// The route's id.
    #[schema(example = "play")]
    pub id: String,
    /// The route's name.
    #[schema(example = "“玩”美社区")]
    name: String,
    /// First and last day.
    #[serde(flatten)]
    pub days: DateRange,
    /// Additional days, for instance to make up for rain.
    pub extra_days: Vec<String>,
    /// The market in the route's week.
    market: Option<Market>,
    /// A few sentences about it.
    #[schema(example = "走进七个社区美空间，看艺术表演。")]
    story: Option<String>,
    /// Ink colour of its postcard, postmarks and posters, as `#rrggbb`.
    #[schema(example = "#a63d2f")]
    colour: String,
    /// Its points, in order.
    #[schema(example = json!(["space-1", "space-2"]))]
    points: Vec<String>,
    /// How many stamps complete it now for a passport without relief.
    needed: u16,
    /// How many points it has, open or closed.
    of: u16,
}

/// A point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PointView {
    /// The point's id.
    #[schema(example = "space-1")]
    pub id: String,
    /// The number in its codes. It never changes.
    #[schema(example = 1)]
    number: u16,
    /// Its route's id.
    #[schema(example = "play")]
    pub route: String,
    /// The point's name.
    #[schema(example = "社区美空间·第1站")]
    pub name: String,
    /// The community where the point is.
    #[schema(example = "杉板桥社区")]
    community: Option<String>,
    /// Opening hours on days without an exception; empty if they differ by weekday. Hours such as `18:00-02:00` end on
    /// the next day.
    #[schema(example = json!(["09:00-12:00", "14:00-18:00"]))]
    hours: Vec<String>,
    /// Opening hours of each weekday, if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    weekday_hours: Option<WeekdayHoursView>,
    /// Days with other hours; empty hours mean closed all day.
    exceptions: Vec<DayHoursView>,
    /// Coordinates in GCJ-02.
    pub location: Option<LocationView>,
    /// Maximum distance for a check-in, if the carnival sets one.
    geofence: Option<GeofenceView>,
    /// The accepted codes: the poster's (`printed`), the tablet's (`display`).
    #[schema(example = json!(["printed"]))]
    pub codes: Vec<String>,
    /// The reason, if the point is closed until further notice.
    #[schema(example = "因雨关闭")]
    closed: Option<String>,
    /// A few sentences about it.
    #[schema(example = "老厂房里的社区美术馆。")]
    story: Option<String>,
}

/// The hours of each weekday without an exception; empty on weekdays on which the point is closed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WeekdayHoursView {
    /// Mondays.
    #[schema(example = json!([]))]
    mon: Vec<String>,
    /// Tuesdays.
    #[schema(example = json!([]))]
    tue: Vec<String>,
    /// Wednesdays.
    #[schema(example = json!([]))]
    wed: Vec<String>,
    /// Thursdays.
    #[schema(example = json!([]))]
    thu: Vec<String>,
    /// Fridays.
    #[schema(example = json!(["18:00-02:00"]))]
    fri: Vec<String>,
    /// Saturdays.
    #[schema(example = json!(["09:00-12:00", "18:00-02:00"]))]
    sat: Vec<String>,
    /// Sundays.
    #[schema(example = json!(["09:00-18:00"]))]
    sun: Vec<String>,
}

/// The hours of one day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct DayHoursView {
    /// The day.
    #[schema(example = "2023-04-13")]
    day: String,
    /// Its hours.
    #[schema(example = json!(["14:00-18:00"]))]
    hours: Vec<String>,
    /// The reason, if the organisers gave one.
    #[schema(example = "因雨")]
    reason: Option<String>,
}

/// Coordinates in GCJ-02.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LocationView {
    /// Degrees north.
    #[schema(example = 30.68)]
    pub latitude: f64,
    /// Degrees east.
    #[schema(example = 104.1)]
    pub longitude: f64,
}

/// Maximum distance for a check-in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct GeofenceView {
    /// Radius in metres.
    #[schema(example = 300)]
    radius_m: u32,
    /// Whether a check-in must carry a location.
    required: bool,
}

/// An activity at a point or a market.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ActivityView {
    /// The activity's id.
    #[schema(example = "aesthetic-lesson")]
    id: String,
    /// The activity's name.
    #[schema(example = "美育老师公开课")]
    name: String,
    /// The id of the point where it takes place; or
    #[schema(example = "space-3")]
    point: Option<String>,
    /// the id of the route at whose market it takes place.
    #[schema(example = "play")]
    market: Option<String>,
    /// When it takes place.
    times: Vec<ActivityTimeView>,
    /// A few sentences about it.
    #[schema(example = "免费，不用报名。")]
    story: Option<String>,
}

/// When an activity takes place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ActivityTimeView {
    /// The day.
    #[schema(example = "2023-04-15")]
    day: String,
    /// Start and end.
    #[schema(example = "10:00-11:30")]
    hours: String,
}

/// A gift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftView {
    /// The gift's id.
    #[schema(example = "postcards")]
    pub id: String,
    /// The number in its vouchers. It never changes.
    #[schema(example = 1)]
    number: u8,
    /// The gift's name.
    #[schema(example = "路线明信片一套")]
    pub name: String,
    /// What a passport needs to earn it.
    needs: GiftRequirement,
    /// How long a claim is held; until the end of the day if absent.
    #[schema(example = 120)]
    hold_minutes: Option<u32>,
    /// Ids of the booths that hand it out; empty means every booth.
    #[schema(example = json!(["market-street-life"]))]
    pub booths: Vec<String>,
    /// When it is handed out; always if absent.
    pick_up: Option<PickUpView>,
    /// The reason, if no more claims are accepted.
    #[schema(example = "印制有误，正在重做")]
    closed: Option<String>,
}

/// When a gift is handed out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct PickUpView {
    #[serde(flatten)]
    days: DateRange,
    /// Hours on each day; empty means any hour.
    #[schema(example = json!(["10:00-20:00"]))]
    hours: Vec<String>,
}

/// The mark printed next to each stamp of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct DayMarkView {
    /// The day.
    #[schema(example = "2023-04-13")]
    day: String,
    /// The day's name.
    #[schema(example = "开幕日")]
    name: String,
    /// The printed mark.
    #[schema(example = "opening")]
    mark: MarkView,
}

/// The mark of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MarkView {
    /// The opening.
    Opening,
    /// A rainy day.
    Umbrella,
    /// A star.
    Star,
    /// A flag.
    Flag,
    /// A drawing from the carnival's artwork.
    Drawn,
}

fn route(carnival: &Carnival, route: &Route) -> RouteView {
    RouteView {
        id: route.id.to_string(),
        name: route.name.clone(),
        days: route.days,
        extra_days: views::texts(&route.extra_days),
        market: route.market.clone(),
        story: route.story.clone(),
        colour: carnival.colour(route).to_string(),
        points: carnival.points_of(&route.id).map(|point| point.id.to_string()).collect(),
        needed: carnival.required_stamps(route),
        of: carnival.point_count(&route.id),
    }
}

fn point(point: &Point) -> PointView {
    let kinds = [(point.codes.printed, "printed"), (point.codes.display, "display")];
    let exception = |(day, hours): &(jiff::civil::Date, Vec<_>)| DayHoursView {
        day: day.to_string(),
        hours: views::texts(hours),
        reason: point.hours.reason_for(*day).map(str::to_owned),
    };
    PointView {
        id: point.id.to_string(),
        number: point.number.get(),
        route: point.route.to_string(),
        name: point.name.clone(),
        community: point.community.clone(),
        hours: views::texts(&point.hours.usual),
        weekday_hours: point.hours.by_weekday.as_ref().map(weekday_hours),
        exceptions: point.hours.exceptions.iter().map(exception).collect(),
        location: point.location.map(|Location { latitude, longitude }| LocationView { latitude, longitude }),
        geofence: point.geofence.map(|Geofence { radius_m, required }| GeofenceView { radius_m, required }),
        codes: kinds.iter().filter(|(takes, _)| *takes).map(|(_, kind)| (*kind).to_owned()).collect(),
        closed: point.closed.clone(),
        story: point.story.clone(),
    }
}

fn weekday_hours(days: &[Vec<TimeRange>; 7]) -> WeekdayHoursView {
    let [mon, tue, wed, thu, fri, sat, sun] = days.each_ref().map(|hours| views::texts(hours));
    WeekdayHoursView { mon, tue, wed, thu, fri, sat, sun }
}

fn activity(activity: &Activity) -> ActivityView {
    let (point, market) = match &activity.venue {
        Venue::Point(id) => (Some(id.to_string()), None),
        Venue::Market(id) => (None, Some(id.to_string())),
    };
    let time = |(day, span): &(jiff::civil::Date, TimeRange)| ActivityTimeView {
        day: day.to_string(),
        hours: span.to_string(),
    };
    ActivityView {
        id: activity.id.to_string(),
        name: activity.name.clone(),
        point,
        market,
        times: activity.times.iter().map(time).collect(),
        story: activity.story.clone(),
    }
}

fn gift(gift: &Gift) -> GiftView {
    GiftView {
        id: gift.id.to_string(),
        number: gift.number.get(),
        name: gift.name.clone(),
        needs: gift.needs.clone(),
        hold_minutes: gift.hold_minutes,
        booths: views::texts(&gift.booths),
        pick_up: gift.pick_up.as_ref().map(|at| PickUpView { days: at.days, hours: views::texts(&at.hours) }),
        closed: gift.closed.clone(),
    }
}

fn day_mark(day_mark: &DayMark) -> DayMarkView {
    DayMarkView {
        day: day_mark.day.to_string(),
        name: day_mark.name.clone(),
        mark: match day_mark.mark {
            MarkSymbol::Opening => MarkView::Opening,
            MarkSymbol::Umbrella => MarkView::Umbrella,
            MarkSymbol::Star => MarkView::Star,
            MarkSymbol::Flag => MarkView::Flag,
            MarkSymbol::Custom(_) => MarkView::Drawn,
        },
    }
}

/// The JSON representation of the carnival.
pub(in crate::http) fn carnival_view(current: &CurrentCarnival, today: Date) -> CarnivalView {
    let carnival = &current.carnival;
    CarnivalView {
        version: current.version,
        id: carnival.id.to_string(),
        name: carnival.name.clone(),
        theme: carnival.theme.clone(),
        place: carnival.town.clone(),
        time_zone: carnival.time_zone.iana_name().unwrap_or_default().to_owned(),
        days: carnival.days,
        login: carnival.login,
        notice: carnival.notice_on(today),
        privacy: carnival.privacy_notice().to_owned(),
        routes: carnival.routes.iter().map(|one| route(carnival, one)).collect(),
        points: carnival.points.iter().map(point).collect(),
        activities: carnival.activities.iter().map(activity).collect(),
        gifts: carnival.gifts.iter().map(gift).collect(),
        booths: carnival.booths.clone(),
        day_marks: carnival.day_marks.iter().map(day_mark).collect(),
    }
}
