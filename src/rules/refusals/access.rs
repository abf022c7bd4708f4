//! Refusals for who asks: tokens, invitations, roles, stations and limits.

use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::kind::RefusalKind;
use super::sample_values::point;

/// The person may not do this, or not so often.
#[derive(Clone, Debug, PartialEq, Serialize, IntoStaticStr, VariantNames)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum AccessRefusal {
    /// The request has no token.
    TokenMissing,
    /// The token is not valid.
    TokenInvalid,
    /// The token has expired.
    TokenExpired,
    /// An organiser ended this staff session.
    SessionEnded,
    /// The token's role does not permit this.
    NotYourRole,
    /// No booth was given, or a volunteer gave a booth other than their own.
    BoothNeeded,
    /// The volunteer works at another point.
    NotYourPoint {
        /// The name of the volunteer's point.
        yours: String,
    },
    /// No such invitation.
    InvitationUnknown,
    /// The invitation has expired or was ended by an organiser.
    InvitationOver,
    /// All uses of the invitation are taken.
    InvitationUsedUp,
    /// No such invitation and no such staff session.
    StaffUnknown,
    /// Too many attempts; rate limited.
    TooManyTries {
        /// Seconds to wait.
        retry_after_s: u64,
    },
}

impl AccessRefusal {
    pub(super) fn kind(&self) -> RefusalKind {
        match self {
            Self::TokenMissing | Self::TokenInvalid | Self::TokenExpired | Self::SessionEnded => {
                RefusalKind::LoginNeeded
            }
            Self::NotYourRole | Self::BoothNeeded | Self::NotYourPoint { .. } => RefusalKind::NotPermitted,
            Self::InvitationUnknown | Self::StaffUnknown => RefusalKind::Unknown,
            Self::InvitationOver | Self::InvitationUsedUp => RefusalKind::Outdated,
            Self::TooManyTries { .. } => RefusalKind::TooOften,
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::TokenMissing,
            Self::TokenInvalid,
            Self::TokenExpired,
            Self::SessionEnded,
            Self::NotYourRole,
            Self::BoothNeeded,
            Self::NotYourPoint { yours: point() },
            Self::InvitationUnknown,
            Self::InvitationOver,
            Self::InvitationUsedUp,
            Self::StaffUnknown,
            Self::TooManyTries { retry_after_s: 3 },
        ]
    }
}
