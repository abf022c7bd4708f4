//! Signatures and encryption of WeChat's push messages.

use std::fmt;

use aes::Aes256;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// A key of the console is 43 random characters, which encode two bits more than 32 bytes; these trailing bits are
/// ignored.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Length of a key in the console.
const KEY_LENGTH: usize = 43;
/// WeChat pads to a multiple of this many bytes, not to the 16 bytes of an AES block.
const MAX_PADDING: u8 = 32;
/// Number of random bytes before the message.
const RANDOM_PREFIX_BYTES: usize = 16;

/// The key that messages are encrypted with.
pub(super) struct MessageKey([u8; 32]);

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// A decrypted message.
pub(super) struct Message {
    pub(super) text: Vec<u8>,
    pub(super) app_id: Vec<u8>,
}

impl MessageKey {
    /// Decodes the console's `EncodingAESKey`.
    pub(super) fn read(text: &str) -> Option<MessageKey> {
        if text.len() != KEY_LENGTH || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        Some(MessageKey(BASE64.decode(text).ok()?.try_into().ok()?))
    }

    /// Decrypts: sixteen random bytes, the message's length in four bytes, the message, the app's id. Call it only
    /// after the signature was verified: the time it takes may reveal how decryption failed.
    pub(super) fn decrypt(&self, sealed: &str) -> Option<Message> {
        let mut bytes = BASE64.decode(sealed).ok()?;
        let iv: [u8; 16] = *self.0.first_chunk()?;
        let cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &iv.into());
        let plain = cipher.decrypt_padded::<NoPadding>(&mut bytes).ok()?;
        let (_, rest) = unpadded(plain)?.split_at_checked(RANDOM_PREFIX_BYTES)?;
        let (length, rest) = rest.split_first_chunk()?;
        let (text, app_id) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some(Message { text: text.to_vec(), app_id: app_id.to_vec() })
    }
}

fn unpadded(plain: &[u8]) -> Option<&[u8]> {
    let pad = *plain.last().filter(|pad| (1..=MAX_PADDING).contains(*pad))?;
    let (content, padding) = plain.split_at_checked(plain.len().checked_sub(pad.into())?)?;
    padding.iter().all(|byte| *byte == pad).then_some(content)
}

/// SHA-1 over the concatenated parts. WeChat's protocol requires it; nothing else here uses SHA-1.
pub(super) fn sha1(parts: &[&str]) -> [u8; 20] {
    let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in parts {
        hash.update(part.as_bytes());
    }
    let hash = hash.finish();
    std::array::from_fn(|at| hash.as_ref()[at])
}

/// Whether a text is this hash in hexadecimal. All digits are compared, so the time does not reveal how many digits of
/// a guess were right.
pub(super) fn matches_hex(hash: &[u8; 20], signature: &str) -> bool {
    let signature = signature.as_bytes();
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    signature.len() == 2 * hash.len()
        && hash.iter().zip(signature.chunks_exact(2)).fold(0, |differs, (byte, pair)| {
            // A character that is not a digit differs from every byte.
            let (high, low) = (pair.first().and_then(digit), pair.last().and_then(digit));
            let value = high.zip(low).map_or(!byte, |(high, low)| high << 4 | low);
            std::hint::black_box(differs | (byte ^ value))
        }) == 0
}
