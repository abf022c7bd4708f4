//! Invitations: creating one or a whole roster of them, and changing one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::OnDuty;
use crate::actions::app::{App, Result};
use crate::rules::ids::{InvitationId, Nonce, SessionId};
use crate::rules::refusals::{AccessRefusal, StaffRefusal};
use crate::rules::staff::invitation_terms::{InvitationTerms, USES_RANGE};
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::RecordKind;
use crate::store::control_records::{self, Existing, MAX_ATTEMPTS, StoredValue, changes_to, contended};
use crate::tokens::Organiser;
use crate::tokens::codes::{NewInvitation, link};

/// An invitation with its link, of which no copy is stored.
#[derive(Clone, Debug)]
pub struct InvitationLink {
    /// The stored invitation.
    pub invitation: Invitation,
    /// The link to send.
    pub link: String,
}

/// Creates an invitation. With a nonce of an organiser, a repeated request returns the same link and creates no second
/// invitation.
///
/// # Errors
/// A refusal when the nonce comes again with other terms.
pub async fn invite(
    app: &App,
    terms: InvitationTerms,
    nonce: Option<(&OnDuty<Organiser>, &Nonce)>,
) -> Result<InvitationLink> {
    let mut links = invite_all(app, vec![terms], nonce).await?;
    links.pop().ok_or(StaffRefusal::StaffUnknown.into())
}

/// Creates an invitation for each line of a roster, all in one step; otherwise like [`invite`].
///
/// # Errors
/// As [`invite`].
pub async fn invite_all(
    app: &App,
    terms: Vec<InvitationTerms>,
    nonce: Option<(&OnDuty<Organiser>, &Nonce)>,
) -> Result<Vec<InvitationLink>> {
    let mut offers = Vec::with_capacity(terms.len());
    for (line, terms) in (0..).zip(&terms) {
        let code = match nonce {
            Some((organiser, nonce)) => app.codes.invitation_for_nonce(&organiser.id, nonce, line),
            None => app.codes.invitation()?,
        };
        offers.push((terms.offered(code.id.clone(), app.now()), code));
    }
    let new: BTreeMap<InvitationId, Invitation> =
        offers.iter().map(|(invitation, _)| (invitation.id.clone(), invitation.clone())).collect();
    let stored = store_once(app, &new).await?;
    let mut links = Vec::with_capacity(offers.len());
    for ((offered, NewInvitation { text, .. }), terms) in offers.into_iter().zip(&terms) {
        let invitation = stored.get(&offered.id).cloned().unwrap_or(offered);
        if !is_offer_of(&invitation, terms) {
            return Err(AccessRefusal::NonceReused.into());
        }
        links.push(InvitationLink { invitation, link: link(&app.settings.public_url, &text) });
    }
    Ok(links)
}

/// Stores those that are new, if none of them exists; returns the stored ones.
async fn store_once(app: &App, new: &BTreeMap<InvitationId, Invitation>) -> Result<BTreeMap<InvitationId, Invitation>> {
    let store = app.store.as_ref();
    for _ in 0..MAX_ATTEMPTS {
        let stored = store.records(RecordKind::Invitation).await?;
        let mut existing = BTreeMap::new();
        for record in stored.iter().filter(|record| record.key.parse().is_ok_and(|id| new.contains_key(&id))) {
            let invitation: Invitation = record.decode()?;
            existing.insert(invitation.id.clone(), invitation);
        }
        if !existing.is_empty() {
            return Ok(existing);
        }
        if store.change_records(&changes_to(&stored, new, Existing::Kept)?).await? {
            return Ok(new.clone());
        }
    }
    Err(contended().into())
}

/// Whether a stored invitation was made for these terms. A usual end follows the clock, so it is not compared.
fn is_offer_of(stored: &Invitation, terms: &InvitationTerms) -> bool {
    let Invitation { role, place, uses, until, approval, roster, .. } = stored;
    (*role, place, *uses, *approval, roster) == (terms.role, &terms.place, terms.uses, terms.approval, &terms.roster)
        && (!terms.fixed_until || *until == terms.until)
}

/// New terms of an invitation; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangedTerms {
    /// The end of its validity.
    pub until: Option<Timestamp>,
    /// How many devices it admits.
    pub uses: Option<u16>,
    /// Whether new devices wait for an organiser.
    pub approval: Option<bool>,
    /// Admits no further device.
    pub closed: bool,
}

/// Changes an invitation: renews it, admits more devices, or closes it to further ones. Sessions that run end with it, and
/// are not made longer.
///
/// # Errors
/// A refusal if there is no such invitation, if it was ended, or for a number of devices out of range.
pub async fn change(app: &App, id: &InvitationId, terms: ChangedTerms) -> Result<Invitation> {
    if terms.uses.is_some_and(|uses| !USES_RANGE.contains(&uses)) {
        return Err(StaffRefusal::UsesOutOfRange { most: *USES_RANGE.end() }.into());
    }
    for _ in 0..MAX_ATTEMPTS {
        let stored = StoredValue::<Invitation>::read(app.store.as_ref(), id).await?;
        let stored = stored.ok_or(StaffRefusal::StaffUnknown)?;
        let before = &stored.value;
        if before.ended.is_some() {
            return Err(StaffRefusal::InvitationEnded.into());
        }
        let uses = if terms.closed { before.taken } else { terms.uses.unwrap_or(before.uses) };
        let until = terms.until.unwrap_or(before.until);
        let approval = terms.approval.unwrap_or(before.approval);
        let after = Invitation { uses, until, approval, ..before.clone() };
        let mut changes = vec![stored.replaced_by(&after)?];
        if until < before.until {
            for session in running_sessions(app, id).await?.into_iter().filter(|stored| stored.value.until > until) {
                changes.push(session.replaced_by(&StaffSession { until, ..session.value.clone() })?);
            }
        }
        if *before == after || app.store.change_records(&changes).await? {
            return Ok(after);
        }
    }
    Err(contended().into())
}

/// The sessions of an invitation that nobody has ended.
pub(super) async fn running_sessions(app: &App, id: &InvitationId) -> Result<Vec<StoredValue<StaffSession>>> {
    let mut sessions = StoredValue::<StaffSession>::read_all(app.store.as_ref()).await?;
    sessions.retain(|stored| stored.value.invitation == *id && stored.value.end.is_none());
    Ok(sessions)
}

/// The invitation with this id, to make another like it; or the one of the session with this id, for one device.
///
/// # Errors
/// A refusal if there is neither.
pub async fn previous(app: &App, id: &str) -> Result<Invitation> {
    let store = app.store.as_ref();
    if let Ok(id) = id.parse::<InvitationId>()
        && let Some(invitation) = control_records::read(store, &id).await?
    {
        return Ok(invitation);
    }
    let id: SessionId = id.parse().map_err(|_| StaffRefusal::StaffUnknown)?;
    let session: StaffSession = control_records::read(store, &id).await?.ok_or(StaffRefusal::StaffUnknown)?;
    let invitation: Option<Invitation> = control_records::read(store, &session.invitation).await?;
    let invitation = invitation.ok_or(StaffRefusal::StaffUnknown)?;
    Ok(Invitation { uses: 1, place: session.place, ..invitation })
}
