//! Undoing a stamp that was recorded by hand: by the same staff session for fifteen minutes, or by an organiser.
//!
//! A gift that only this stamp unlocked must not have been handed over; what is held of it is released.

use jiff::Timestamp;

use super::passport::{Passport, PassportProgress, Stamp, StampSource, StampUndo, UndoneStamp};
use crate::rules::carnival::{Carnival, Gift};
use crate::rules::gifts::claim_lifecycle::VOID_WINDOW;
use crate::rules::ids::{Nonce, PointNumber, SessionId};
use crate::rules::refusals::{AccessRefusal, CheckInRefusal, Refusal};
use crate::rules::staff::roles::Role;

/// A request to undo a stamp.
#[derive(Clone, Copy, Debug)]
pub struct UndoRequest<'a> {
    /// The point of the stamp.
    pub point: PointNumber,
    /// The staff session that asks.
    pub session: &'a SessionId,
    /// Its role. Organisers may undo every stamp by hand at any time.
    pub role: Role,
    /// The client's nonce for this write.
    pub nonce: &'a Nonce,
    /// When.
    pub now: Timestamp,
}

/// What becomes of the passport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoDecision {
    /// This request has undone the stamp before.
    Repeated(Stamp),
    /// The stamp is undone; the passport afterwards.
    Undone(Stamp, Passport),
}

/// Decides whether the stamp of a point is undone.
///
/// # Errors
/// A refusal if there is no such stamp, it was not recorded by hand, or somebody else must undo it.
pub fn decide(carnival: &Carnival, passport: &Passport, request: &UndoRequest<'_>) -> Result<UndoDecision, Refusal> {
    let UndoRequest { point, session, role, nonce, now } = *request;
    let has_nonce = |undone: &&UndoneStamp| undone.undo.session == *session && undone.undo.nonce == *nonce;
    match passport.undone.iter().find(has_nonce) {
        Some(undone) if undone.stamp.point == point => return Ok(UndoDecision::Repeated(undone.stamp.clone())),
        Some(_) => return Err(AccessRefusal::NonceReused.into()),
        None => {}
    }
    let name = || carnival.point(point).map(|point| point.name.clone()).unwrap_or_default();
    let stamp = passport.stamp(point).ok_or_else(|| CheckInRefusal::StampUnknown { point: name() })?;
    let StampSource::Hand { session: recorder, .. } = &stamp.how else {
        return Err(CheckInRefusal::StampNotByHand { point: name() }.into());
    };
    if role != Role::Organiser {
        if recorder != session {
            return Err(CheckInRefusal::NotYourStamp { point: name() }.into());
        }
        if now.duration_since(stamp.at) > VOID_WINDOW {
            let stamped_at = Box::new(carnival.zoned(stamp.at));
            return Err(CheckInRefusal::TooLateToUndo { point: name(), stamped_at }.into());
        }
    }
    let undo = StampUndo { at: now, session: session.clone(), nonce: nonce.clone() };
    Ok(UndoDecision::Undone(stamp.clone(), passport.without(point, &undo)))
}

/// The gifts that a passport earned with a stamp, and does not earn without it.
#[must_use]
pub fn gifts_lost<'a>(carnival: &'a Carnival, without: &Passport, stamp: &Stamp) -> Vec<&'a Gift> {
    let with = without.stamps.iter().chain([stamp]);
    let (with, without) = (PassportProgress::of(carnival, with), PassportProgress::of(carnival, &without.stamps));
    let is_lost = |gift: &&Gift| with.for_gift(gift).is_earned() && !without.for_gift(gift).is_earned();
    carnival.gifts.iter().filter(is_lost).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::samples::{at, carnival, passport, point_number, the};

    fn by_hand(points: &[u64], session: &str) -> Passport {
        let mut passport = passport(points);
        for stamp in &mut passport.stamps {
            stamp.at = at("2023-04-14T10:00");
            stamp.how = StampSource::Hand { session: the(session), nonce: the("stamps-1"), day: None };
        }
        passport
    }

    const WANG: &str = "0000000000000001";
    const LI: &str = "0000000000000002";

    fn undo(
        passport: &Passport,
        point: u64,
        session: &str,
        role: Role,
        now: &str,
    ) -> Result<UndoDecision, &'static str> {
        let (session, nonce) = (the(session), the("undo-0001"));
        let request = UndoRequest { point: point_number(point), session: &session, role, nonce: &nonce, now: at(now) };
        decide(&carnival(), passport, &request).map_err(|refusal| refusal.code())
    }

    #[test]
    fn the_same_session_may_undo_for_fifteen_minutes_and_an_organiser_always() {
        let passport = by_hand(&[1, 2], WANG);
        let of = |session, role, now| undo(&passport, 2, session, role, now).map(|_| ());
        assert_eq!(of(WANG, Role::Volunteer, "2023-04-14T10:15"), Ok(()));
        assert_eq!(of(WANG, Role::Volunteer, "2023-04-14T10:15:01"), Err("too_late_to_undo"));
        assert_eq!(of(LI, Role::Volunteer, "2023-04-14T10:05"), Err("not_your_stamp"));
        assert_eq!(of(LI, Role::Organiser, "2023-04-20T10:05"), Ok(()));
        assert_eq!(undo(&passport, 3, WANG, Role::Organiser, "2023-04-14T10:05"), Err("stamp_unknown"));
        let scanned = crate::rules::samples::passport(&[1]);
        assert_eq!(undo(&scanned, 1, LI, Role::Organiser, "2023-04-14T10:05"), Err("stamp_not_by_hand"));
    }

    #[test]
    fn the_same_nonce_undoes_once_and_another_stamp_of_the_point_may_follow() {
        let passport = by_hand(&[1, 2, 3], WANG);
        let Ok(UndoDecision::Undone(stamp, after)) = undo(&passport, 2, WANG, Role::Volunteer, "2023-04-14T10:01")
        else {
            unreachable!()
        };
        assert_eq!(after.stamps.iter().map(|stamp| stamp.nth).collect::<Vec<_>>(), [1, 3]);
        assert_eq!((stamp.nth, after.next_ordinal()), (2, 4));
        let again = undo(&after, 2, WANG, Role::Volunteer, "2023-04-14T10:30");
        assert_eq!(again, Ok(UndoDecision::Repeated(stamp.clone())));
        assert_eq!(undo(&after, 3, WANG, Role::Volunteer, "2023-04-14T10:02"), Err("nonce_reused"));
        assert_eq!(after.restored(&stamp), passport);
        let last = by_hand(&[1], WANG);
        let Ok(UndoDecision::Undone(_, empty)) = undo(&last, 1, WANG, Role::Volunteer, "2023-04-14T10:01") else {
            unreachable!()
        };
        assert_eq!((empty.stamps.len(), empty.next_ordinal()), (0, 2), "an ordinal is never used again");
    }

    #[test]
    fn only_gifts_that_need_the_stamp_are_lost() {
        let names = |points: &[u64], undone: u64| {
            let passport = by_hand(points, WANG);
            let stamp = passport.stamp(point_number(undone)).cloned();
            let carnival = carnival();
            let nonce = the("undo-0001");
            let undo = StampUndo { at: at("2023-04-14T10:01"), session: the(WANG), nonce };
            let without = passport.without(point_number(undone), &undo);
            stamp.map(|stamp| gifts_lost(&carnival, &without, &stamp).len())
        };
        assert_eq!(names(&[1, 2, 3, 4], 4), Some(2), "a stamp of `live`, and four of any route");
        assert_eq!(names(&[1, 2, 3], 3), Some(1), "a route");
        assert_eq!(names(&[1], 1), Some(0));
    }
}
