//! Builds the application from its parts: settings, secrets, store, carnival, server.

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::actions::caches::{ClosedDaysCache, VersionListCache};
use crate::actions::carnival::current_carnival::{self, LoadError};
use crate::actions::clock::Clock;
use crate::actions::prints::render_pool::RenderPool;
use crate::actions::staff::waiting_room::WaitingRoom;
use crate::actions::store_identity::verify;
use crate::actions::store_problems;
use crate::actions::{App, AppSettings, CurrentCarnivalCell, HintBuffer, LoginProvider};
use crate::config::{LogSettings, Settings, StoreKind};
use crate::http::{MetricsServer, Server};
use crate::messages::commands::CommandMessage as Message;
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::rules::carnival_file::version_line::ReceivedFile;
use crate::rules::carnival_file::{ArtworkProblem, Mistake, MistakeKind};
use crate::rules::lang::Lang;
use crate::store::embedded::open_embedded;
use crate::store::{Store, embedded};
use crate::tokens::{Codes, Jwt, Pseudonyms, Secrets};

use super::console::{CliError, say, warn};
use super::logging::init_logging;
use super::secrets::configured_secrets;
use super::settings::{ConfigFile, check_public_url};
use super::wechat_setup::{self, WeChatServices};
use super::{check, store_access};

/// Builds the server according to the settings. Also returns a sentence on where its data is stored.
pub(crate) async fn build_server(config: &ConfigFile, lang: Lang) -> Result<(Server, Arc<App>, String), CliError> {
    let settings = config.load(lang)?;
    init_logging(&settings.log, lang)?;
    let preflight = Preflight::run(&settings, true, lang)?;
    // Before the store is opened, so that the store's first calls are measured.
    let metrics_server = settings.metrics.listen.0.map(|listen| {
        MetricsServer::bind(listen)
            .map_err(|cause| say(lang, &Message::MetricsAddressTaken { listen: &listen, cause: &cause }))
    });
    let metrics_server = metrics_server.transpose()?;
    let wechat = wechat_setup::from_settings(&settings, lang)?;
    let store = match settings.store.kind {
        StoreKind::Embedded => open_embedded(&settings.store.embedded.folder, settings.store.embedded())
            .await
            .map_err(|error| store_access::describe_open_error(&error, lang))?,
        StoreKind::Redis => Arc::new(store_access::connect_redis(&settings, lang).await?),
    };
    let app = preflight.assemble(&settings, store, wechat, None, lang).await?;
    warn_missing_artwork(&app, lang);
    let store_location = store_access::describe_location(&settings, lang);
    let listen = settings.http.listen;
    let mut server = Server::bind(settings.http, Arc::clone(&app), false)
        .map_err(|cause| say(lang, &Message::AddressTaken { listen: &listen, cause: &cause }))?;
    if settings.store.kind == StoreKind::Embedded {
        server = server.with_private_socket(store_access::bind_socket(&settings.store.embedded.folder)?);
    }
    Ok((server.with_metrics(metrics_server), app, store_location))
}

/// Warns about missing artwork files. Not an error: postcards then use the generated design, and another instance may
/// have the files.
fn warn_missing_artwork(app: &App, lang: Lang) {
    let (current, source) = (app.current(), app.render_pool.renderer().artwork());
    for path in current.carnival.artwork().into_iter().filter(|path| !source.has(path)) {
        let what = MistakeKind::UnusableArtwork { file: path.clone(), because: ArtworkProblem::NotFound };
        warn(&messages(lang).mistake(&Mistake::for_print(1, what)));
    }
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
    let preflight = Preflight { text: Some(rehearsal.text), configured: None };
    settings.carnival.file = "carnival.toml".into();
    let wechat = WeChatServices::disabled(LoginProvider::Rehearsal);
    let app = preflight.assemble(&settings, store, wechat, Some((clock, rehearsal.artwork)), lang).await?;
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
    /// Checks the settings, and the carnival file if it will be read.
    pub(crate) fn run(settings: &Settings, reads_file: bool, lang: Lang) -> Result<Preflight, CliError> {
        check_public_url(&settings.carnival.public_url, lang)?;
        let text = if reads_file { Some(carnival_text(settings, lang)?) } else { None };
        Ok(Preflight { text, configured: configured_secrets(settings, lang)? })
    }

    /// Warns if the carnival file differs from the published text.
    pub(crate) fn compare(&self, settings: &Settings, version: u64, published: &str, lang: Lang) {
        if self.text.as_ref().is_some_and(|text| ReceivedFile::parse(text).text != published) {
            warn(&say(lang, &Message::FileDiffers { file: &settings.carnival.file.display(), version: &version }));
        }
    }

    /// Builds the application on this store. A rehearsal brings its clock and its artwork.
    pub(crate) async fn assemble(
        &self,
        settings: &Settings,
        store: Arc<dyn Store>,
        wechat: WeChatServices,
        rehearsal: Option<(Clock, ArtworkSource)>,
        lang: Lang,
    ) -> Result<Arc<App>, CliError> {
        let carnival = &settings.carnival;
        let is_new = store.control().await?.version == 0;
        let text = match &self.text {
            None if is_new => Some(carnival_text(settings, lang)?),
            text => text.clone(),
        };
        let loaded;
        let secrets = if let Some(configured) = &self.configured {
            configured
        } else {
            // Created only with a new store: other secrets would invalidate every printed code.
            let folder = &settings.store.embedded.folder;
            loaded = if is_new { Secrets::load_or_create(folder)? } else { Secrets::load(folder)? };
            &loaded
        };
        if let Some(mismatch) = verify(store.as_ref(), secrets, rehearsal.is_some()).await? {
            return Err(store_problems::identity_mismatch(mismatch, lang).into());
        }
        let is_rehearsal = rehearsal.is_some();
        let (clock, artwork) = rehearsal.unwrap_or_else(|| (Clock::System, check::artwork_of(&carnival.file)));
        let loaded = match &text {
            Some(text) => current_carnival::load_or_seed(store.as_ref(), text, clock.now()).await,
            None => current_carnival::load(store.as_ref(), clock.now()).await,
        };
        let (current, published) = loaded.map_err(|error| match error {
            // Mistakes in the file read as in `carnival check`.
            LoadError::Mistakes(mistakes) => {
                messages(lang).mistake_report(&mistakes, &carnival.file.display().to_string()).into()
            }
            error => CliError::from(error),
        })?;
        if !is_rehearsal {
            self.compare(settings, current.version, &published.text, lang);
        }
        let id = &current.carnival.id;
        let token_s = carnival.resident_token_hours.saturating_mul(3600);
        Ok(Arc::new(App {
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
                staff_session: SignedDuration::from_hours(i64::from(carnival.staff_session_hours)),
                suspicious_kmh: carnival.suspicious_kmh,
                idle_after: SignedDuration::from_mins(i64::from(carnival.idle_minutes)),
            },
            current: CurrentCarnivalCell::new(current),
            hints: HintBuffer::default(),
            closed_days: ClosedDaysCache::default(),
            version_list: VersionListCache::default(),
            waiting_room: WaitingRoom::default(),
        }))
    }
}

/// The text of the carnival file that the settings name, which must have no mistakes.
fn carnival_text(settings: &Settings, lang: Lang) -> Result<String, CliError> {
    let file = &settings.carnival.file;
    let text = check::read_text(file, lang)?;
    check::parse_carnival(&text, &file.display().to_string(), lang)?;
    Ok(text)
}
