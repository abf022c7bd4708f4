//! The sentences in English.

mod answers;
mod changes;
mod commands;
pub(super) mod format;
mod mistakes;
mod pages;
mod posters;
mod prints;
mod refusals;
mod reports;
mod service_problems;
mod simulation;
mod store_problems;

use super::commands::CommandMessage;
use super::{Messages, ServiceProblem, Texts};
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival::hours::OpeningHours;
use crate::rules::carnival::{DateRange, Point};
use crate::rules::carnival_file::Mistake;
use crate::rules::gifts::practice_scenario::PracticeNames;
use crate::rules::prints::poster_state::{NextOpening, PosterState};
use crate::rules::refusals::Refusal;

/// English.
pub(super) struct English;

impl Messages for English {
    fn refusal(&self, refusal: &Refusal) -> String {
        refusals::refusal(refusal)
    }

    fn service_problem(&self, problem: ServiceProblem) -> String {
        service_problems::service_problem(problem)
    }

    fn poster_state(&self, state: PosterState, point: &Point, opening: NextOpening<'_>) -> String {
        posters::poster_state(state, point, opening)
    }

    fn opening_hours(&self, hours: &OpeningHours) -> String {
        posters::opening_hours(hours)
    }

    fn days(&self, days: DateRange) -> String {
        format::days(days)
    }

    fn command(&self, message: &CommandMessage<'_>) -> String {
        commands::command(message)
    }

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
