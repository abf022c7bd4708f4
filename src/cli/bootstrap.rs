//! Builds the application from its parts: settings, secrets, store, carnival, server.

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::actions::caches::{ClosedDaysCache, VersionListCache};
use crate::actions::carnival::current_carnival::{self, CurrentCarnival, LoadError, Startup};
use crate::actions::clock::Clock;
use crate::actions::prints::render_pool::RenderPool;
use crate::actions::store_identity::verify;
use crate::actions::store_problems;
use crate::actions::{App, AppSettings, CurrentCarnivalCell, HintBuffer, LoginProvider};
use crate::config::{LogSettings, Settings, StoreKind};
use crate::http::{MetricsServer, Server};
use crate::messages::commands::CommandMessage as Message;
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::rules::carnival_file;
use crate::rules::lang::Lang;
use crate::store::embedded::open_embedded;
use crate::store::{Store, embedded};
use crate::tokens::{Codes, Jwt, Pseudonyms, Secrets};

use super::console::{CliError, say, warn};
use super::logging::init_logging;
use super::secrets::{configured_secrets, load_or_create_secrets};
use super::settings::{ConfigFile, check_public_url};
use super::wechat_setup::{self, WeChatServices};
use super::{artwork, check, store_access};

/// Builds the server according to the settings. Also returns a sentence on where its data is stored.
pub(crate) async fn build_server(config: &ConfigFile, lang: Lang) -> Result<(Server, Arc<App>, String), CliError> {
    let settings = config.load(lang)?;
    init_logging(&settings.log, lang)?;
    let preflight = Preflight::run(&settings, lang)?;
    let metrics_server = bind_metrics_server(&settings, lang)?;
    let wechat = wechat_setup::from_settings(&settings, lang)?;
    let store = match settings.store.kind {
        StoreKind::Embedded => open_embedded(&settings.store.embedded.folder, settings.store.embedded())
            .await
            .map_err(|error| store_access::describe_open_error(&error, lang))?,
        StoreKind::Redis => Arc::new(store_access::connect_redis(&settings, lang).await?),
    };
    let app = preflight.assemble(&settings, store, wechat, lang).await?;
    artwork::warn_missing(&app, lang);
    let store_location = store_access::describe_location(&settings, lang);
    let listen = settings.http.listen;
    let socket = match settings.store.kind {
        StoreKind::Embedded => Some(store_access::bind_socket(&settings.store.embedded.folder)?),
        StoreKind::Redis => None,
    };
    let mut server = Server::bind(settings.http, Arc::clone(&app), false)
        .map_err(|cause| say(lang, &Message::AddressTaken { listen: &listen, cause: &cause }))?;
    if let Some(socket) = socket {
        server = server.with_private_socket(socket);
    }
    Ok((server.with_metrics(metrics_server), app, store_location))
}

/// Binds the metrics server. Called before the store is opened, so that the store's first calls are measured.
fn bind_metrics_server(settings: &Settings, lang: Lang) -> Result<Option<MetricsServer>, CliError> {
    let Some(listen) = settings.metrics.listen.0 else { return Ok(None) };
    let metrics_server = MetricsServer::bind(listen)
        .map_err(|cause| say(lang, &Message::MetricsAddressTaken { listen: &listen, cause: &cause }))?;
    Ok(Some(metrics_server))
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
    let store = open_embedded(folder, embedded::Options::default())
        .await
        .map_err(|error| store_access::describe_open_error(&error, lang))?;
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
    Ok((server.with_private_socket(store_access::bind_socket(folder)?), app))
}

/// Checks made before a store is opened, so that a failed start leaves no trace.
pub(crate) struct Preflight {
    /// The text of the carnival file, known to be free of mistakes. A publication reads it only for an empty store: that
    /// file may be the one being published, with mistakes in it.
    text: Option<String>,
    /// The operator's secrets. Without them, the embedded store creates its own.
    configured: Option<Secrets>,
}

impl Preflight {
    /// Checks the settings and the carnival file.
    pub(crate) fn run(settings: &Settings, lang: Lang) -> Result<Preflight, CliError> {
        check_public_url(&settings.carnival.public_url, lang)?;
        let text = Some(carnival_text(settings, lang)?);
        Ok(Preflight { text, configured: configured_secrets(settings, lang)? })
    }

    /// Checks the settings only.
    pub(crate) fn without_file(settings: &Settings, lang: Lang) -> Result<Preflight, CliError> {
        check_public_url(&settings.carnival.public_url, lang)?;
        Ok(Preflight { text: None, configured: configured_secrets(settings, lang)? })
    }

    /// Warns if the carnival file differs from the published text.
    pub(crate) fn compare(&self, settings: &Settings, version: u64, published: &str, lang: Lang) {
        if self.text.as_ref().is_some_and(|text| text != published) {
            warn_of_difference(settings, version, lang);
        }
    }

    /// Builds the application on this store.
    pub(crate) async fn assemble(
        &self,
        settings: &Settings,
        store: Arc<dyn Store>,
        wechat: WeChatServices,
        lang: Lang,
    ) -> Result<Arc<App>, CliError> {
        let file = settings.carnival.file.display();
        let is_new = store.control().await?.version == 0;
        let text = match &self.text {
            None if is_new => Some(carnival_text(settings, lang)?),
            text => text.clone(),
        };
        let loaded;
        let secrets = if let Some(configured) = &self.configured {
            configured
        } else {
            loaded = load_or_create_secrets(settings, store.as_ref()).await?;
            &loaded
        };
        verify_identity(store.as_ref(), secrets, false, lang).await?;
        let startup = if let Some(text) = &text {
            current_carnival::load_or_seed(store.as_ref(), text, Timestamp::now()).await
        } else {
            let loaded = current_carnival::load(store.as_ref()).await;
            loaded.map(|(current, _)| Startup { current, file_differs: false })
        };
        let Startup { current, file_differs } =
            startup.map_err(|error| load_failure(error, &file.to_string(), lang))?;
        if file_differs {
            warn_of_difference(settings, current.version, lang);
        }
        let artwork = artwork::from_settings(settings);
        Ok(Arc::new(build_app(settings, secrets, store, wechat, Clock::System, current, artwork)?))
    }
}

/// The text of the carnival file that the settings name, which must have no mistakes.
fn carnival_text(settings: &Settings, lang: Lang) -> Result<String, CliError> {
    let file = &settings.carnival.file;
    let text = check::read_text(file, lang)?;
    match carnival_file::parse(&text) {
        Ok(_) => Ok(text),
        Err(mistakes) => Err(messages(lang).mistake_report(&mistakes, &file.display().to_string()).into()),
    }
}

fn warn_of_difference(settings: &Settings, version: u64, lang: Lang) {
    warn(&say(lang, &Message::FileDiffers { file: &settings.carnival.file.display(), version: &version }));
}

fn build_app(
    settings: &Settings,
    secrets: &Secrets,
    store: Arc<dyn Store>,
    wechat: WeChatServices,
    clock: Clock,
    current: CurrentCarnival,
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

async fn verify_identity(store: &dyn Store, secrets: &Secrets, rehearsal: bool, lang: Lang) -> Result<(), CliError> {
    match verify(store, secrets, rehearsal).await? {
        None => Ok(()),
        Some(stranger) => Err(store_problems::identity_mismatch(stranger, lang).to_owned().into()),
    }
}

/// Describes why the carnival could not be loaded; mistakes in the file read as in `carnival check`.
fn load_failure(error: LoadError, file: &str, lang: Lang) -> CliError {
    match error {
        LoadError::Mistakes(mistakes) => messages(lang).mistake_report(&mistakes, file).into(),
        error => error.into(),
    }
}
