//! The routes by audience. Each file holds the handlers of one noun with their request and response types.

/// From two lists of a street's handlers: what the server registers, and what the document declares.
macro_rules! routes {
    (
        fixed { $($fixed:ident: $($handler:ident),+;)* }
        with_parameters { $($dynamic:ident: $($dynamic_handler:ident),+;)* }
    ) => {
        /// Registers the routes whose paths have parameters, or the others.
        pub(in crate::http) fn register(config: &mut actix_web::web::ServiceConfig, with_parameters: bool) {
            if with_parameters {
                $($(config.service($dynamic::$dynamic_handler);)+)*
            } else {
                $($(config.service($fixed::$handler);)+)*
            }
        }

        /// What the handlers declare.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($($fixed::$handler,)+)* $($($dynamic::$dynamic_handler,)+)*))]
        pub(in crate::http) struct Declared;
    };
}

pub(in crate::http) mod booth;
pub mod client;
pub(in crate::http) mod operator;
pub(in crate::http) mod organiser;
mod prelude;
pub(in crate::http) mod public;
pub(in crate::http) mod resident;
pub mod views;
pub(in crate::http) mod wechat;

/// The answers of the API as types, for its [`client`].
pub mod answers {
    pub use super::booth::desk::{DisplayCodeView, RecordedStampsView};
    pub use super::booth::lookups::LookupView;
    pub use super::booth::redemptions::RedeemResults;
    pub use super::booth::sessions::StaffTokenView;
    pub use super::operator::codes::{CodesView, PointCodeView};
    pub use super::operator::passports::{PassportsRequest, PassportsView};
    pub use super::operator::publications::{CheckedView, PublicationQuery};
    pub use super::organiser::edit_views::EditView;
    pub use super::organiser::publish::{PublishedView, VersionsView, WarningView};
    pub use super::organiser::rosters::RosterView;
    pub use super::organiser::staff::{EndedDutyView, NewInvitationView};
    pub use super::organiser::staff_list::{DeviceView, InvitationTermsView, InvitationView, StaffView};
    pub use super::organiser::summary::SummaryView;
    pub use super::organiser::summary::numbers::GiftNumbers;
    pub use super::public::availability::AvailabilityView;
    pub use super::public::carnival_view::{CarnivalView, GiftView, PointView, RouteView};
    pub use super::resident::check_ins::{CheckInResponse, PartyResult};
    pub use super::resident::claims::{ClaimWithVoucher, ClaimsView};
    pub use super::resident::me::{AddedCompanionView, MeView};
    pub use super::resident::sessions::TokenView;
    pub use super::views::{ClaimState, ClaimView, RedemptionView};
}
