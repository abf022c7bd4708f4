//! Secrets that the operator configures, each in a file or in the environment.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::{NamedSecret, SecretError, Secrets};

/// The settings that name files with secrets. A secret without a file (an empty path) is read from the environment.
///
/// The permissions of these files are not checked: they are set by the container platform (Docker mounts secrets
/// readable by all), and a container has no other users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretFiles {
    /// File with the secret `codes`.
    pub codes_file: PathBuf,
    /// File with the secret `identity`.
    pub identity_file: PathBuf,
    /// File with the secret `jwt`.
    pub jwt_file: PathBuf,
    /// File with previous `jwt` secrets, one per line.
    pub jwt_previous_file: PathBuf,
}

/// Where each secret comes from: `codes`, `identity`, `jwt` and previous ones of `jwt`.
pub struct SecretSources([SecretSource; 4]);

/// The file of one secret, and the text of its environment variable.
struct SecretSource {
    name: &'static str,
    variable: &'static str,
    file: Option<PathBuf>,
    text: Option<String>,
}

impl SecretSources {
    /// Combines the settings with the environment variables `CARNIVAL_SECRET_CODES`, `CARNIVAL_SECRET_IDENTITY`,
    /// `CARNIVAL_SECRET_JWT` and `CARNIVAL_SECRET_JWT_PREVIOUS`. An empty variable counts as absent, because a compose
    /// file passes absent ones as empty.
    pub fn new(files: SecretFiles, environment: impl Fn(&str) -> Option<String>) -> SecretSources {
        let source = |name, variable, file: PathBuf| {
            let file = Some(file).filter(|path| !path.as_os_str().is_empty());
            let text = environment(variable).filter(|text| !text.trim().is_empty());
            SecretSource { name, variable, file, text }
        };
        SecretSources([
            source("codes", "CARNIVAL_SECRET_CODES", files.codes_file),
            source("identity", "CARNIVAL_SECRET_IDENTITY", files.identity_file),
            source("jwt", "CARNIVAL_SECRET_JWT", files.jwt_file),
            source("jwt_previous", "CARNIVAL_SECRET_JWT_PREVIOUS", files.jwt_previous_file),
        ])
    }

    /// Whether no secret is configured, so that the embedded store may create them in its folder.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|source| source.file.is_none() && source.text.is_none())
    }
}

impl Secrets {
    /// Reads the configured secrets.
    ///
    /// # Errors
    /// Fails if one is missing, configured twice, too weak, equal to another, or cannot be read.
    pub fn from_sources(sources: &SecretSources) -> Result<Secrets, SecretError> {
        let [codes, identity, jwt, jwt_previous] = &sources.0;
        let previous = jwt_previous.read()?;
        let previous = previous.map_or_else(|| Ok(Vec::new()), |(origin, text)| previous_keys(&origin, &text))?;
        Secrets::validated(codes.one()?, identity.one()?, jwt.one()?, previous)
    }
}

impl SecretSource {
    fn one(&self) -> Result<NamedSecret, SecretError> {
        let (origin, text) = self.read()?.ok_or(SecretError::Missing { name: self.name, variable: self.variable })?;
        NamedSecret::new(origin, &text)
    }

    /// The origin as the operator knows it, and the text.
    fn read(&self) -> Result<Option<(String, String)>, SecretError> {
        match (&self.file, &self.text) {
            (Some(_), Some(_)) => Err(SecretError::GivenTwice { name: self.name, variable: self.variable }),
            (Some(path), None) => {
                let text = fs::read_to_string(path).map_err(SecretError::io(path))?;
                Ok(Some((format!("{} (`{}_file`)", path.display(), self.name), text)))
            }
            (None, Some(text)) => Ok(Some((self.variable.to_owned(), text.clone()))),
            (None, None) => Ok(None),
        }
    }
}

/// Reads one secret per line; empty lines are skipped.
pub(super) fn previous_keys(origin: &str, text: &str) -> Result<Vec<NamedSecret>, SecretError> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| NamedSecret::new(origin, line)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn strong_secret(variable: &str) -> Option<String> {
        let seed = variable.strip_prefix("CARNIVAL_SECRET_")?;
        Some(format!("{seed}-Zq3vT8mB1xW6nK0rJ5hG9dF2sL7pC4yHuEaioM12345"))
    }

    fn refusal(files: SecretFiles, environment: impl Fn(&str) -> Option<String>) -> String {
        Secrets::from_sources(&SecretSources::new(files, environment)).unwrap_err().to_string()
    }

    #[test]
    fn all_secrets_can_come_from_the_environment() {
        let sources = SecretSources::new(SecretFiles::default(), strong_secret);
        assert!(!sources.is_empty());
        let secrets = Secrets::from_sources(&sources).unwrap();
        assert_eq!(secrets.codes.bytes(), strong_secret("CARNIVAL_SECRET_CODES").unwrap().as_bytes());
        assert_eq!(secrets.jwt_previous.len(), 1);
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let sources = SecretSources::new(SecretFiles::default(), |_| Some(" ".to_owned()));
        assert!(sources.is_empty());
    }

    #[test]
    fn a_file_can_hold_several_previous_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let previous = folder.path().join("previous");
        fs::write(
            &previous,
            format!(
                "{}\n\n{}\n",
                strong_secret("CARNIVAL_SECRET_X").unwrap(),
                strong_secret("CARNIVAL_SECRET_Y").unwrap()
            ),
        )
        .unwrap();
        let files = SecretFiles { jwt_previous_file: previous, ..SecretFiles::default() };
        let sources = SecretSources::new(files, |name| strong_secret(name).filter(|_| !name.ends_with("PREVIOUS")));
        assert_eq!(Secrets::from_sources(&sources).unwrap().jwt_previous.len(), 2);
    }

    #[test]
    fn the_error_for_a_missing_secret_names_it_and_the_remedy() {
        let message =
            refusal(SecretFiles::default(), |name| strong_secret(name).filter(|_| !name.ends_with("IDENTITY")));
        insta::assert_snapshot!(message, @"no secret for identity: set CARNIVAL_SECRET_IDENTITY, or `identity_file` to a file that holds it; make one with `openssl rand -hex 32`");
    }

    #[test]
    fn the_error_for_a_weak_secret_names_it_and_does_not_reveal_it() {
        let weak = |name: &str| if name.ends_with("_JWT") { Some("hunter2".to_owned()) } else { strong_secret(name) };
        let message = refusal(SecretFiles::default(), weak);
        insta::assert_snapshot!(message, @"the secret in CARNIVAL_SECRET_JWT is too short: 43 characters at least, the length of 32 random bytes in base64; make a good one with `openssl rand -hex 32`");
    }

    #[test]
    fn two_sources_of_one_secret_and_an_absent_file_are_errors() {
        let file = |path: &str| SecretFiles { codes_file: path.into(), ..SecretFiles::default() };
        insta::assert_snapshot!(refusal(file("/x"), strong_secret), @"the secret for codes is given twice, in CARNIVAL_SECRET_CODES and as `codes_file`; take one away");
        let message = refusal(file("/nowhere/codes"), |name| strong_secret(name).filter(|_| !name.ends_with("CODES")));
        assert!(message.starts_with("cannot use /nowhere/codes: "), "{message}");
    }
}
