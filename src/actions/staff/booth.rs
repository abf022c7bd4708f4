//! Volunteers' work apart from redemptions: manual stamps, gift availability, display codes, shift totals.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Error, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::check_ins::check_in;
use crate::actions::gifts::redeem::{PresentedPassport, read_presented};
use crate::actions::staff::OnDuty;
use crate::actions::statistics::hint_recording::{self, record_refusal};
use crate::rules::carnival::Gift;
use crate::rules::check_ins::check_in::{CheckInAttempt, CodeSource, InkStamp, check_ink_stamp, check_manual_check_in};
use crate::rules::check_ins::passport::{Passport, StampSource};
use crate::rules::ids::{BoothId, GiftId, GiftNumber, Holder, Nonce, PointId, PointNumber, SessionId};
use crate::rules::refusals::{AccessRefusal, CarnivalRefusal, CodeRefusal, GiftRefusal, Refusal};
use crate::rules::staff::StaffSession;
use crate::rules::staff::roles::Station;
use crate::rules::statistics::tally::{Tally, TallyPeriod};
use crate::store::StampsOutcome;
use crate::tokens::codes::{self, ExpiringCode};
use crate::tokens::{CodeDisplay, Colleague, Volunteer};

/// Stamps that a volunteer recorded.
#[derive(Clone, Debug)]
pub struct RecordedStamps {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// Holder of the passport.
    pub holder: Holder,
    /// The passport with the stamps.
    pub passport: Passport,
    /// The requested points, each with whether this write (or an earlier attempt with the same nonce) stamped it.
    pub points: Vec<(PointNumber, bool)>,
    /// Time of the write.
    pub now: Timestamp,
}

/// Records the ink stamps of a paper passport, including those of past days and weeks. For a resident's own code
/// (when a camera fails) this is a check-in at the present moment, under the same rules as any other; whether its stamp is
/// a rain stamp follows from the point.
///
/// # Errors
/// The refusal of one point refuses all of them and changes nothing. A point that is already stamped is never
/// refused.
pub async fn record_stamps(
    app: &App,
    staff: &OnDuty<Volunteer>,
    code: &str,
    points: &[PointId],
    ink: InkStamp,
    nonce: &Nonce,
) -> Result<RecordedStamps> {
    let (current, now) = (app.current(), app.now());
    let presented = record_refusal(app, None, read_presented(app, code, now))?;
    let carnival = &current.carnival;
    let mut numbers = Vec::with_capacity(points.len());
    for id in points {
        let point = record_refusal(app, None, carnival.point_by_id(id).ok_or(CarnivalRefusal::PointUnknown.into()))?;
        let number = point.number;
        record_refusal(app, Some(number), staff.check_may_serve(id, carnival).map_err(Error::from))?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    let how = StampSource::Hand { session: staff.id.clone(), nonce: nonce.clone(), day: ink.day };
    let earlier = app.store.passport(presented.holder).await?;
    if earlier.is_some_and(|passport| is_reused(&passport, presented.holder, (&how, ink), &numbers)) {
        return Err(AccessRefusal::NonceReused.into());
    }
    let check_one = |number: &PointNumber| check_one(&current, &presented, *number, ink, now);
    let mut to_stamp = numbers.clone();
    if numbers.iter().any(|number| check_one(number).is_err()) {
        // An existing stamp takes precedence over every refusal; only the refused case pays for this second read.
        let passport = check_in::read_durable(app, &current, presented.holder, &how, now).await?;
        to_stamp.retain(|number| passport.stamp(*number).is_none());
        for number in &to_stamp {
            record_refusal(app, Some(*number), check_one(number).map_err(Error::from))?;
        }
    }
    // One write has one kind of stamp: with an ordinary one among them, rain stamps lose their umbrella.
    let rain = !to_stamp.is_empty() && to_stamp.iter().all(|number| check_one(number).is_ok_and(|rain| rain));
    let how_and_rain = (&how, rain);
    let StampsOutcome { passport, new } =
        check_in::record(app, &current, presented.holder, &to_stamp, how_and_rain, now).await?;
    for number in new.iter().filter(|number| proves_point_open(&current, staff, presented.holder, **number)) {
        hint_recording::record_stamp(app, &current, &passport, *number, now);
    }
    let own_stamp = |number: PointNumber| passport.stamp(number).is_some_and(|stamp| stamp.how == how);
    let points = numbers.into_iter().map(|number| (number, own_stamp(number))).collect();
    Ok(RecordedStamps { current, holder: presented.holder, passport, points, now })
}

/// Whether stamps of the passport were recorded with this nonce by another request: with other points, another day or of
/// another kind. One whose stamp was undone since counts as another one, so that a late retry does not stamp again.
fn is_reused(
    passport: &Passport,
    holder: Holder,
    (how, ink): (&StampSource, InkStamp),
    points: &[PointNumber],
) -> bool {
    let undone = passport.undone.iter().map(|undone| &undone.stamp);
    let mut own = passport.stamps.iter().chain(undone).filter(|stamp| stamp.how.is_same_write(how)).peekable();
    // Whether a resident's stamp is a rain stamp follows from the point.
    let is_other_kind = |rain: bool| matches!(holder, Holder::Paper(_)) && rain != ink.rain;
    own.peek().is_some()
        && (own.any(|stamp| stamp.how != *how || is_other_kind(stamp.rain) || !points.contains(&stamp.point))
            || points.iter().any(|point| passport.stamp(*point).is_none()))
}

/// Whether the new stamp shows that its point is in operation now. The ink on a card may be a week old, unless it is
/// recorded at the point itself.
fn proves_point_open(current: &CurrentCarnival, staff: &StaffSession, holder: Holder, point: PointNumber) -> bool {
    let is_own_point = || current.carnival.point(point).map(|point| Station::Point(point.id.clone())) == staff.place;
    matches!(holder, Holder::Resident(_)) || (staff.place.is_some() && is_own_point())
}

/// Checks one stamp; returns whether it is a rain stamp.
fn check_one(
    current: &CurrentCarnival,
    presented: &PresentedPassport,
    point: PointNumber,
    ink: InkStamp,
    now: Timestamp,
) -> std::result::Result<bool, Refusal> {
    match presented.holder {
        _ if presented.too_old => Err(CodeRefusal::OwnCodeTooOld.into()),
        Holder::Paper(_) => check_ink_stamp(&current.carnival, point, ink, now).map(|_| ink.rain),
        Holder::Resident(_) => {
            let attempt = CheckInAttempt { point, source: CodeSource::Manual, device_location: None };
            check_manual_check_in(&current.carnival, &attempt, ink, now).map(|admission| admission.rain)
        }
    }
}

/// Records whether a gift is on a booth's table. Organisers name the booth; a volunteer's booth comes from the session.
///
/// # Errors
/// A refusal for an unknown gift, a staff member without a booth, a gift of other booths.
pub async fn set_gift_available(
    app: &App,
    staff: &OnDuty<Volunteer>,
    gift: &GiftId,
    booth: Option<BoothId>,
    available: bool,
) -> Result<BoothId> {
    let current = app.current();
    let gift = current.carnival.gift_by_id(gift).ok_or(GiftRefusal::GiftUnknown)?;
    let booth = match (&staff.place, booth) {
        (Some(Station::Booth(own)), None) => own.clone(),
        (Some(Station::Booth(own)), Some(named)) if *own == named => named,
        (None, Some(named)) if current.carnival.booth(&named).is_some() => named,
        _ => return Err(AccessRefusal::BoothNeeded.into()),
    };
    if !gift.booths.is_empty() && !gift.booths.contains(&booth) {
        let booths = gift.booths.iter().map(|id| current.carnival.station_name(&Station::Booth(id.clone()))).collect();
        return Err(GiftRefusal::WrongBooth { gift: gift.name.clone(), booths }.into());
    }
    app.store.set_gift_available(gift.number, &booth, available).await?;
    Ok(booth)
}

/// Content of the tablet at a point.
pub struct DisplayCode {
    /// The code, and when it changes.
    pub code: ExpiringCode,
    /// Link that the tablet shows as a QR code.
    pub link: String,
    /// The server's time, so that a tablet with a wrong clock knows when to fetch the next code.
    pub now: Timestamp,
}

/// The display code of a point.
///
/// # Errors
/// A refusal for an unknown point, the point of another volunteer, a point without a display code.
pub fn display_code(app: &App, staff: &OnDuty<CodeDisplay>, point: &PointId) -> Result<DisplayCode> {
    let current = app.current();
    let point = current.carnival.point_by_id(point).ok_or(CarnivalRefusal::PointUnknown)?;
    staff.check_may_serve(&point.id, &current.carnival)?;
    if !point.codes.display {
        return Err(CodeRefusal::PrintedCodeNeeded { point: point.name.clone() }.into());
    }
    let now = app.now();
    let code = app.codes.display(point.number, now);
    let link = codes::link(&app.settings.public_url, &code.text);
    Ok(DisplayCode { code, link, now })
}

/// Totals of one staff session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// Stamps recorded by hand.
    pub stamps: u64,
    /// Redemptions, by gift.
    pub redeemed: BTreeMap<GiftNumber, u64>,
    /// Redemptions voided, by gift.
    pub voided: BTreeMap<GiftNumber, u64>,
}

/// Totals of the caller's session.
///
/// # Errors
/// Only when the store fails.
pub async fn shift(app: &App, staff: &OnDuty<Colleague>) -> Result<Shift> {
    let by = |gift: &Gift| {
        let (gift, by) = (gift.number, &staff.id);
        [Tally::RedemptionsBy(gift, by.clone()), Tally::VoidsBy(gift, by.clone())]
    };
    let mut names: Vec<Tally> = app.current().carnival.gifts.iter().flat_map(by).collect();
    names.push(Tally::StampsBy(staff.id.clone()));
    Ok(by_session(app.store.tallies_of(&names).await?).remove(&staff.id).unwrap_or_default())
}

/// Totals of all sessions.
///
/// # Errors
/// Only when the store fails.
pub async fn shifts(app: &App) -> Result<BTreeMap<SessionId, Shift>> {
    Ok(by_session(app.store.tallies(TallyPeriod::AllTime).await?))
}

fn by_session(tallies: BTreeMap<Tally, u64>) -> BTreeMap<SessionId, Shift> {
    let mut shifts: BTreeMap<SessionId, Shift> = BTreeMap::new();
    for (tally, count) in tallies {
        match tally {
            Tally::StampsBy(by) => shifts.entry(by).or_default().stamps = count,
            Tally::RedemptionsBy(gift, by) => drop(shifts.entry(by).or_default().redeemed.insert(gift, count)),
            Tally::VoidsBy(gift, by) => drop(shifts.entry(by).or_default().voided.insert(gift, count)),
            _ => {}
        }
    }
    shifts
}
