//! The summary's numbers: stamps and people by route, point, day and hour; gifts by booth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::statistics::dashboard::Dashboard;
use crate::http::api::booth::sessions::StationView;
use crate::http::api::views;
use crate::rules::carnival::{Gift, Route};
use crate::rules::check_ins::check_in::is_open;
use crate::rules::staff::roles::Station;
use crate::rules::statistics::tally::LocalDay;
use crate::rules::statistics::{self, GiftFlow, StampTotals, Statistics, StatisticsFilter};
use crate::store::GiftState;

/// Totals of the carnival, or of the filter.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SummaryTotals {
    /// Stamps.
    pub stamps: u64,
    /// People with a stamp: passports, including paper passports.
    pub people: u64,
    #[serde(flatten)]
    pub gifts: GiftFlow,
}

/// A route's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteNumbers {
    /// The route's id.
    #[schema(example = "play")]
    pub route: String,
    /// Its name.
    #[schema(example = "“玩”美社区")]
    pub name: String,
    /// Stamps.
    pub stamps: u64,
    /// People with a stamp of this route.
    pub people: u64,
    /// Its points, in the order of the carnival file.
    pub points: Vec<PointNumbers>,
}

/// A point's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PointNumbers {
    #[serde(flatten)]
    pub point: views::PointName,
    /// Whether a check-in is accepted now.
    pub open: bool,
    /// Stamps. A passport has at most one per point, so this is also the number of people.
    pub stamps: u64,
    /// Time of its last new stamp, a few seconds late; none if there was none.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub last_stamp_at: Option<String>,
}

/// A day's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DayNumbers {
    /// The day.
    #[schema(example = "2023-04-14")]
    day: String,
    /// Stamps.
    stamps: u64,
    /// People with a stamp of this day.
    people: u64,
    #[serde(flatten)]
    gifts: GiftFlow,
}

/// The hours of one day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HoursView {
    /// The day of the filter, or today.
    #[schema(example = "2023-04-14")]
    pub day: String,
    /// All hours from the first to the last with a stamp.
    pub hours: Vec<HourNumbers>,
}

/// An hour's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HourNumbers {
    /// Start of the hour.
    #[schema(example = "10:00")]
    pub hour: String,
    /// Stamps.
    pub stamps: u64,
    /// People with a stamp of this hour; absent when filtered by route.
    pub people: Option<u64>,
}

/// A gift's numbers. Stock, held, redeemed and left are current; the day filter does not apply to them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftNumbers {
    /// The gift.
    #[serde(flatten)]
    pub gift: views::GiftName,
    /// Total stock: all deliveries less all losses.
    pub stock: u32,
    /// How many are held now.
    pub held: u32,
    /// How many were redeemed and not voided.
    pub redeemed: u32,
    /// How many can still be claimed.
    pub left: u32,
    /// Number of claims, including renewals.
    pub claims: u64,
    /// Booths that have run out of it for now.
    pub gone_at: Vec<StationView>,
    /// Redemptions by booth or point; includes every booth that hands it out.
    pub places: Vec<StationNumbers>,
}

/// Redemptions of a gift at a booth or point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StationNumbers {
    /// The booth or point; none for organisers, who work everywhere.
    pub place: Option<StationView>,
    /// Number of redemptions there.
    pub redeemed: u64,
    /// Number of voids of these redemptions, by anyone.
    pub voided: u64,
}

/// Totals of the carnival, or of the filter.
#[must_use]
pub fn totals(counts: &Statistics) -> SummaryTotals {
    SummaryTotals { stamps: counts.total.stamps, people: counts.total.people.unwrap_or(0), gifts: counts.gift_flow }
}

/// The routes of the filter, with their points.
#[must_use]
pub fn routes(dashboard: &Dashboard, scope: &StatisticsFilter, counts: &Statistics) -> Vec<RouteNumbers> {
    let row = |route: &Route| {
        let StampTotals { stamps, people } = counts.routes.get(&route.id).copied().unwrap_or_default();
        let points = dashboard.points(scope).filter(|point| point.route == route.id);
        let points = points.map(|point| PointNumbers {
            point: views::point_name(&dashboard.current, point.number),
            open: is_open(&dashboard.current.carnival, point, dashboard.now),
            stamps: counts.points.get(&point.number).copied().unwrap_or(0),
            last_stamp_at: dashboard
                .hints
                .last_stamped
                .get(&point.number)
                .map(|at| views::local_time(&dashboard.current, *at)),
        });
        RouteNumbers {
            route: route.id.to_string(),
            name: route.name.clone(),
            stamps,
            people: people.unwrap_or(0),
            points: points.collect(),
        }
    };
    let in_scope =
        |route: &&Route| scope.covers_all_points() || dashboard.points(scope).any(|point| point.route == route.id);
    dashboard.current.carnival.routes.iter().filter(in_scope).map(row).collect()
}

/// A day in the form `2023-04-14`.
#[must_use]
pub fn format_day(day: LocalDay) -> String {
    day.date().map_or_else(|| day.to_string(), |date| date.to_string())
}

/// The days of the filter.
#[must_use]
pub fn days(dashboard: &Dashboard, scope: &StatisticsFilter, counts: &Statistics) -> Vec<DayNumbers> {
    let row = |day: LocalDay| {
        let (stamps, flow) = counts.days.get(&day).copied().unwrap_or_default();
        DayNumbers { day: format_day(day), stamps: stamps.stamps, people: stamps.people.unwrap_or(0), gifts: flow }
    };
    statistics::days_shown(&dashboard.current.carnival, scope, counts).into_iter().map(row).collect()
}

/// The hours of the filter's day, or of today.
#[must_use]
pub fn hours(dashboard: &Dashboard, scope: &StatisticsFilter, counts: &Statistics) -> HoursView {
    let first = counts.hours.keys().next().copied().unwrap_or(0);
    let end = counts.hours.keys().last().map_or(0, |last| last + 1);
    let counted = counts.hours.values().all(|row| row.people.is_some());
    let hours = (first..end).map(|hour| {
        let StampTotals { stamps, people } = counts.hours.get(&hour).copied().unwrap_or_default();
        HourNumbers { hour: format!("{hour:02}:00"), stamps, people: people.or(counted.then_some(0)) }
    });
    HoursView { day: format_day(scope.day().unwrap_or_else(|| dashboard.today())), hours: hours.collect() }
}

/// Every gift.
#[must_use]
pub fn gifts(dashboard: &Dashboard, counts: &Statistics) -> Vec<GiftNumbers> {
    let nothing = statistics::GiftStatistics::default();
    let row = |(gift, state): (&Gift, &GiftState)| {
        let of_gift = counts.gifts.get(&gift.number).unwrap_or(&nothing);
        let gone_at = state
            .unavailable_booths
            .iter()
            .map(|booth| StationView::of(&dashboard.current, &Station::Booth(booth.clone())));
        GiftNumbers {
            gift: gift.into(),
            stock: state.stock.stock,
            held: state.stock.held,
            redeemed: state.stock.redeemed,
            left: if gift.closed.is_some() { 0 } else { state.stock.left() },
            claims: of_gift.gift_flow.claims,
            gone_at: gone_at.collect(),
            places: places(dashboard, gift, &of_gift.places),
        }
    };
    dashboard.current.carnival.gifts.iter().zip(&dashboard.gifts).map(row).collect()
}

fn places(dashboard: &Dashboard, gift: &Gift, counted: &BTreeMap<Option<Station>, GiftFlow>) -> Vec<StationNumbers> {
    let row = |place: Option<&Station>, flow: GiftFlow| StationNumbers {
        place: place.map(|place| StationView::of(&dashboard.current, place)),
        redeemed: flow.redeemed,
        voided: flow.voided,
    };
    let hands_out = |booth: &&crate::rules::carnival::Booth| gift.booths.is_empty() || gift.booths.contains(&booth.id);
    let booths = dashboard.current.carnival.booths.iter().filter(hands_out);
    let declared: Vec<Option<Station>> = booths.map(|booth| Some(Station::Booth(booth.id.clone()))).collect();
    let elsewhere = counted.iter().filter(|(place, _)| !declared.contains(place));
    let declared = declared.iter().map(|place| (place, counted.get(place).copied().unwrap_or_default()));
    let all = declared.chain(elsewhere.map(|(place, flow)| (place, *flow)));
    all.map(|(place, flow)| row(place.as_ref(), flow)).collect()
}
