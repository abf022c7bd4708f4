//! Problems that are no refusals: of the server, of WeChat's login, or of the request itself.

/// A problem that no rule decided, as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceProblem {
    /// The store cannot be reached.
    StoreBusy,
    /// The queue of pictures is full.
    PicturesBusy,
    /// The login code was used or is not valid.
    LoginUsedUp,
    /// WeChat limits logins.
    LoginTooOften,
    /// WeChat cannot be reached.
    LoginBusy,
    /// WeChat refuses this login.
    LoginRefused,
    /// The carnival file has this number of mistakes.
    CarnivalMistakes(usize),
    /// The new carnival would take from residents what they have.
    ChangeRefused,
    /// The new carnival would undo changes that were made since its base.
    ChangesUndone {
        /// The version that it was made from.
        base: u64,
        /// The published version.
        version: u64,
        /// The number of changes.
        count: usize,
    },
    /// The link to a picture has expired.
    LinkExpired,
    /// A push message is not WeChat's.
    PushForged,
    /// A push message is too old or too new.
    PushStale,
    /// The request does not conform to the API document.
    NotUnderstood,
    /// An unexpected failure. Says nothing more, because nobody outside can do anything about it.
    Unexpected,
}
