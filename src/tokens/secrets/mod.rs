//! The secrets behind all signatures: their purposes, their required strength, and their sources.
//!
//! There are three, so that each can be replaced independently:
//!
//! | secret | signs | when replaced |
//! |---|---|---|
//! | `codes` | QR codes, signed picture links | every poster and paper passport must be printed again |
//! | `identity` | nothing; hashes openids and claimants | every resident starts with an empty passport |
//! | `jwt` | tokens of residents and staff | everyone must log in again, unless `jwt-previous` holds the old one |
//!
//! They come from files or the environment ([`SecretSources`]), or, only with the embedded store, from a folder in
//! which they are created on first start ([`Secrets::load_or_create`]). None has a default.
//!
//! # Rotation of `jwt`
//! Configure the old secret as `jwt_previous` and a new one as `jwt`, and restart. In the folder of the embedded store,
//! run `mv jwt jwt-previous`; the restart creates the new one. New tokens are signed with the new secret, and old
//! tokens are still accepted. When the longest-lived token has expired, remove `jwt_previous`. `jwt_previous` can hold
//! several secrets, one per line.

use std::fmt;
use std::path::PathBuf;

use super::random::RandomnessError;

mod folder;
mod sources;
mod strength;

pub use sources::{SecretFiles, SecretSources};
pub use strength::Weakness;

/// One secret: the bytes of a text that is long and varied enough. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// A secret from a text; surrounding white space is removed.
    ///
    /// # Errors
    /// The weakness of the text.
    pub fn new(text: &str) -> Result<Secret, Weakness> {
        let text = text.trim();
        strength::check_strength(text).map(|()| Secret(text.as_bytes().into()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// All secrets of one carnival; no two of them are equal.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// For [`super::codes::Codes`].
    pub codes: Secret,
    /// For [`super::pseudonyms::Pseudonyms`].
    pub identity: Secret,
    /// For new tokens.
    pub jwt_current: Secret,
    /// For tokens issued before a rotation.
    pub jwt_previous: Vec<Secret>,
}

impl Secrets {
    /// Combines the secrets if no two are equal; an error names both origins.
    fn validated(
        codes: NamedSecret,
        identity: NamedSecret,
        jwt: NamedSecret,
        jwt_previous: Vec<NamedSecret>,
    ) -> Result<Secrets, SecretError> {
        let all: Vec<&NamedSecret> = [&codes, &identity, &jwt].into_iter().chain(&jwt_previous).collect();
        for (at, one) in all.iter().enumerate() {
            if let Some(other) = all[..at].iter().find(|other| other.secret == one.secret) {
                return Err(SecretError::Duplicate { one: other.origin.clone(), other: one.origin.clone() });
            }
        }
        Ok(Secrets {
            codes: codes.secret,
            identity: identity.secret,
            jwt_current: jwt.secret,
            jwt_previous: jwt_previous.into_iter().map(|named| named.secret).collect(),
        })
    }
}

/// A secret and its origin as the operator knows it: a setting, variable or file.
struct NamedSecret {
    origin: String,
    secret: Secret,
}

impl NamedSecret {
    fn new(origin: impl Into<String>, text: &str) -> Result<NamedSecret, SecretError> {
        let origin = origin.into();
        match Secret::new(text) {
            Ok(secret) => Ok(NamedSecret { origin, secret }),
            Err(weakness) => Err(SecretError::Weak { origin, weakness }),
        }
    }
}

/// Why the program has no usable secrets. Each message names the origin and the remedy, and none reveals any part of a
/// secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The secret is too easy to guess.
    #[error("the secret in {origin} {weakness}; make a good one with `openssl rand -hex 32`")]
    Weak {
        /// The setting, variable or file.
        origin: String,
        /// Why it is weak.
        weakness: Weakness,
    },
    /// The secret is not configured.
    #[error(
        "no secret for {name}: set {variable}, or `{name}_file` to a file that holds it; make one with \
         `openssl rand -hex 32`"
    )]
    Missing {
        /// Name of the secret.
        name: &'static str,
        /// The environment variable.
        variable: &'static str,
    },
    /// The secret is configured both as a file and in the environment.
    #[error("the secret for {name} is given twice, in {variable} and as `{name}_file`; take one away")]
    GivenTwice {
        /// Name of the secret.
        name: &'static str,
        /// The environment variable.
        variable: &'static str,
    },
    /// Two secrets have the same text.
    #[error("{one} and {other} hold the same secret; each needs its own, made with `openssl rand -hex 32`")]
    Duplicate {
        /// The first origin.
        one: String,
        /// The second origin.
        other: String,
    },
    /// Other users of the machine can read the file.
    #[error("{path} can be read by other users of this machine; run `chmod 600 {path}`")]
    InsecurePermissions {
        /// The file.
        path: PathBuf,
    },
    /// The secret existed once, and printed codes or passports depend on it.
    #[error(
        "{path} is missing, although it was made before; restore it from a backup: with a new one every printed \
         code or every resident's passport would be lost"
    )]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder could not be read or written.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The operating system returned no random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl SecretError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> SecretError {
        let path = path.into();
        move |source| SecretError::Io { path, source }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn named(origin: &str, seed: &str) -> NamedSecret {
        NamedSecret::new(origin, &format!("{seed}Zq3vT8mB1xW6nK0rJ5hG9dF2sL7pC4yH-uE_aioMxy")).unwrap()
    }

    #[test]
    fn debug_does_not_print_a_secret() {
        assert_eq!(format!("{:?}", named("a", "1").secret), "Secret(..)");
    }

    #[test]
    fn surrounding_white_space_is_removed() {
        let text = "Zq3vT8mB1xW6nK0rJ5hG9dF2sL7pC4yH-uE_aioMxx1";
        assert_eq!(Secret::new(&format!("{text}\n")), Secret::new(text));
    }

    #[test]
    fn equal_secrets_are_rejected_with_both_origins() {
        let error = Secrets::validated(named("A", "1"), named("B", "2"), named("C", "3"), vec![named("D", "2")]);
        assert_eq!(
            error.unwrap_err().to_string(),
            "B and D hold the same secret; each needs its own, made with `openssl rand -hex 32`"
        );
    }
}
