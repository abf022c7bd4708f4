//! Ids in paths, each described once for the API document. A handler parses them after it has checked who asks.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::rules::ids::{DeviceId, GiftId, InvitationId, PointId, RouteId};
use crate::rules::refusals::{CarnivalRefusal, GiftRefusal, Refusal, StaffRefusal};

/// Declares a path parameter: its field is its name in the path.
macro_rules! path_id {
    ($name:ident, $field:ident: $id:ty, $about:literal, $unknown:expr) => {
        #[doc = $about]
        #[derive(Debug, Deserialize, IntoParams)]
        #[into_params(parameter_in = Path)]
        pub struct $name {
            #[doc = $about]
            $field: String,
        }

        impl $name {
            /// The id.
            ///
            /// # Errors
            /// A refusal if the text is no such id.
            pub fn id(&self) -> Result<$id, Refusal> {
                self.$field.parse().map_err(|_| $unknown)
            }
        }
    };
}

path_id!(PointPath, point: PointId, "The point's id", CarnivalRefusal::PointUnknown.into());
path_id!(RoutePath, route: RouteId, "The route's id", CarnivalRefusal::RouteUnknown.into());
path_id!(GiftPath, gift: GiftId, "The gift's id", GiftRefusal::GiftUnknown.into());
path_id!(VersionPath, version: u64, "The version's number", CarnivalRefusal::VersionUnknown.into());

path_id!(InvitationPath, id: InvitationId, "The invitation's id", StaffRefusal::StaffUnknown.into());
path_id!(DevicePath, device: DeviceId, "The device's id", StaffRefusal::StaffUnknown.into());

/// An invitation or a staff session.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct StaffPath {
    /// The id of an invitation or of a session
    pub id: String,
}
