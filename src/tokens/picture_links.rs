//! Signatures of links to pictures, good for ten minutes: `<image>` sends no token along.
//!
//! A signature is 19 characters of base32: 32 bits of end (Unix seconds), 60 bits of MAC, three
//! zero bits. The MAC is the first 60 bits of HMAC-SHA256, keyed with the secret `codes`, over
//! `carnival picture v1`, the carnival's id, the end in 4 bytes and the text, each led by its length.

use jiff::Timestamp;

use super::base32::BitString;
use super::codes::Codes;
use super::expiry::Expiry;

/// For how many seconds a link is good.
pub const PICTURE_LINK_TTL_S: u32 = 10 * 60;

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureLink {
    /// It is ours and still good.
    Valid,
    /// It is ours, and its ten minutes are over.
    Expired,
    /// It is not ours, or for something else.
    Forged,
}

impl Codes {
    /// Signs a link to a picture; the text names all that decides what is shown, such as whose
    /// postcard of which route.
    #[must_use]
    pub fn sign_picture(&self, text: &str, now: Timestamp) -> String {
        let expiry = Expiry::after(now, PICTURE_LINK_TTL_S);
        let mac = self.pictures.mac(&[&expiry.bytes(), text.as_bytes()]);
        expiry.write(BitString::default()).push(mac, 60).encode()
    }

    /// What a signature of this text is worth now.
    #[must_use]
    pub fn check_picture(&self, text: &str, signature: &str, now: Timestamp) -> PictureLink {
        let Ok(bits) = BitString::parse(signature) else { return PictureLink::Forged };
        let mut rest = bits.reader();
        let (expiry, mac, padding) = (Expiry::read(&mut rest), rest.take(60), rest.take(3));
        // One text for each signature: neither more characters nor other bits at the end.
        let canonical = bits.len() == 95 && padding == 0;
        match canonical && self.pictures.verify(&[&expiry.bytes(), text.as_bytes()], mac) {
            false => PictureLink::Forged,
            true if expiry.has_passed(now) => PictureLink::Expired,
            true => PictureLink::Valid,
        }
    }
}
