//! The summary's alerts: refusals, silent points, suspicions, missing and outdated posters.

use crate::actions::statistics::dashboard::{Dashboard, RefusalRow};
use crate::http::api::organiser::suspicions::SuspicionView;
use crate::http::api::prelude::*;
use crate::rules::ids::PointNumber;
use crate::rules::statistics::StatisticsFilter;
use crate::rules::statistics::tally::LocalHour;
use crate::rules::wire_form::rfc3339;

/// Maximum number of listed suspicions.
const MAX_LISTED_SUSPICIONS: usize = 50;

/// The number of refusals at a point with one code.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RefusalNumbers {
    /// The point; none for refusals without a point, such as those of gifts.
    pub point: Option<views::PointName>,
    /// The refusal's code.
    #[schema(example = "code_replaced")]
    pub code: String,
    /// How often: on the filter's day, or in total.
    pub count: u64,
    /// How often today.
    pub today: u64,
    /// Start of the last hour in which it happened.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub last_hour: String,
    /// What to do, if it needs action today.
    #[schema(example = "“社区美空间·第1站”的旧海报还挂着，请取下。")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An open point that gives no stamps.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SilentPoint {
    #[serde(flatten)]
    point: views::PointName,
    /// Time of its last stamp, or of its opening today.
    #[schema(example = "2023-04-14T09:30:00+08:00")]
    since: String,
    /// Minutes since then.
    minutes: i64,
    /// Whether it has never given a stamp.
    never_stamped: bool,
}

/// Suspicions: pairs of stamps that are too far apart for the time between them. A suspicion alone refuses nothing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SuspicionsView {
    /// Number of suspicions.
    pub count: usize,
    /// Number of passports whose gifts are on hold until a talk.
    pub waiting: usize,
    /// The newest of them, at most fifty, newest first.
    pub newest: Vec<SuspicionView>,
}

/// The progress of the poster inspection.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PostersView {
    /// Number of current posters that were scanned.
    hang: usize,
    /// Number of posters in total: points that take the poster's code and are not closed.
    of: usize,
    /// Posters that were never scanned.
    missing: Vec<views::PointName>,
    /// Posters that were replaced after their last scan.
    old: Vec<OldPoster>,
}

/// A poster that was replaced after its last scan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OldPoster {
    #[serde(flatten)]
    point: views::PointName,
    /// When it was last scanned.
    #[schema(example = "2023-04-14T09:00:00+08:00")]
    seen_at: String,
    /// The name of the person who scanned it.
    #[schema(example = "王阿姨")]
    by: String,
}

/// Refusals, the most frequent first; those of replaced posters that are still up come before all others.
#[must_use]
pub fn refusals(dashboard: &Dashboard, scope: &StatisticsFilter, lang: Lang) -> Vec<RefusalNumbers> {
    let row = |row: RefusalRow| {
        let point = row.point.map(|point| views::point_name(&dashboard.current, point));
        let still_hangs = row.code == "code_replaced" && row.today > 0;
        let shown = point.as_ref().filter(|_| still_hangs);
        let note = shown.map(|point| (messages(lang).texts().answers.old_poster_hangs)(&point.name));
        let last_hour = hour_begins(&dashboard.current, row.last);
        RefusalNumbers { point, code: row.code, count: row.count, today: row.today, last_hour, note }
    };
    let mut rows: Vec<RefusalNumbers> = dashboard.refusals(scope).into_iter().map(row).collect();
    rows.sort_by_key(|row| row.note.is_none());
    rows
}

fn hour_begins(current: &CurrentCarnival, hour: LocalHour) -> String {
    let begins = || {
        let of_day = i8::try_from(hour.hour_of_day()).ok()?;
        let local = hour.day().date()?.at(of_day, 0, 0, 0);
        local.to_zoned(current.carnival.time_zone.clone()).ok()
    };
    begins().map_or_else(|| hour.to_string(), |begins| rfc3339(&begins))
}

/// Open points that give no stamps.
#[must_use]
pub fn silent_points(dashboard: &Dashboard, scope: &StatisticsFilter) -> Vec<SilentPoint> {
    let row = |(point, since): (&crate::rules::carnival::Point, jiff::Timestamp)| SilentPoint {
        point: views::point_name(&dashboard.current, point.number),
        since: views::local_time(&dashboard.current, since),
        minutes: dashboard.now.duration_since(since).as_mins(),
        never_stamped: !dashboard.hints.last_stamped.contains_key(&point.number),
    };
    dashboard.silent_points(scope).into_iter().map(row).collect()
}

/// Suspicions, newest first.
#[must_use]
pub fn suspicions(dashboard: &Dashboard, scope: &StatisticsFilter) -> SuspicionsView {
    let all = dashboard.suspicions(scope);
    let newest = all
        .iter()
        .take(MAX_LISTED_SUSPICIONS)
        .map(|one| SuspicionView::of(&dashboard.current, &one.suspicion, one.resolution.as_ref()));
    SuspicionsView { count: all.len(), waiting: dashboard.blocked_passport_count(), newest: newest.collect() }
}

/// The progress of the poster inspection.
#[must_use]
pub fn posters(dashboard: &Dashboard, scope: &StatisticsFilter) -> PostersView {
    let posters = dashboard.posters(scope);
    let name = |point: &PointNumber| views::point_name(&dashboard.current, *point);
    let old = posters.outdated.iter().filter_map(|point| {
        let check = dashboard.poster_checks.get(point)?;
        let seen_at = views::local_time(&dashboard.current, check.at);
        Some(OldPoster { point: name(point), seen_at, by: check.by.to_string() })
    });
    PostersView {
        hang: posters.up_to_date.len(),
        of: posters.total(),
        missing: posters.missing.iter().map(name).collect(),
        old: old.collect(),
    }
}
