//! The routes by audience. Each file holds the handlers of one noun with their request and response types.

pub(in crate::http) mod booth;
pub mod client;
pub(in crate::http) mod operator;
pub(in crate::http) mod organiser;
pub(in crate::http) mod public;
pub(in crate::http) mod resident;
pub mod views;
pub(in crate::http) mod wechat;

/// The answers of the API as types, for its [`client`].
pub mod answers {
    pub use super::booth::desk::{DisplayCodeView, RecordedStampsView};
    pub use super::booth::lookups::LookupView;
    pub use super::booth::redemptions::RedeemResults;
    pub use super::operator::codes::{CodesView, PointCodeView};
    pub use super::operator::passports::{PassportsRequest, PassportsView};
    pub use super::operator::publications::{CheckedView, PublicationQuery};
    pub use super::organiser::publish::{PublishedView, VersionsView, WarningView};
    pub use super::organiser::staff::{InvitationView, NewInvitationView, StaffView};
    pub use super::organiser::summary::SummaryView;
    pub use super::organiser::summary::numbers::GiftNumbers;
    pub use super::public::availability::AvailabilityView;
    pub use super::public::carnival_view::{BoothView, CarnivalView, GiftView, PointView, RouteView};
    pub use super::public::sessions::{StaffTokenView, TokenView};
    pub use super::resident::check_ins::{CheckInResponse, PartyResult};
    pub use super::resident::claims::{ClaimWithVoucher, ClaimsView};
    pub use super::resident::me::{AddedCompanionView, MeView};
    pub use super::views::{ClaimState, ClaimView, RedemptionView};
}
