//! Secrets that the operator gives: each as a file or in the environment.

use std::fs;
use std::path::PathBuf;

use super::{BadSecret, Named, Secrets};

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
pub struct Sources {
    codes: Source,
    identity: Source,
    jwt: Source,
    jwt_previous: Source,
}

/// One secret's file and the text in its variable.
struct Source {
    name: &'static str,
    variable: &'static str,
    file: Option<PathBuf>,
    text: Option<String>,
}

impl Sources {
    /// Joins the settings with the environment, which is asked for `CARNIVAL_SECRET_CODES`,
    /// `CARNIVAL_SECRET_IDENTITY`, `CARNIVAL_SECRET_JWT` and `CARNIVAL_SECRET_JWT_PREVIOUS`. An
    /// empty variable counts as none, because that is how a compose file writes an absent one.
    pub fn gather(files: SecretFiles, environment: impl Fn(&str) -> Option<String>) -> Sources {
        let source = |name, variable, file| {
            let text = environment(variable).filter(|text| !text.trim().is_empty());
            Source { name, variable, file, text }
        };
        Sources {
            codes: source("codes", "CARNIVAL_SECRET_CODES", files.codes_file),
            identity: source("identity", "CARNIVAL_SECRET_IDENTITY", files.identity_file),
            jwt: source("jwt", "CARNIVAL_SECRET_JWT", files.jwt_file),
            jwt_previous: source("jwt_previous", "CARNIVAL_SECRET_JWT_PREVIOUS", files.jwt_previous_file),
        }
    }

    /// Whether the operator gave none at all, so that a folder may make its own.
    #[must_use]
    pub fn are_empty(&self) -> bool {
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
    pub fn from_sources(sources: &Sources) -> Result<Secrets, BadSecret> {
        let previous = match sources.jwt_previous.read()? {
            Some((place, text)) => several(&place, &text)?,
            None => Vec::new(),
        };
        Secrets::checked(sources.codes.one()?, sources.identity.one()?, sources.jwt.one()?, previous)
    }
}

impl Source {
    fn one(&self) -> Result<Named, BadSecret> {
        let (place, text) = self.read()?.ok_or(BadSecret::Missing { name: self.name, variable: self.variable })?;
        Named::new(place, &text)
    }

    /// The place in the operator's words, and what it holds.
    fn read(&self) -> Result<Option<(String, String)>, BadSecret> {
        match (&self.file, &self.text) {
            (Some(_), Some(_)) => Err(BadSecret::Twice { name: self.name, variable: self.variable }),
            (Some(path), None) => {
                let text = fs::read_to_string(path).map_err(BadSecret::io(path))?;
                Ok(Some((format!("{} (`{}_file`)", path.display(), self.name), text)))
            }
            (None, Some(text)) => Ok(Some((self.variable.to_owned(), text.clone()))),
            (None, None) => Ok(None),
        }
    }
}

/// Reads one secret a line; empty lines are skipped.
pub(super) fn several(place: &str, text: &str) -> Result<Vec<Named>, BadSecret> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| Named::new(place, line)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn good(variable: &str) -> Option<String> {
        let seed = variable.strip_prefix("CARNIVAL_SECRET_")?;
        Some(format!("{seed}-Zq3vT8mB1xW6nK0rJ5hG9dF2sL7pC4yHuEaioM12345"))
    }

    fn refusal(files: SecretFiles, environment: impl Fn(&str) -> Option<String>) -> String {
        Secrets::from_sources(&Sources::gather(files, environment)).unwrap_err().to_string()
    }

    #[test]
    fn the_environment_gives_all_of_them() {
        let sources = Sources::gather(SecretFiles::default(), good);
        assert!(!sources.are_empty());
        let secrets = Secrets::from_sources(&sources).unwrap();
        assert_eq!(secrets.codes.bytes(), good("CARNIVAL_SECRET_CODES").unwrap().as_bytes());
        assert_eq!(secrets.jwt_previous.len(), 1);
    }

    #[test]
    fn an_empty_variable_counts_as_none() {
        let sources = Sources::gather(SecretFiles::default(), |_| Some(" ".to_owned()));
        assert!(sources.are_empty());
    }

    #[test]
    fn files_give_them_too_and_the_previous_ones_line_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let previous = folder.path().join("previous");
        fs::write(
            &previous,
            format!("{}\n\n{}\n", good("CARNIVAL_SECRET_X").unwrap(), good("CARNIVAL_SECRET_Y").unwrap()),
        )
        .unwrap();
        let files = SecretFiles { jwt_previous_file: Some(previous), ..SecretFiles::default() };
        let sources = Sources::gather(files, |name| good(name).filter(|_| !name.ends_with("PREVIOUS")));
        assert_eq!(Secrets::from_sources(&sources).unwrap().jwt_previous.len(), 2);
    }

    #[test]
    fn the_message_names_what_is_missing_and_the_remedy() {
        let said = refusal(SecretFiles::default(), |name| good(name).filter(|_| !name.ends_with("IDENTITY")));
        insta::assert_snapshot!(said, @"no secret for identity: set CARNIVAL_SECRET_IDENTITY, or `identity_file` to a file that holds it; make one with `openssl rand -hex 32`");
    }

    #[test]
    fn the_message_names_the_weak_one_and_shows_nothing_of_it() {
        let weak = |name: &str| if name.ends_with("_JWT") { Some("hunter2".to_owned()) } else { good(name) };
        let said = refusal(SecretFiles::default(), weak);
        insta::assert_snapshot!(said, @"the secret in CARNIVAL_SECRET_JWT is too short: 43 characters at least, the length of 32 random bytes in base64; make a good one with `openssl rand -hex 32`");
    }

    #[test]
    fn two_sources_of_one_secret_and_an_absent_file_are_told() {
        let file = |path: &str| SecretFiles { codes_file: Some(path.into()), ..SecretFiles::default() };
        insta::assert_snapshot!(refusal(file("/x"), good), @"the secret for codes is given twice, in CARNIVAL_SECRET_CODES and as `codes_file`; take one away");
        let said = refusal(file("/nowhere/codes"), |name| good(name).filter(|_| !name.ends_with("CODES")));
        assert!(said.starts_with("cannot use /nowhere/codes: "), "{said}");
    }
}
