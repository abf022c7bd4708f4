//! Refusals for who asks: tokens, roles, stations and limits.

use super::kind::refusals;
use super::sample_values::point;

refusals! {
    /// The person may not do this, or not so often.
    AccessRefusal {
        /// The request has no token.
        TokenMissing => LoginNeeded,
        /// The token is not valid.
        TokenInvalid => LoginNeeded,
        /// The token has expired.
        TokenExpired => LoginNeeded,
        /// An organiser ended this staff session.
        SessionEnded => LoginNeeded,
        /// The person went off duty, or another one came on duty on the same device.
        SessionLeft => LoginNeeded,
        /// The token's role does not permit this.
        NotYourRole => NotPermitted,
        /// No booth was given, or a volunteer gave a booth other than their own.
        BoothNeeded => NotPermitted,
        /// The volunteer works at another point.
        NotYourPoint {
            /// The name of the volunteer's point.
            yours: String = point(),
        } => NotPermitted,
        /// A nonce came again with other content.
        NonceReused => Conflict,
        /// The reason that a person wrote is empty or too long, or has hidden characters.
        ReasonOdd {
            /// How many characters it may have.
            most: usize = 200,
        } => Unsuitable,
        /// Too many attempts; rate limited.
        TooManyTries {
            /// Seconds to wait.
            retry_after_s: u64 = 3,
        } => TooOften,
        /// The resident has erased their data as often as one person may on a day.
        ErasedTooOften {
            /// Seconds to wait.
            retry_after_s: u64 = 28_800,
        } => TooOften,
    }
}
