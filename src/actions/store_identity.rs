//! Refuses to open a store that was created with other secrets or for another purpose (rehearsal or production).

use crate::rules::lang::Lang;
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

impl IdentityMismatch {
    /// The reason, and the remedy.
    #[must_use]
    pub fn say(self, lang: Lang) -> String {
        let (zh, en) = match self {
            IdentityMismatch::Codes => (
                "密钥 codes 与这个存储开始时用的不同，印好的码都会失效。请换回原来的密钥。",
                "The secret `codes` differs from the one that this store was created with: no printed code would work. Restore the original secret.",
            ),
            IdentityMismatch::Identity => (
                "密钥 identity 与这个存储开始时用的不同，居民会丢掉已盖的章。请换回原来的密钥。",
                "The secret `identity` differs from the one that this store was created with: every resident would lose their stamps. Restore the original secret.",
            ),
            IdentityMismatch::RehearsalStore => (
                "这里存的是演练的数据，不能用来正式服务。请换一个空的文件夹或前缀。",
                "This store holds a rehearsal's records and cannot be served. Use an empty folder or another prefix.",
            ),
            IdentityMismatch::ProductionStore => (
                "这里存的是正式的嘉年华，不能用来演练。请换一个空的文件夹。",
                "This store holds a real carnival and cannot be used for a rehearsal. Use an empty folder.",
            ),
        };
        lang.pick(zh, en).to_owned()
    }
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
