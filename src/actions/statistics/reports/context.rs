//! Kind and filters of a report, resolved against the carnival, with the words of its text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::DateTimePrinter;

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::messages::messages;
use crate::messages::reports::ReportTexts;
use crate::rules::ids::{BoothId, GiftId, GiftNumber, PointId, PointNumber};
use crate::rules::lang::Lang;
use crate::rules::refusals::{CarnivalRefusal, GiftRefusal};
use crate::rules::staff::roles::{Role, Station};
use crate::rules::statistics::tally::TallyPeriod;
use crate::rules::statistics::{counts_on, recorded_days};

/// The format that spreadsheet programs parse: `2023-04-14 10:00:05`.
const TIME: DateTimePrinter = DateTimePrinter::new().separator(b' ').precision(Some(0));

/// Kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Every stamp.
    CheckIns,
    /// Every redemption and every void.
    Redemptions,
    /// Every movement of stock.
    Stock,
    /// The gift ledger by day and place.
    Ledger,
    /// The hours of staff.
    Hours,
}

impl Report {
    /// The title and the heads of the columns.
    pub(super) fn head(self, texts: &'static ReportTexts) -> (&'static str, &'static [&'static str]) {
        match self {
            Report::CheckIns => (texts.check_ins.title, &texts.check_ins.columns),
            Report::Redemptions => (texts.redemptions.title, &texts.redemptions.columns),
            Report::Stock => (texts.stock.title, &texts.stock.columns),
            Report::Ledger => (texts.ledger.title, &texts.ledger.columns),
            Report::Hours => (texts.hours.title, &texts.hours.columns),
        }
    }
}

/// Filters of a report; an unset filter includes everything.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// One day.
    pub day: Option<Date>,
    /// One point.
    pub point: Option<PointId>,
    /// One gift.
    pub gift: Option<GiftId>,
    /// One booth.
    pub booth: Option<BoothId>,
}

/// Resolved filters, and what every row needs.
pub(super) struct ReportContext {
    pub(super) app: Arc<App>,
    pub(super) current: Arc<CurrentCarnival>,
    pub(super) texts: &'static ReportTexts,
    /// The word for a role of staff.
    pub(super) role: fn(Role) -> &'static str,
    pub(super) day: Option<Date>,
    pub(super) point: Option<PointNumber>,
    pub(super) gift: Option<GiftNumber>,
    pub(super) booth: Option<Station>,
    /// The filtered day as a half-open range.
    range: Option<Range<Timestamp>>,
}

impl ReportContext {
    /// Resolves the filters.
    ///
    /// # Errors
    /// A refusal for a day without records, an unknown point, gift or booth.
    pub(super) async fn new(app: &Arc<App>, filters: &Filters, lang: Lang) -> Result<ReportContext> {
        let current = app.current();
        let carnival = &current.carnival;
        let Filters { day, point, gift, booth } = filters;
        if let Some(day) = *day {
            let first_published = app.version_list.first_published(app.store.as_ref()).await?;
            let days = recorded_days(carnival, first_published, app.now());
            if !days.contains(day) && !counts_on(&app.store.tallies(TallyPeriod::ByHour).await?, day) {
                return Err(CarnivalRefusal::DayUnknown { days }.into());
            }
        }
        let point =
            point.as_ref().map(|id| carnival.point_by_id(id).ok_or(CarnivalRefusal::PointUnknown)).transpose()?;
        let gift = gift.as_ref().map(|id| carnival.gift_by_id(id).ok_or(GiftRefusal::GiftUnknown)).transpose()?;
        let booth = booth.as_ref().map(|id| carnival.booth(id).ok_or(CarnivalRefusal::BoothUnknown)).transpose()?;
        Ok(ReportContext {
            app: Arc::clone(app),
            texts: &messages(lang).texts().reports,
            role: messages(lang).texts().answers.role,
            day: *day,
            point: point.map(|point| point.number),
            gift: gift.map(|gift| gift.number),
            booth: booth.map(|booth| Station::Booth(booth.id.clone())),
            range: day.map(|day| day_range(&current, day)),
            current,
        })
    }

    /// The gifts whose logs are read: the filtered one, or all. Gifts never disappear from a carnival.
    pub(super) fn gifts(&self) -> Vec<GiftNumber> {
        match self.gift {
            Some(gift) => vec![gift],
            None => self.current.carnival.gifts.iter().map(|gift| gift.number).collect(),
        }
    }

    /// Whether a moment is within the filtered day.
    pub(super) fn includes(&self, at: Timestamp) -> bool {
        self.range.as_ref().is_none_or(|range| range.contains(&at))
    }

    /// A moment in the carnival's time zone.
    pub(super) fn time(&self, at: Timestamp) -> String {
        TIME.datetime_to_string(&self.current.carnival.local(at))
    }

    /// Display name of a gift.
    pub(super) fn gift_name(&self, gift: GiftNumber) -> Cow<'_, str> {
        match self.current.carnival.gift(gift) {
            Some(gift) => Cow::Borrowed(&gift.name),
            None => Cow::Owned(gift.to_string()),
        }
    }

    /// Display name of a station; none is the storeroom.
    pub(super) fn stock_place(&self, place: Option<&Station>) -> Cow<'_, str> {
        match place {
            Some(place) => Cow::Owned(self.current.carnival.station_name(place)),
            None => Cow::Borrowed(self.texts.storeroom),
        }
    }
}

/// From midnight to midnight; empty for a day that does not exist in the time zone.
fn day_range(current: &CurrentCarnival, day: Date) -> Range<Timestamp> {
    let midnight =
        |day: Date| day.to_zoned(current.carnival.time_zone.clone()).ok().map(|midnight| midnight.timestamp());
    let (from, until) = (midnight(day), day.tomorrow().ok().and_then(midnight));
    from.unwrap_or(Timestamp::MAX)..until.unwrap_or(Timestamp::MAX)
}
