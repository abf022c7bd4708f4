//! A mistake in the file: its position and its kind.

use super::design_errors::DesignError;
use super::entry::{Entry, SourcePosition};
use super::format_errors::FormatError;
use super::gift_errors::GiftError;
use super::print_errors::PrintError;
use super::reference_errors::ReferenceError;
use super::schedule_errors::ScheduleError;
use crate::rules::lang::Lang;

/// Something in a carnival file that the organiser must correct.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    position: SourcePosition,
    problem: Problem,
}

impl Mistake {
    pub(super) fn new(position: SourcePosition, problem: Problem) -> Mistake {
        Mistake { position, problem }
    }

    /// A mistake found by a print check, at this line.
    #[must_use]
    pub fn for_print(line: usize, what: PrintError) -> Mistake {
        Mistake { position: SourcePosition { entry: Entry::File, line }, problem: Problem::Print(what) }
    }

    /// The line of the key, or of the entry if the key is missing; counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.position.line
    }

    /// One or two sentences: the entry, what is wrong, and what to write instead.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let problem = match &self.problem {
            Problem::Format(error) => error.message(lang),
            Problem::Schedule(error) => error.message(lang),
            Problem::Reference(error) => error.message(lang),
            Problem::Gift(error) => error.message(lang),
            Problem::Design(error) => error.message(lang),
            Problem::Print(error) => error.message(lang),
        };
        match self.position.entry.label(lang) {
            Some(entry) => format!("{entry}{}{problem}", lang.pick("：", ": ")),
            None => problem,
        }
    }
}

/// The kinds of mistake.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// Wrong format.
    Format(FormatError),
    /// Inconsistent days or hours.
    Schedule(ScheduleError),
    /// Conflicts with other entries or unresolved references.
    Reference(ReferenceError),
    /// A gift that cannot be earned or picked up.
    Gift(GiftError),
    /// An invalid design value.
    Design(DesignError),
    /// Cannot be printed; found only by rendering.
    Print(PrintError),
}

impl From<FormatError> for Problem {
    fn from(error: FormatError) -> Problem {
        Problem::Format(error)
    }
}

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Problem {
        Problem::Schedule(error)
    }
}

impl From<ReferenceError> for Problem {
    fn from(error: ReferenceError) -> Problem {
        Problem::Reference(error)
    }
}

impl From<GiftError> for Problem {
    fn from(error: GiftError) -> Problem {
        Problem::Gift(error)
    }
}

impl From<DesignError> for Problem {
    fn from(error: DesignError) -> Problem {
        Problem::Design(error)
    }
}
