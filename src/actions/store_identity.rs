//! Refuses to open a store that was created with other secrets or for another purpose (rehearsal or production).

use crate::store::{Store, StoreError};
use crate::tokens::Secrets;

/// Why this program may not open the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityMismatch {
    /// The store was created with another secret for codes.
    Codes,
    /// The store was created with another secret for identities.
    Identity,
    /// A rehearsal's store: its invitations and stamps are not real.
    RehearsalStore,
    /// A production store: a rehearsal's login would let anyone in.
    ProductionStore,
}

/// Marks a new store, or compares an existing one with its markers.
///
/// # Errors
/// Only when the store fails.
pub async fn verify(
    store: &dyn Store,
    secrets: &Secrets,
    rehearsal: bool,
) -> Result<Option<IdentityMismatch>, StoreError> {
    if store.init_marker("rehearsal", u64::from(rehearsal)).await? != u64::from(rehearsal) {
        return Ok(Some(if rehearsal { IdentityMismatch::ProductionStore } else { IdentityMismatch::RehearsalStore }));
    }
    for (name, secret, mismatch) in [
        ("codes", &secrets.codes, IdentityMismatch::Codes),
        ("identity", &secrets.identity, IdentityMismatch::Identity),
    ] {
        if store.init_marker(name, secret.fingerprint()).await? != secret.fingerprint() {
            return Ok(Some(mismatch));
        }
    }
    Ok(None)
}
