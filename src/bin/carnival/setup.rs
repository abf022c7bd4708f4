//! Puts the parts together: settings, secrets, store, carnival, server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use carnival::actions::clock::Clock;
use carnival::actions::live::{self, LiveError, Started};
use carnival::actions::{self, App, LogIn, Parts, Practice};
use carnival::config::{LogFormat, LogSettings, Settings, StoreKind};
use carnival::http::Server;
use carnival::rules::carnival_file;
use carnival::rules::lang::Lang;
use carnival::store::embedded::{open_embedded, open_or_knock};
use carnival::store::redis::Redis;
use carnival::store::{Store, embedded};
use carnival::tokens::secrets::Sources;
use carnival::tokens::{Codes, Identity, Jwt, Secrets};
use carnival::wechat;
use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;

use super::check;
use super::terminal::{Failed, complain};

/// The variable with the secret of WeChat's app.
const APP_SECRET: &str = "CARNIVAL_WECHAT_SECRET";

#[derive(clap::Args)]
pub(crate) struct ConfigFile {
    /// The file of settings; without one, the defaults and the environment count.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    fn load(&self) -> Result<Settings, Failed> {
        Ok(Settings::load(self.config.as_deref())?)
    }
}

/// A server as the settings say.
pub(crate) async fn server(config: &ConfigFile, lang: Lang) -> Result<(Server, Arc<App>), Failed> {
    let settings = config.load()?;
    log(&settings.log)?;
    let log_in = LogIn::WeChat(Box::new(wechat_client(&settings, lang)?));
    let store = match settings.store.kind {
        StoreKind::Embedded => open_embedded(&settings.store.embedded.folder, settings.store.embedded()).await?,
        StoreKind::Redis => redis(&settings, lang).await?,
    };
    let app = assemble(&settings, store, log_in, Clock::System, lang).await?;
    Ok((Server::bind(settings.http, Arc::clone(&app), false)?, app))
}

/// The steps alone, for a command beside a running server or without one.
pub(crate) async fn beside(config: &ConfigFile, lang: Lang) -> Result<Arc<App>, Failed> {
    let settings = config.load()?;
    let store = match settings.store.kind {
        StoreKind::Embedded => open_or_knock(&settings.store.embedded.folder, settings.store.embedded()).await?,
        StoreKind::Redis => redis(&settings, lang).await?,
    };
    // The command line logs nobody in, so that WeChat's secret is not asked for.
    assemble(&settings, store, LogIn::Rehearsal, Clock::System, lang).await
}

/// What a rehearsal differs in.
pub(crate) struct Stage {
    /// The carnival file's text.
    pub(crate) text: String,
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// The host under which it is found.
    pub(crate) host: String,
    /// Its clock.
    pub(crate) clock: Clock,
}

/// A rehearsal's server, with the sample's settings and everything in one folder.
pub(crate) async fn rehearsal(stage: Stage, folder: &Path, lang: Lang) -> Result<(Server, Arc<App>), Failed> {
    let mut settings = Settings::defaults()?;
    log(&LogSettings { filter: "warn".to_owned(), ..settings.log.clone() })?;
    settings.http.listen = stage.listen;
    folder.to_path_buf().clone_into(&mut settings.store.embedded.folder);
    settings.carnival.public_url = format!("http://{}:{}", stage.host, stage.listen.port());
    let store = open_embedded(folder, embedded::Options::default()).await?;
    let started = live::start(store.as_ref(), &stage.text, stage.clock.now()).await;
    let Started { live, .. } = started.map_err(|error| in_the_file(error, "carnival.toml", lang))?;
    let parts = parts(&settings, store, LogIn::Rehearsal, stage.clock, &live)?;
    let app = Arc::new(App::new(parts, live));
    let server = Server::bind(settings.http, Arc::clone(&app), true).map_err(|cause| {
        lang.pick(
            format!("{} 用不了：{cause}。换个端口：--port 8081", stage.listen),
            format!("{} cannot be used: {cause}. Take another port: --port 8081", stage.listen),
        )
    })?;
    Ok((server, app))
}

async fn assemble(
    settings: &Settings,
    store: Arc<dyn Store>,
    log_in: LogIn,
    clock: Clock,
    lang: Lang,
) -> Result<Arc<App>, Failed> {
    check_public_url(&settings.carnival.public_url, lang)?;
    let file = &settings.carnival.file;
    let text = check::read(file, lang)?;
    let started = live::start(store.as_ref(), &text, clock.now()).await;
    let Started { live, file_differs } =
        started.map_err(|error| in_the_file(error, &file.display().to_string(), lang))?;
    if file_differs {
        complain(&lang.pick(
            format!("{} 与已发布的第 {} 版不同；以已发布的为准。", file.display(), live.version),
            format!("{} differs from version {}, which is published and counts.", file.display(), live.version),
        ));
    }
    let parts = parts(settings, store, log_in, clock, &live)?;
    Ok(Arc::new(App::new(parts, live)))
}

fn parts(
    settings: &Settings,
    store: Arc<dyn Store>,
    log_in: LogIn,
    clock: Clock,
    live: &live::Live,
) -> Result<Parts, Failed> {
    let secrets = secrets(settings)?;
    let id = &live.carnival.id;
    let hours = |hours: u32| SignedDuration::from_hours(i64::from(hours));
    let carnival = &settings.carnival;
    let token_s = carnival.resident_token_hours.saturating_mul(3600);
    Ok(Parts {
        store,
        clock,
        codes: Codes::new(&secrets.codes, id, carnival.display_grace_s),
        identity: Identity::new(&secrets.identity),
        jwt: Jwt::new(&secrets.jwt_current, &secrets.jwt_previous, id, token_s)?,
        log_in,
        practice: Practice {
            public_url: carnival.public_url.clone(),
            staff_session: hours(carnival.staff_session_hours),
        },
    })
}

/// What the operator gave; else, beside the embedded store, what it made for itself.
fn secrets(settings: &Settings) -> Result<Secrets, Failed> {
    let sources = Sources::gather(settings.secrets.files(), |name| std::env::var(name).ok());
    if sources.are_empty() && settings.store.kind == StoreKind::Embedded {
        return Ok(Secrets::load_or_make(&settings.store.embedded.folder)?);
    }
    Ok(Secrets::from_sources(&sources)?)
}

async fn redis(settings: &Settings, lang: Lang) -> Result<Arc<dyn Store>, Failed> {
    let (redis, warnings) = Redis::open(&settings.store.redis()).await.map_err(|error| error.say(lang))?;
    for warning in warnings {
        complain(&warning.say(lang));
    }
    Ok(Arc::new(redis))
}

fn wechat_client(settings: &Settings, lang: Lang) -> Result<wechat::Client, Failed> {
    let named = &settings.wechat;
    let secret = match (std::env::var(APP_SECRET), named.app_secret_file.as_path()) {
        (Ok(secret), _) if !secret.trim().is_empty() => secret,
        (_, file) if !file.as_os_str().is_empty() => check::read(file, lang)?,
        _ => String::new(),
    };
    if named.app_id.is_empty() || secret.trim().is_empty() {
        return Err(lang
            .pick(
                "缺少微信小程序的 AppID 或密钥：请设置 wechat.app_id，并用 wechat.app_secret_file 或环境变量 CARNIVAL_WECHAT_SECRET 给出密钥。只想试试？运行 carnival rehearse。",
                "WeChat's app is missing: set wechat.app_id, and give its secret by wechat.app_secret_file or CARNIVAL_WECHAT_SECRET. Only trying? Run carnival rehearse.",
            )
            .into());
    }
    let credentials =
        wechat::Credentials { app_id: named.app_id.clone(), secret: wechat::Secret::new(secret.trim().to_owned()) };
    Ok(wechat::Client::new(&named.client(), credentials)?)
}

/// Posters cannot be changed afterwards, so their address is looked at twice.
fn check_public_url(url: &str, lang: Lang) -> Result<(), Failed> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let sound = host.is_some_and(|host| {
        !host.is_empty()
            && !host.ends_with('/')
            && host.bytes().all(|b| b.is_ascii_graphic() && !b"?#\"<>\\".contains(&b))
    });
    if !sound {
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
        complain(lang.pick(
            "carnival.public_url 不是 https：微信只打开 https 链接。",
            "carnival.public_url is not https: WeChat opens https links alone.",
        ));
    }
    Ok(())
}

/// Why there is no carnival: its mistakes in the words of `carnival check`.
fn in_the_file(error: LiveError, file: &str, lang: Lang) -> Failed {
    match error {
        LiveError::Mistakes(mistakes) => carnival_file::report(&mistakes, file, lang).into(),
        error => error.into(),
    }
}

/// A refusal in words; a failure as it is.
pub(crate) fn in_words(error: actions::Error, lang: Lang) -> Failed {
    match error {
        actions::Error::Refused(refusal) => refusal.say(lang).into(),
        error => error.into(),
    }
}

fn log(settings: &LogSettings) -> Result<(), Failed> {
    let filter = EnvFilter::try_new(&settings.filter)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    Ok(())
}
