//! The commands' client of the API: calls the program that has the store open, through its private socket.
//!
//! If no program has the store open, or the store is Redis, which several may use at once, the command serves the same
//! routes itself.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::ACCEPT_LANGUAGE;
use reqwest::{Method, RequestBuilder, Response};
use rustls::crypto::{CryptoProvider, ring};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::time::sleep;

use crate::actions::LoginProvider;
use crate::actions::store_identity::IdentityMismatch;
use crate::actions::store_problems;
use crate::config::{Settings, StoreKind};
use crate::http::api::answers::{CodesView, PointCodeView};
use crate::http::errors::Problem;
use crate::http::{PrivateServer, PrivateSocket, serve_privately};
use crate::messages::commands::CommandMessage as Message;
use crate::messages::messages;
use crate::rules::carnival::{Carnival, Point};
use crate::rules::carnival_file::version_line::ReceivedFile;
use crate::rules::ids::{Nonce, PointId, RouteId};
use crate::rules::lang::Lang;
use crate::store::embedded::{OpenError, open_once};
use crate::tokens::random;

use super::bootstrap::Preflight;
use super::check;
use super::console::{CliError, say, temporary_folder};
use super::settings::ConfigFile;
use super::store_access;
use super::wechat_setup::WeChatServices;

/// How often, and at which interval, a store in use is tried again. A command that holds it finishes soon; a server that
/// starts or stops is about to open or close its socket.
const MAX_ATTEMPTS: u32 = 30;
const ATTEMPT_INTERVAL: Duration = Duration::from_millis(100);

/// The client of one command.
pub(crate) struct Client {
    http: reqwest::Client,
    folder: PathBuf,
    settings: Settings,
    preflight: Preflight,
    /// The name of the file that is published, in reports of its mistakes.
    new_file: Option<String>,
    lang: Lang,
    /// The server in this process.
    own: Option<PrivateServer>,
    _temporary: Option<TempDir>,
}

/// The published carnival.
pub(crate) struct Published {
    /// Its version.
    pub(crate) version: u64,
    /// The carnival.
    pub(crate) carnival: Carnival,
    /// Its file as handed out, with its version in the first line.
    pub(crate) file: String,
}

impl Client {
    /// Connects, and returns the published carnival too. The carnival file of the settings must have no mistakes. To
    /// publish a file of the name `new_file`, the one of the settings is read only for an empty store.
    pub(crate) async fn connect(
        config: &ConfigFile,
        new_file: Option<String>,
        lang: Lang,
    ) -> Result<(Client, Published), CliError> {
        let settings = config.load(lang)?;
        let preflight = Preflight::run(&settings, new_file.is_none(), lang)?;
        let temporary = match settings.store.kind {
            StoreKind::Embedded => None,
            StoreKind::Redis => Some(temporary_folder("command")?),
        };
        let folder = temporary.as_ref().map_or(settings.store.embedded.folder.as_path(), TempDir::path).to_owned();
        // Fails only if a provider is installed already; that one is used then.
        let _ = CryptoProvider::install_default(ring::default_provider());
        let http = reqwest::Client::builder()
            .unix_socket(PrivateSocket::path_in(&folder))
            .no_proxy()
            .retry(reqwest::retry::never())
            // One connection for each request, so that an idle one does not hold up the end of a server.
            .pool_max_idle_per_host(0)
            .build()?;
        let mut client = Client { http, folder, settings, preflight, new_file, lang, own: None, _temporary: temporary };
        client.find_server().await?;
        let published = client.published().await?;
        if client.own.is_none() {
            let ReceivedFile { text, .. } = ReceivedFile::parse(&published.file);
            client.preflight.compare(&client.settings, published.version, &text, lang);
        }
        Ok((client, published))
    }

    /// Starts a server in this process, unless another program has the store open and answers.
    async fn find_server(&mut self) -> Result<(), CliError> {
        let settings = &self.settings;
        let mut attempts_left = MAX_ATTEMPTS;
        let store = loop {
            if settings.store.kind == StoreKind::Redis {
                break Arc::new(store_access::connect_redis(settings, self.lang).await?) as Arc<_>;
            }
            match open_once(&settings.store.embedded.folder, settings.store.embedded()).await {
                Err(OpenError::InUse(_)) => {}
                opened => break opened.map_err(|error| store_access::describe_open_error(&error, self.lang))?,
            }
            match UnixStream::connect(PrivateSocket::path_in(&self.folder)).await {
                Ok(_) => return Ok(()),
                Err(error) if attempts_left == 0 => return Err(self.no_answer(&error)),
                Err(_) => sleep(ATTEMPT_INTERVAL).await,
            }
            attempts_left -= 1;
        };
        let socket = store_access::bind_socket(&self.folder)?;
        // The command line logs in no residents, so WeChat's secret is not required.
        let wechat = WeChatServices::disabled(LoginProvider::Disabled);
        let app = self.preflight.assemble(settings, store, wechat, None, self.lang).await?;
        self.own = Some(serve_privately(socket, &settings.http, app)?);
        Ok(())
    }

    /// Ends a server in this process, after the requests that other commands sent to it.
    pub(crate) async fn close(self) {
        if let Some(server) = self.own {
            server.stop().await;
        }
    }

    /// The published carnival.
    pub(crate) async fn published(&mut self) -> Result<Published, CliError> {
        let response = self.send(self.get("/v1/organiser/carnival")).await?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if header("x-rehearsal").is_some() {
            return Err(store_problems::identity_mismatch(IdentityMismatch::RehearsalStore, self.lang).into());
        }
        let version = header("x-carnival-version").and_then(|version| version.parse().ok()).unwrap_or_default();
        let text = response.text().await.map_err(|error| self.no_answer(&error))?;
        let carnival = check::parse_carnival(&text, "carnival.toml", self.lang)?;
        Ok(Published { version, carnival, file: text })
    }

    /// The printed code of every point.
    pub(crate) async fn codes(&mut self) -> Result<Vec<PointCodeView>, CliError> {
        Ok(self.json::<CodesView>(self.get("/v1/operator/codes")).await?.codes)
    }

    /// A GET request to be sent.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A POST request to be sent.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// A request to be sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://carnival{path}")).header(ACCEPT_LANGUAGE, self.lang.tag())
    }

    /// Sends a request. If the server has ended, this process takes its place.
    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Result<Response, CliError> {
        let request = request.build()?;
        let again = request.try_clone();
        let mut sent = self.http.execute(request).await;
        if let (Err(error), Some(again)) = (&sent, again)
            && (was_not_read(error) || again.method() == Method::GET)
        {
            self.find_server().await?;
            sent = self.http.execute(again).await;
        }
        let response = sent.map_err(|error| self.no_answer(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let problem = response.json().await.map_err(|error| self.no_answer(&error))?;
        Err(self.describe(&problem).into())
    }

    /// Sends a request, and reads the JSON of the answer.
    pub(crate) async fn json<T: DeserializeOwned>(&mut self, request: RequestBuilder) -> Result<T, CliError> {
        self.send(request).await?.json().await.map_err(|error| self.no_answer(&error))
    }

    /// Sends a request, and reads the whole answer.
    pub(crate) async fn bytes(&mut self, request: RequestBuilder) -> Result<Vec<u8>, CliError> {
        Ok(self.send(request).await?.bytes().await.map_err(|error| self.no_answer(&error))?.into())
    }

    /// Describes a problem; mistakes in a carnival file read as in `carnival check`.
    fn describe(&self, problem: &Problem) -> String {
        let list = |member| problem.extensions.get(member).and_then(Value::as_array).into_iter().flatten();
        let says = |one: &Value| one["says"].as_str().unwrap_or_default().to_owned();
        match problem.code.as_str() {
            "carnival_mistakes" => {
                let mut mistakes: Vec<_> = list("mistakes").map(|one| (one["line"].as_u64(), says(one))).collect();
                mistakes.sort_by_key(|(line, _)| *line);
                // Without a new file, an edit of the published one would bring them; its lines say nothing to people.
                let Some(file_name) = &self.new_file else {
                    return mistakes.into_iter().map(|(_, says)| says).collect::<Vec<_>>().join("\n");
                };
                let count = messages(self.lang).mistake_count(mistakes.len());
                let lines = mistakes.into_iter().map(|(line, says)| {
                    let line = line.unwrap_or_default();
                    format!("{file_name}:{line}: {says}\n")
                });
                lines.collect::<String>() + &count + "\n"
            }
            "roster_mistakes" => {
                let lines: Vec<_> = list("lines").map(says).collect();
                lines.join("\n")
            }
            "carnival_change_refused" => {
                let mut lines: Vec<_> = list("objections").map(says).collect();
                lines.push(say(self.lang, &Message::NotPublished));
                lines.join("\n")
            }
            "carnival_changed" => {
                let mut lines = vec![problem.detail.clone()];
                lines.extend(list("undone").map(says));
                let confirm = problem.extensions.get("confirm").and_then(Value::as_str).unwrap_or_default();
                lines.push(say(self.lang, &Message::ConfirmUndoing { confirm: &confirm }));
                lines.join("\n")
            }
            "route_under_way" => {
                let confirm = problem.extensions.get("confirm").and_then(Value::as_str).unwrap_or_default();
                format!("{}\n{}", problem.detail, say(self.lang, &Message::ConfirmMove { confirm: &confirm }))
            }
            // The cause of a failure, which only operators learn.
            _ => problem.extensions.get("cause").and_then(Value::as_str).unwrap_or(&problem.detail).to_owned(),
        }
    }

    /// The error for a connection that failed or broke off.
    pub(crate) fn no_answer(&self, error: &(dyn Error + 'static)) -> CliError {
        let causes = causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ");
        say(self.lang, &Message::NoAnswer { causes: &causes }).into()
    }
}

/// An error and its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// Whether the server ended before it read the request, so that the request may be sent again. Either the connection
/// failed, or it was closed with the request unread, as a stopping server does with connections in its queue.
fn was_not_read(error: &reqwest::Error) -> bool {
    let is_unread = |cause: &io::Error| matches!(cause.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe);
    error.is_connect() || causes(error).any(|cause| cause.downcast_ref().is_some_and(is_unread))
}

impl Published {
    /// The point with this id.
    pub(crate) fn point(&self, point: &PointId, lang: Lang) -> Result<&Point, CliError> {
        self.carnival.point_by_id(point).ok_or_else(|| self.unknown_point(point, lang))
    }

    /// Fails for an unknown route, with a list of the known ones.
    pub(crate) fn ensure_route(&self, route: &RouteId, lang: Lang) -> Result<(), CliError> {
        if self.carnival.route(route).is_some() {
            return Ok(());
        }
        let known = self.carnival.routes.iter().map(|route| route.id.as_str()).collect::<Vec<_>>().join(", ");
        Err(say(lang, &Message::UnknownRoute { route: &route, known: &known }).into())
    }

    /// The error for an unknown point. It lists the known ones.
    pub(crate) fn unknown_point(&self, point: &PointId, lang: Lang) -> CliError {
        let known = self.carnival.points.iter().map(|point| point.id.as_str()).collect::<Vec<_>>().join(", ");
        say(lang, &Message::UnknownPoint { point: &point, known: &known }).into()
    }
}

/// A nonce for one write.
pub(crate) fn new_nonce() -> Result<Nonce, CliError> {
    let hex = random::bytes::<16>()?.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    Ok(hex.parse()?)
}
