//! Refuses to open a store that was created with other secrets or for another purpose (rehearsal or production).

use crate::store::control_records::{self, Existing};
use crate::store::record_kinds::Marker;
use crate::store::{RecordStore, StoreError};
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
    store: &dyn RecordStore,
    secrets: &Secrets,
    rehearsal: bool,
) -> Result<Option<IdentityMismatch>, StoreError> {
    if init_marker(store, "rehearsal", u64::from(rehearsal)).await? != u64::from(rehearsal) {
        return Ok(Some(if rehearsal { IdentityMismatch::ProductionStore } else { IdentityMismatch::RehearsalStore }));
    }
    for (name, secret, mismatch) in [
        ("codes", &secrets.codes, IdentityMismatch::Codes),
        ("identity", &secrets.identity, IdentityMismatch::Identity),
    ] {
        if init_marker(store, name, secret.fingerprint()).await? != secret.fingerprint() {
            return Ok(Some(mismatch));
        }
    }
    Ok(None)
}

/// Stores a marker unless there is one with this name, and returns the stored one.
///
/// # Errors
/// Only when the store fails.
pub async fn init_marker(store: &dyn RecordStore, name: &str, value: u64) -> Result<u64, StoreError> {
    let name = name.to_owned();
    control_records::put(store, &[(name.clone(), Marker { value })].into(), Existing::Kept).await?;
    let stored: Option<Marker> = control_records::read(store, &name).await?;
    stored.map(|marker| marker.value).ok_or_else(|| StoreError::Broken("a marker disappeared".to_owned()))
}
