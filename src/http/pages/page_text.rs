//! The text of the page of each kind of code: a title, a lead, the next steps, a few facts.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::arrivals;
use crate::actions::{App, Error};
use crate::http::errors::Problem;
use crate::messages::messages;
use crate::messages::pages::{PageParts, PageTexts};
use crate::rules::carnival::Point;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::check_ins::check_in::{CheckInAttempt, CodeSource, check};
use crate::rules::ids::{InvitationId, PointNumber};
use crate::rules::lang::Lang;
use crate::rules::refusals::{CheckInRefusal, CodeRefusal, Refusal};
use crate::rules::staff::DeviceSecret;
use crate::rules::staff::roles::Role;
use crate::tokens::Code;

/// The text of a page; empty parts are left out.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub(super) title: String,
    /// One or two sentences.
    pub(super) lead: &'static str,
    /// The next steps, in large type; numbered if there are several.
    pub(super) steps: Vec<String>,
    /// Name and value.
    pub(super) facts: Vec<(&'static str, String)>,
    /// A hint below the facts.
    pub(super) hint: &'static str,
}

impl From<&'static PageParts> for PageText {
    fn from(parts: &'static PageParts) -> PageText {
        let steps = parts.steps.iter().map(|step| (*step).to_owned()).collect();
        PageText { title: parts.title.to_owned(), lead: parts.lead, steps, facts: Vec::new(), hint: parts.hint }
    }
}

/// The text of the page of a code at this moment.
///
/// # Errors
/// A refusal for an unknown, replaced or expired code; a store failure.
pub(super) async fn for_code(
    app: &App,
    current: &CurrentCarnival,
    code: &str,
    device: Option<&DeviceSecret>,
    lang: Lang,
) -> Result<PageText, Error> {
    let (now, texts) = (app.now(), &messages(lang).texts().pages);
    match app.codes.read(code, now).map_err(|_| CodeRefusal::CodeUnknown)? {
        Code::Printed { point, generation } => {
            let source = CodeSource::Printed { generation, current: current.generation(point) };
            Ok(at_point(current, point, source, now, lang)?)
        }
        Code::Display { point, too_old } => Ok(at_point(current, point, CodeSource::Display { too_old }, now, lang)?),
        Code::Paper(serial) => {
            Ok(PageText { facts: vec![(texts.card_number, serial.to_string())], ..PageText::from(&texts.card) })
        }
        Code::Invitation(id) => invitation(app, current, &id, device, texts).await,
        Code::Voucher(voucher) => Ok(a_voucher(voucher.grouped(), texts)),
        // Says that no gift is given for it, because the volunteer's card may be found by others.
        Code::Practice(voucher) => Ok(PageText { lead: texts.practice, ..a_voucher(voucher.grouped(), texts) }),
        Code::Own { too_old: true, .. } => Err(CodeRefusal::OwnCodeTooOld.into()),
        Code::Own { .. } => Ok(PageText::from(&texts.own_code)),
    }
}

/// The text of the page of a code that is refused.
pub(super) fn for_problem(problem: &Problem, lang: Lang) -> PageText {
    let texts = &messages(lang).texts().pages;
    let title = match problem.status {
        404 => texts.unknown_code,
        410 => texts.expired_code,
        _ => texts.one_moment,
    };
    PageText { title: title.to_owned(), steps: vec![problem.detail.clone()], ..PageText::default() }
}

fn at_point(
    current: &CurrentCarnival,
    number: PointNumber,
    source: CodeSource,
    now: Timestamp,
    lang: Lang,
) -> Result<PageText, Refusal> {
    let (carnival, texts) = (&current.carnival, &messages(lang).texts().pages);
    let point = carnival.point(number).ok_or(CodeRefusal::CodeUnknown)?;
    let refusal = check(carnival, &CheckInAttempt { point: number, source, device_location: None }, now).err();
    let today = carnival.local(now).date();
    let text = match refusal {
        // The mini-program requests the location later.
        None | Some(Refusal::CheckIn(CheckInRefusal::LocationNeeded { .. })) => PageText::from(&texts.point),
        Some(
            unknown @ Refusal::Code(
                CodeRefusal::CodeUnknown | CodeRefusal::CodeReplaced { .. } | CodeRefusal::DisplayCodeTooOld,
            ),
        ) => {
            return Err(unknown);
        }
        Some(not_now) => {
            let hint = how_later(&not_now, today, texts);
            PageText { steps: vec![messages(lang).refusal(&not_now)], hint, ..PageText::default() }
        }
    };
    Ok(PageText { title: point.name.clone(), facts: facts_of(current, point, today, texts), ..text })
}

/// A hint for a repeated scan: now in WeChat, or later when the point gives stamps; empty if neither helps.
fn how_later(refusal: &Refusal, today: Date, texts: &PageTexts) -> &'static str {
    let comes = match refusal {
        Refusal::Code(CodeRefusal::DisplayCodeNeeded { .. } | CodeRefusal::PrintedCodeNeeded { .. }) => {
            return texts.scan_with_wechat;
        }
        Refusal::CheckIn(
            CheckInRefusal::CarnivalNotBegun { .. } | CheckInRefusal::PointClosed { opens: Some(_), .. },
        ) => true,
        Refusal::CheckIn(CheckInRefusal::RouteNotThisWeek { days, extra_days, .. }) => {
            days.first > today || extra_days.iter().any(|day| *day > today)
        }
        _ => false,
    };
    if comes { texts.scan_then } else { "" }
}

/// The route, and today's hours if the route runs today.
fn facts_of(current: &CurrentCarnival, point: &Point, today: Date, texts: &PageTexts) -> Vec<(&'static str, String)> {
    let Some(route) = current.carnival.route(&point.route) else { return Vec::new() };
    let mut facts = vec![(texts.route, route.name.clone())];
    let hours = point.hours.for_day(today);
    if current.carnival.days.contains(today) && route.runs_on(today) && point.closed.is_none() && !hours.is_empty() {
        let hours = hours.iter().map(TimeRange::to_string).collect::<Vec<_>>().join(texts.between_hours);
        facts.push((texts.open_today, hours.replace('-', "–")));
    }
    facts
}

async fn invitation(
    app: &App,
    current: &CurrentCarnival,
    id: &InvitationId,
    device: Option<&DeviceSecret>,
    texts: &'static PageTexts,
) -> Result<PageText, Error> {
    let invitation = arrivals::open_invitation(app, id, device).await?;
    let title = match invitation.role {
        Role::Volunteer => texts.invited_volunteer,
        Role::Organiser => texts.invited_organiser,
        Role::Viewer => texts.invited_viewer,
        Role::Reporter => texts.invited_reporter,
        Role::Display => texts.invited_display,
    };
    let place = invitation.place.as_ref().map(|place| (texts.place, current.carnival.station_name(place)));
    let until = (texts.open_before, (texts.date_time)(&current.carnival.zoned(invitation.until)));
    let facts = place.into_iter().chain([until]).collect();
    let text = PageText { title: title.to_owned(), facts, ..PageText::from(&texts.invitation) };
    Ok(if invitation.approval { PageText { lead: texts.waits_for_organiser, hint: "", ..text } } else { text })
}

fn a_voucher(digits: String, texts: &'static PageTexts) -> PageText {
    PageText { facts: vec![(texts.voucher_digits, digits)], ..PageText::from(&texts.voucher) }
}
