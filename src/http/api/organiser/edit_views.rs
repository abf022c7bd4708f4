//! The answers to edits of single entries: what was published, what it changes for people, and a text for a chat group.

use std::collections::BTreeMap;

use super::publish::PublishedView;
use crate::actions::carnival::edits::{MoveReport, NoticeReport, PointReport};
use crate::actions::carnival::publish::Publication;
use crate::http::api::prelude::*;
use crate::messages::Messages;
use crate::messages::point_edits::{PointAction, PointEditText, RouteMoveText};
use crate::rules::carnival::impact::{GiftImpact, PointImpact};
use crate::rules::carnival::{Point, Route};

/// An edit of the published carnival, and what it changes for people.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct EditView {
    /// What was published; in a dry run, what is published now, and whether the edit would change it. `says` has all of it
    /// in words.
    #[serde(flatten)]
    pub published: PublishedView,
    /// Whether this was a dry run: nothing was changed.
    pub dry_run: bool,
    /// What it changes for people; absent for a notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<ImpactView>,
    /// A short text in residents' words, to pass on to a chat group, by language; absent when a notice is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({ "zh": "今天“社区美空间·第1站”暂停打卡：因雨。", "en": "“社区美空间·第1站” is closed today: 因雨." }))]
    pub announcement: Option<BTreeMap<String, String>>,
    /// Confirms the move that was tried, if it needs a confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "f3a1c05be2d49786")]
    pub confirm: Option<String>,
}

/// A text in each language, by its code.
fn in_each_language(text: impl Fn(Messages) -> String) -> BTreeMap<String, String> {
    Lang::ALL.into_iter().map(|lang| (lang.code().to_owned(), text(messages(lang)))).collect()
}

/// What an edit changes for people.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ImpactView {
    /// People with a stamp of the route: on the day of a closure for one day, otherwise on any day.
    #[schema(example = 37)]
    pub walked: u64,
    /// People with a stamp of the point; absent for a route.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12)]
    pub stamped: Option<u64>,
    /// When they are relieved of the point; absent if they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2023-04-15T15:15:00+08:00")]
    pub relieved_from: Option<String>,
    /// Stamps that complete the route for them before the edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7)]
    pub needed_before: Option<u16>,
    /// Stamps that complete the route for them after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 6)]
    pub needed: Option<u16>,
    /// Whether more points are closed than people can be relieved of: half of the stamps are always required.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_at_half: bool,
    /// Gifts that ask for stamps of the route.
    pub gifts: Vec<GiftImpactView>,
}

/// What an edit changes for a gift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftImpactView {
    #[serde(flatten)]
    pub gift: views::GiftName,
    /// Stamps that it needs before the edit.
    #[schema(example = 7)]
    pub needed_before: u16,
    /// Stamps that it needs after it.
    #[schema(example = 6)]
    pub needed: u16,
    /// How many are held now. They stay held.
    #[schema(example = 5)]
    pub held: u32,
}

impl EditView {
    /// The answer to a closure, with its reason, and whether it relieves and keeps people away.
    #[must_use]
    pub fn of_closure(
        report: &PointReport,
        (reason, relief, keep_away): (&str, bool, bool),
        dry_run: bool,
        lang: Lang,
    ) -> EditView {
        of_point(report, PointAction::Closed { reason, relief, keep_away }, dry_run, lang)
    }

    /// The answer to a reopening.
    #[must_use]
    pub fn of_reopening(report: &PointReport, dry_run: bool, lang: Lang) -> EditView {
        let day = report.day.unwrap_or_else(|| report.carnival.local(report.now).date());
        let point = report.carnival.point_by_id(&report.point);
        let hours = point.map_or(&[][..], |point| point.hours.for_day(day));
        let (was_counting, later_days) = (report.was_counting, report.later_days.as_slice());
        of_point(report, PointAction::Opened { hours, was_counting, later_days }, dry_run, lang)
    }

    /// The answer to a move.
    #[must_use]
    pub fn of_move(report: &MoveReport, dry_run: bool, lang: Lang) -> EditView {
        let mut view =
            EditView::of_publication(&report.publication, report.carnival.route(&report.route), dry_run, lang);
        let Some(route) = report.carnival.route(&report.route) else { return view };
        let moved = RouteMoveText {
            route: &route.name,
            days: route.days,
            extra_days: &route.extra_days,
            walked: report.walked,
            stops_today: report.stops_today,
            kept_exceptions: report.kept_exceptions,
        };
        view.add_words(&messages(lang).route_move(&moved), lang);
        view.announcement = Some(in_each_language(|messages| messages.route_announcement(&moved)));
        view.impact = Some(ImpactView {
            walked: report.walked,
            stamped: None,
            relieved_from: None,
            needed_before: None,
            needed: None,
            is_at_half: false,
            gifts: Vec::new(),
        });
        view.confirm.clone_from(&report.confirm);
        view
    }

    /// The answer to a notice.
    #[must_use]
    pub fn of_notice(report: &NoticeReport, dry_run: bool, lang: Lang) -> EditView {
        let mut view = EditView::of_publication(&report.publication, None, dry_run, lang);
        let (texts, notice) = (&messages(lang).texts().answers, report.notice.as_ref());
        let words = notice.map_or_else(|| texts.notice_removed.into(), |notice| (texts.notice_until)(notice.until));
        view.add_words(&words, lang);
        // People wrote the notice for residents; it is not translated.
        view.announcement = notice.map(|notice| in_each_language(|_| notice.text.trim().to_owned()));
        view
    }

    fn of_publication(publication: &Publication, route: Option<&Route>, dry_run: bool, lang: Lang) -> EditView {
        let mut published = PublishedView::of(publication, route, lang);
        let texts = &messages(lang).texts().answers;
        let version = publication.current.version;
        published.says = match (dry_run, publication.changed) {
            (true, true) => texts.dry_run.to_owned(),
            (true, false) => texts.dry_run_unchanged.to_owned(),
            (false, true) => (texts.published)(version),
            (false, false) => (texts.unchanged)(version),
        };
        EditView { published, dry_run, impact: None, announcement: None, confirm: None }
    }

    fn add_words(&mut self, words: &str, lang: Lang) {
        self.published.says += messages(lang).texts().answers.between_sentences;
        self.published.says += words;
    }

    /// The response.
    #[must_use]
    pub fn response(self) -> HttpResponse {
        self.published.response_with(&self)
    }
}

fn of_point(report: &PointReport, action: PointAction<'_>, dry_run: bool, lang: Lang) -> EditView {
    let carnival = &report.carnival;
    let found = carnival.point_by_id(&report.point).and_then(|point| Some((point, carnival.route(&point.route)?)));
    let mut view = EditView::of_publication(&report.publication, found.map(|(_, route)| route), dry_run, lang);
    let (Some((point, route)), Some(impact)) = (found, &report.impact) else { return view };
    let edit = edit_text(report, point, route, impact, action);
    view.add_words(&messages(lang).point_edit(&edit), lang);
    view.announcement = Some(in_each_language(|messages| messages.point_announcement(&edit)));
    let gifts = impact.gifts.iter().zip(&report.held).filter_map(|(gift, held)| {
        let (needed_before, needed) = gift.needed;
        Some(GiftImpactView { gift: carnival.gifts.get(gift.index)?.into(), needed_before, needed, held: *held })
    });
    view.impact = Some(ImpactView {
        walked: report.people.walked,
        stamped: Some(report.people.stamped),
        relieved_from: impact.since.map(|since| views::local_time(&report.publication.current, since)),
        needed_before: Some(impact.needed.0),
        needed: Some(impact.needed.1),
        is_at_half: impact.is_at_half,
        gifts: gifts.collect(),
    });
    view
}

fn edit_text<'a>(
    report: &'a PointReport,
    point: &'a Point,
    route: &'a Route,
    impact: &'a PointImpact,
    action: PointAction<'a>,
) -> PointEditText<'a> {
    let carnival = &report.carnival;
    let name = |gift: &GiftImpact| Some((carnival.gifts.get(gift.index)?.name.as_str(), gift.needed.0, gift.needed.1));
    let local = |at| {
        let local = carnival.local(at);
        (local.date(), local.time())
    };
    PointEditText {
        point: &point.name,
        route: &route.name,
        day: report.day,
        today: carnival.local(report.now).date(),
        action,
        impact,
        since: impact.since.map(local),
        in_force: impact.since.is_some_and(|since| since <= report.now),
        gifts: impact.gifts.iter().filter_map(name).collect(),
        held: report.held.iter().sum(),
        stamped: report.people.stamped,
        walked: report.people.walked,
    }
}
