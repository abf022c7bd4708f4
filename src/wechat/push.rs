//! What WeChat pushes to us: is it WeChat's, is it of now, and whom does it name?
//!
//! Pure: `now` is an argument. What cannot be trusted is told apart only as far as a stranger may know: the signature is looked at before anything is decrypted, so that nobody
//! can feel their way along the padding.
//!
//! After WeChat's documentation of message pushes and of changes of an authorization (<https://developers.weixin.qq.com/doc/>).

mod crypto;
mod message_fields;

use jiff::{SignedDuration, Timestamp};

use self::crypto::MessageKey;
use self::message_fields::Fields;
use super::login_response::OpenId;
use super::settings::SecretString;

/// How far a push's time may be from ours, in seconds.
pub const MAX_CLOCK_DIFFERENCE_S: i64 = 300;

/// What WeChat writes behind the address of each push.
#[derive(Clone, Debug, Default)]
pub struct PushParams {
    /// When it was sent, in seconds since 1970.
    pub timestamp: String,
    /// A random text.
    pub nonce: String,
    /// SHA-1 over token, timestamp and nonce.
    pub signature: String,
    /// The same over the encrypted text as well.
    pub msg_signature: Option<String>,
    /// `aes` if the body is encrypted.
    pub encrypt_type: Option<String>,
}

/// A push that WeChat sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushEvent {
    /// Somebody withdrew what she allowed, or closed her account: what we know of her goes.
    Erase {
        /// Who.
        openid: OpenId,
        /// When she did; never later than now.
        at: Timestamp,
    },
    /// Something that is none of our affair.
    Other,
}

/// A push that was looked at.
#[derive(Clone, Debug)]
pub struct VerifiedPush {
    /// What it says.
    pub push: PushEvent,
    /// The same for the same push alone.
    pub replay_id: [u8; 20],
}

/// Why a push was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushRejection {
    /// Not signed by whoever knows the token, not encrypted though it must be, or meant for another app.
    Forged,
    /// Signed too long ago, or in the future.
    Stale,
    /// Signed, but it cannot be understood.
    Malformed(&'static str),
}

/// Reads pushes, as the settings of WeChat's console say.
#[derive(Debug)]
pub struct PushVerifier {
    app_id: String,
    token: SecretString,
    key: Option<MessageKey>,
}

/// Why no pushes can be read. All of it is found at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushSetupError {
    /// WeChat takes 3 to 32 letters and digits; fewer than 16 can be guessed.
    #[error("the token of WeChat's pushes must have 16 to 32 letters and digits")]
    Token,
    /// Not what the console shows.
    #[error("the EncodingAESKey of WeChat's pushes has 43 letters and digits")]
    Key,
}

/// The lengths that a token may have.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 16..=32;

impl PushVerifier {
    /// With the token and, where messages are encrypted, the `EncodingAESKey` of WeChat's console. With a key, nothing plain is taken.
    ///
    /// # Errors
    /// When one of them cannot be right.
    pub fn new(app_id: &str, token: SecretString, key: Option<&SecretString>) -> Result<PushVerifier, PushSetupError> {
        let text = token.reveal();
        if !TOKEN_LENGTHS.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(PushSetupError::Token);
        }
        let key = key.map(|key| MessageKey::read(key.reveal()).ok_or(PushSetupError::Key)).transpose()?;
        Ok(PushVerifier { app_id: app_id.to_owned(), token, key })
    }

    /// Whether WeChat asks, when the address is entered in its console.
    ///
    /// # Errors
    /// Forged or stale.
    pub fn verify_address(&self, params: &PushParams, now: Timestamp) -> Result<(), PushRejection> {
        self.signed(&params.signature, params, None)?;
        check_fresh(params, now)
    }

    /// Reads a push.
    ///
    /// # Errors
    /// Why it is not believed, or not understood.
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
        let sealed = outer.get("Encrypt").ok_or(PushRejection::Malformed("there is no Encrypt in it"))?;
        let replay_id = self.signed(signature, params, Some(sealed))?;
        check_fresh(params, now)?;
        let message = key.decrypt(sealed).ok_or(PushRejection::Malformed("it cannot be decrypted"))?;
        if message.app_id != self.app_id.as_bytes() {
            return Err(PushRejection::Forged);
        }
        Ok(VerifiedPush { push: self.read(&message.text, now)?, replay_id })
    }

    /// The signature as a mark, if it is the one that whoever knows the token would make.
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
        let openid = whom.and_then(OpenId::parse).ok_or(PushRejection::Malformed("it names nobody"))?;
        let at = fields.get("CreateTime").and_then(seconds).ok_or(PushRejection::Malformed("it has no CreateTime"))?;
        Ok(PushEvent::Erase { openid, at: at.min(now) })
    }
}

fn fields(body: &[u8]) -> Result<Fields, PushRejection> {
    Fields::read(body).ok_or(PushRejection::Malformed("it is neither JSON nor XML of WeChat's kind"))
}

/// Seconds since 1970 in nothing but digits.
fn seconds(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).and_then(|seconds| Timestamp::from_second(seconds).ok())
}

fn check_fresh(params: &PushParams, now: Timestamp) -> Result<(), PushRejection> {
    let sent = seconds(&params.timestamp).ok_or(PushRejection::Malformed("its timestamp is no number"))?;
    let off = now.duration_since(sent).abs();
    if off <= SignedDuration::from_secs(MAX_CLOCK_DIFFERENCE_S) { Ok(()) } else { Err(PushRejection::Stale) }
}

#[cfg(test)]
mod tests;
