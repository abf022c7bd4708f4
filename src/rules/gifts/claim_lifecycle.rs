//! The life cycle of a claim: held, lapsed, redeemed, voided and held again.
//!
//! Each function takes the stored claim and returns its next state. The store writes it only if the claim has not
//! changed in between (optimistic concurrency), so two volunteers can never both succeed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::gift::next_pick_up;
use super::voucher::{RedemptionId, Voucher};
use crate::rules::carnival::{Carnival, Gift};
use crate::rules::ids::{Nonce, PassportNumber, SessionId};
use crate::rules::refusals::{GiftRefusal, PriorAction, Refusal};
use crate::rules::staff::StaffSession;
use crate::rules::staff::roles::{Role, Station};
use crate::rules::staff::staff_name::StaffName;

/// How long a volunteer can void their own redemption.
pub const VOID_WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// A gift set aside for a passport. There is one claim per gift and passport, and its voucher never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The voucher that the resident shows.
    pub voucher: Voucher,
    /// The passport that earned the gift; names no person.
    pub passport: PassportNumber,
    /// Time of the first claim.
    pub claimed_at: Timestamp,
    /// End of the hold.
    pub held_until: Timestamp,
    /// All redemptions in order; at most one is not voided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<Redemption>,
}

/// A hand-over of the gift, confirmed by a staff member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// Time of the hand-over.
    pub at: Timestamp,
    /// The staff member who confirmed it.
    pub by: StaffActor,
    /// The client's nonce for this write.
    pub nonce: Nonce,
    /// Set when the redemption was voided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided: Option<VoidRecord>,
}

/// The voiding of a redemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidRecord {
    /// Time of the voiding.
    pub at: Timestamp,
    /// The staff member who voided it.
    pub by: StaffActor,
    /// The reason, as typed.
    pub reason: String,
    /// The client's nonce for this write.
    pub nonce: Nonce,
}

/// The staff member who performed an action, with name and station at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffActor {
    /// Their staff session.
    pub session: SessionId,
    /// Their name, as typed.
    pub name: StaffName,
    /// Where they worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Station>,
}

impl From<&StaffSession> for StaffActor {
    fn from(session: &StaffSession) -> StaffActor {
        StaffActor { session: session.id.clone(), name: session.name.clone(), place: session.place.clone() }
    }
}

/// The status of a claim at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStatus<'a> {
    /// Set aside until `held_until`, inclusive (to the millisecond).
    Held,
    /// The hold is over and the gift may go to others. If some are left, the voucher can still be redeemed.
    Lapsed,
    /// Handed over.
    Redeemed(RedemptionId, &'a Redemption),
}

impl Claim {
    /// The status of the claim at this time.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ClaimStatus<'_> {
        match self.active_redemption() {
            Some((id, redemption)) => ClaimStatus::Redeemed(id, redemption),
            None if now <= self.held_until => ClaimStatus::Held,
            None => ClaimStatus::Lapsed,
        }
    }

    /// The redemption that is not voided, if any.
    #[must_use]
    pub fn active_redemption(&self) -> Option<(RedemptionId, &Redemption)> {
        self.redemptions_with_ids().find(|(_, redemption)| redemption.voided.is_none())
    }

    /// The redemption that was voided last. Redemptions are voided in order, because a new one requires that the
    /// previous one was voided.
    #[must_use]
    pub fn last_void(&self) -> Option<(RedemptionId, &Redemption)> {
        self.redemptions_with_ids().filter(|(_, redemption)| redemption.voided.is_some()).last()
    }

    /// All redemptions with their ids.
    pub fn redemptions_with_ids(&self) -> impl Iterator<Item = (RedemptionId, &Redemption)> {
        let voucher = self.voucher;
        (1..).zip(&self.redemptions).map(move |(nth, redemption)| (RedemptionId { voucher, nth }, redemption))
    }
}

/// The result of applying an action to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The claim already has the requested state; a retry gets the same answer as the first request.
    Unchanged(Claim),
    /// The claim changes.
    Changed {
        /// The claim to store.
        claim: Claim,
        /// Whether the change needs a gift that is neither held nor redeemed.
        needs_left: bool,
        /// What happened.
        event: ClaimEvent,
    },
}

/// A change of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ClaimEvent {
    /// Set aside for the first time.
    Claimed,
    /// Set aside again after a lapse.
    Renewed,
    /// Given up by the resident.
    Released,
    /// Handed over.
    Redeemed,
    /// The redemption was voided.
    Voided,
    /// Erased with its passport before a redemption.
    Erased,
}

/// The end of the hold of a claim made now: after the gift's hold time, or at the end of the day.
///
/// Both count from the next pick-up. Otherwise a claim after today's last pick-up hour would lapse overnight.
#[must_use]
pub fn hold_until(carnival: &Carnival, gift: &Gift, now: Timestamp) -> Timestamp {
    let start = next_pick_up(carnival, gift, now).unwrap_or(now);
    let end = match gift.hold_minutes {
        // In elapsed time: with local time, a clock change could end the hold before it begins.
        Some(minutes) => start.checked_add(SignedDuration::from_mins(i64::from(minutes))),
        None => next_day(carnival, start).and_then(|next| next.checked_sub(SignedDuration::from_millis(1))),
    };
    end.unwrap_or(start)
}

/// The start of the local day after this time.
fn next_day(carnival: &Carnival, at: Timestamp) -> Result<Timestamp, jiff::Error> {
    let tomorrow = carnival.local(at).date().tomorrow()?;
    Ok(tomorrow.to_zoned(carnival.time_zone.clone())?.timestamp())
}

/// Sets the gift aside for a passport that earned it. `new_voucher` is used if there is no claim yet.
///
/// # Errors
/// A refusal if the gift was already redeemed.
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
            // The passport that first earned it may have been erased since.
            let claim = Claim { passport: passport.clone(), held_until: until, ..stored.clone() };
            Ok(Transition::Changed { claim, needs_left: true, event: ClaimEvent::Renewed })
        }
        ClaimStatus::Redeemed(id, redemption) => Err(already_redeemed(carnival, id, redemption, None)),
    }
}

/// Ends the hold now, at the resident's request.
///
/// # Errors
/// A refusal if the gift was already redeemed.
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

/// Records that a volunteer handed the gift over.
///
/// # Errors
/// A refusal if it was already redeemed, or if this redemption was voided since.
pub fn redeem(
    stored: &Claim,
    by: StaffActor,
    nonce: Nonce,
    now: Timestamp,
    carnival: &Carnival,
) -> Result<Transition, Refusal> {
    // Nonces are compared within a session. Otherwise two tablets that both count their nonces from 1 would look like
    // retries, and both would hand the gift over.
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

/// A request to void a redemption.
#[derive(Clone, Debug)]
pub struct VoidRequest {
    /// The staff member.
    pub by: StaffActor,
    /// Their role. Organisers may void any redemption at any time.
    pub role: Role,
    /// The reason, as typed.
    pub reason: String,
    /// The client's nonce for this write.
    pub nonce: Nonce,
}

/// Voids a redemption: the gift is set aside again for a full hold time.
///
/// # Errors
/// A refusal if the redemption does not exist, was already voided, belongs to another volunteer, or is too old.
pub fn void(
    stored: &Claim,
    id: RedemptionId,
    request: VoidRequest,
    now: Timestamp,
    until: Timestamp,
    carnival: &Carnival,
) -> Result<Transition, Refusal> {
    let mut claim = stored.clone();
    let index = usize::from(id.nth).checked_sub(1).filter(|_| id.voucher == stored.voucher);
    let named = index.and_then(|index| claim.redemptions.get_mut(index));
    let redemption = named.ok_or(GiftRefusal::RedemptionUnknown)?;
    if let Some(voided) = &redemption.voided {
        if voided.nonce == request.nonce && voided.by.session == request.by.session {
            return Ok(Transition::Unchanged(claim));
        }
        return Err(already_voided(carnival, id, voided, Some(&request.by.session)));
    }
    if request.role != Role::Organiser {
        if redemption.by.session != request.by.session {
            return Err(GiftRefusal::NotYourRedemption { by: redemption.by.name.clone() }.into());
        }
        if now.duration_since(redemption.at) > VOID_WINDOW {
            return Err(GiftRefusal::TooLateToVoid { redeemed_at: carnival.zoned(redemption.at) }.into());
        }
    }
    redemption.voided = Some(VoidRecord { at: now, by: request.by, reason: request.reason, nonce: request.nonce });
    claim.held_until = until;
    Ok(Transition::Changed { claim, needs_left: false, event: ClaimEvent::Voided })
}

/// What remains of a redeemed claim after its holder is erased: that a claimant (a keyed hash) received the gift, on
/// which day, where and from whom. Voucher, passport number, session and nonce are replaced, so that neither the log
/// records of the claim nor its passport can be found.
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

/// The refusal for a gift that was already redeemed; `you` is the session of the requester.
#[must_use]
pub fn already_redeemed(
    carnival: &Carnival,
    id: RedemptionId,
    redemption: &Redemption,
    you: Option<&SessionId>,
) -> Refusal {
    GiftRefusal::AlreadyRedeemed { done: Box::new(prior_action(carnival, id, redemption.at, &redemption.by, you)) }
        .into()
}

/// The redemption of a claim that is not voided, for a refusal; `you` is the session of the requester.
#[must_use]
pub fn prior_redemption(carnival: &Carnival, claim: &Claim, you: &SessionId) -> Option<PriorAction> {
    let (id, redemption) = claim.active_redemption()?;
    Some(prior_action(carnival, id, redemption.at, &redemption.by, Some(you)))
}

fn already_voided(carnival: &Carnival, id: RedemptionId, voided: &VoidRecord, you: Option<&SessionId>) -> Refusal {
    GiftRefusal::Voided { done: Box::new(prior_action(carnival, id, voided.at, &voided.by, you)) }.into()
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
