//! A mistake in the file: where it is and what is wrong.

use super::earn::Earn;
use super::entry::{Entry, Place};
use super::form::Form;
use super::link::Link;
use super::look::Look;
use super::plan::Plan;
use super::print::Unprintable;
use crate::rules::lang::Lang;

/// Something in a carnival file that must be written differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    place: Place,
    problem: Problem,
}

impl Mistake {
    pub(super) fn new(place: Place, problem: Problem) -> Mistake {
        Mistake { place, problem }
    }

    /// What cannot be printed, by the line where it stands.
    #[must_use]
    pub fn of_print(line: usize, what: Unprintable) -> Mistake {
        Mistake { place: Place { entry: Entry::File, line }, problem: Problem::Print(what) }
    }

    /// The line of the key, or of its entry where the key is missing; counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// One sentence or two: the entry, what is wrong, what to write instead.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let problem = match &self.problem {
            Problem::Form(form) => form.say(lang),
            Problem::Plan(plan) => plan.say(lang),
            Problem::Link(link) => link.say(lang),
            Problem::Earn(earn) => earn.say(lang),
            Problem::Look(look) => look.say(lang),
            Problem::Print(print) => print.say(lang),
        };
        match self.place.entry.say(lang) {
            Some(entry) => format!("{entry}{}{problem}", lang.pick("：", ": ")),
            None => problem,
        }
    }
}

/// What can be wrong, by the question that it fails.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// Is it written as it must be?
    Form(Form),
    /// Do its days and hours make sense?
    Plan(Plan),
    /// Does it fit the other entries?
    Link(Link),
    /// Can somebody earn the gift and fetch it?
    Earn(Earn),
    /// Can it be drawn?
    Look(Look),
    /// Can it be printed? Only whoever draws can tell.
    Print(Unprintable),
}

impl From<Form> for Problem {
    fn from(form: Form) -> Problem {
        Problem::Form(form)
    }
}

impl From<Plan> for Problem {
    fn from(plan: Plan) -> Problem {
        Problem::Plan(plan)
    }
}

impl From<Link> for Problem {
    fn from(link: Link) -> Problem {
        Problem::Link(link)
    }
}

impl From<Earn> for Problem {
    fn from(earn: Earn) -> Problem {
        Problem::Earn(earn)
    }
}

impl From<Look> for Problem {
    fn from(look: Look) -> Problem {
        Problem::Look(look)
    }
}
