//! The sentences in English.

mod answers;
pub(super) mod changes;
pub(super) mod commands;
pub(super) mod format;
pub(super) mod mistakes;
mod pages;
pub(super) mod point_edits;
pub(super) mod posters;
mod prints;
pub(super) mod refusals;
mod reports;
pub(super) mod service_problems;
mod simulation;
mod store_problems;

use super::catalogue::Texts;
use crate::rules::gifts::practice_scenario::PracticeNames;

pub(super) static TEXTS: &Texts = &Texts {
    answers: answers::ANSWERS,
    pages: pages::PAGES,
    practice: PracticeNames {
        gift: "a practice gift",
        another_booth: "another booth",
        volunteer: "a practice volunteer",
    },
    prints: prints::PRINTS,
    reports: reports::REPORTS,
    simulation: simulation::SIMULATION,
    store_problems: store_problems::STORE,
};
