//! What a store was begun with, it must be opened with: the same secrets, and for the same purpose.

use crate::rules::lang::Lang;
use crate::store::{Store, StoreError};
use crate::tokens::Secrets;

/// Why a store is not this program's to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityMismatch {
    /// It was begun with another secret for codes.
    Codes,
    /// It was begun with another secret for names.
    Identity,
    /// It is a rehearsal's: its invitations and stamps are not meant.
    RehearsalStore,
    /// It is a carnival's: a rehearsal's login would open it to everybody.
    ProductionStore,
}

impl IdentityMismatch {
    /// The reason, and what to do.
    #[must_use]
    pub fn say(self, lang: Lang) -> String {
        let (zh, en) = match self {
            IdentityMismatch::Codes => (
                "密钥 codes 与这个存储开始时用的不同，印好的码都会失效。请换回原来的密钥。",
                "The secret `codes` is not the one that this store was begun with: no printed code would work. Give the old one back.",
            ),
            IdentityMismatch::Identity => (
                "密钥 identity 与这个存储开始时用的不同，居民会丢掉已盖的章。请换回原来的密钥。",
                "The secret `identity` is not the one that this store was begun with: every resident would begin anew. Give the old one back.",
            ),
            IdentityMismatch::RehearsalStore => (
                "这里存的是演练的数据，不能用来正式服务。请换一个空的文件夹或前缀。",
                "This store is a rehearsal's and cannot be served. Take an empty folder or another prefix.",
            ),
            IdentityMismatch::ProductionStore => (
                "这里存的是正式的嘉年华，不能用来演练。请换一个空的文件夹。",
                "This store is a real carnival's and cannot be rehearsed on. Take an empty folder.",
            ),
        };
        lang.pick(zh, en).to_owned()
    }
}

/// Marks a store that is begun now, or compares it with what it was begun with.
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
