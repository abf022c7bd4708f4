//! The Lua scripts, identified by the hash of their text.

use std::sync::LazyLock;

use ::redis::{Arg, Cmd};

macro_rules! scripts {
    ($($name:ident = $file:literal;)*) => {
        $(pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(include_str!(concat!("../scripts/", $file))));)*
    };
}

scripts! {
    STAMP = "stamp.lua";
    CHANGE_PASSPORT = "change_passport.lua";
    CHANGE_CLAIM = "change_claim.lua";
    CLAIM_BY_VOUCHER = "claim_by_voucher.lua";
    GIFT_STATE = "gift_state.lua";
    CHANGE_STOCK = "change_stock.lua";
    PUBLISH_BEGIN = "publish_begin.lua";
    PUBLISH_FINISH = "publish_finish.lua";
    REISSUE = "reissue.lua";
    TAKE_SERIALS = "take_serials.lua";
    ADD_COMPANION = "add_companion.lua";
    REMOVE_COMPANION = "remove_companion.lua";
    ERASE_PASSPORT = "erase_passport.lua";
    DROP_CLAIM = "drop_claim.lua";
    ANONYMISE_CLAIM = "anonymise_claim.lua";
    SEED_STOCK = "seed_stock.lua";
    RECORD_HINTS = "record_hints.lua";
    CHANGE_RECORDS = "change_records.lua";
    BEGIN_REWRITE = "begin_rewrite.lua";
}

/// A script.
pub(super) struct Script {
    text: &'static str,
    hash: String,
}

impl Script {
    fn new(text: &'static str) -> Script {
        Script { text, hash: ::redis::Script::new(text).get_hash().to_owned() }
    }

    /// A call by hash, to which arguments are added.
    pub(super) fn call<K: AsRef<str>>(&self, keys: &[K]) -> Cmd {
        let size = keys.iter().map(|key| key.as_ref().len()).sum::<usize>() + self.hash.len();
        let mut cmd = Cmd::with_capacity(keys.len() + 16, size + 512);
        cmd.arg("EVALSHA").arg(self.hash.as_str()).arg(keys.len());
        for key in keys {
            cmd.arg(key.as_ref());
        }
        cmd
    }

    /// The same call with the whole text, after which the server knows the hash. It goes to the same node, because it
    /// has the same keys.
    pub(super) fn with_text(&self, call: &Cmd) -> Cmd {
        let mut cmd = Cmd::new();
        cmd.arg("EVAL").arg(self.text);
        for arg in call.args_iter().skip(2) {
            if let Arg::Simple(bytes) = arg {
                cmd.arg(bytes);
            }
        }
        cmd
    }
}
