//! Refusals for who asks: tokens, invitations, roles, stations and limits.

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
        /// The token's role does not permit this.
        NotYourRole => NotPermitted,
        /// No booth was given, or a volunteer gave a booth other than their own.
        BoothNeeded => NotPermitted,
        /// The volunteer works at another point.
        NotYourPoint {
            /// The name of the volunteer's point.
            yours: String = point(),
        } => NotPermitted,
        /// No such invitation.
        InvitationUnknown => Unknown,
        /// The invitation has expired or was ended by an organiser.
        InvitationOver => Outdated,
        /// All uses of the invitation are taken.
        InvitationUsedUp => Outdated,
        /// A nonce came again with other content.
        NonceReused => Conflict,
        /// No such invitation and no such staff session.
        StaffUnknown => Unknown,
        /// Too many attempts; rate limited.
        TooManyTries {
            /// Seconds to wait.
            retry_after_s: u64 = 3,
        } => TooOften,
    }
}
