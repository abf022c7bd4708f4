//! Signed links to pictures, valid for ten minutes: an `<image>` element sends no token.
//!
//! A signature is 19 characters of base32: 32 bits of expiry (Unix seconds), 60 bits of MAC, three zero bits. The MAC
//! is the first 60 bits of HMAC-SHA256, keyed with the secret `codes`, over `carnival picture v1`, the carnival's id,
//! the expiry in 4 bytes and the text, each preceded by its length.

use jiff::Timestamp;

use super::base32::BitString;
use super::codes::Codes;
use super::expiry::Expiry;

/// Lifetime of a link, in seconds.
pub const PICTURE_LINK_TTL_S: u32 = 10 * 60;

/// Result of checking a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureLink {
    /// Signed by this carnival and not expired.
    Valid,
    /// Signed by this carnival, but expired.
    Expired,
    /// Not signed by this carnival, or signed for another text.
    Forged,
}

impl Codes {
    /// Signs a link to a picture. The text must contain everything that determines the picture, such as the holder and
    /// route of a postcard.
    #[must_use]
    pub fn sign_picture(&self, text: &str, now: Timestamp) -> String {
        let expiry = Expiry::after(now, PICTURE_LINK_TTL_S);
        let mac = self.pictures.mac(&[&expiry.bytes(), text.as_bytes()]);
        expiry.write(BitString::default()).push(mac, 60).encode()
    }

    /// Checks a signature of this text.
    #[must_use]
    pub fn check_picture(&self, text: &str, signature: &str, now: Timestamp) -> PictureLink {
        let Ok(bits) = BitString::parse(signature) else { return PictureLink::Forged };
        let (length, mut rest) = (bits.len(), bits.reader());
        let (expiry, mac, padding) = (Expiry::read(&mut rest), rest.take(60), rest.take(3));
        // Each signature has exactly one text: longer texts and non-zero padding are rejected.
        let canonical = length == 95 && padding == 0;
        match canonical && self.pictures.verify(&[&expiry.bytes(), text.as_bytes()], mac) {
            false => PictureLink::Forged,
            true if expiry.has_passed(now) => PictureLink::Expired,
            true => PictureLink::Valid,
        }
    }
}
