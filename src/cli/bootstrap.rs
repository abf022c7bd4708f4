//! Builds the application from its parts: settings, secrets, store, carnival, server.

use std::io::IsTerminal;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::actions::caches::{ClosedDaysCache, VersionListCache};
use crate::actions::carnival::current_carnival::{self, LoadError, Startup};
use crate::actions::clock::Clock;
use crate::actions::prints::render_pool::RenderPool;
use crate::actions::store_identity::verify;
use crate::actions::store_problems;
use crate::actions::{self, App, AppSettings, CurrentCarnivalCell, HintBuffer, LoginProvider};
use crate::config::{LogFormat, LogSettings, Settings, StoreKind};
use crate::http::{MetricsServer, Server};
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::rules::carnival_file;
use crate::rules::ids::PointId;
use crate::rules::lang::Lang;
use crate::store::embedded::{open_embedded, open_or_connect};
use crate::store::{Store, embedded};
use crate::tokens::secrets::SecretSources;
use crate::tokens::{Codes, Jwt, Pseudonyms, Secrets};
use jiff::{SignedDuration, Timestamp};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::console::{CliError, log_as_json, warn};
use super::wechat_setup::{self, WeChatServices};
use super::{artwork, check, store_access};

#[derive(clap::Args)]
pub(crate) struct ConfigFile {
    /// The settings file. Without it, the defaults and the environment apply.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// Loads and checks the settings.
    pub(crate) fn load(&self, lang: Lang) -> Result<Settings, CliError> {
        if let Some(file) = self.config.as_ref().filter(|file| !file.exists()) {
            let file = file.display();
            return Err(lang
                .pick(
                    format!("没有设置文件 {file}，请检查 --config 后面的路径。"),
                    format!("There is no settings file {file}; check the path after --config."),
                )
                .into());
        }
        Settings::load(self.config.as_deref())
            .map_err(|error| lang.pick(format!("设置有误：{error}"), format!("The settings are wrong: {error}")).into())
    }
}

/// Builds the server according to the settings. Also returns a sentence on where its data is stored.
pub(crate) async fn build_server(config: &ConfigFile, lang: Lang) -> Result<(Server, Arc<App>, String), CliError> {
    let settings = config.load(lang)?;
    init_logging(&settings.log, lang)?;
    let preflight = Preflight::run(&settings, lang)?;
    let metrics_server = bind_metrics_server(&settings, lang)?;
    let wechat = wechat_setup::from_settings(&settings, lang)?;
    let store = match settings.store.kind {
        StoreKind::Embedded => open_embedded(&settings.store.embedded.folder, settings.store.embedded()).await?,
        StoreKind::Redis => Arc::new(store_access::connect_redis(&settings, lang).await?),
    };
    let app = preflight.assemble(&settings, store, wechat, Clock::System, lang).await?;
    artwork::warn_missing(&app, lang);
    let store_location = describe_store_location(&settings, lang);
    let listen = settings.http.listen;
    let server = Server::bind(settings.http, Arc::clone(&app), false).map_err(|cause| {
        lang.pick(
            format!("{listen} 用不了：{cause}。请改 http.listen，或停掉占用它的程序。"),
            format!("{listen} cannot be used: {cause}. Change http.listen, or stop the program that uses it."),
        )
    })?;
    Ok((server.with_metrics(metrics_server), app, store_location))
}

/// Binds the metrics server. Called before the store is opened, so that the store's first calls are measured.
fn bind_metrics_server(settings: &Settings, lang: Lang) -> Result<Option<MetricsServer>, CliError> {
    let Some(listen) = settings.metrics.listen.0 else { return Ok(None) };
    let metrics_server = MetricsServer::bind(listen).map_err(|cause| {
        lang.pick(
            format!("指标地址 {listen} 用不了：{cause}。请改 metrics.listen，或停掉占用它的程序。"),
            format!(
                "{listen} cannot be used for the metrics: {cause}. Change metrics.listen, or stop the program that uses it."
            ),
        )
    })?;
    Ok(Some(metrics_server))
}

fn describe_store_location(settings: &Settings, lang: Lang) -> String {
    let (folder, prefix) = (settings.store.embedded.folder.display(), settings.store.redis().prefix);
    match settings.store.kind {
        StoreKind::Embedded => {
            lang.pick(format!("数据存在文件夹 {folder} 里。"), format!("Records are kept in the folder {folder}."))
        }
        StoreKind::Redis => lang.pick(
            format!("数据存在 Redis 里，键以 {prefix} 开头。"),
            format!("Records are kept in Redis, under keys that begin with {prefix}."),
        ),
    }
}

/// Builds the application without a server, for a command that may run next to a running server.
pub(crate) async fn connect_shared(config: &ConfigFile, lang: Lang) -> Result<Arc<App>, CliError> {
    let settings = config.load(lang)?;
    let preflight = Preflight::run(&settings, lang)?;
    let store = match settings.store.kind {
        StoreKind::Embedded => open_or_connect(&settings.store.embedded.folder, settings.store.embedded()).await?,
        StoreKind::Redis => Arc::new(store_access::connect_redis(&settings, lang).await?),
    };
    // The command line logs in no residents, so WeChat's secret is not required.
    preflight.assemble(&settings, store, WeChatServices::disabled(LoginProvider::Disabled), Clock::System, lang).await
}

/// Like [`connect_shared`], for a publication. It uses the carnival in the store, and reads the carnival file of the
/// settings only if the store is empty: that file may be the one being published, with mistakes in it.
pub(crate) async fn connect_to_publish(config: &ConfigFile, lang: Lang) -> Result<Arc<App>, CliError> {
    let settings = config.load(lang)?;
    check_public_url(&settings.carnival.public_url, lang)?;
    let configured = configured_secrets(&settings, lang)?;
    let store = match settings.store.kind {
        StoreKind::Embedded => open_or_connect(&settings.store.embedded.folder, settings.store.embedded()).await?,
        StoreKind::Redis => Arc::new(store_access::connect_redis(&settings, lang).await?),
    };
    if store.control().await?.version == 0 {
        return Preflight::run(&settings, lang)?
            .assemble(&settings, store, WeChatServices::disabled(LoginProvider::Disabled), Clock::System, lang)
            .await;
    }
    let secrets = match configured {
        Some(configured) => configured,
        None => load_or_create_secrets(&settings, store.as_ref()).await?,
    };
    verify_identity(store.as_ref(), &secrets, false, lang).await?;
    let (current, _) = current_carnival::load(store.as_ref()).await?;
    Ok(Arc::new(build_app(
        &settings,
        &secrets,
        store,
        WeChatServices::disabled(LoginProvider::Disabled),
        Clock::System,
        current,
        artwork::from_settings(&settings),
    )?))
}

/// How a rehearsal's server differs from a production server.
pub(crate) struct RehearsalConfig {
    /// The carnival file's text.
    pub(crate) text: String,
    /// Where the carnival's artwork is read from.
    pub(crate) artwork: ArtworkSource,
    /// The listener of the server.
    pub(crate) listener: TcpListener,
    /// The host in the printed links.
    pub(crate) host: String,
    /// The start of the rehearsal, in carnival time.
    pub(crate) starts_at: Timestamp,
    /// How many times as fast as real time the clock and the simulated people run.
    pub(crate) speed: NonZeroU32,
}

/// By how many real seconds a sped-up rehearsal extends the validity of display codes: without it, the machine's
/// latency would count `speed` times.
pub(crate) const DISPLAY_GRACE_EXTENSION_S: u32 = 3;

/// Builds a rehearsal's server, with default settings and all data in one folder.
pub(crate) async fn build_rehearsal(
    rehearsal: RehearsalConfig,
    folder: &Path,
    lang: Lang,
) -> Result<(Server, Arc<App>), CliError> {
    let mut settings = Settings::defaults()?;
    init_logging(&LogSettings { filter: "warn,actix_http=off".to_owned(), ..settings.log.clone() }, lang)?;
    settings.http.listen = rehearsal.listener.local_addr()?;
    settings.http.limits = settings.http.limits.scaled(rehearsal.speed);
    let extra_speed = rehearsal.speed.get() - 1;
    settings.carnival.display_grace_s =
        settings.carnival.display_grace_s.saturating_add(DISPLAY_GRACE_EXTENSION_S * extra_speed);
    let clock = Clock::starting_at(rehearsal.starts_at, rehearsal.speed.get());
    folder.to_path_buf().clone_into(&mut settings.store.embedded.folder);
    settings.carnival.public_url = format!("http://{}:{}", rehearsal.host, settings.http.listen.port());
    let store = open_embedded(folder, embedded::Options::default()).await?;
    // The folder's secrets, not those of the environment: a rehearsal must not touch a real carnival.
    let secrets = load_or_create_secrets(&settings, store.as_ref()).await?;
    verify_identity(store.as_ref(), &secrets, true, lang).await?;
    let startup = current_carnival::load_or_seed(store.as_ref(), &rehearsal.text, clock.now()).await;
    let Startup { current, .. } = startup.map_err(|error| load_failure(error, "carnival.toml", lang))?;
    let app = Arc::new(build_app(
        &settings,
        &secrets,
        store,
        WeChatServices::disabled(LoginProvider::Rehearsal),
        clock,
        current,
        rehearsal.artwork,
    )?);
    let server = Server::from_listener(rehearsal.listener, settings.http, Arc::clone(&app), true);
    Ok((server, app))
}

/// Checks made before a store is opened, so that a failed start leaves no trace.
struct Preflight {
    /// The carnival file's text, known to be free of mistakes.
    text: String,
    /// The operator's secrets. Without them, the embedded store creates its own.
    configured: Option<Secrets>,
}

impl Preflight {
    fn run(settings: &Settings, lang: Lang) -> Result<Preflight, CliError> {
        check_public_url(&settings.carnival.public_url, lang)?;
        let file = &settings.carnival.file;
        let text = check::read_text(file, lang)?;
        if let Err(mistakes) = carnival_file::parse(&text) {
            return Err(messages(lang).mistake_report(&mistakes, &file.display().to_string()).into());
        }
        Ok(Preflight { text, configured: configured_secrets(settings, lang)? })
    }

    async fn assemble(
        self,
        settings: &Settings,
        store: Arc<dyn Store>,
        wechat: WeChatServices,
        clock: Clock,
        lang: Lang,
    ) -> Result<Arc<App>, CliError> {
        let file = settings.carnival.file.display();
        let secrets = match self.configured {
            Some(configured) => configured,
            None => load_or_create_secrets(settings, store.as_ref()).await?,
        };
        verify_identity(store.as_ref(), &secrets, false, lang).await?;
        let startup = current_carnival::load_or_seed(store.as_ref(), &self.text, clock.now()).await;
        let Startup { current, file_differs } =
            startup.map_err(|error| load_failure(error, &file.to_string(), lang))?;
        if file_differs {
            warn(&lang.pick(
                format!("{file} 与已发布的第 {} 版不同；以已发布的为准。", current.version),
                format!("{file} differs from version {}, which is published and current.", current.version),
            ));
        }
        let artwork = artwork::from_settings(settings);
        Ok(Arc::new(build_app(settings, &secrets, store, wechat, clock, current, artwork)?))
    }
}

fn build_app(
    settings: &Settings,
    secrets: &Secrets,
    store: Arc<dyn Store>,
    wechat: WeChatServices,
    clock: Clock,
    current: current_carnival::CurrentCarnival,
    artwork: ArtworkSource,
) -> Result<App, CliError> {
    let id = &current.carnival.id;
    let hours = |hours: u32| SignedDuration::from_hours(i64::from(hours));
    let carnival = &settings.carnival;
    let token_s = carnival.resident_token_hours.saturating_mul(3600);
    Ok(App {
        store,
        clock,
        codes: Codes::new(&secrets.codes, id, carnival.display_grace_s),
        pseudonyms: Pseudonyms::new(&secrets.identity),
        jwt: Jwt::new(&secrets.jwt_current, &secrets.jwt_previous, id, token_s)?,
        login_provider: wechat.login_provider,
        push_handler: wechat.push_handler,
        render_pool: RenderPool::new(settings.pictures, artwork),
        settings: AppSettings {
            public_url: carnival.public_url.clone(),
            staff_session: hours(carnival.staff_session_hours),
            suspicious_kmh: carnival.suspicious_kmh,
            idle_after: SignedDuration::from_mins(i64::from(carnival.idle_minutes)),
        },
        current: CurrentCarnivalCell::new(current),
        hints: HintBuffer::default(),
        closed_days: ClosedDaysCache::default(),
        version_list: VersionListCache::default(),
    })
}

/// The operator's secrets, or `None` where the embedded store creates its own.
fn configured_secrets(settings: &Settings, lang: Lang) -> Result<Option<Secrets>, CliError> {
    match (secrets_in_settings(settings, lang)?, settings.store.kind) {
        (None, StoreKind::Redis) => Err(lang
            .pick(
                "用 Redis 时要给出三个密钥，因为可能有几台程序共用它们：设置环境变量 CARNIVAL_SECRET_CODES、CARNIVAL_SECRET_IDENTITY 和 CARNIVAL_SECRET_JWT，或在 [secrets] 里写明文件；每个用 `openssl rand -hex 32` 各做一个，并妥善保存。",
                "With Redis the three secrets must be given, because several instances may share them: set CARNIVAL_SECRET_CODES, CARNIVAL_SECRET_IDENTITY and CARNIVAL_SECRET_JWT, or name files in [secrets]; make each with `openssl rand -hex 32`, and keep them safe.",
            )
            .into()),
        (configured, _) => Ok(configured),
    }
}

fn secrets_in_settings(settings: &Settings, lang: Lang) -> Result<Option<Secrets>, CliError> {
    let sources = SecretSources::new(settings.secrets.files(), |name| std::env::var(name).ok());
    if sources.is_empty() {
        return Ok(None);
    }
    let secrets = Secrets::from_sources(&sources)
        .map_err(|error| lang.pick(format!("密钥有误：{error}"), format!("The secrets are wrong: {error}")))?;
    Ok(Some(secrets))
}

/// The operator's secrets, or those in the folder of the embedded store. Creates none.
pub(crate) fn load_existing_secrets(settings: &Settings, lang: Lang) -> Result<Option<Secrets>, CliError> {
    let folder = &settings.store.embedded.folder;
    match secrets_in_settings(settings, lang)? {
        None if settings.store.kind == StoreKind::Embedded && folder.join("secrets").exists() => {
            Ok(Some(Secrets::load(folder)?))
        }
        configured => Ok(configured),
    }
}

/// The embedded store's own secrets, created only with a new store: other secrets would invalidate every printed code.
async fn load_or_create_secrets(settings: &Settings, store: &dyn Store) -> Result<Secrets, CliError> {
    let folder = &settings.store.embedded.folder;
    let initialised = store.control().await?.version > 0;
    Ok(if initialised { Secrets::load(folder)? } else { Secrets::load_or_create(folder)? })
}

async fn verify_identity(store: &dyn Store, secrets: &Secrets, rehearsal: bool, lang: Lang) -> Result<(), CliError> {
    match verify(store, secrets, rehearsal).await? {
        None => Ok(()),
        Some(stranger) => Err(store_problems::identity_mismatch(stranger, lang).to_owned().into()),
    }
}

/// Checks the URL that printed codes begin with. It is checked strictly because printed posters cannot be changed.
fn check_public_url(url: &str, lang: Lang) -> Result<(), CliError> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let valid = host.is_some_and(|host| {
        !host.is_empty()
            && !host.ends_with('/')
            && host.bytes().all(|b| b.is_ascii_graphic() && !b"?#\"<>\\".contains(&b))
    });
    if url.is_empty() {
        return Err(lang
            .pick(
                "还没有设置 carnival.public_url：印出的二维码以它开头，例如 https://carnival.example。只想试试？运行 carnival rehearse。",
                "carnival.public_url is not set: printed codes begin with it, such as https://carnival.example. Only trying? Run carnival rehearse.",
            )
            .into());
    }
    if !valid {
        return Err(lang
            .pick(
                format!("carnival.public_url 是 {url:?}：请写成 https://carnival.example 这样，末尾不带斜杠。"),
                format!(
                    "carnival.public_url is {url:?}: write it like https://carnival.example, with no slash at the end."
                ),
            )
            .into());
    }
    if url.starts_with("http://") {
        warn(lang.pick(
            "carnival.public_url 不是 https：微信只打开 https 链接。",
            "carnival.public_url is not https: WeChat opens only https links.",
        ));
    }
    Ok(())
}

/// Describes why the carnival could not be loaded; mistakes in the file read as in `carnival check`.
fn load_failure(error: LoadError, file: &str, lang: Lang) -> CliError {
    match error {
        LoadError::Mistakes(mistakes) => messages(lang).mistake_report(&mistakes, file).into(),
        error => error.into(),
    }
}

/// Describes an error: a refusal or an objection as text for people, a failure unchanged.
pub(crate) fn describe_error(error: actions::Error, lang: Lang) -> CliError {
    match error {
        actions::Error::Refused(refusal) => messages(lang).refusal(&refusal).into(),
        actions::Error::Blocked(objections) => {
            let mut lines: Vec<String> =
                objections.iter().map(|objection| messages(lang).change_blocker(objection)).collect();
            lines.push(lang.pick("没有发布。", "It was not published.").to_owned());
            lines.join("\n").into()
        }
        error => error.into(),
    }
}

/// The error for an unknown point. It lists the known ones.
pub(crate) fn unknown_point(current: &current_carnival::CurrentCarnival, point: &PointId, lang: Lang) -> CliError {
    let known = current.carnival.points.iter().map(|point| point.id.as_str()).collect::<Vec<_>>().join(", ");
    lang.pick(format!("没有点位 {point}。现有：{known}"), format!("There is no point {point}; there are: {known}"))
        .into()
}

/// Parses a filter in the syntax of `tracing`, but rejects a single word that is no level: `tracing` would read the
/// misspelt level as a module, and log only that module.
fn parse_filter(text: &str) -> Result<EnvFilter, String> {
    let directives = text.split(',').map(str::trim).filter(|one| !one.is_empty() && !one.contains(['=', '[']));
    for word in directives {
        if word.parse::<LevelFilter>().is_err() {
            return Err(format!("{word:?} is not a log level"));
        }
    }
    EnvFilter::try_new(text).map_err(|error| error.to_string())
}

fn init_logging(settings: &LogSettings, lang: Lang) -> Result<(), CliError> {
    let filter = parse_filter(&settings.filter).map_err(|error| {
        let text = &settings.filter;
        lang.pick(
            format!("log.filter 是 {text:?}：请写成 info、warn 或 carnival=debug 这样（{error}）。"),
            format!("log.filter is {text:?}: write it like info, warn or carnival=debug ({error})."),
        )
    })?;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // A closed terminal must not stop the server: ignore log lines that cannot be written.
    let subscriber = subscriber.log_internal_errors(false);
    match settings.format {
        LogFormat::Text => subscriber.finish().with(filter_fn(is_loggable)).init(),
        LogFormat::Json => {
            log_as_json();
            subscriber.json().flatten_event(true).finish().with(filter_fn(is_loggable)).init();
        }
    }
    Ok(())
}

/// Whether an event may be logged, independent of the filter. At debug and trace level, libraries quote their
/// input: paths with codes, headers with tokens, addresses with secrets.
fn is_loggable(metadata: &Metadata<'_>) -> bool {
    let ours = metadata.target().split("::").next() == Some("carnival");
    ours || *metadata.level() <= Level::INFO
}
