//! Staff undo a stamp that was recorded by hand.
//!
//! First what only this stamp unlocked is released, then the stamp goes, then the claims are read again: a claim that
//! was made in between is released too, and a hand-over in between puts the stamp back. A claim in progress reads the
//! passport again after it was written (`ClaimUpdate::withdraw`), so one of the two sees the other.

use std::sync::Arc;

use crate::actions::app::{App, Error, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::gifts::claim::{self, MAX_ATTEMPTS, contention, drop_unless_redeemed};
use crate::actions::gifts::redeem::read_presented;
use crate::actions::staff::OnDuty;
use crate::actions::statistics::hint_recording::record_refusal;
use crate::rules::carnival::{Gift, Point};
use crate::rules::check_ins::passport::{Passport, Stamp};
use crate::rules::check_ins::stamp_undo::{UndoDecision, UndoRequest, decide, gifts_lost};
use crate::rules::gifts::claim_lifecycle::{StaffActor, prior_redemption};
use crate::rules::ids::{Holder, Nonce, PointId};
use crate::rules::refusals::{CarnivalRefusal, CheckInRefusal};
use crate::rules::statistics::stamp_tallies::tally_changes;
use crate::store::record::{StampUndoEntry, StampUndoEvent};
use crate::store::{PassportChange, PassportOutcome};
use crate::tokens::Volunteer;

/// A passport with an undone stamp.
#[derive(Clone, Debug)]
pub struct StampUndoResult {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// The point of the stamp.
    pub point: Point,
    /// The passport without the stamp.
    pub passport: Passport,
    /// The gifts that the passport had earned with the stamp only.
    pub lost: Vec<Gift>,
}

/// Undoes the stamp of a point in the passport of a code. A repeated request gets the same answer.
///
/// # Errors
/// A refusal: no such stamp, not by hand, another person's, too late, or a gift that it unlocked was handed over.
pub async fn undo_stamp(
    app: &App,
    staff: &OnDuty<Volunteer>,
    code: &str,
    point: &PointId,
    reason: &str,
    nonce: &Nonce,
) -> Result<StampUndoResult> {
    let undone = async {
        let (current, now) = (app.current(), app.now());
        let holder = read_presented(app, code, now)?.unexpired_holder()?;
        let point = current.carnival.point_by_id(point).ok_or(CarnivalRefusal::PointUnknown)?.clone();
        let (session, role) = (&staff.id, staff.role);
        let request = UndoRequest { point: point.number, session, role, nonce, now };
        let undo = StampUndo { app, current: &current, holder, point: &point, request, staff, reason };
        let (passport, stamp) = undo.undo().await?;
        let lost = gifts_lost(&current.carnival, &passport, &stamp).into_iter().cloned().collect();
        Ok(StampUndoResult { passport, lost, point, current: Arc::clone(&current) })
    };
    record_refusal(app, None, undone.await)
}

struct StampUndo<'a> {
    app: &'a App,
    current: &'a Arc<CurrentCarnival>,
    holder: Holder,
    point: &'a Point,
    request: UndoRequest<'a>,
    staff: &'a OnDuty<Volunteer>,
    reason: &'a str,
}

impl StampUndo<'_> {
    async fn undo(&self) -> Result<(Passport, Stamp)> {
        for _ in 0..MAX_ATTEMPTS {
            let unknown = || CheckInRefusal::StampUnknown { point: self.point.name.clone() };
            let passport = self.app.store.passport(self.holder).await?.ok_or_else(unknown)?;
            let (stamp, without) = match decide(&self.current.carnival, &passport, &self.request)? {
                UndoDecision::Repeated(stamp) => (stamp, passport),
                UndoDecision::Undone(stamp, without) => {
                    self.release_lost(&without, &stamp).await?;
                    if !self.change(&passport, &without, &stamp, StampUndoEvent::Undone).await? {
                        continue;
                    }
                    (stamp, without)
                }
            };
            // Also for a repeated request, because the first attempt may have stopped before this.
            if let Err(refusal) = self.release_lost(&without, &stamp).await {
                if matches!(refusal, Error::Refused(_)) {
                    self.restore(&stamp).await?;
                }
                return Err(refusal);
            }
            return Ok((without, stamp));
        }
        Err(contention())
    }

    /// Releases the claims of the gifts that the passport does not earn without the stamp.
    ///
    /// # Errors
    /// A refusal if one was handed over.
    async fn release_lost(&self, without: &Passport, stamp: &Stamp) -> Result<()> {
        let carnival = &self.current.carnival;
        let lost = gifts_lost(carnival, without, stamp);
        for stored in claim::list_stored(self.app, self.current, self.holder).await? {
            let Some(gift) = lost.iter().find(|gift| gift.number == stored.claim.voucher.gift()) else { continue };
            let Some(redeemed) = drop_unless_redeemed(self.app, stored).await? else { continue };
            if let Some(done) = prior_redemption(carnival, &redeemed.claim, &self.staff.id) {
                let (point, gift) = (self.point.name.clone(), gift.name.clone());
                return Err(CheckInRefusal::StampUsed { point, gift, done: Box::new(done) }.into());
            }
        }
        Ok(())
    }

    async fn restore(&self, stamp: &Stamp) -> Result<()> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(passport) = self.app.store.passport(self.holder).await? else { return Ok(()) };
            // Undone no more, or stamped again.
            let is_undone = passport.undone.iter().any(|undone| undone.stamp == *stamp);
            if !is_undone || passport.stamp(stamp.point).is_some() {
                return Ok(());
            }
            if self.change(&passport, &passport.restored(stamp), stamp, StampUndoEvent::Restored).await? {
                return Ok(());
            }
        }
        Err(contention())
    }

    /// Replaces the passport, with its log entry and counters. Returns whether it still was the same.
    async fn change(&self, before: &Passport, after: &Passport, stamp: &Stamp, event: StampUndoEvent) -> Result<bool> {
        let entry = StampUndoEntry {
            at: self.request.now,
            event,
            passport: before.number.clone(),
            stamp: stamp.clone(),
            by: StaffActor::from(&**self.staff),
            reason: self.reason.to_owned(),
        };
        let (before, after) = (before.clone(), after.clone());
        let tallies = tally_changes(&self.current.carnival, &before, &after);
        let change = PassportChange { holder: self.holder, before, after, entry, tallies };
        let outcome = self.app.store.change_passport(&change).await?;
        if outcome == PassportOutcome::Changed {
            self.app.closed_days.forget().await;
        }
        Ok(outcome == PassportOutcome::Changed)
    }
}
