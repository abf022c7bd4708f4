//! The calls themselves: how long they may take, how often they are tried, how much of an answer is read.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Response, Url, redirect};
use rustls::crypto::{CryptoProvider, ring};
use tokio::sync::Semaphore;

use super::login_response::{self, LoginError, OpenId};
use super::settings::{ClientSettings, Credentials, SetupError};

/// An answer of a login has some 200 bytes; what is larger than this is not read.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The longest code that is passed on; WeChat's have 32 characters today.
const MAX_CODE_LENGTH: usize = 128;

/// How long a busy WeChat is left alone before the one retry.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Where a code comes from. The openids of the two differ for the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginKind {
    /// `wx.login` of a mini-program.
    MiniProgram,
    /// The redirect of a web page's authorization inside WeChat.
    Web,
}

/// So many logins are under way at most; a further one is told that WeChat is busy.
const MAX_CONCURRENT_LOGINS: usize = 128;

/// A client of WeChat's servers. Clones share one small pool of connections.
#[derive(Debug, Clone)]
pub struct LoginClient {
    http: reqwest::Client,
    credentials: Credentials,
    timeout: Duration,
    /// Logins under way, of all clones: a crowd of strangers must not take the sockets of those who check in.
    login_permits: Arc<Semaphore>,
    mini_program: Url,
    web: Url,
}

impl LoginClient {
    /// Makes the client; no call is made yet.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the settings or the credentials cannot work, or this machine cannot speak HTTPS.
    pub fn new(settings: &ClientSettings, credentials: Credentials) -> Result<Self, SetupError> {
        let empty = |text: &str| text.trim().is_empty();
        if empty(&credentials.app_id) || empty(credentials.secret.reveal()) {
            return Err(SetupError::NoCredentials);
        }
        Ok(Self {
            mini_program: settings.endpoint("/sns/jscode2session")?,
            web: settings.endpoint("/sns/oauth2/access_token")?,
            timeout: settings.timeout(),
            http: http_client()?,
            login_permits: Arc::new(Semaphore::new(MAX_CONCURRENT_LOGINS)),
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
    pub async fn login(&self, kind: LoginKind, code: &str) -> Result<OpenId, LoginError> {
        let printable = code.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || !(1..=MAX_CODE_LENGTH).contains(&code.len()) {
            return Err(LoginError::InvalidCode);
        }
        let _permit = self.login_permits.try_acquire().map_err(|_| LoginError::Busy)?;
        let login = self.login_with_retry(kind, code);
        let outcome = tokio::time::timeout(self.timeout, login).await;
        outcome.unwrap_or(Err(LoginError::Timeout))
    }

    async fn login_with_retry(&self, kind: LoginKind, code: &str) -> Result<OpenId, LoginError> {
        match self.send_login(kind, code).await {
            Err(LoginError::Busy) => {
                tokio::time::sleep(RETRY_AFTER).await;
                self.send_login(kind, code).await
            }
            outcome => outcome,
        }
    }

    async fn send_login(&self, kind: LoginKind, code: &str) -> Result<OpenId, LoginError> {
        let (address, code_field) = match kind {
            LoginKind::MiniProgram => (&self.mini_program, "js_code"),
            LoginKind::Web => (&self.web, "code"),
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
        login_response::read(status, &bounded_body(response).await?)
    }
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>, LoginError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(LoginError::InvalidResponse);
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
