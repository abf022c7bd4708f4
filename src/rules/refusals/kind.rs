//! The kinds of refusals.

/// The kind of a refusal. It decides the status of the answer, and what the client can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The client has to log in (again), then it may repeat the request: 401.
    LoginNeeded,
    /// Not permitted here, now, or to this person: 403.
    NotPermitted,
    /// There is no such thing: 404.
    Unknown,
    /// It was done before, or the state of things excludes it: 409.
    Conflict,
    /// It was valid and no longer is: 410.
    Outdated,
    /// The content of the request is wrong: 422.
    Unsuitable,
    /// Too many requests; the client may repeat it after a while: 429.
    TooOften,
}
