//! Sentences in the answers of the API that are no refusals.

use jiff::civil::Date;

use crate::rules::staff::roles::Role;

/// The sentences of answers.
pub struct AnswerTexts {
    /// How many posters hang, of how many.
    pub(crate) posters_hang: fn(usize, usize) -> String,
    /// A version was published.
    pub(crate) published: fn(u64) -> String,
    /// A publication changed nothing; this version stays.
    pub(crate) unchanged: fn(u64) -> String,
    /// What was published; a route, the stamps that it now takes, and its points.
    pub(crate) route_takes: fn(&str, &str, u16, u16) -> String,
    /// What stands between two sentences.
    pub(crate) between_sentences: &'static str,
    /// A dry run has changed nothing; what would change follows.
    pub(crate) dry_run: &'static str,
    /// A dry run of an edit that would change nothing.
    pub(crate) dry_run_unchanged: &'static str,
    /// The notice is shown until the end of this day.
    pub(crate) notice_until: fn(Date) -> String,
    /// The notice is removed.
    pub(crate) notice_removed: &'static str,
    /// A replaced poster of a point is still scanned.
    pub(crate) old_poster_hangs: fn(&str) -> String,
    /// The reason for which a hand-over was taken back.
    pub(crate) stamp_was_undone: &'static str,
    /// A device waits for an organiser.
    pub(crate) waits_for_organiser: &'static str,
    /// A person went off duty.
    pub(crate) left_duty: &'static str,
    /// An organiser ended the session of a person; how many further devices the invitation admits.
    pub(crate) duty_ended: fn(&str, u16) -> String,
    /// An organiser ended an invitation and a number of sessions.
    pub(crate) invitation_ended: fn(usize) -> String,
    /// A role of staff.
    pub(crate) role: fn(Role) -> &'static str,
    pub(crate) personal_data: &'static str,
    pub(crate) erased: &'static str,
    pub(crate) rehearsal_login: &'static str,
}
