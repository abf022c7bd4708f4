//! The secrets that everything signed rests on: what they are, what makes one too weak, and where
//! they come from.
//!
//! There are three, so that one can be replaced without the others:
//!
//! | secret | signs | when it is replaced |
//! |---|---|---|
//! | `codes` | QR codes, signed picture links | every poster and paper passport must be printed again |
//! | `identity` | nothing; hashes openids and claimers | every resident begins an empty passport |
//! | `jwt` | tokens of residents and staff | everybody logs in again, unless `jwt-previous` holds the old one |
//!
//! They come from files or the environment ([`SecretSources`]), or, for the embedded store alone, from a
//! folder that makes them on first start ([`Secrets::load_or_create`]). None has a default.
//!
//! # Rotation of `jwt`
//! Give the old one as `jwt_previous` and a new one as `jwt`, and start again; in the folder of the
//! embedded store that is `mv jwt jwt-previous`, and the start makes the new one. New tokens are
//! signed with the new one, old ones are still read. Once the longest-lived token is over, take
//! `jwt_previous` away. `jwt_previous` can hold several secrets, one a line.

use std::fmt;
use std::path::PathBuf;

use super::random::RandomnessError;

mod folder;
mod sources;
mod strength;

pub use sources::{SecretFiles, SecretSources};
pub use strength::Weakness;

/// One secret: the bytes of a text that is long and varied enough. Prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes a text as it is, but for white space around it.
    ///
    /// # Errors
    /// What makes the text too weak.
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

/// All secrets of one carnival; no two of them are the same.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// For [`super::codes::Codes`].
    pub codes: Secret,
    /// For [`super::identity::Identity`].
    pub identity: Secret,
    /// For the tokens that are issued from now on.
    pub jwt_current: Secret,
    /// For tokens that were issued before.
    pub jwt_previous: Vec<Secret>,
}

impl Secrets {
    /// Puts them together under the names that the operator knows them by.
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

/// A secret and where it came from, in the operator's words.
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

/// Why the program has no secrets to start with. Each message names the origin and the remedy, and
/// none shows anything of a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is too easy to guess.
    #[error("the secret in {origin} {weakness}; make a good one with `openssl rand -hex 32`")]
    Weak {
        /// The setting, variable or file.
        origin: String,
        /// Why.
        weakness: Weakness,
    },
    /// It was not given.
    #[error(
        "no secret for {name}: set {variable}, or `{name}_file` to a file that holds it; make one with \
         `openssl rand -hex 32`"
    )]
    Missing {
        /// What it is for.
        name: &'static str,
        /// The variable of the environment.
        variable: &'static str,
    },
    /// It was given both as a file and in the environment.
    #[error("the secret for {name} is given twice, in {variable} and as `{name}_file`; take one away")]
    GivenTwice {
        /// What it is for.
        name: &'static str,
        /// The variable of the environment.
        variable: &'static str,
    },
    /// One text serves for two secrets.
    #[error("{one} and {other} hold the same secret; each needs its own, made with `openssl rand -hex 32`")]
    Duplicate {
        /// The first origin.
        one: String,
        /// The second origin.
        other: String,
    },
    /// Other users of the machine can read it.
    #[error("{path} can be read by other users of this machine; run `chmod 600 {path}`")]
    InsecurePermissions {
        /// The file.
        path: PathBuf,
    },
    /// It was there once, and what was made with it is out in the world.
    #[error(
        "{path} is missing, although it was made before; restore it from a backup: with a new one every printed \
         code or every resident's passport would be lost"
    )]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// The file or folder could not be used.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gave no random bytes.
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
    fn a_secret_prints_as_nothing() {
        assert_eq!(format!("{:?}", named("a", "1").secret), "Secret(..)");
    }

    #[test]
    fn white_space_around_a_secret_is_none_of_it() {
        let text = "Zq3vT8mB1xW6nK0rJ5hG9dF2sL7pC4yH-uE_aioMxx1";
        assert_eq!(Secret::new(&format!("{text}\n")), Secret::new(text));
    }

    #[test]
    fn the_same_secret_in_two_places_is_refused_with_both_their_names() {
        let error = Secrets::validated(named("A", "1"), named("B", "2"), named("C", "3"), vec![named("D", "2")]);
        assert_eq!(
            error.unwrap_err().to_string(),
            "B and D hold the same secret; each needs its own, made with `openssl rand -hex 32`"
        );
    }
}
