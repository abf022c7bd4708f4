//! Sends logins to WeChat: time limit, retry, concurrency and response size.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Response, Url, redirect};
use rustls::crypto::{CryptoProvider, ring};
use tokio::sync::Semaphore;

use super::login_response::{self, LoginError, OpenId};
use super::settings::{ClientSettings, Credentials, SetupError};
use crate::rules::carnival::LoginMethod;

/// Maximum response size, in bytes; a login's response has about 200.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Maximum length of a code that is sent to WeChat; WeChat's codes have 32 characters today.
const MAX_CODE_LENGTH: usize = 128;

/// Delay before the one retry after WeChat reported that it is busy.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Maximum number of concurrent logins; further ones fail as [`LoginError::Busy`].
const MAX_CONCURRENT_LOGINS: usize = 128;

/// A client of WeChat's servers. Clones share one small connection pool.
#[derive(Debug, Clone)]
pub struct LoginClient {
    http: reqwest::Client,
    credentials: Credentials,
    timeout: Duration,
    /// Limits the concurrent logins of all clones, so that a flood of logins cannot use up the sockets that check-ins
    /// need.
    login_permits: Arc<Semaphore>,
    mini_program: Url,
    web: Url,
}

impl LoginClient {
    /// Creates the client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the settings or credentials are unusable, or if this machine has no working HTTPS.
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

    /// Exchanges a login code for the openid. A code can be used once, so a caller must not repeat the call with the
    /// same one.
    ///
    /// Takes at most the configured timeout, including the retry after a busy response.
    ///
    /// # Errors
    ///
    /// [`LoginError`] names the cause; a code that cannot be one of WeChat's is rejected without a request.
    pub async fn login(&self, method: LoginMethod, code: &str) -> Result<OpenId, LoginError> {
        let printable = code.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || !(1..=MAX_CODE_LENGTH).contains(&code.len()) {
            return Err(LoginError::InvalidCode);
        }
        let _permit = self.login_permits.try_acquire().map_err(|_| LoginError::Busy)?;
        let login = self.login_with_retry(method, code);
        let outcome = tokio::time::timeout(self.timeout, login).await;
        outcome.unwrap_or(Err(LoginError::Timeout))
    }

    async fn login_with_retry(&self, method: LoginMethod, code: &str) -> Result<OpenId, LoginError> {
        match self.send_login(method, code).await {
            Err(LoginError::Busy) => {
                tokio::time::sleep(RETRY_AFTER).await;
                self.send_login(method, code).await
            }
            outcome => outcome,
        }
    }

    async fn send_login(&self, method: LoginMethod, code: &str) -> Result<OpenId, LoginError> {
        let (address, code_field) = match method {
            LoginMethod::MiniProgram => (&self.mini_program, "js_code"),
            LoginMethod::Web => (&self.web, "code"),
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

/// The error without the URL, because the URL contains the app's secret.
fn unreachable(error: reqwest::Error) -> LoginError {
    LoginError::Unreachable(Some(error.without_url()))
}

fn http_client() -> Result<reqwest::Client, SetupError> {
    // Fails only if a provider is installed already; that one is used then.
    let _ = CryptoProvider::install_default(ring::default_provider());
    reqwest::Client::builder()
        // The URL contains the app's secret, so it must reach neither a proxy from the environment nor a redirect
        // target.
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .map_err(SetupError::Https)
}
