//! The codes that people scan or type.
//!
//! # Layout
//! Printed posters must work after every upgrade, so this layout never changes; another layout gets another letter. The
//! tests in `golden.rs` hold one sample of each kind.
//!
//! A code is the letter of its kind, followed by bits as base32 (`0123456789ABCDEFGHJKMNPQRSTVWXYZ`, five bits per
//! character, highest bit first). The bits of every kind fill whole characters, so each text has one meaning.
//!
//! | kind | bits, in this order | characters |
//! |---|---|---|
//! | `P` printed point code | 9 point number, 6 generation, 60 MAC | 16 |
//! | `D` display point code | 9 point number, 21 low bits of the step, 60 MAC | 19 |
//! | `R` resident's own code | 128 resident, 32 expiry (Unix seconds), 60 MAC | 45 |
//! | `C` paper passport | 25 serial, 60 MAC | 18 |
//! | `S` staff invitation | 80 random | 17 |
//! | voucher | no letter: nine digits, the last one Damm's check digit ([`Voucher`]); three of gift 00, which no carnival has, are for practice ([`PracticeVoucher`]) | 9 |
//!
//! A step is 30 s, counted from the Unix epoch. Its low 21 bits repeat every two years; the step nearest to now with
//! these bits is taken, and the MAC covers the whole step.
//!
//! The MAC is the first 60 bits of HMAC-SHA256, keyed with the secret `codes`, over these fields: `carnival code v1`,
//! the carnival's id, the kind's letter, and then the following numbers, big-endian, with their sizes in bytes: for `P`
//! point (2) and generation (1); for `D` point (2) and step (8, signed); for `R` resident (16) and expiry (4); for `C`
//! serial (4). Each field is preceded by its length in 8 bytes. 60 bits cannot be found by trial and error: there are
//! 10^18 values.
//!
//! An invitation has no MAC, because its 80 bits are the secret. They are random; or, so that a client whose answer was
//! lost can repeat the request, they are the first bits of a keyed hash of the inviting session and a nonce. The id of
//! an invitation is the first 80 bits of SHA-256 over `carnival invitation v1`, the carnival's id and the 16
//! characters, each preceded by its length. Only the id is stored, so a copy of the store does not reveal an
//! invitation.

#[cfg(test)]
mod golden;
mod links;
#[cfg(test)]
mod tests;
mod time_step;

use jiff::{SignedDuration, Timestamp};

use super::base32::BitString;
use super::expiry::Expiry;
use super::mac::{Keyed, digest};
use super::random::{self, RandomnessError};
use super::secrets::Secret;
use crate::rules::gifts::practice_voucher::PracticeVoucher;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    CardSerial, CarnivalId, DeviceId, Generation, InvitationId, Nonce, PointNumber, ResidentId, SessionId,
};
use crate::rules::refusals::CodeRefusal;
use crate::rules::staff::DeviceSecret;

pub use links::{extract_code, link};

/// Lifetime of a resident's own code, in seconds.
pub const OWN_CODE_TTL_S: u32 = 5 * 60;

/// A verified code of this carnival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// From a poster.
    Printed {
        /// The poster's point.
        point: PointNumber,
        /// Generation of the poster; if older than the point's current generation, the poster was replaced.
        generation: Generation,
    },
    /// From a booth's tablet.
    Display {
        /// The point whose tablet displayed it.
        point: PointNumber,
        /// Whether the grace period after its step is over.
        too_old: bool,
    },
    /// The voucher of a claim. Nine digits with a valid check digit are easy to guess; only the store can tell whether
    /// the voucher exists.
    Voucher(Voucher),
    /// From a volunteer's training card.
    Practice(PracticeVoucher),
    /// A resident's own code.
    Own {
        /// The resident.
        resident: ResidentId,
        /// Whether its lifetime is over.
        too_old: bool,
    },
    /// The code of a paper passport.
    Paper(CardSerial),
    /// The code of an invitation. Only the store can tell whether it exists.
    Invitation(InvitationId),
}

impl Code {
    /// The refusal of this code where another one is expected.
    #[must_use]
    pub fn out_of_place(&self) -> CodeRefusal {
        match self {
            Code::Practice(_) => CodeRefusal::PracticeCode,
            _ => CodeRefusal::CodeOfAnotherKind,
        }
    }
}

/// The text is not a code of this carnival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of this carnival")]
pub struct UnknownCode;

/// A code with a limited lifetime. Not `Debug`, so that it cannot be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpiringCode {
    /// The code, without a link.
    pub text: String,
    /// Display code: when the tablet shows the next one. Resident's own code: when it expires.
    pub changes_at: Timestamp,
}

/// A new invitation. Not `Debug`, so that it cannot be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// The id to store.
    pub id: InvitationId,
    /// The code, without a link; shown once and not stored.
    pub text: String,
}

/// Creates and verifies the codes of one carnival.
#[derive(Clone)]
pub struct Codes {
    mac: Keyed,
    pub(super) pictures: Keyed,
    carnival: CarnivalId,
    grace: SignedDuration,
}

impl Codes {
    /// Codes signed with this key for this carnival. A display code is accepted for `grace_s` seconds after its step.
    #[must_use]
    pub fn new(key: &Secret, carnival: &CarnivalId, grace_s: u32) -> Codes {
        let keyed = |purpose| Keyed::new(key, purpose).with(carnival.as_str().as_bytes());
        Codes {
            mac: keyed("carnival code v1"),
            pictures: keyed("carnival picture v1"),
            carnival: carnival.clone(),
            grace: SignedDuration::from_secs(grace_s.into()),
        }
    }

    /// The code on a point's poster.
    #[must_use]
    pub fn printed(&self, point: PointNumber, generation: Generation) -> String {
        let bits = BitString::default().push(point.into(), 9).push(generation.into(), 6);
        self.sign('P', bits, &[&point.get().to_be_bytes(), &[generation.get()]])
    }

    /// The code that a point's tablet shows now.
    #[must_use]
    pub fn display(&self, point: PointNumber, now: Timestamp) -> ExpiringCode {
        let step = time_step::at(now);
        let bits = BitString::default().push(point.into(), 9).push(time_step::low_bits(step), 21);
        let text = self.sign('D', bits, &[&point.get().to_be_bytes(), &step.to_be_bytes()]);
        ExpiringCode { text, changes_at: time_step::end(step) }
    }

    /// A resident's own code, valid for [`OWN_CODE_TTL_S`] seconds.
    #[must_use]
    pub fn own(&self, resident: ResidentId, now: Timestamp) -> ExpiringCode {
        let expiry = Expiry::after(now, OWN_CODE_TTL_S);
        let bits = expiry.write(BitString::default().push_bytes(resident.bytes()));
        let text = self.sign('R', bits, &[resident.bytes(), &expiry.bytes()]);
        ExpiringCode { text, changes_at: expiry.timestamp() }
    }

    /// The code of a paper passport.
    #[must_use]
    pub fn paper(&self, serial: CardSerial) -> String {
        self.sign('C', BitString::default().push(serial.into(), 25), &[&serial.get().to_be_bytes()])
    }

    /// A new invitation, of 80 random bits.
    ///
    /// # Errors
    /// Fails if the operating system returns no random bytes.
    pub fn invitation(&self) -> Result<NewInvitation, RandomnessError> {
        Ok(self.invitation_of(BitString::default().push_bytes(&random::bytes::<10>()?)))
    }

    /// The invitation that belongs to this staff session, nonce and line of a roster (0 outside of one): the same for
    /// each repetition of the request, and as hard to guess as a random one.
    #[must_use]
    pub fn invitation_for_nonce(&self, by: &SessionId, nonce: &Nonce, line: u16) -> NewInvitation {
        let fields = [by.as_str().as_bytes(), nonce.as_str().as_bytes(), &line.to_be_bytes()];
        self.invitation_of(BitString::default().push_bytes(&self.keyed_for('S').hash(&fields)[..10]))
    }

    /// The id of a device that came with an invitation. It differs for each invitation, so that it does not follow
    /// people through them.
    #[must_use]
    pub fn device(&self, invitation: &InvitationId, secret: &DeviceSecret) -> DeviceId {
        let hash = digest("carnival device v1", &[invitation.as_str().as_bytes(), secret.as_str().as_bytes()]);
        DeviceId::from_bytes(BitString::default().push_bytes(&hash[..10]).reader().symbols())
    }

    /// Reads a code or a link to one, as scanned or typed; at most 512 bytes.
    ///
    /// # Errors
    /// Fails if the text is not a code of this carnival. The reason is not disclosed.
    ///
    /// # Examples
    /// ```
    /// # use carnival::tokens::{Codes, Secret, codes::link};
    /// # let key = Secret::new("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")?;
    /// let codes = Codes::new(&key, &"chenghua-2023".parse()?, 180);
    /// let now = "2023-10-21T10:00:00+08:00".parse()?;
    /// let poster = codes.printed(12.try_into()?, 0.try_into()?);
    /// assert!(codes.read(&poster.to_lowercase(), now).is_ok());
    /// assert!(codes.read(&link("https://stamps.example", &poster), now).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(&self, text: &str, now: Timestamp) -> Result<Code, UnknownCode> {
        let bare = extract_code(text).ok_or(UnknownCode)?;
        let mut rest = bare.chars();
        match rest.next() {
            // No kind's letter looks like a digit, so this can only be a voucher.
            Some('0'..='9' | 'O' | 'o' | 'I' | 'i' | 'L' | 'l') => {
                read_digits(&bare.chars().map(as_digit).collect::<String>())
            }
            Some(kind) => self.read_letters(kind.to_ascii_uppercase(), rest.as_str(), now),
            None => Err(UnknownCode),
        }
    }

    fn read_letters(&self, kind: char, text: &str, now: Timestamp) -> Result<Code, UnknownCode> {
        let bits = BitString::parse(text).map_err(|_| UnknownCode)?;
        let length = bits.len() / 5;
        if (kind, length) == ('S', 16) {
            return Ok(Code::Invitation(self.invitation_of(bits).id));
        }
        let mut rest = bits.reader();
        match (kind, length) {
            ('P', 15) => {
                let point = PointNumber::try_from(rest.take(9)).map_err(|_| UnknownCode)?;
                let generation = Generation::try_from(rest.take(6)).map_err(|_| UnknownCode)?;
                self.verify('P', &[&point.get().to_be_bytes(), &[generation.get()]], rest.take(60))?;
                Ok(Code::Printed { point, generation })
            }
            ('D', 18) => {
                let point = PointNumber::try_from(rest.take(9)).map_err(|_| UnknownCode)?;
                let step = time_step::nearest(rest.take(21), now).ok_or(UnknownCode)?;
                self.verify('D', &[&point.get().to_be_bytes(), &step.to_be_bytes()], rest.take(60))?;
                Ok(Code::Display { point, too_old: now.duration_since(time_step::end(step)) > self.grace })
            }
            ('R', 44) => {
                let resident = ResidentId::new(rest.bytes());
                let expiry = Expiry::read(&mut rest);
                self.verify('R', &[resident.bytes(), &expiry.bytes()], rest.take(60))?;
                Ok(Code::Own { resident, too_old: expiry.has_passed(now) })
            }
            ('C', 17) => {
                let serial = CardSerial::try_from(rest.take(25)).map_err(|_| UnknownCode)?;
                self.verify('C', &[&serial.get().to_be_bytes()], rest.take(60))?;
                Ok(Code::Paper(serial))
            }
            _ => Err(UnknownCode),
        }
    }

    fn invitation_of(&self, secret: BitString) -> NewInvitation {
        let secret = secret.encode();
        let hash = digest("carnival invitation v1", &[self.carnival.as_str().as_bytes(), secret.as_bytes()]);
        let id = InvitationId::from_bytes(BitString::default().push_bytes(&hash[..10]).reader().symbols());
        NewInvitation { id, text: format!("S{secret}") }
    }

    fn sign(&self, kind: char, bits: BitString, fields: &[&[u8]]) -> String {
        format!("{kind}{}", bits.push(self.keyed_for(kind).mac(fields), 60).encode())
    }

    fn verify(&self, kind: char, fields: &[&[u8]], mac: u64) -> Result<(), UnknownCode> {
        if self.keyed_for(kind).verify(fields, mac) { Ok(()) } else { Err(UnknownCode) }
    }

    fn keyed_for(&self, kind: char) -> Keyed {
        self.mac.clone().with(kind.encode_utf8(&mut [0; 4]).as_bytes())
    }
}

fn read_digits(digits: &str) -> Result<Code, UnknownCode> {
    let voucher = digits.parse().map(Code::Voucher);
    voucher.or_else(|_| digits.parse().map(Code::Practice)).map_err(|_| UnknownCode)
}

/// Maps letters that look like digits to the digits.
fn as_digit(c: char) -> char {
    match c {
        'O' | 'o' => '0',
        'I' | 'i' | 'L' | 'l' => '1',
        _ => c,
    }
}
