//! The sentences in Chinese as spoken in mainland China.

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
        gift: "练习用的礼物", another_booth: "另一个兑换台", volunteer: "练习志愿者"
    },
    prints: prints::PRINTS,
    reports: reports::REPORTS,
    simulation: simulation::SIMULATION,
    store_problems: store_problems::STORE,
};
