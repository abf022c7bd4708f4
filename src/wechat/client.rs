//! The calls themselves: how long they may take, how often they are tried, how much of an answer is read.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Response, Url, redirect};
use rustls::crypto::{CryptoProvider, ring};
use tokio::sync::Semaphore;

use super::answer::{self, LoginError, OpenId};
use super::settings::{Credentials, Settings, SetupError};

/// An answer of a login has some 200 bytes; what is larger than this is not read.
const BODY_MAX: usize = 64 * 1024;

/// The longest code that is passed on; WeChat's have 32 characters today.
const CODE_MAX: usize = 128;

/// How long a busy WeChat is left alone before the one retry.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Where a code comes from. The openids of the two differ for the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `wx.login` of a mini-program.
    MiniProgram,
    /// The redirect of a web page's authorization inside WeChat.
    Web,
}

/// So many logins are under way at most; a further one is told that WeChat is busy.
const MOST_LOGINS: usize = 128;

/// A client of WeChat's servers. Clones share one small pool of connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    credentials: Credentials,
    timeout: Duration,
    /// Logins under way, of all clones: a crowd of strangers must not take the sockets of those who check in.
    under_way: Arc<Semaphore>,
    mini_program: Url,
    web: Url,
}

impl Client {
    /// Makes the client; no call is made yet.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the settings or the credentials cannot work, or this machine cannot speak HTTPS.
    pub fn new(settings: &Settings, credentials: Credentials) -> Result<Self, SetupError> {
        let empty = |text: &str| text.trim().is_empty();
        if empty(&credentials.app_id) || empty(credentials.secret.reveal()) {
            return Err(SetupError::NoCredentials);
        }
        Ok(Self {
            mini_program: settings.address_of("/sns/jscode2session")?,
            web: settings.address_of("/sns/oauth2/access_token")?,
            timeout: settings.timeout(),
            http: http_client()?,
            under_way: Arc::new(Semaphore::new(MOST_LOGINS)),
            credentials,
        })
    }

    /// Asks WeChat whose login `code` is. A code is good once, so a caller must not ask again with the same one.
    ///
    /// Takes no longer than the time-out of the settings, the retry of a busy WeChat included.
    ///
    /// # Errors
    ///
    /// [`LoginError`] says which no it was; a code that cannot be one of WeChat's is refused without asking.
    pub async fn login(&self, kind: Kind, code: &str) -> Result<OpenId, LoginError> {
        let printable = code.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || !(1..=CODE_MAX).contains(&code.len()) {
            return Err(LoginError::InvalidCode);
        }
        let _permit = self.under_way.try_acquire().map_err(|_| LoginError::Busy)?;
        let login = self.ask_until_not_busy(kind, code);
        let answered = tokio::time::timeout(self.timeout, login).await;
        answered.unwrap_or(Err(LoginError::Timeout))
    }

    async fn ask_until_not_busy(&self, kind: Kind, code: &str) -> Result<OpenId, LoginError> {
        match self.ask(kind, code).await {
            Err(LoginError::Busy) => {
                tokio::time::sleep(RETRY_AFTER).await;
                self.ask(kind, code).await
            }
            answered => answered,
        }
    }

    async fn ask(&self, kind: Kind, code: &str) -> Result<OpenId, LoginError> {
        let (address, code_field) = match kind {
            Kind::MiniProgram => (&self.mini_program, "js_code"),
            Kind::Web => (&self.web, "code"),
        };
        let query = [
            ("appid", self.credentials.app_id.as_str()),
            ("secret", self.credentials.secret.reveal()),
            (code_field, code),
            ("grant_type", "authorization_code"),
        ];
        let request = self.http.get(address.clone()).query(&query);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        answer::read(status, &bounded_body(response).await?)
    }
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>, LoginError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > BODY_MAX {
            return Err(LoginError::Garbage);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error without the address that it happened at, because the app's secret is a part of that.
fn unreachable(error: reqwest::Error) -> LoginError {
    LoginError::Unreachable(Some(error.without_url()))
}

fn http_client() -> Result<reqwest::Client, SetupError> {
    // Fails only where a provider is installed already, and then that one serves.
    let _ = CryptoProvider::install_default(ring::default_provider());
    reqwest::Client::builder()
        // Neither a proxy of the environment nor a redirect may learn the secret, which is a part of the address.
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .map_err(SetupError::Https)
}
