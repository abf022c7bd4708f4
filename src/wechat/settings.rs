//! Settings of the WeChat client: server address, timeout, and the app's id and secret.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

/// Settings of the client. None of them is secret; the secrets are in [`Credentials`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// Base URL of WeChat's servers; paths such as `/sns/jscode2session` are appended. Must be `https`, except on this
    /// machine (for tests).
    pub base_url: String,
    /// Time limit of a login in milliseconds, including its one retry.
    pub timeout_ms: NonZeroU32,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            base_url: "https://api.weixin.qq.com".to_owned(),
            // WeChat stops a mini-program five seconds after it leaves the foreground; our own processing must fit in
            // too.
            timeout_ms: NonZeroU32::MIN.saturating_add(2_999),
        }
    }
}

impl ClientSettings {
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms.get()))
    }

    /// The URL of one of WeChat's calls.
    ///
    /// # Errors
    ///
    /// [`SetupError::BaseUrl`] if `base_url` is not a plain URL, or would send the app's secret unencrypted.
    pub(super) fn endpoint(&self, path: &str) -> Result<Url, SetupError> {
        let refused = |why| SetupError::BaseUrl { base_url: self.base_url.clone(), why };
        let base = Url::parse(&self.base_url).map_err(|_| refused("is not a web address"))?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(refused("must end before any `?` or `#`"));
        }
        match (base.scheme(), base.host_str()) {
            ("https", Some(_)) | ("http", Some("127.0.0.1" | "localhost" | "[::1]")) => {}
            _ => {
                return Err(refused("must begin with https://, because the app's secret is sent to it"));
            }
        }
        Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/')))
            .map_err(|_| refused("is not a web address"))
    }
}

/// The id and secret of the organisation's app, as shown in WeChat's console.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The app's id: `wx` and sixteen characters.
    pub app_id: String,
    /// The app's secret.
    pub secret: SecretString,
}

/// A text that `Debug` does not print.
#[derive(Clone)]
pub struct SecretString(String);

impl SecretString {
    /// Wraps a text so that it is not printed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one request that needs it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Why the client cannot be created; detected at startup.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL is unusable or unsafe.
    #[error("WeChat's base_url {base_url:?} {why}")]
    BaseUrl {
        /// The configured base URL.
        base_url: String,
        /// The problem with it.
        why: &'static str,
    },
    /// The app's id or secret is empty.
    #[error("WeChat's app id and app secret must not be empty")]
    NoCredentials,
    /// TLS is unavailable on this machine.
    #[error("cannot create an HTTPS client for WeChat; are the system's CA certificates installed?")]
    Https(#[source] reqwest::Error),
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn at(base_url: &str) -> ClientSettings {
        ClientSettings { base_url: base_url.to_owned(), ..ClientSettings::default() }
    }

    #[test]
    fn the_defaults_are_wechats_server_and_three_seconds() {
        let settings = ClientSettings::default();
        assert_eq!(settings.base_url, "https://api.weixin.qq.com");
        assert_eq!(settings.timeout(), Duration::from_secs(3));
    }

    #[test]
    fn an_unknown_setting_is_rejected() {
        let error = serde_json::from_str::<ClientSettings>(r#"{"timeout": 3}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `timeout`"), "{error}");
    }

    #[test]
    fn a_path_is_appended_to_a_base_with_or_without_a_slash() {
        for base in ["https://proxy.example/wx", "https://proxy.example/wx/"] {
            let url = at(base).endpoint("/sns/login").unwrap();
            assert_eq!(url.as_str(), "https://proxy.example/wx/sns/login");
        }
    }

    #[test]
    fn the_secret_is_sent_unencrypted_only_inside_this_machine() {
        assert!(at("http://127.0.0.1:8099").endpoint("/x").is_ok());
        assert!(at("http://localhost:8099").endpoint("/x").is_ok());
        assert!(at("http://[::1]:8099").endpoint("/x").is_ok());
        for open in ["http://api.weixin.qq.com", "ftp://127.0.0.1", "http://localhost.evil.example"] {
            assert!(at(open).endpoint("/x").is_err(), "{open}");
        }
        for broken in ["", "api.weixin.qq.com", "https://h/?x=", "https://h/#x"] {
            assert!(at(broken).endpoint("/x").is_err(), "{broken}");
        }
    }

    #[test]
    fn debug_does_not_print_a_secret() {
        let credentials = Credentials { app_id: "wx1".to_owned(), secret: SecretString::new("hush".to_owned()) };
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
