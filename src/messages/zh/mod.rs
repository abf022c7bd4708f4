//! The sentences in Chinese.

mod answers;
mod changes;
mod mistakes;
mod pages;
mod prints;
mod reports;
mod simulation;
mod store_problems;

use super::{Messages, Texts};
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival_file::Mistake;

/// Chinese as spoken in mainland China.
pub(super) struct Chinese;

impl Messages for Chinese {
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

    fn texts(&self) -> &'static Texts {
        &TEXTS
    }
}

static TEXTS: Texts = Texts {
    answers: answers::ANSWERS,
    pages: pages::PAGES,
    prints: prints::PRINTS,
    reports: reports::REPORTS,
    simulation: simulation::SIMULATION,
    store_problems: store_problems::STORE,
};
