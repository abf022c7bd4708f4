//! The kinds of refusals, and how a refusal is declared with its kind and an example.

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

/// Declares the refusals of a feature: each with its fields, an example of each field for the API document, and its kind.
/// An example that cannot be parsed leaves the refusal out of the samples; a test of the API document excludes that.
macro_rules! refusals {
    (
        $(#[$doc:meta])*
        $refusals:ident {
            $(
                $(#[$variant_doc:meta])*
                $variant:ident $({
                    $($(#[$field_meta:meta])* $field:ident: $type:ty = $example:expr,)+
                })? => $kind:ident,
            )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, strum::IntoStaticStr, strum::VariantNames)]
        #[serde(untagged)]
        #[strum(serialize_all = "snake_case")]
        pub enum $refusals {
            $(
                $(#[$variant_doc])*
                $variant $({ $($(#[$field_meta])* $field: $type,)+ })?,
            )+
        }

        impl $refusals {
            pub(super) fn kind(&self) -> $crate::rules::refusals::RefusalKind {
                match self {
                    $(Self::$variant { .. } => $crate::rules::refusals::RefusalKind::$kind,)+
                }
            }

            pub(super) fn samples() -> Vec<Self> {
                let samples = [$($crate::rules::refusals::kind::sample(|| {
                    Some(Self::$variant $({ $($field: $example,)+ })?)
                })),+];
                samples.into_iter().flatten().collect()
            }
        }
    };
}
pub(super) use refusals;

/// Makes a sample, so that `?` can be used in it.
pub(super) fn sample<T>(make: impl FnOnce() -> Option<T>) -> Option<T> {
    make()
}
