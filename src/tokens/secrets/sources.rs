//! Secrets that the operator gives: each as a file or in the environment.

use std::fs;
use std::path::PathBuf;

use super::{NamedSecret, SecretError, Secrets};

/// The settings that name files with secrets. Without one, the environment is asked.
///
/// The rights of these files are not judged: a container's platform chooses them (Docker mounts
/// secrets as readable by all), and nobody else lives in that container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretFiles {
    /// Holds the secret of codes.
    pub codes_file: Option<PathBuf>,
    /// Holds the secret of identities.
    pub identity_file: Option<PathBuf>,
    /// Holds the secret of tokens.
    pub jwt_file: Option<PathBuf>,
    /// Holds earlier secrets of tokens, one a line.
    pub jwt_previous_file: Option<PathBuf>,
}

/// Where each secret is given.
pub struct SecretSources {
    codes: SecretSource,
    identity: SecretSource,
    jwt: SecretSource,
    jwt_previous: SecretSource,
}

/// One secret's file and the text in its variable.
struct SecretSource {
    name: &'static str,
    variable: &'static str,
    file: Option<PathBuf>,
    text: Option<String>,
}

impl SecretSources {
    /// Joins the settings with the environment, which is asked for `CARNIVAL_SECRET_CODES`,
    /// `CARNIVAL_SECRET_IDENTITY`, `CARNIVAL_SECRET_JWT` and `CARNIVAL_SECRET_JWT_PREVIOUS`. An
    /// empty variable counts as none, because that is how a compose file writes an absent one.
    pub fn new(files: SecretFiles, environment: impl Fn(&str) -> Option<String>) -> SecretSources {
        let source = |name, variable, file| {
            let text = environment(variable).filter(|text| !text.trim().is_empty());
            SecretSource { name, variable, file, text }
        };
        SecretSources {
            codes: source("codes", "CARNIVAL_SECRET_CODES", files.codes_file),
            identity: source("identity", "CARNIVAL_SECRET_IDENTITY", files.identity_file),
            jwt: source("jwt", "CARNIVAL_SECRET_JWT", files.jwt_file),
            jwt_previous: source("jwt_previous", "CARNIVAL_SECRET_JWT_PREVIOUS", files.jwt_previous_file),
        }
    }

    /// Whether the operator gave none at all, so that a folder may make its own.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.codes, &self.identity, &self.jwt, &self.jwt_previous]
            .iter()
            .all(|source| source.file.is_none() && source.text.is_none())
    }
}

impl Secrets {
    /// Reads the secrets that the operator gives.
    ///
    /// # Errors
    /// When one is missing, given twice, too weak, the same as another, or cannot be read.
    pub fn from_sources(sources: &SecretSources) -> Result<Secrets, SecretError> {
        let previous = match sources.jwt_previous.read()? {
            Some((origin, text)) => previous_keys(&origin, &text)?,
            None => Vec::new(),
        };
        Secrets::validated(sources.codes.one()?, sources.identity.one()?, sources.jwt.one()?, previous)
    }
}

impl SecretSource {
    fn one(&self) -> Result<NamedSecret, SecretError> {
        let (origin, text) = self.read()?.ok_or(SecretError::Missing { name: self.name, variable: self.variable })?;
        NamedSecret::new(origin, &text)
    }

    /// The origin in the operator's words, and what it holds.
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

/// Reads one secret a line; empty lines are skipped.
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
    fn the_environment_gives_all_of_them() {
        let sources = SecretSources::new(SecretFiles::default(), strong_secret);
        assert!(!sources.is_empty());
        let secrets = Secrets::from_sources(&sources).unwrap();
        assert_eq!(secrets.codes.bytes(), strong_secret("CARNIVAL_SECRET_CODES").unwrap().as_bytes());
        assert_eq!(secrets.jwt_previous.len(), 1);
    }

    #[test]
    fn an_empty_variable_counts_as_none() {
        let sources = SecretSources::new(SecretFiles::default(), |_| Some(" ".to_owned()));
        assert!(sources.is_empty());
    }

    #[test]
    fn files_give_them_too_and_the_previous_ones_line_by_line() {
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
        let files = SecretFiles { jwt_previous_file: Some(previous), ..SecretFiles::default() };
        let sources = SecretSources::new(files, |name| strong_secret(name).filter(|_| !name.ends_with("PREVIOUS")));
        assert_eq!(Secrets::from_sources(&sources).unwrap().jwt_previous.len(), 2);
    }

    #[test]
    fn the_message_names_what_is_missing_and_the_remedy() {
        let message =
            refusal(SecretFiles::default(), |name| strong_secret(name).filter(|_| !name.ends_with("IDENTITY")));
        insta::assert_snapshot!(message, @"no secret for identity: set CARNIVAL_SECRET_IDENTITY, or `identity_file` to a file that holds it; make one with `openssl rand -hex 32`");
    }

    #[test]
    fn the_message_names_the_weak_one_and_shows_nothing_of_it() {
        let weak = |name: &str| if name.ends_with("_JWT") { Some("hunter2".to_owned()) } else { strong_secret(name) };
        let message = refusal(SecretFiles::default(), weak);
        insta::assert_snapshot!(message, @"the secret in CARNIVAL_SECRET_JWT is too short: 43 characters at least, the length of 32 random bytes in base64; make a good one with `openssl rand -hex 32`");
    }

    #[test]
    fn two_sources_of_one_secret_and_an_absent_file_are_told() {
        let file = |path: &str| SecretFiles { codes_file: Some(path.into()), ..SecretFiles::default() };
        insta::assert_snapshot!(refusal(file("/x"), strong_secret), @"the secret for codes is given twice, in CARNIVAL_SECRET_CODES and as `codes_file`; take one away");
        let message = refusal(file("/nowhere/codes"), |name| strong_secret(name).filter(|_| !name.ends_with("CODES")));
        assert!(message.starts_with("cannot use /nowhere/codes: "), "{message}");
    }
}
