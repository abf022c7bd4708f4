//! Verifies WeChat push messages (signature, freshness) and extracts the `OpenID` they concern.
//!
//! Pure: `now` is an argument. The signature is checked before anything is decrypted, so that an unsigned message cannot
//! use the verifier as a padding oracle.
//!
//! Follows WeChat's documentation of message pushes and of authorization changes
//! (<https://developers.weixin.qq.com/doc/>).

mod crypto;
mod message_fields;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use self::crypto::MessageKey;
use self::message_fields::Fields;
use super::login_response::OpenId;
use super::settings::SecretString;

/// Maximum difference between the time of a push and ours, in seconds.
pub const MAX_CLOCK_DIFFERENCE_S: i64 = 300;

/// The query parameters that WeChat adds to the address of a push.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PushParams {
    /// Hexadecimal SHA-1 of the sorted token, timestamp and nonce.
    pub signature: String,
    /// When the message was sent, in seconds since 1970. More than five minutes off is rejected.
    #[param(example = "1681437600")]
    pub timestamp: String,
    /// A random text.
    #[param(example = "1320562132")]
    pub nonce: String,
    /// The text to return when the address is verified.
    #[param(ignore)]
    pub echostr: Option<String>,
    /// `aes` for an encrypted body, which is required if a key is configured.
    pub encrypt_type: Option<String>,
    /// Hexadecimal SHA-1 of the sorted token, timestamp, nonce and encrypted text.
    pub msg_signature: Option<String>,
}

/// The event of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushEvent {
    /// A user withdrew their authorization or closed their account: their data must be erased.
    Erase {
        /// The user.
        openid: OpenId,
        /// When the user did so; never later than now.
        at: Timestamp,
    },
    /// An event that needs no action.
    Other,
}

/// A verified push.
#[derive(Clone, Debug)]
pub struct VerifiedPush {
    /// The event.
    pub push: PushEvent,
    /// Equal for repetitions of the same push and only for them.
    pub replay_id: [u8; 20],
}

/// Why a push is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PushRejection {
    /// Not signed with our token, not encrypted although it must be, or meant for another app.
    Forged,
    /// Signed too long ago, or in the future.
    Stale,
    /// Signed, but not understood.
    Malformed(&'static str),
}

/// Verifies pushes with the token and key configured in WeChat's console.
#[derive(Debug)]
pub struct PushVerifier {
    app_id: String,
    token: SecretString,
    key: Option<MessageKey>,
}

/// Why the push settings are unusable; detected at startup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushSetupError {
    /// WeChat allows 3 to 32 letters and digits; fewer than 16 could be guessed.
    #[error("the token of WeChat's pushes must have 16 to 32 letters and digits")]
    Token,
    /// It is not a key as the console generates.
    #[error("the EncodingAESKey of WeChat's pushes has 43 letters and digits")]
    Key,
}

/// Allowed lengths of a token.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 16..=32;

impl PushVerifier {
    /// A verifier with the token and, if messages are encrypted, the `EncodingAESKey` of WeChat's console. With a key,
    /// unencrypted messages are rejected.
    ///
    /// # Errors
    /// Fails if the token or key is malformed.
    pub fn new(app_id: &str, token: SecretString, key: Option<&SecretString>) -> Result<PushVerifier, PushSetupError> {
        let text = token.reveal();
        if !TOKEN_LENGTHS.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(PushSetupError::Token);
        }
        let key = key.map(|key| MessageKey::read(key.reveal()).ok_or(PushSetupError::Key)).transpose()?;
        Ok(PushVerifier { app_id: app_id.to_owned(), token, key })
    }

    /// Verifies the request that WeChat sends when the address is entered in its console.
    ///
    /// # Errors
    /// Forged or stale.
    pub fn verify_address(&self, params: &PushParams, now: Timestamp) -> Result<(), PushRejection> {
        self.signed(&params.signature, params, None)?;
        check_fresh(params, now)
    }

    /// Verifies and reads a push.
    ///
    /// # Errors
    /// Fails if the push is forged, stale or malformed.
    pub fn verify(&self, params: &PushParams, body: &[u8], now: Timestamp) -> Result<VerifiedPush, PushRejection> {
        let Some(key) = &self.key else {
            let replay_id = self.signed(&params.signature, params, None)?;
            check_fresh(params, now)?;
            return Ok(VerifiedPush { push: self.read(body, now)?, replay_id });
        };
        if params.encrypt_type.as_deref() != Some("aes") {
            return Err(PushRejection::Forged);
        }
        let signature = params.msg_signature.as_deref().ok_or(PushRejection::Forged)?;
        let outer = fields(body)?;
        let sealed = outer.get("Encrypt").ok_or(PushRejection::Malformed("it has no Encrypt"))?;
        let replay_id = self.signed(signature, params, Some(sealed))?;
        check_fresh(params, now)?;
        let message = key.decrypt(sealed).ok_or(PushRejection::Malformed("it cannot be decrypted"))?;
        if message.app_id != self.app_id.as_bytes() {
            return Err(PushRejection::Forged);
        }
        Ok(VerifiedPush { push: self.read(&message.text, now)?, replay_id })
    }

    /// Returns the signature as bytes if it is the one computed with our token.
    fn signed(&self, signature: &str, params: &PushParams, sealed: Option<&str>) -> Result<[u8; 20], PushRejection> {
        let PushParams { timestamp, nonce, .. } = params;
        let mut parts: Vec<&str> = [self.token.reveal(), timestamp, nonce].into_iter().chain(sealed).collect();
        parts.sort_unstable();
        let computed = crypto::sha1(&parts);
        if crypto::matches_hex(&computed, signature) { Ok(computed) } else { Err(PushRejection::Forged) }
    }

    fn read(&self, body: &[u8], now: Timestamp) -> Result<PushEvent, PushRejection> {
        let fields = fields(body)?;
        let Some(event) = fields.get("Event") else {
            return if fields.get("Encrypt").is_some() && fields.get("MsgType").is_none() {
                Err(PushRejection::Malformed("it is encrypted, and no key is set here"))
            } else {
                Ok(PushEvent::Other)
            };
        };
        if !matches!(event, "user_authorization_revoke" | "user_authorization_cancellation") {
            return Ok(PushEvent::Other);
        }
        if fields.get("AppID").is_some_and(|app_id| app_id != self.app_id) {
            return Err(PushRejection::Forged);
        }
        let whom = fields.get("OpenID").or_else(|| fields.get("FromUserName"));
        let openid = whom.and_then(OpenId::parse).ok_or(PushRejection::Malformed("it names no user"))?;
        let at = fields.get("CreateTime").and_then(seconds).ok_or(PushRejection::Malformed("it has no CreateTime"))?;
        Ok(PushEvent::Erase { openid, at: at.min(now) })
    }
}

fn fields(body: &[u8]) -> Result<Fields, PushRejection> {
    Fields::read(body).ok_or(PushRejection::Malformed("it is neither JSON nor XML as WeChat sends it"))
}

/// Unix seconds written in digits only.
fn seconds(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).and_then(|seconds| Timestamp::from_second(seconds).ok())
}

fn check_fresh(params: &PushParams, now: Timestamp) -> Result<(), PushRejection> {
    let sent = seconds(&params.timestamp).ok_or(PushRejection::Malformed("its timestamp is not a number"))?;
    let off = now.duration_since(sent).abs();
    if off <= SignedDuration::from_secs(MAX_CLOCK_DIFFERENCE_S) { Ok(()) } else { Err(PushRejection::Stale) }
}

#[cfg(test)]
mod tests;
