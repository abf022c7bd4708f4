//! The sentences of a language, and the texts that it has.

use std::fmt::Write as _;

use super::answers::AnswerTexts;
use super::commands::CommandMessage;
use super::pages::PageTexts;
use super::point_edits::{PointEditText, RouteMoveText};
use super::prints::PrintTexts;
use super::reports::ReportTexts;
use super::service_problem::ServiceProblem;
use super::simulation::SimulationTexts;
use super::store_problems::StoreTexts;
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival::hours::OpeningHours;
use crate::rules::carnival::{DateRange, Point};
use crate::rules::carnival_file::Mistake;
use crate::rules::carnival_file::undone_changes::AttributedChange;
use crate::rules::gifts::practice_scenario::PracticeNames;
use crate::rules::lang::Lang;
use crate::rules::prints::poster_state::{NextOpening, PosterState};
use crate::rules::refusals::Refusal;
use crate::rules::staff::roster_mistake::RosterMistake;

/// Texts that hold no more than a number or a name, by topic.
pub struct Texts {
    /// Sentences in answers that are no refusals.
    pub answers: AnswerTexts,
    /// The pages that a plain camera opens.
    pub pages: PageTexts,
    /// What a practice voucher shows if the carnival has nothing to show.
    pub practice: PracticeNames,
    /// What stands on posters, cards and postcards.
    pub prints: PrintTexts,
    /// The words of reports.
    pub reports: ReportTexts,
    /// The simulated crowd of a rehearsal.
    pub simulation: SimulationTexts,
    /// What is wrong with a store, for operators.
    pub store_problems: StoreTexts,
}

/// The sentences of one language.
#[derive(Clone, Copy)]
pub struct Messages(pub(super) Lang);

/// Declares the sentences that each language has as a function, and in which file. A language that lacks one does not
/// compile.
macro_rules! sentences {
    ($($(#[$doc:meta])* $file:ident::$name:ident($($argument:ident: $type:ty),+);)+) => {
        impl Messages {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self, $($argument: $type),+) -> String {
                    in_language!(self.0, $file::$name($($argument),+))
                }
            )+
        }
    };
}

sentences! {
    /// Why a request is refused, and what the person can do: one or two short sentences. They are shown in large type
    /// and read outdoors by people who have been queueing. Names come from the carnival file and are quoted.
    refusals::refusal(refusal: &Refusal);

    /// What is wrong with a line of a roster, and what to write instead.
    refusals::roster_mistake(mistake: &RosterMistake);

    /// Why the server could not answer, and what the person can do.
    service_problems::service_problem(problem: ServiceProblem);

    /// Whether a poster is the current one of its point, what to do with it, and when the point opens.
    posters::poster_state(state: PosterState, point: &Point, opening: NextOpening<'_>);

    /// The opening hours on a poster: usual hours and exceptions.
    posters::opening_hours(hours: &OpeningHours);

    /// What an edit of a point changes for people.
    point_edits::point_edit(edit: &PointEditText<'_>);

    /// An edit of a point for residents, to pass on to a chat group.
    point_edits::point_announcement(edit: &PointEditText<'_>);

    /// What moving a route changes for people.
    point_edits::route_move(moved: &RouteMoveText<'_>);

    /// A moved route for residents, to pass on to a chat group.
    point_edits::route_announcement(moved: &RouteMoveText<'_>);

    /// Several days: `4月13日至18日`, `13 to 18 April`.
    format::days(days: DateRange);

    /// What a command says.
    commands::command(message: &CommandMessage<'_>);

    /// A mistake of the carnival file: the entry, what is wrong, and what to write instead.
    mistakes::mistake(mistake: &Mistake);

    /// How many mistakes a carnival file has: the last line of a report.
    mistakes::mistake_count(count: usize);

    /// Why a change of the carnival cannot be published, and a remedy.
    changes::change_blocker(blocker: &ChangeBlocker);

    /// A change of somebody else that a publication would undo, with who made it and when.
    changes::undone_change(change: &AttributedChange);

    /// What the author of a change should know.
    changes::change_warning(warning: &ChangeWarning);
}

impl Messages {
    /// Texts that hold no more than a number or a name.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        in_language!(self.0, TEXTS)
    }

    /// The mistakes of a carnival file: one `FILE:LINE: message` per line, sorted, and a final count.
    #[must_use]
    pub fn mistake_report(self, mistakes: &[Mistake], file: &str) -> String {
        let mut sorted: Vec<&Mistake> = mistakes.iter().collect();
        sorted.sort_by_key(|mistake| mistake.line());
        let mut text = String::new();
        for mistake in sorted {
            // Writing into a `String` cannot fail.
            let _ = writeln!(text, "{file}:{}: {}", mistake.line(), self.mistake(mistake));
        }
        text + &self.mistake_count(mistakes.len()) + "\n"
    }
}
