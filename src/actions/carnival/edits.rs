//! Edits of single entries of the published carnival, with what they change for people: closing and reopening a point,
//! moving a route, the notice. A dry run answers the same and changes nothing.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::current_carnival::CurrentCarnival;
use super::publish::{self, Publication};
use crate::actions::app::{App, Result};
use crate::rules::carnival::closures::{DayClosure, settle};
use crate::rules::carnival::impact::PointImpact;
use crate::rules::carnival::point_status::current_day;
use crate::rules::carnival::relief::{ReliefPeriod, ReliefPeriods};
use crate::rules::carnival::{Carnival, DateRange, Gift, Route};
use crate::rules::carnival_file::edit::{CarnivalEdit, NoticeText};
use crate::rules::ids::{GiftNumber, PointId, RouteId};
use crate::rules::refusals::CarnivalRefusal;
use crate::rules::statistics::tally::{LocalDay, Tally};
use crate::tokens::confirmation::confirmation;

/// Who asks for an edit, and whether it is only tried.
#[derive(Clone, Copy, Debug)]
pub struct EditAuthor<'a> {
    /// The organiser's name.
    pub by: &'a str,
    /// Nothing is changed.
    pub dry_run: bool,
}

/// What shall become of a point.
#[derive(Clone, Debug)]
pub enum PointEdit {
    /// It closes.
    Close {
        /// The day.
        day: ClosureDay,
        /// The reason shown to residents.
        reason: String,
        /// Whether residents of that day are relieved of the point.
        relief: bool,
        /// Whether they shall stay away from it.
        keep_away: bool,
        /// A notice that goes with the closure.
        notice: Option<String>,
    },
    /// It reopens.
    Open,
}

/// For which day a point closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosureDay {
    /// The present one: after midnight yesterday, while the point's hours of yesterday last.
    Current,
    /// This one.
    On(Date),
    /// Every day, for good.
    ForGood,
}

/// How many people an edit concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleConcerned {
    /// People with a stamp of the point.
    pub stamped: u64,
    /// People with a stamp of its route: on the day of a closure for one day, otherwise on any day.
    pub walked: u64,
}

/// An edit of a point and its effect.
#[derive(Clone, Debug)]
pub struct PointReport {
    /// What was published; in a dry run, what is published now.
    pub publication: Publication,
    /// The carnival after the edit.
    pub carnival: Arc<Carnival>,
    /// The point.
    pub point: PointId,
    /// The day of the closure; `None` if the point is or was closed for good.
    pub day: Option<Date>,
    /// What it changes; `None` if the point has no route.
    pub impact: Option<PointImpact>,
    /// How many of each gift of the impact are held now.
    pub held: Vec<u32>,
    /// Whether a closure of the point was counting towards relief before the edit.
    pub was_counting: bool,
    /// Later days on which the point was closed too and is open again.
    pub later_days: Vec<Date>,
    /// How many people it concerns.
    pub people: PeopleConcerned,
    /// The time of the edit.
    pub now: Timestamp,
}

/// Closes or reopens a point.
///
/// # Errors
/// A refusal for an unknown point, for a day that is over or has no check-ins; the mistakes and blockers that the change would bring.
pub async fn edit_point(app: &App, point: &PointId, edit: PointEdit, author: EditAuthor<'_>) -> Result<PointReport> {
    let (now, before) = (app.now(), app.current());
    let declared = before.carnival.point_by_id(point).ok_or(CarnivalRefusal::PointUnknown)?;
    let current_day = current_day(&before.carnival, declared, now);
    let mut later_days = Vec::new();
    let (edit, closure, day) = match edit {
        PointEdit::Close { day, reason, relief, keep_away, notice } => {
            let day = match day {
                ClosureDay::Current => Some(current_day),
                ClosureDay::On(day) => Some(day),
                ClosureDay::ForGood => None,
            };
            if let Some(day) = day.filter(|day| *day < current_day) {
                return Err(CarnivalRefusal::DayOver { day, today: current_day }.into());
            }
            let route = before.carnival.route(&declared.route);
            if let (Some(day), Some(route)) = (day, route.filter(|route| day.is_some_and(|day| !route.runs_on(day)))) {
                return Err(CarnivalRefusal::RouteNotOnDay { route: route.name.clone(), day }.into());
            }
            let closure = day.map(|day| DayClosure { point: declared.number, day, relief, keep_away });
            (CarnivalEdit::Close { point: point.clone(), day, reason, notice }, closure, day)
        }
        PointEdit::Open => {
            let day = declared.closed.is_none().then_some(current_day);
            later_days = declared.hours.closures_from(current_day);
            later_days.retain(|later| *later > current_day);
            (CarnivalEdit::Open { point: point.clone(), from: current_day }, None, day)
        }
    };
    let (publication, carnival, periods) = if author.dry_run {
        let (publication, carnival) = publish::preview(app, &[edit], author.by).await?;
        let mut periods = ReliefPeriods::clone(&before.relief_periods);
        periods.extend(settle(&carnival, &periods, closure.as_ref(), now));
        (publication, carnival, Arc::new(periods))
    } else {
        let publication = publish::edit(app, &[edit], closure.as_ref(), author.by).await?;
        let carnival = Arc::clone(&publication.current.carnival);
        // Of the newest version, which may be a later one: all of them have the periods of this closure.
        (publication, carnival, Arc::clone(&app.current().relief_periods))
    };
    let impact = PointImpact::of(&carnival, declared, day, (&before.relief_periods, &periods));
    let gifts = impact.iter().flat_map(|impact| &impact.gifts).filter_map(|gift| carnival.gifts.get(gift.index));
    let held = held(app, gifts, now).await?;
    let walked = match day {
        Some(day) => Tally::UniqueRouteVisitorsOn(declared.route.clone(), LocalDay::of(day)),
        None => Tally::UniqueRouteVisitors(declared.route.clone()),
    };
    let (stamped, walked) = (count(app, Tally::AllStamps(declared.number)).await?, count(app, walked).await?);
    let counts = |one: &ReliefPeriod| one.point == declared.number && one.is_running(now);
    let was_counting = before.relief_periods.values().any(counts);
    let (point, people) = (point.clone(), PeopleConcerned { stamped, walked });
    Ok(PointReport { publication, carnival, point, day, impact, held, was_counting, later_days, people, now })
}

async fn held(app: &App, gifts: impl Iterator<Item = &Gift>, now: Timestamp) -> Result<Vec<u32>> {
    let numbers: Vec<GiftNumber> = gifts.map(|gift| gift.number).collect();
    Ok(app.store.gift_states(&numbers, now).await?.into_iter().map(|state| state.stock.held).collect())
}

async fn count(app: &App, tally: Tally) -> Result<u64> {
    let mut counts = match tally.day() {
        Some(day) => app.store.tallies_since(day).await?,
        None => app.store.tallies_of(std::slice::from_ref(&tally)).await?,
    };
    Ok(counts.remove(&tally).unwrap_or(0))
}

/// A notice that was set or removed.
#[derive(Clone, Debug)]
pub struct NoticeReport {
    /// What was published; in a dry run, what is published now.
    pub publication: Publication,
    /// The notice; `None` if it was removed.
    pub notice: Option<NoticeText>,
}

/// Sets or removes the organisers' own notice. Without a last day it is shown today, or on the first day of a carnival that
/// has not begun.
///
/// # Errors
/// A refusal for a last day that is over; the mistakes and blockers that the change would bring.
pub async fn set_notice(
    app: &App,
    text: Option<String>,
    until: Option<Date>,
    author: EditAuthor<'_>,
) -> Result<NoticeReport> {
    let current = app.current();
    let today = current.carnival.local(app.now()).date();
    let until = until.unwrap_or_else(|| today.max(current.carnival.days.first));
    if text.is_some() && until < today {
        return Err(CarnivalRefusal::DayOver { day: until, today }.into());
    }
    let notice = text.map(|text| NoticeText { text, until });
    let edit = [CarnivalEdit::Notice(notice.clone())];
    let publication = if author.dry_run {
        publish::preview(app, &edit, author.by).await?.0
    } else {
        publish::edit(app, &edit, None, author.by).await?
    };
    Ok(NoticeReport { publication, notice })
}

/// New days of a route.
#[derive(Clone, Debug)]
pub struct RouteMove {
    /// The route.
    pub route: RouteId,
    /// Its days.
    pub days: DateRange,
    /// Its extra days; `None` keeps the present ones.
    pub extra_days: Option<Vec<Date>>,
    /// A notice that goes with the next move.
    pub notice: Option<String>,
    /// The code of a confirmation, if the organiser was asked for one.
    pub confirm: Option<String>,
}

/// A moved route and the effect.
#[derive(Clone, Debug)]
pub struct MoveReport {
    /// What was published; in a dry run, what is published now.
    pub publication: Publication,
    /// The carnival after the move.
    pub carnival: Arc<Carnival>,
    /// The route.
    pub route: RouteId,
    /// People with a stamp of the route.
    pub walked: u64,
    /// Whether the route runs today and would not any more.
    pub stops_today: bool,
    /// How many exceptions of its points are kept for the days before the move.
    pub kept_exceptions: usize,
    /// The code that confirms this move, in a dry run that needs one.
    pub confirm: Option<String>,
}

/// Moves a route to other days. While the route is under way, only after a confirmation.
///
/// # Errors
/// A refusal for an unknown route; one that asks for a confirmation; the mistakes and blockers that the change would bring.
pub async fn move_route(app: &App, asked: RouteMove, author: EditAuthor<'_>) -> Result<MoveReport> {
    let RouteMove { route: id, days, extra_days, notice, confirm } = asked;
    let (now, before) = (app.now(), app.current());
    let route = before.carnival.route(&id).ok_or(CarnivalRefusal::RouteUnknown)?;
    let extra = extra_days.clone().unwrap_or_else(|| route.extra_days.clone());
    let today = before.carnival.local(now).date();
    let edit = [CarnivalEdit::Move { route: id.clone(), days, extra_days, notice }];
    // Mistakes are said before a confirmation is asked for.
    let preview = publish::preview(app, &edit, author.by).await?;
    let stops_today = route.runs_on(today) && !days.contains(today) && !extra.contains(&today);
    let code = needs_confirmation(&before, route, days, &extra, today);
    if let Some(code) = code.as_ref().filter(|code| !author.dry_run && confirm.as_ref() != Some(code)) {
        let people = count(app, Tally::UniqueRouteVisitorsOn(id.clone(), LocalDay::of(today))).await?;
        let (route, confirm) = (route.name.clone(), code.clone());
        return Err(CarnivalRefusal::RouteUnderWay { route, people, stops_today, confirm }.into());
    }
    let (publication, carnival) = if author.dry_run {
        preview
    } else {
        let publication = publish::edit(app, &edit, None, author.by).await?;
        let carnival = Arc::clone(&publication.current.carnival);
        (publication, carnival)
    };
    let walked = count(app, Tally::UniqueRouteVisitors(id.clone())).await?;
    let kept_exceptions = carnival.route(&id).map_or(0, |route| exceptions_off(&carnival, route));
    let confirm = code.filter(|_| author.dry_run);
    Ok(MoveReport { publication, carnival, route: id, walked, stops_today, kept_exceptions, confirm })
}

/// The code that confirms a move of a route that has begun and is not over; none for any other route, and for a move that
/// changes no day.
fn needs_confirmation(
    current: &CurrentCarnival,
    route: &Route,
    days: DateRange,
    extra_days: &[Date],
    today: Date,
) -> Option<String> {
    let under_way = (route.first_day()..=route.last_day()).contains(&today);
    let moves = days != route.days || extra_days != route.extra_days;
    let days = [days.first, days.last].iter().chain(extra_days).map(ToString::to_string).collect::<Vec<_>>();
    (under_way && moves).then(|| confirmation(current.version, &days, route.id.as_str()))
}

fn exceptions_off(carnival: &Carnival, route: &Route) -> usize {
    let exceptions = carnival.points_of(&route.id).flat_map(|point| &point.hours.exceptions);
    exceptions.filter(|(day, _)| !route.runs_on(*day)).count()
}
