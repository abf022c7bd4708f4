//! The error type of all actions.

use crate::rules::carnival::change::ChangeBlocker;
use crate::rules::carnival_file::Mistake;
use crate::rules::carnival_file::undone_changes::UndonePublication;
use crate::rules::refusals::Refusal;
use crate::store::StoreError;
use crate::tokens::jwt::SigningError;
use crate::tokens::random::RandomnessError;
use crate::wechat::LoginError;

/// Why an action failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refused the action.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// WeChat did not log the resident in.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The render queue is full; another picture would have to wait too long.
    #[error("the render queue is full")]
    PicturesBusy,
    /// A picture could not be rendered, for an unforeseen reason.
    #[error("a picture could not be rendered: {0}")]
    RenderFailed(String),
    /// The carnival file has mistakes.
    #[error("the carnival file has {} mistakes", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The new carnival may not replace the published one.
    #[error("the change of the carnival has {} blockers", .0.len())]
    Blocked(Vec<ChangeBlocker>),
    /// The new carnival would undo changes that were made since the version it is based on.
    #[error("the publication would undo {} changes", .0.changes.len())]
    Undone(Box<UndonePublication>),
}

impl<R: Into<Refusal>> From<R> for Error {
    fn from(refusal: R) -> Error {
        Error::Refused(refusal.into())
    }
}

impl From<RandomnessError> for Error {
    fn from(error: RandomnessError) -> Error {
        Error::Store(StoreError::Unavailable(error.to_string()))
    }
}

impl From<SigningError> for Error {
    fn from(error: SigningError) -> Error {
        Error::Store(StoreError::Broken(error.to_string()))
    }
}

/// Result of an action.
pub type Result<T> = std::result::Result<T, Error>;
