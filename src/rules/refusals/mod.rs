//! Every refusal, one enum per feature. A refusal is not an error: it has a reason for people and a code for programs,
//! and it changes nothing.
//!
//! The code is the variant's name in snake case, and the variant's fields are the additional members of the answer. The
//! kind, which decides status and remedy, and an example for the API document stand at each variant. The sentences are in
//! `messages`.

mod access;
mod carnival;
mod check_ins;
mod codes;
mod gifts;
mod kind;
mod prints;
mod sample_values;
mod staff;

use serde::Serialize;
use strum::VariantNames;

pub use self::access::AccessRefusal;
pub use self::carnival::CarnivalRefusal;
pub use self::check_ins::CheckInRefusal;
pub use self::codes::CodeRefusal;
pub use self::gifts::{GiftRefusal, GiftUnit, MissingPoint, PriorAction};
pub use self::kind::RefusalKind;
pub use self::prints::PrintRefusal;
pub use self::staff::StaffRefusal;

/// Declares the sum of the features' refusals, so that a feature is one line.
macro_rules! refusals_of {
    ($($feature:ident($refusal:ident)),+ $(,)?) => {
        /// A rule refused the request.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Refusal {
            $(
                #[doc = concat!("See [`", stringify!($refusal), "`].")]
                $feature($refusal),
            )+
        }

        $(
            impl From<$refusal> for Refusal {
                fn from(refusal: $refusal) -> Refusal {
                    Refusal::$feature(refusal)
                }
            }
        )+

        impl Refusal {
            /// Stable code for programs.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self {
                    $(Refusal::$feature(refusal) => refusal.into(),)+
                }
            }

            /// Its kind, which decides status and remedy.
            #[must_use]
            pub fn kind(&self) -> RefusalKind {
                match self {
                    $(Refusal::$feature(refusal) => refusal.kind(),)+
                }
            }

            /// The codes of all refusals.
            #[must_use]
            pub fn codes() -> Vec<&'static str> {
                [$($refusal::VARIANTS),+].concat()
            }

            /// One of each refusal for the API document, with values from the sample carnival.
            #[must_use]
            pub fn samples() -> Vec<Refusal> {
                let mut samples = Vec::new();
                $(samples.extend($refusal::samples().into_iter().map(Refusal::from));)+
                samples
            }
        }
    };
}

refusals_of! {
    Access(AccessRefusal),
    Carnival(CarnivalRefusal),
    CheckIn(CheckInRefusal),
    Code(CodeRefusal),
    Gift(GiftRefusal),
    Print(PrintRefusal),
    Staff(StaffRefusal),
}
