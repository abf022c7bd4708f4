//! What WeChat pushes to us: is it WeChat's, is it of now, and whom does it name?
//!
//! Pure: `now` is an argument. What cannot be trusted is told apart only as far as a stranger may know: the signature is looked at before anything is decrypted, so that nobody
//! can feel their way along the padding.
//!
//! After WeChat's documentation of message pushes and of changes of an authorization (<https://developers.weixin.qq.com/doc/>).

mod crypt;
mod fields;

use jiff::{SignedDuration, Timestamp};

use self::crypt::Key;
use self::fields::Fields;
use super::answer::OpenId;
use super::settings::Secret;

/// How far a push's time may be from ours, in seconds.
pub const FRESH_S: i64 = 300;

/// What WeChat writes behind the address of each push.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
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
pub enum Push {
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
pub struct Received {
    /// What it says.
    pub push: Push,
    /// The same for the same push alone.
    pub mark: [u8; 20],
}

/// Why a push was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Not signed by whoever knows the token, not encrypted though it must be, or meant for another app.
    Forged,
    /// Signed too long ago, or in the future.
    Stale,
    /// Signed, but it cannot be understood.
    Malformed(&'static str),
}

/// Reads pushes, as the settings of WeChat's console say.
#[derive(Debug)]
pub struct Inbox {
    app_id: String,
    token: Secret,
    key: Option<Key>,
}

/// Why no pushes can be read. All of it is found at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboxError {
    /// WeChat takes 3 to 32 letters and digits; fewer than 16 can be guessed.
    #[error("the token of WeChat's pushes must have 16 to 32 letters and digits")]
    Token,
    /// Not what the console shows.
    #[error("the EncodingAESKey of WeChat's pushes has 43 letters and digits")]
    Key,
}

/// The lengths that a token may have.
const TOKEN: std::ops::RangeInclusive<usize> = 16..=32;

impl Inbox {
    /// With the token and, where messages are encrypted, the `EncodingAESKey` of WeChat's console. With a key, nothing plain is taken.
    ///
    /// # Errors
    /// When one of them cannot be right.
    pub fn new(app_id: &str, token: Secret, key: Option<&Secret>) -> Result<Inbox, InboxError> {
        let text = token.reveal();
        if !TOKEN.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(InboxError::Token);
        }
        let key = key.map(|key| Key::read(key.reveal()).ok_or(InboxError::Key)).transpose()?;
        Ok(Inbox { app_id: app_id.to_owned(), token, key })
    }

    /// Whether WeChat asks, when the address is entered in its console.
    ///
    /// # Errors
    /// Forged or stale.
    pub fn check(&self, envelope: &Envelope, now: Timestamp) -> Result<(), NotTaken> {
        self.signed(&envelope.signature, envelope, None)?;
        fresh(envelope, now)
    }

    /// Reads a push.
    ///
    /// # Errors
    /// Why it is not believed, or not understood.
    pub fn open(&self, envelope: &Envelope, body: &[u8], now: Timestamp) -> Result<Received, NotTaken> {
        let Some(key) = &self.key else {
            let mark = self.signed(&envelope.signature, envelope, None)?;
            fresh(envelope, now)?;
            return Ok(Received { push: self.read(body, now)?, mark });
        };
        if envelope.encrypt_type.as_deref() != Some("aes") {
            return Err(NotTaken::Forged);
        }
        let given = envelope.msg_signature.as_deref().ok_or(NotTaken::Forged)?;
        let outer = fields(body)?;
        let sealed = outer.get("Encrypt").ok_or(NotTaken::Malformed("there is no Encrypt in it"))?;
        let mark = self.signed(given, envelope, Some(sealed))?;
        fresh(envelope, now)?;
        let message = key.open(sealed).ok_or(NotTaken::Malformed("it cannot be decrypted"))?;
        if message.app_id != self.app_id.as_bytes() {
            return Err(NotTaken::Forged);
        }
        Ok(Received { push: self.read(&message.text, now)?, mark })
    }

    /// The signature as a mark, if it is the one that whoever knows the token would make.
    fn signed(&self, given: &str, envelope: &Envelope, sealed: Option<&str>) -> Result<[u8; 20], NotTaken> {
        let Envelope { timestamp, nonce, .. } = envelope;
        let mut parts: Vec<&str> = [self.token.reveal(), timestamp, nonce].into_iter().chain(sealed).collect();
        parts.sort_unstable();
        let ours = crypt::sha1(&parts);
        if crypt::same(&ours, given) { Ok(ours) } else { Err(NotTaken::Forged) }
    }

    fn read(&self, body: &[u8], now: Timestamp) -> Result<Push, NotTaken> {
        let fields = fields(body)?;
        let Some(event) = fields.get("Event") else {
            return if fields.get("Encrypt").is_some() && fields.get("MsgType").is_none() {
                Err(NotTaken::Malformed("it is encrypted, and no key is set here"))
            } else {
                Ok(Push::Other)
            };
        };
        if !matches!(event, "user_authorization_revoke" | "user_authorization_cancellation") {
            return Ok(Push::Other);
        }
        if fields.get("AppID").is_some_and(|app_id| app_id != self.app_id) {
            return Err(NotTaken::Forged);
        }
        let whom = fields.get("OpenID").or_else(|| fields.get("FromUserName"));
        let openid = whom.and_then(OpenId::plausible).ok_or(NotTaken::Malformed("it names nobody"))?;
        let at = fields.get("CreateTime").and_then(seconds).ok_or(NotTaken::Malformed("it has no CreateTime"))?;
        Ok(Push::Erase { openid, at: at.min(now) })
    }
}

fn fields(body: &[u8]) -> Result<Fields, NotTaken> {
    Fields::read(body).ok_or(NotTaken::Malformed("it is neither JSON nor XML of WeChat's kind"))
}

/// Seconds since 1970 in nothing but digits.
fn seconds(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).and_then(|seconds| Timestamp::from_second(seconds).ok())
}

fn fresh(envelope: &Envelope, now: Timestamp) -> Result<(), NotTaken> {
    let sent = seconds(&envelope.timestamp).ok_or(NotTaken::Malformed("its timestamp is no number"))?;
    let off = now.duration_since(sent).abs();
    if off <= SignedDuration::from_secs(FRESH_S) { Ok(()) } else { Err(NotTaken::Stale) }
}

#[cfg(test)]
mod tests;
