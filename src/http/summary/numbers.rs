//! The summary's numbers: stamps and people by route, point, day and hour; gifts by booth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::summary::Figures;
use crate::http::sessions::StationView;
use crate::http::views;
use crate::rules::carnival::{Gift, Route};
use crate::rules::check_in::is_open;
use crate::rules::roles::Station;
use crate::rules::statistics::{self, GiftFlow, StampTotals, Statistics, StatisticsFilter};
use crate::rules::tally::LocalDay;
use crate::store::GiftState;

/// Numbers in all.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SummaryTotals {
    /// Stamps.
    stamps: u64,
    /// People with a stamp: passports, paper ones too.
    people: u64,
    #[serde(flatten)]
    gifts: GiftFlowView,
}

/// What became of gifts, of whichever route.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftFlowView {
    /// How often a gift was set aside, renewals included.
    claims: u64,
    /// How often one was handed over.
    redeemed: u64,
    /// How often that was undone.
    voided: u64,
}

impl From<GiftFlow> for GiftFlowView {
    fn from(given: GiftFlow) -> GiftFlowView {
        let GiftFlow { claims, redeemed, voided } = given;
        GiftFlowView { claims, redeemed, voided }
    }
}

/// A route's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteNumbers {
    /// The route's id.
    #[schema(example = "play")]
    route: String,
    /// Its name.
    #[schema(example = "“玩”美社区")]
    name: String,
    /// Stamps.
    stamps: u64,
    /// People with a stamp of it.
    people: u64,
    /// Its points, in the order of the file.
    points: Vec<PointNumbers>,
}

/// A point's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PointNumbers {
    #[serde(flatten)]
    point: views::PointName,
    /// Whether one can check in now.
    open: bool,
    /// Stamps; whoever has one has it once, so they are people too.
    stamps: u64,
    /// When it last gave a new stamp, a few seconds late; none if it never did.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    last_stamp_at: Option<String>,
}

/// A day's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DayNumbers {
    /// The day.
    #[schema(example = "2023-04-14")]
    day: String,
    /// Stamps.
    stamps: u64,
    /// People who were stamped on that day.
    people: u64,
    #[serde(flatten)]
    gifts: GiftFlowView,
}

/// The hours of one day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HoursView {
    /// The day: the one that was asked for, else today.
    #[schema(example = "2023-04-14")]
    day: String,
    /// From the first hour with a stamp to the last.
    hours: Vec<HourNumbers>,
}

/// An hour's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HourNumbers {
    /// When it begins.
    #[schema(example = "10:00")]
    hour: String,
    /// Stamps.
    stamps: u64,
    /// People who were stamped in that hour; not counted for a route.
    people: Option<u64>,
}

/// A gift's numbers. Stock, held, redeemed and left are those of now, whatever day was asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftNumbers {
    #[serde(flatten)]
    gift: views::GiftName,
    /// How many there were, with all deliveries and losses.
    stock: u32,
    /// How many are set aside now.
    held: u32,
    /// How many were handed over and not undone.
    redeemed: u32,
    /// How many can still be claimed.
    left: u32,
    /// How often it was set aside, renewals included.
    claims: u64,
    /// Booths at which none is on the table for now.
    gone_at: Vec<StationView>,
    /// Where it was handed over; every booth that hands it out is here.
    places: Vec<StationNumbers>,
}

/// What was handed over at a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StationNumbers {
    /// The booth or point; none for an organiser, who works everywhere.
    place: Option<StationView>,
    /// How often it was handed over there.
    redeemed: u64,
    /// How often that was undone, whoever undid it.
    voided: u64,
}

/// Numbers in all.
#[must_use]
pub fn totals(counts: &Statistics) -> SummaryTotals {
    SummaryTotals {
        stamps: counts.total.stamps,
        people: counts.total.people.unwrap_or(0),
        gifts: counts.gift_flow.into(),
    }
}

/// Every route that is asked for with its points.
#[must_use]
pub fn routes(figures: &Figures, scope: &StatisticsFilter, counts: &Statistics) -> Vec<RouteNumbers> {
    let row = |route: &Route| {
        let StampTotals { stamps, people } = counts.routes.get(&route.id).copied().unwrap_or_default();
        let points = figures.points(scope).filter(|point| point.route == route.id);
        let points = points.map(|point| PointNumbers {
            point: views::point_name(&figures.current, point.number),
            open: is_open(&figures.current.carnival, point, figures.now),
            stamps: counts.points.get(&point.number).copied().unwrap_or(0),
            last_stamp_at: figures
                .notes
                .last_stamped
                .get(&point.number)
                .map(|at| views::local_time(&figures.current, *at)),
        });
        RouteNumbers {
            route: route.id.to_string(),
            name: route.name.clone(),
            stamps,
            people: people.unwrap_or(0),
            points: points.collect(),
        }
    };
    let asked =
        |route: &&Route| scope.covers_all_points() || figures.points(scope).any(|point| point.route == route.id);
    figures.current.carnival.routes.iter().filter(asked).map(row).collect()
}

/// A day as people write it.
#[must_use]
pub fn format_day(day: LocalDay) -> String {
    day.date().map_or_else(|| day.to_string(), |date| date.to_string())
}

/// The days that are asked for.
#[must_use]
pub fn days(figures: &Figures, scope: &StatisticsFilter, counts: &Statistics) -> Vec<DayNumbers> {
    let row = |day: LocalDay| {
        let (stamps, given) = counts.days.get(&day).copied().unwrap_or_default();
        DayNumbers {
            day: format_day(day),
            stamps: stamps.stamps,
            people: stamps.people.unwrap_or(0),
            gifts: given.into(),
        }
    };
    statistics::days_shown(&figures.current.carnival, scope, counts).into_iter().map(row).collect()
}

/// The hours of the day that is asked for, or of today.
#[must_use]
pub fn hours(figures: &Figures, scope: &StatisticsFilter, counts: &Statistics) -> HoursView {
    let first = counts.hours.keys().next().copied().unwrap_or(0);
    let end = counts.hours.keys().last().map_or(0, |last| last + 1);
    let counted = counts.hours.values().all(|row| row.people.is_some());
    let hours = (first..end).map(|hour| {
        let StampTotals { stamps, people } = counts.hours.get(&hour).copied().unwrap_or_default();
        HourNumbers { hour: format!("{hour:02}:00"), stamps, people: people.or(counted.then_some(0)) }
    });
    HoursView { day: format_day(scope.day().unwrap_or_else(|| figures.today())), hours: hours.collect() }
}

/// Every gift.
#[must_use]
pub fn gifts(figures: &Figures, counts: &Statistics) -> Vec<GiftNumbers> {
    let nothing = statistics::GiftStatistics::default();
    let row = |(gift, state): (&Gift, &GiftState)| {
        let of_gift = counts.gifts.get(&gift.number).unwrap_or(&nothing);
        let gone_at = state
            .unavailable_booths
            .iter()
            .map(|booth| StationView::of(&figures.current, &Station::Booth(booth.clone())));
        GiftNumbers {
            gift: gift.into(),
            stock: state.stock.stock,
            held: state.stock.held,
            redeemed: state.stock.redeemed,
            left: if gift.closed.is_some() { 0 } else { state.stock.left() },
            claims: of_gift.gift_flow.claims,
            gone_at: gone_at.collect(),
            places: places(figures, gift, &of_gift.places),
        }
    };
    figures.current.carnival.gifts.iter().zip(&figures.gifts).map(row).collect()
}

fn places(figures: &Figures, gift: &Gift, counted: &BTreeMap<Option<Station>, GiftFlow>) -> Vec<StationNumbers> {
    let row = |place: Option<&Station>, given: GiftFlow| StationNumbers {
        place: place.map(|place| StationView::of(&figures.current, place)),
        redeemed: given.redeemed,
        voided: given.voided,
    };
    let hands_out = |booth: &&crate::rules::carnival::Booth| gift.booths.is_empty() || gift.booths.contains(&booth.id);
    let booths = figures.current.carnival.booths.iter().filter(hands_out);
    let declared: Vec<Option<Station>> = booths.map(|booth| Some(Station::Booth(booth.id.clone()))).collect();
    let elsewhere = counted.iter().filter(|(place, _)| !declared.contains(place));
    let declared = declared.iter().map(|place| (place, counted.get(place).copied().unwrap_or_default()));
    let all = declared.chain(elsewhere.map(|(place, given)| (place, *given)));
    all.map(|(place, given)| row(place.as_ref(), given)).collect()
}
