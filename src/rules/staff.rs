//! Staff: invitations, the devices that they admit, and the sessions of people on duty.

pub mod admission;
pub mod device;
pub mod invitation;
pub mod invitation_terms;
pub mod planned_shift;
pub mod roles;
pub mod roster;
pub mod roster_mistake;
pub mod session;
pub mod staff_name;

pub use self::device::{DeviceSecret, DeviceState, StaffDevice};
pub use self::invitation::Invitation;
pub use self::session::StaffSession;
