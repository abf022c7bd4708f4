//! Data of the organisers' summary, from counters and hints. It never reads residents, so its cost does not depend on
//! their number.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::try_join;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::prints::poster_checks::PosterStatus;
use crate::rules::carnival::point_status::idle_since;
use crate::rules::carnival::{DateRange, Point};
use crate::rules::check_ins::suspicion::SuspicionId;
use crate::rules::ids::{GiftNumber, PointId, PointNumber};
use crate::rules::refusals::{CarnivalRefusal, Refusal};
use crate::rules::statistics::tally::{LocalDay, LocalHour, Tally};
use crate::rules::statistics::{self, Statistics, StatisticsFilter, counts_on, recorded_days};
use crate::store::{GiftState, Hints, PosterCheck, StoredSuspicion, control_records};

/// Everything that a summary is made of; read once and shared by requests for a short time.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// When the data was read.
    pub now: Timestamp,
    /// One entry per gift of the carnival, in its order.
    pub gifts: Vec<GiftState>,
    /// Hints recorded so far.
    pub hints: Hints,
    /// Suspicions with their resolutions.
    pub suspicions: BTreeMap<SuspicionId, StoredSuspicion>,
    /// The last check of each poster.
    pub poster_checks: BTreeMap<PointNumber, PosterCheck>,
    idle_after: SignedDuration,
    /// The days that can have records.
    days: DateRange,
    totals: BTreeMap<Tally, u64>,
    closed_days: Arc<BTreeMap<Tally, u64>>,
    recent: BTreeMap<Tally, u64>,
}

/// Fills the cache of past days before the first request.
///
/// # Errors
/// Only when the store fails.
pub async fn warm_cache(app: &App) -> Result<()> {
    let now = app.now();
    app.closed_days.before(app.store.as_ref(), recent_from(&app.current(), now), now).await?;
    Ok(())
}

/// First day that is read from the store each time. Yesterday is included because clocks differ slightly at midnight.
fn recent_from(current: &CurrentCarnival, now: Timestamp) -> LocalDay {
    let today = current.carnival.local(now).date();
    LocalDay::of(today.yesterday().unwrap_or(today))
}

/// Reads the data.
///
/// # Errors
/// Only when the store fails.
pub async fn dashboard(app: &App) -> Result<Dashboard> {
    let (current, now) = (app.current(), app.now());
    let numbers: Vec<GiftNumber> = current.carnival.gifts.iter().map(|gift| gift.number).collect();
    let mut totals: Vec<Tally> =
        current.carnival.routes.iter().map(|route| Tally::UniqueRouteVisitors(route.id.clone())).collect();
    totals.push(Tally::AllPassports);
    let (store, from) = (&app.store, recent_from(&current, now));
    let closed_days = app.closed_days.before(store.as_ref(), from, now).await?;
    let days = recorded_days(&current.carnival, app.version_list.first_published(store.as_ref()).await?, now);
    let (totals, recent, gifts, hints, suspicions, poster_checks) = try_join!(
        store.tallies_of(&totals),
        store.tallies_since(from),
        store.gift_states(&numbers, now),
        store.hints(),
        control_records::read_all::<StoredSuspicion>(&**store),
        control_records::read_all::<PosterCheck>(&**store),
    )?;
    Ok(Dashboard {
        current,
        now,
        gifts,
        hints,
        suspicions,
        poster_checks,
        idle_after: app.settings.idle_after,
        days,
        totals,
        closed_days,
        recent,
    })
}

/// Refusals of one kind at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRow {
    /// The point; none when the request named no point.
    pub point: Option<PointNumber>,
    /// Code of the refusal.
    pub code: String,
    /// How often, within the filter.
    pub count: u64,
    /// How often today.
    pub today: u64,
    /// The last hour in which it occurred.
    pub last: LocalHour,
}

impl Dashboard {
    /// Checks that a selected day can have records.
    ///
    /// # Errors
    /// A refusal for any other day.
    pub fn check_day(&self, day: Option<Date>) -> std::result::Result<(), Refusal> {
        let is_known = |day: Date| {
            let counted = || counts_on(&self.closed_days, day) || counts_on(&self.recent, day);
            self.days.contains(day) || counted()
        };
        let refusal = || CarnivalRefusal::DayUnknown { days: self.days }.into();
        if day.is_none_or(is_known) { Ok(()) } else { Err(refusal()) }
    }

    /// Today in the carnival's time zone.
    #[must_use]
    pub fn today(&self) -> LocalDay {
        LocalDay::of(self.current.carnival.local(self.now).date())
    }

    /// How many stamps a point has given today; 0 for an unknown point.
    #[must_use]
    pub fn stamps_today(&self, point: &PointId) -> u64 {
        let (number, today) = (self.current.carnival.point_by_id(point).map(|point| point.number), self.today());
        let given = self.recent.iter().filter_map(|(tally, count)| match tally {
            Tally::Stamps(at, hour) if Some(*at) == number && hour.day() == today => Some(*count),
            _ => None,
        });
        given.sum()
    }

    /// Statistics within the filter, with the hours of the filter's day, or of today.
    #[must_use]
    pub fn counts(&self, scope: &StatisticsFilter) -> Statistics {
        let hours_of = scope.day().unwrap_or_else(|| self.today());
        statistics::aggregate(&self.current.carnival, scope, &[&self.totals, &self.closed_days, &self.recent], hours_of)
    }

    /// The points within the filter, in the order of the carnival file.
    pub fn points<'a>(&'a self, scope: &'a StatisticsFilter) -> impl Iterator<Item = &'a Point> {
        self.current.carnival.points.iter().filter(|point| scope.includes_point(point))
    }

    /// Refusals by point and reason, most frequent first. Refusals without a point are included if the filter covers
    /// all points.
    #[must_use]
    pub fn refusals(&self, scope: &StatisticsFilter) -> Vec<RefusalRow> {
        let today = self.today();
        let mut rows: BTreeMap<(Option<PointNumber>, &str), RefusalRow> = BTreeMap::new();
        for (refused, count) in &self.hints.refusals {
            let known = refused.point.and_then(|point| self.current.carnival.point(point));
            let in_scope = known.map_or(scope.covers_all_points(), |point| scope.includes_point(point));
            if !in_scope || !scope.includes_day(refused.hour.day()) {
                continue;
            }
            let row = rows.entry((refused.point, refused.code.as_str())).or_insert_with(|| RefusalRow {
                point: refused.point,
                code: refused.code.clone(),
                count: 0,
                today: 0,
                last: refused.hour,
            });
            row.count += count;
            row.today += if refused.hour.day() == today { *count } else { 0 };
            row.last = row.last.max(refused.hour);
        }
        let mut rows: Vec<RefusalRow> = rows.into_values().collect();
        rows.sort_by_key(|row| Reverse(row.count));
        rows
    }

    /// Points that are open and silent now, and since when.
    #[must_use]
    pub fn silent_points(&self, scope: &StatisticsFilter) -> Vec<(&Point, Timestamp)> {
        if self.idle_after.is_zero() {
            return Vec::new();
        }
        let since = |point: &Point| {
            let last = self.hints.last_stamped.get(&point.number).copied();
            idle_since(&self.current.carnival, point, last, self.now, self.idle_after)
        };
        let points = self.current.carnival.points.iter().filter(|point| scope.includes_point(point));
        points.filter_map(|point| Some((point, since(point)?))).collect()
    }

    /// Suspicions within the filter, newest first.
    #[must_use]
    pub fn suspicions(&self, scope: &StatisticsFilter) -> Vec<&StoredSuspicion> {
        let carnival = &self.current.carnival;
        let at = |point| carnival.point(point).is_none_or(|point| scope.includes_point(point));
        let in_scope = |StoredSuspicion { suspicion, .. }: &&StoredSuspicion| {
            (at(suspicion.from) || at(suspicion.to))
                && scope.includes_day(LocalDay::of(carnival.local(suspicion.to_at).date()))
        };
        let mut suspicions: Vec<&StoredSuspicion> = self.suspicions.values().filter(in_scope).collect();
        suspicions.sort_by_key(|stored| Reverse(stored.suspicion.to_at));
        suspicions
    }

    /// Number of passports that are blocked until a talk.
    #[must_use]
    pub fn blocked_passport_count(&self) -> usize {
        self.current.blocked_passports.len()
    }

    /// State of the posters within the filter.
    #[must_use]
    pub fn posters(&self, scope: &StatisticsFilter) -> PosterStatus {
        let mut posters = PosterStatus::of(&self.current, &self.poster_checks);
        let has = |number: &PointNumber| {
            self.current.carnival.point(*number).is_some_and(|point| scope.includes_point(point))
        };
        for row in [&mut posters.up_to_date, &mut posters.missing, &mut posters.outdated] {
            row.retain(has);
        }
        posters
    }
}
