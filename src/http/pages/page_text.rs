//! The text of the page of each kind of code: a title, a lead, the next steps, a few facts.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::{App, Error};
use crate::http::errors::Problem;
use crate::rules::carnival::Point;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::check_ins::check_in::{CheckInAttempt, CodeSource, check};
use crate::rules::gifts::practice_voucher::PracticeVoucher;
use crate::rules::ids::{CardSerial, InvitationId, PointNumber};
use crate::rules::lang::Lang;
use crate::rules::refusal::Refusal;
use crate::rules::staff::roles::Role;
use crate::tokens::Code;

/// The text of a page; empty parts are left out.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub(super) title: String,
    /// One or two sentences.
    pub(super) lead: String,
    /// The next steps, in large type; numbered if there are several.
    pub(super) steps: Vec<String>,
    /// Name and value.
    pub(super) facts: Vec<(String, String)>,
    /// A hint below the facts.
    pub(super) hint: String,
}

/// The text of the page of a code at this moment.
///
/// # Errors
/// A refusal for an unknown, replaced or expired code; a store failure.
pub(super) async fn for_code(app: &App, current: &CurrentCarnival, code: &str, lang: Lang) -> Result<PageText, Error> {
    let now = app.now();
    match app.codes.read(code, now).map_err(|_| Refusal::CodeUnknown)? {
        Code::Printed { point, generation } => {
            let source = CodeSource::Printed { generation, current: current.generation(point) };
            Ok(at_point(current, point, source, now, lang)?)
        }
        Code::Display { point, too_old } => Ok(at_point(current, point, CodeSource::Display { too_old }, now, lang)?),
        Code::Paper(serial) => Ok(paper(serial, lang)),
        Code::Invitation(id) => invitation(app, current, &id, lang).await,
        Code::Voucher(voucher) => Ok(a_voucher(voucher.grouped(), lang)),
        Code::Practice(voucher) => Ok(for_practice(voucher, lang)),
        Code::Own { too_old: true, .. } => Err(Refusal::OwnCodeTooOld.into()),
        Code::Own { .. } => Ok(own(lang)),
    }
}

/// The text of the page of a code that is refused.
pub(super) fn for_problem(problem: &Problem, lang: Lang) -> PageText {
    let title = match problem.status {
        404 => lang.pick("没认出这个码", "We do not know this code"),
        410 => lang.pick("这个码不能用了", "This code is no longer used"),
        _ => lang.pick("请稍等一下", "One moment, please"),
    };
    let already_on_duty = problem.code == "invitation_used_up";
    let hint = if already_on_duty {
        lang.pick(
            "已经上岗的志愿者，请用原来的手机在微信里打开，照样能用。",
            "Already on duty? Open it in WeChat on the same phone as before; it still works there.",
        )
    } else {
        ""
    };
    PageText {
        title: title.to_owned(),
        steps: vec![problem.detail.clone()],
        hint: hint.to_owned(),
        ..PageText::default()
    }
}

fn scan_with_wechat(lang: Lang) -> Vec<String> {
    let steps = lang.pick(
        ["打开微信", "点右上角“＋”，再点“扫一扫”", "再扫一次这个码"],
        ["Open WeChat", "Tap “+”, then “Scan”", "Scan this code again"],
    );
    steps.map(str::to_owned).into()
}

/// WeChat also opens the mini-program from a picture in a chat.
fn press_and_hold(lang: Lang) -> String {
    lang.pick(
        "微信里收到的二维码图片，按住不放，也能打开。",
        "Was this code sent to you in WeChat? Press and hold its picture.",
    )
    .to_owned()
}

fn at_point(
    current: &CurrentCarnival,
    number: PointNumber,
    source: CodeSource,
    now: Timestamp,
    lang: Lang,
) -> Result<PageText, Refusal> {
    let carnival = &current.carnival;
    let point = carnival.point(number).ok_or(Refusal::CodeUnknown)?;
    let refusal = check(carnival, &CheckInAttempt { point: number, source, device_location: None }, now).err();
    let today = carnival.local(now).date();
    let facts = facts_of(current, point, today, lang);
    let (lead, steps, hint) = match refusal {
        // The mini-program requests the location later.
        None | Some(Refusal::LocationNeeded { .. }) => {
            let lead = lang.pick("欢迎您！现在可以盖章。", "Welcome! You can get your stamp now.");
            (lead.to_owned(), scan_with_wechat(lang), press_and_hold(lang))
        }
        Some(unknown @ (Refusal::CodeUnknown | Refusal::CodeReplaced { .. } | Refusal::DisplayCodeTooOld)) => {
            return Err(unknown);
        }
        Some(not_now) => (String::new(), vec![not_now.message(lang)], how_later(&not_now, today, lang).to_owned()),
    };
    Ok(PageText { title: point.name.clone(), lead, steps, facts, hint })
}

/// A hint for a repeated scan: now in WeChat, or later when the point gives stamps; empty if neither helps.
fn how_later(refusal: &Refusal, today: Date, lang: Lang) -> &'static str {
    let comes = match refusal {
        Refusal::DisplayCodeNeeded { .. } | Refusal::PrintedCodeNeeded { .. } => {
            return lang.pick("请用微信“扫一扫”来扫。", "Please scan it with WeChat.");
        }
        Refusal::CarnivalNotBegun { .. } | Refusal::PointClosed { opens: Some(_), .. } => true,
        Refusal::RouteNotThisWeek { days, extra_days, .. } => {
            days.first > today || extra_days.iter().any(|day| *day > today)
        }
        _ => false,
    };
    if comes {
        lang.pick("到时候用微信“扫一扫”扫这个码，就能盖章。", "Scan this code with WeChat then, and get your stamp.")
    } else {
        ""
    }
}

/// The route, and today's hours if the route runs today.
fn facts_of(current: &CurrentCarnival, point: &Point, today: Date, lang: Lang) -> Vec<(String, String)> {
    let Some(route) = current.carnival.route(&point.route) else { return Vec::new() };
    let mut facts = vec![(lang.pick("路线", "Route").to_owned(), route.name.clone())];
    let hours = point.hours.for_day(today);
    if current.carnival.days.contains(today) && route.runs_on(today) && point.closed.is_none() && !hours.is_empty() {
        let hours = hours.iter().map(TimeRange::to_string).collect::<Vec<_>>().join(lang.pick("、", ", "));
        facts.push((lang.pick("今天开放", "Open today").to_owned(), hours.replace('-', "–")));
    }
    facts
}

fn paper(serial: CardSerial, lang: Lang) -> PageText {
    PageText {
        title: lang.pick("纸质集章卡", "A paper passport").to_owned(),
        lead: String::new(),
        steps: vec![
            lang.pick(
                "带着这张卡，到点位盖章，到兑换台领礼物。",
                "Bring this card to the points for stamps, and to the booth for gifts.",
            )
            .to_owned(),
        ],
        facts: vec![(lang.pick("卡号", "Card number").to_owned(), serial.to_string())],
        hint: lang
            .pick(
                "不用手机也能用。家里人有微信，也可以用“扫一扫”扫这个码，把卡放进手机，一起集章。",
                "It needs no phone. If someone in the family has WeChat, they can scan this code there and keep the card on their phone too.",
            )
            .to_owned(),
    }
}

async fn invitation(app: &App, current: &CurrentCarnival, id: &InvitationId, lang: Lang) -> Result<PageText, Error> {
    let stored = app.store.invitation(id).await?.ok_or(Refusal::InvitationUnknown)?;
    let invitation = &stored.invitation;
    if stored.ended.is_some() {
        return Err(Refusal::InvitationOver.into());
    }
    invitation.check_acceptable(app.now())?;
    if stored.sessions.len() >= usize::from(invitation.uses) {
        return Err(Refusal::InvitationUsedUp.into());
    }
    let title = match invitation.role {
        Role::Volunteer => lang.pick("邀请您来当志愿者", "You are invited to volunteer"),
        Role::Organiser => lang.pick("邀请您来当组织者", "You are invited to organise"),
    };
    let mut facts = Vec::new();
    if let Some(place) = &invitation.place {
        facts.push((lang.pick("地点", "Place").to_owned(), current.carnival.station_name(place)));
    }
    let until = current.carnival.zoned(invitation.until).strftime(lang.pick("%-m月%-d日 %H:%M", "%-d %B, %H:%M"));
    facts.push((lang.pick("请在此前打开", "Open it before").to_owned(), until.to_string()));
    Ok(PageText {
        title: title.to_owned(),
        lead: lang.pick("写下您的称呼，就能上岗。", "Type your name, and you are on duty.").to_owned(),
        steps: scan_with_wechat(lang),
        facts,
        hint: lang
            .pick("这个邀请是给您的，请不要转发。", "This invitation is meant for you; please do not pass it on.")
            .to_owned(),
    })
}

fn a_voucher(digits: String, lang: Lang) -> PageText {
    PageText {
        title: lang.pick("礼物兑换码", "A gift voucher").to_owned(),
        steps: vec![lang.pick("请到兑换台，把这个码给志愿者看。", "Show it to a volunteer at the booth.").to_owned()],
        facts: vec![(lang.pick("兑换码", "Voucher").to_owned(), digits)],
        ..PageText::default()
    }
}

/// Like a voucher's page, with a note that no gift is given for it, because the volunteer's card may be found by others.
fn for_practice(voucher: PracticeVoucher, lang: Lang) -> PageText {
    let lead =
        lang.pick("这是志愿者练习用的码，不能领礼物。", "Volunteers practise with this one; no gift is given for it.");
    PageText { lead: lead.to_owned(), ..a_voucher(voucher.grouped(), lang) }
}

fn own(lang: Lang) -> PageText {
    PageText {
        title: lang.pick("个人码", "A personal code").to_owned(),
        steps: vec![lang.pick("请把它给志愿者扫。", "Let a volunteer scan it.").to_owned()],
        hint: lang
            .pick(
                "手机扫不了码的时候用它，五分钟内有效。",
                "It helps when a camera fails. It is good for five minutes.",
            )
            .to_owned(),
        ..PageText::default()
    }
}
