//! The life of a claim: held, lapsed, redeemed; voided and held again.
//!
//! Every step takes the claim as it is kept and gives back what it should become. The store keeps
//! it only if nothing changed in between, so two volunteers can never both succeed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::carnival::{Carnival, Gift};
use super::gift::next_pick_up;
use super::ids::{Nonce, PassportNumber, SessionId};
use super::refusal::{PriorAction, Refusal};
use super::roles::{Role, StaffName, Station};
use super::staff::StaffSession;
use super::voucher::{RedemptionId, Voucher};

/// How long a volunteer can undo her own redemption.
pub const VOID_WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// A gift set aside for a passport. There is one per gift and passport, with one voucher for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What the resident shows.
    pub voucher: Voucher,
    /// Whose stamps earned it; names no person.
    pub passport: PassportNumber,
    /// When it was first claimed.
    pub claimed_at: Timestamp,
    /// Until when the gift is set aside.
    pub held_until: Timestamp,
    /// Every confirmation, in order; at most one is not voided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<Redemption>,
}

/// A volunteer handed the gift over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// When.
    pub at: Timestamp,
    /// Who confirmed it.
    pub by: StaffActor,
    /// The client's name for this write.
    pub nonce: Nonce,
    /// Set when it was undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided: Option<VoidRecord>,
}

/// A redemption was undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidRecord {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffActor,
    /// Why, in her own words.
    pub reason: String,
    /// The client's name for this write.
    pub nonce: Nonce,
}

/// The staff member who did something, as she was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffActor {
    /// Her session.
    pub session: SessionId,
    /// What she calls herself.
    pub name: StaffName,
    /// Where she worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Station>,
}

impl From<&StaffSession> for StaffActor {
    fn from(session: &StaffSession) -> StaffActor {
        StaffActor { session: session.id.clone(), name: session.name.clone(), place: session.place.clone() }
    }
}

/// What a claim is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStatus<'a> {
    /// Set aside until then; the last millisecond counts.
    Held,
    /// The time is over and the gift may go to others; scanned while some remain, it is still redeemed.
    Lapsed,
    /// Handed over.
    Redeemed(RedemptionId, &'a Redemption),
}

impl Claim {
    /// What the claim is now.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ClaimStatus<'_> {
        match self.active_redemption() {
            Some((id, redemption)) => ClaimStatus::Redeemed(id, redemption),
            None if now <= self.held_until => ClaimStatus::Held,
            None => ClaimStatus::Lapsed,
        }
    }

    /// The confirmation that was not undone, if there is one.
    #[must_use]
    pub fn active_redemption(&self) -> Option<(RedemptionId, &Redemption)> {
        self.redemptions_with_ids().find(|(_, redemption)| redemption.voided.is_none())
    }

    /// The confirmation that was undone last: a new one follows only once the one before was undone.
    #[must_use]
    pub fn last_void(&self) -> Option<(RedemptionId, &Redemption)> {
        self.redemptions_with_ids().filter(|(_, redemption)| redemption.voided.is_some()).last()
    }

    /// Every confirmation with its id.
    pub fn redemptions_with_ids(&self) -> impl Iterator<Item = (RedemptionId, &Redemption)> {
        let voucher = self.voucher;
        (1..).zip(&self.redemptions).map(move |(nth, redemption)| (RedemptionId { voucher, nth }, redemption))
    }
}

/// What a step makes of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// It already is as it should be: the answer is the same as the first time.
    Unchanged(Claim),
    /// It becomes this.
    Changed {
        /// The claim as it should be kept.
        claim: Claim,
        /// Whether one gift must be left that nobody holds.
        needs_left: bool,
        /// What happened.
        event: ClaimEvent,
    },
}

/// What happened to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimEvent {
    /// Set aside for the first time.
    Claimed,
    /// Set aside again after it had lapsed.
    Renewed,
    /// Given back by the resident.
    Released,
    /// Handed over.
    Redeemed,
    /// Undone.
    Voided,
    /// Erased with its passport, before it was handed over.
    Erased,
}

/// Until when a claim made now is held: for the gift's own hold time, or until the end of the day.
///
/// Both begin when the gift can be fetched next: who claims after today's last hour of pick-up
/// would otherwise hold a gift that lapses overnight.
#[must_use]
pub fn hold_until(carnival: &Carnival, gift: &Gift, now: Timestamp) -> Timestamp {
    let start = next_pick_up(carnival, gift, now).unwrap_or(now);
    let end = match gift.hold_minutes {
        // In elapsed time: clocks that go back would make the hold end before it begins.
        Some(minutes) => start.checked_add(SignedDuration::from_mins(i64::from(minutes))),
        None => next_day(carnival, start).and_then(|next| next.checked_sub(SignedDuration::from_millis(1))),
    };
    end.unwrap_or(start)
}

/// When the day after this moment begins.
fn next_day(carnival: &Carnival, at: Timestamp) -> Result<Timestamp, jiff::Error> {
    let tomorrow = carnival.local(at).date().tomorrow()?;
    Ok(tomorrow.to_zoned(carnival.time_zone.clone())?.timestamp())
}

/// A passport that earned the gift sets it aside. `new_voucher` is the voucher to use if there is none yet.
///
/// # Errors
/// A refusal when the gift was already handed over.
pub fn claim(
    stored: Option<&Claim>,
    new_voucher: Voucher,
    passport: &PassportNumber,
    now: Timestamp,
    until: Timestamp,
    carnival: &Carnival,
) -> Result<Transition, Refusal> {
    let Some(stored) = stored else {
        let claim = Claim {
            voucher: new_voucher,
            passport: passport.clone(),
            claimed_at: now,
            held_until: until,
            redemptions: vec![],
        };
        return Ok(Transition::Changed { claim, needs_left: true, event: ClaimEvent::Claimed });
    };
    match stored.state(now) {
        ClaimStatus::Held => Ok(Transition::Unchanged(stored.clone())),
        ClaimStatus::Lapsed => {
            // The passport that earned it first may have been erased since.
            let claim = Claim { passport: passport.clone(), held_until: until, ..stored.clone() };
            Ok(Transition::Changed { claim, needs_left: true, event: ClaimEvent::Renewed })
        }
        ClaimStatus::Redeemed(id, redemption) => Err(already_redeemed(carnival, id, redemption, None)),
    }
}

/// The resident gives the gift back: the hold ends now.
///
/// # Errors
/// A refusal when the gift was already handed over.
pub fn release(stored: &Claim, now: Timestamp, carnival: &Carnival) -> Result<Transition, Refusal> {
    match stored.state(now) {
        ClaimStatus::Held => {
            let ended = now - SignedDuration::from_millis(1);
            let claim = Claim { held_until: ended, ..stored.clone() };
            Ok(Transition::Changed { claim, needs_left: false, event: ClaimEvent::Released })
        }
        ClaimStatus::Lapsed => Ok(Transition::Unchanged(stored.clone())),
        ClaimStatus::Redeemed(id, redemption) => Err(already_redeemed(carnival, id, redemption, None)),
    }
}

/// A volunteer hands the gift over.
///
/// # Errors
/// A refusal when it was already handed over, or when this very confirmation was undone since.
pub fn redeem(
    stored: &Claim,
    by: StaffActor,
    nonce: Nonce,
    now: Timestamp,
    carnival: &Carnival,
) -> Result<Transition, Refusal> {
    // Only her own nonce: tablets that count theirs from one must not both hand the gift over.
    let same = |redemption: &Redemption| redemption.nonce == nonce && redemption.by.session == by.session;
    if let Some((id, same)) = stored.redemptions_with_ids().find(|(_, redemption)| same(redemption)) {
        return match &same.voided {
            None => Ok(Transition::Unchanged(stored.clone())),
            Some(voided) => Err(already_voided(carnival, id, voided, Some(&by.session))),
        };
    }
    let needs_left = match stored.state(now) {
        ClaimStatus::Held => false,
        ClaimStatus::Lapsed => true,
        ClaimStatus::Redeemed(id, redemption) => {
            return Err(already_redeemed(carnival, id, redemption, Some(&by.session)));
        }
    };
    let mut claim = stored.clone();
    claim.redemptions.push(Redemption { at: now, by, nonce, voided: None });
    Ok(Transition::Changed { claim, needs_left, event: ClaimEvent::Redeemed })
}

/// Who undoes a redemption, and why.
#[derive(Clone, Debug)]
pub struct VoidRequest {
    /// Who.
    pub by: StaffActor,
    /// Organisers may undo any redemption at any time.
    pub role: Role,
    /// Why, in her own words.
    pub reason: String,
    /// The client's name for this write.
    pub nonce: Nonce,
}

/// A redemption is undone: the gift is set aside again for a full hold time.
///
/// # Errors
/// A refusal when there is no such redemption, when it was already undone, when it is another
/// volunteer's, or when it is too late.
pub fn void(
    stored: &Claim,
    id: RedemptionId,
    undo: VoidRequest,
    now: Timestamp,
    until: Timestamp,
    carnival: &Carnival,
) -> Result<Transition, Refusal> {
    let mut claim = stored.clone();
    let index = usize::from(id.nth).checked_sub(1).filter(|_| id.voucher == stored.voucher);
    let named = index.and_then(|index| claim.redemptions.get_mut(index));
    let redemption = named.ok_or(Refusal::RedemptionUnknown)?;
    if let Some(voided) = &redemption.voided {
        if voided.nonce == undo.nonce && voided.by.session == undo.by.session {
            return Ok(Transition::Unchanged(claim));
        }
        return Err(already_voided(carnival, id, voided, Some(&undo.by.session)));
    }
    if undo.role == Role::Volunteer {
        if redemption.by.session != undo.by.session {
            return Err(Refusal::NotYourRedemption { by: redemption.by.name.clone() });
        }
        if now.duration_since(redemption.at) > VOID_WINDOW {
            return Err(Refusal::TooLateToVoid { redeemed_at: carnival.zoned(redemption.at) });
        }
    }
    redemption.voided = Some(VoidRecord { at: now, by: undo.by, reason: undo.reason, nonce: undo.nonce });
    claim.held_until = until;
    Ok(Transition::Changed { claim, needs_left: false, event: ClaimEvent::Voided })
}

/// What stays of a claim that was handed over when its bearer is erased: that somebody with this keyed
/// hash had the gift, on which day, where and from whom; and nothing by which the claim's facts, or the
/// passport that earned it, could be found.
#[must_use]
pub fn anonymised(stored: &Claim, new_voucher: Voucher, carnival: &Carnival) -> Claim {
    let day = |at: Timestamp| carnival.zoned(at).start_of_day().map_or(at, |day| day.timestamp());
    let redemption = stored.active_redemption().map(|(_, redemption)| Redemption {
        at: day(redemption.at),
        by: StaffActor { session: SessionId::from_bytes([0; 16]), ..redemption.by.clone() },
        nonce: Nonce::anonymous(),
        voided: None,
    });
    Claim {
        voucher: new_voucher,
        passport: PassportNumber::from_bytes([0; 13]),
        claimed_at: day(stored.claimed_at),
        held_until: day(stored.held_until),
        redemptions: redemption.into_iter().collect(),
    }
}

/// That a gift was already handed over; `you` is who asks.
#[must_use]
pub fn already_redeemed(
    carnival: &Carnival,
    id: RedemptionId,
    redemption: &Redemption,
    you: Option<&SessionId>,
) -> Refusal {
    Refusal::AlreadyRedeemed(Box::new(prior_action(carnival, id, redemption.at, &redemption.by, you)))
}

fn already_voided(carnival: &Carnival, id: RedemptionId, voided: &VoidRecord, you: Option<&SessionId>) -> Refusal {
    Refusal::Voided(Box::new(prior_action(carnival, id, voided.at, &voided.by, you)))
}

fn prior_action(
    carnival: &Carnival,
    redemption: RedemptionId,
    at: Timestamp,
    by: &StaffActor,
    you: Option<&SessionId>,
) -> PriorAction {
    PriorAction {
        redemption: redemption.into(),
        at: carnival.zoned(at),
        place: by.place.as_ref().map(|place| carnival.station_name(place)),
        by: by.name.clone(),
        by_you: you == Some(&by.session),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
