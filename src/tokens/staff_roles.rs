//! Tokens of staff: whose session, in which role, and which work the role permits.

use crate::rules::ids::SessionId;
use crate::rules::staff::StaffSession;
use crate::rules::staff::roles::Role;

/// A verified token of a staff session. Only the store can tell whether the session has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffToken {
    pub(super) session: SessionId,
    pub(super) role: Role,
    operator: bool,
}

impl StaffToken {
    pub(super) fn new(session: SessionId, role: Role) -> StaffToken {
        StaffToken { session, role, operator: false }
    }

    /// The operator at the command line, who needs no token: a user who may open the private socket may open the store.
    #[must_use]
    pub fn operator() -> StaffToken {
        StaffToken { session: StaffSession::operator().id, role: Role::Organiser, operator: true }
    }

    /// The staff session.
    #[must_use]
    pub fn session(&self) -> &SessionId {
        &self.session
    }

    /// The role that the token names. It counts only if the stored session has it too.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether this is the operator at the command line, who has no session in the store.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.operator
    }
}

/// Work that some roles permit.
pub trait StaffRole: Sized {
    /// The holder of a token whose role permits the work; `None` for any other.
    fn of(token: StaffToken) -> Option<Self>;

    /// The token.
    fn token(&self) -> &StaffToken;
}

/// Declares work: who may do it.
macro_rules! staff_roles {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name(StaffToken);

            impl StaffRole for $name {
                fn of(token: StaffToken) -> Option<$name> {
                    matches!(token.role, $(Role::$role)|+).then_some($name(token))
                }

                fn token(&self) -> &StaffToken {
                    &self.0
                }
            }
        )+
    };
}

staff_roles! {
    /// Manages the carnival.
    Organiser: Organiser;
    /// Works at a booth or a point. An organiser may do everything that a volunteer may.
    Volunteer: Volunteer | Organiser;
    /// Reads the numbers.
    Viewer: Viewer | Organiser;
    /// Is on duty in person: everybody but a tablet.
    Colleague: Volunteer | Organiser | Viewer | Reporter;
    /// Shows the display code of a point.
    CodeDisplay: Display | Volunteer | Organiser;
    /// Has any staff session.
    AnyStaff: Volunteer | Organiser | Viewer | Reporter | Display;
}
