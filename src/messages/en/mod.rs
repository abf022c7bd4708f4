//! The sentences in English.

mod changes;
mod mistakes;

use super::Messages;
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival_file::Mistake;

/// English.
pub(super) struct English;

impl Messages for English {
    fn mistake(&self, mistake: &Mistake) -> String {
        mistakes::mistake(mistake)
    }

    fn mistake_count(&self, count: usize) -> String {
        mistakes::mistake_count(count)
    }

    fn change_blocker(&self, blocker: &ChangeBlocker) -> String {
        changes::change_blocker(blocker)
    }

    fn change_warning(&self, warning: &ChangeWarning) -> String {
        changes::change_warning(warning)
    }
}
