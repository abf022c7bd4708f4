//! Settings: the compiled-in defaults, then a file, then the environment. Checked once, at startup.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use serde::Deserialize;

use crate::actions::prints::render_pool;
use crate::http;
use crate::store::{embedded, redis as redis_store};
use crate::tokens::secrets::SecretFiles;
use crate::wechat;

/// The text of `config/default.toml`, which documents every setting.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings of `carnival serve`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `[carnival]`
    pub carnival: CarnivalSettings,
    /// `[http]`
    pub http: http::Settings,
    /// `[pictures]`
    pub pictures: render_pool::Settings,
    /// `[store]`
    pub store: StoreSettings,
    /// `[wechat]`
    pub wechat: WeChatSettings,
    /// `[secrets]`
    pub secrets: SecretFiles,
    /// `[metrics]`
    pub metrics: http::MetricsSettings,
    /// `[log]`
    pub log: LogSettings,
}

/// Settings of the carnival.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarnivalSettings {
    /// The carnival file.
    pub file: PathBuf,
    /// The URL that printed codes begin with; empty until the operator sets it.
    pub public_url: String,
    /// How long a display code stays valid after its own 30 seconds, in seconds.
    pub display_grace_s: u32,
    /// The length of a staff session, in hours.
    pub staff_session_hours: u32,
    /// The lifetime of a resident's token, in hours.
    pub resident_token_hours: u32,
    /// The speed between two stamps above which they are suspicious, in km/h; 0 for none.
    pub suspicious_kmh: u32,
    /// Minutes without a stamp after which an open point counts as idle; 0 for never.
    pub idle_minutes: u32,
}

/// Settings of the store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// Embedded or Redis.
    pub kind: StoreKind,
    /// The number of shards that passports are spread over.
    pub shards: u16,
    /// `[store.embedded]`
    pub embedded: EmbeddedSettings,
    /// `[store.redis]`, without the number of shards.
    redis: redis_store::Settings,
}

/// The kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum StoreKind {
    /// A folder on this machine.
    Embedded,
    /// Redis or a Redis Cluster.
    Redis,
}

// Not derived: the error of `config` would mention variant constructors.
impl TryFrom<String> for StoreKind {
    type Error = String;
    fn try_from(text: String) -> Result<StoreKind, String> {
        match text.as_str() {
            "embedded" => Ok(StoreKind::Embedded),
            "redis" => Ok(StoreKind::Redis),
            _ => Err(format!("{text:?} is not a store; write \"embedded\" or \"redis\"")),
        }
    }
}

/// Settings of the embedded store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddedSettings {
    /// The folder of the database.
    pub folder: PathBuf,
    /// The cache, in megabytes.
    pub cache_mb: u16,
}

impl StoreSettings {
    /// Options for opening the embedded store.
    #[must_use]
    pub fn embedded(&self) -> embedded::Options {
        embedded::Options { cache_bytes: usize::from(self.embedded.cache_mb) << 20, shards: self.shards }
    }

    /// Settings for connecting to Redis.
    #[must_use]
    pub fn redis(&self) -> redis_store::Settings {
        redis_store::Settings { shards: self.shards, ..self.redis.clone() }
    }
}

/// Settings of WeChat's servers and the app.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeChatSettings {
    base_url: String,
    timeout_ms: std::num::NonZeroU32,
    /// The app's id.
    pub app_id: String,
    /// The file with the app's secret.
    pub app_secret_file: PathBuf,
    /// The file with the token of the message push.
    pub push_token_file: PathBuf,
    /// The file with the key of the message push.
    pub push_key_file: PathBuf,
}

impl WeChatSettings {
    /// Settings of the WeChat client.
    #[must_use]
    pub fn client(&self) -> wechat::ClientSettings {
        wechat::ClientSettings { base_url: self.base_url.clone(), timeout_ms: self.timeout_ms }
    }
}

/// Settings of the log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// Text or JSON.
    pub format: LogFormat,
    /// The filter, in the syntax of `tracing`.
    pub filter: String,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// JSON for programs.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;
    fn try_from(text: String) -> Result<LogFormat, String> {
        match text.as_str() {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(format!("{text:?} is not a log format; write \"text\" or \"json\"")),
        }
    }
}

impl Settings {
    /// The defaults alone.
    ///
    /// # Errors
    /// Never: a test parses the defaults.
    pub fn defaults() -> Result<Settings, ConfigError> {
        Config::builder().add_source(defaults()).build()?.try_deserialize()
    }

    /// Loads the settings: defaults, then the file if there is one, then the environment.
    ///
    /// # Errors
    /// A sentence that names the key, and the file or the variable.
    pub fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
        Settings::compose(file, None)
    }

    fn compose(file: Option<&Path>, variables: Option<config::Map<String, String>>) -> Result<Settings, ConfigError> {
        let mut builder = Config::builder().add_source(defaults());
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        let from_file = builder.clone().build().and_then(Config::try_deserialize);
        let mut settings: Settings = from_file.map_err(|error| match file {
            Some(file) => caused_by(file.display(), &error),
            None => error,
        })?;
        let folder = file.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        let from_both = builder.add_source(environment(variables)).build().and_then(Config::try_deserialize);
        // The file was valid without the environment, so an error comes from a variable.
        let environment = "in the environment (CARNIVAL__SECTION__KEY)";
        let mut with_variables: Settings = from_both.map_err(|error| caused_by(environment, &error))?;
        for (path, from_file) in with_variables.paths().into_iter().zip(settings.paths()) {
            // A path that the environment did not change is relative to the file's folder.
            if path == from_file && !path.as_os_str().is_empty() {
                *path = folder.join(&path);
            }
        }
        Ok(with_variables)
    }

    fn paths(&mut self) -> [&mut PathBuf; 10] {
        [
            &mut self.carnival.file,
            &mut self.http.check_files,
            &mut self.store.embedded.folder,
            &mut self.wechat.app_secret_file,
            &mut self.wechat.push_token_file,
            &mut self.wechat.push_key_file,
            &mut self.secrets.codes_file,
            &mut self.secrets.identity_file,
            &mut self.secrets.jwt_file,
            &mut self.secrets.jwt_previous_file,
        ]
    }
}

fn defaults() -> File<config::FileSourceString, FileFormat> {
    File::from_str(DEFAULTS, FileFormat::Toml)
}

fn environment(variables: Option<config::Map<String, String>>) -> Environment {
    Environment::with_prefix("CARNIVAL")
        .prefix_separator("__")
        .separator("__")
        .list_separator(",")
        .with_list_parse_key("store.redis.urls")
        .with_list_parse_key("http.trusted_proxies")
        .try_parsing(true)
        .source(variables)
}

/// An error with the source that caused it.
fn caused_by(source: impl std::fmt::Display, error: &ConfigError) -> ConfigError {
    ConfigError::Message(format!("{source}: {}", without_passwords(&error.to_string())))
}

/// A message without the text between `://` and `@`: a syntax error in a line with a URL quotes the line, password
/// included.
fn without_passwords(message: &str) -> String {
    let mut shown = String::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let authority = after.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(after.len());
        rest = after[..authority].rfind('@').map_or(after, |at| {
            shown.push('…');
            &after[at..]
        });
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn with(file: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.toml");
        std::fs::write(&path, file).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::compose(Some(&path), Some(variables)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_documented_defaults_match_the_code() {
        let settings = Settings::defaults().unwrap();
        assert_eq!(settings.http.listen.port(), 8080);
        assert_eq!(settings.store.kind, StoreKind::Embedded);
        assert_eq!(settings.wechat.client().base_url, wechat::ClientSettings::default().base_url);
        assert_eq!(settings.store.embedded().cache_bytes, embedded::Options::default().cache_bytes);
        assert_eq!(settings.store.redis().timeout_ms, redis_store::Settings::default().timeout_ms);
    }

    #[test]
    fn a_file_wins_over_defaults_and_the_environment_over_both() {
        let file = "[store]\nkind = \"redis\"\n[store.redis]\nurls = [\"redis://a:1\"]\n[http]\nworkers = 3\n";
        let settings = with(file, &[("CARNIVAL__HTTP__WORKERS", "5")]).unwrap();
        assert_eq!((settings.store.kind, settings.http.workers), (StoreKind::Redis, 5));
        let urls = [("CARNIVAL__STORE__REDIS__URLS", "redis://a:1,redis://b:2")];
        assert_eq!(with("", &urls).unwrap().store.redis().urls, ["redis://a:1", "redis://b:2"]);
    }

    #[test]
    fn a_misspelt_setting_is_reported_with_its_key_and_source() {
        let message = with("[http]\nlisten_on = \"127.0.0.1:1\"\n", &[]).unwrap_err();
        assert!(message.contains("listen_on") && message.contains("my.toml"), "{message}");
        let message = with("", &[("CARNIVAL__HTTP__LISTEN_ON", "127.0.0.1:1")]).unwrap_err();
        assert!(message.contains("listen_on") && message.contains("environment"), "{message}");
        let message = with("[store]\nkind = \"sqlite\"\n", &[]).unwrap_err();
        assert!(message.contains("\"embedded\" or \"redis\"") && message.contains("store.kind"), "{message}");
        let message = with("[http]\nworkers = \"many\"\n", &[]).unwrap_err();
        assert!(message.contains("workers") && message.contains("my.toml"), "{message}");
    }

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        let settings =
            with("[store.embedded]\nfolder = \"kept\"\n", &[("CARNIVAL__CARNIVAL__FILE", "mine.toml")]).unwrap();
        assert!(settings.store.embedded.folder.is_absolute() && settings.store.embedded.folder.ends_with("kept"));
        assert_eq!(settings.carnival.file, Path::new("mine.toml"));
        assert!(settings.http.check_files.as_os_str().is_empty(), "an empty path stays empty");
    }

    #[test]
    fn a_password_in_a_rejected_line_is_not_printed() {
        for line in ["urls = \"redis://:hush@a:1\"", "urls = [\"redis://ana:hu@sh@a:1\""] {
            let message = with(&format!("[store.redis]\n{line}\n"), &[]).unwrap_err();
            assert!(!message.contains("hu"), "{message}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_printed() {
        let settings = with("[store.redis]\nurls = [\"redis://:hush@a:1\"]\n", &[]).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
