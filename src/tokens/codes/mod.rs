//! The codes that people scan or type.
//!
//! # Layout
//! Printed posters must work after every upgrade, so what stands here never changes; another layout
//! gets another letter. `golden.rs` beside this file holds one sample of each.
//!
//! A code is its kind's letter and then bits as base32 (`0123456789ABCDEFGHJKMNPQRSTVWXYZ`, five
//! bits a character, highest bit first). No kind has bits left over, so each text has one meaning.
//!
//! | kind | bits, in this order | characters |
//! |---|---|---|
//! | `P` printed point code | 9 point number, 6 generation, 60 MAC | 16 |
//! | `D` display point code | 9 point number, 21 low bits of the step, 60 MAC | 19 |
//! | `R` resident's own code | 128 resident, 32 end (Unix seconds), 60 MAC | 45 |
//! | `C` paper passport | 25 serial, 60 MAC | 18 |
//! | `S` staff invitation | 80 random | 17 |
//! | voucher | no letter: nine digits, the last one Damm's check digit ([`Voucher`]); three of gift 00, which no carnival has, are for practice ([`PracticeVoucher`]) | 9 |
//!
//! A step is 30 s, counted from the Unix epoch. Its low 21 bits come round every two years; the
//! step nearest to now with these bits is meant, and the MAC covers the whole step.
//!
//! The MAC is the first 60 bits of HMAC-SHA256, keyed with the secret `codes`, over these fields:
//! `carnival code v1`, the carnival's id, the kind's letter, and then, big-endian with so many bytes,
//! for `P` point (2) and generation (1); for `D` point (2) and step (8, signed); for `R` resident
//! (16) and end (4); for `C` serial (4). Each field is led by its length in 8 bytes. 60 bits cannot
//! be found by trying: there are 10^18 of them.
//!
//! An invitation has no MAC, since its 80 bits are the secret: random, or, so that a lost answer can
//! be asked for again, the first of a keyed hash of who invites and of a nonce. It is known by the first 80 bits of
//! SHA-256 over `carnival invitation v1`, the carnival's id and the 16 characters, each led by its
//! length; only that is kept, so a copy of the store invites nobody.

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
use crate::rules::ids::{CardSerial, CarnivalId, Generation, InvitationId, Nonce, PointNumber, ResidentId, SessionId};
use crate::rules::practice_voucher::PracticeVoucher;
use crate::rules::voucher::Voucher;

pub use links::{extract_code, link};

/// For how many seconds a resident's own code is good.
pub const OWN_CODE_TTL_S: u32 = 5 * 60;

/// What a code says, once it is known to be one of this carnival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// From a poster.
    Printed {
        /// The point where it hangs.
        point: PointNumber,
        /// Which of the point's posters; an older one than the point's own was replaced.
        generation: Generation,
    },
    /// From a booth's tablet.
    Display {
        /// The point where it was shown.
        point: PointNumber,
        /// Whether its grace is over.
        too_old: bool,
    },
    /// A claim's. Anybody can write nine digits that fit; only the store knows whether it exists.
    Voucher(Voucher),
    /// From a volunteer's training card.
    Practice(PracticeVoucher),
    /// A resident's own.
    Own {
        /// Whose.
        resident: ResidentId,
        /// Whether its five minutes are over.
        too_old: bool,
    },
    /// A paper passport's.
    Paper(CardSerial),
    /// An invitation's. Only the store knows whether it exists.
    Invitation(InvitationId),
}

/// A text that is no code of this carnival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of this carnival")]
pub struct UnknownCode;

/// A code that is good for a while. Not `Debug`, so that no log can hold it.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpiringCode {
    /// The bare code.
    pub text: String,
    /// A display code: when the tablet shows the next one. A resident's own: when it ends.
    pub changes_at: Timestamp,
}

/// A new invitation. Not `Debug`, so that no log can hold it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// What is kept.
    pub id: InvitationId,
    /// The bare code, shown once.
    pub text: String,
}

/// Makes and reads the codes of one carnival.
#[derive(Clone)]
pub struct Codes {
    mac: Keyed,
    pub(super) pictures: Keyed,
    carnival: CarnivalId,
    grace: SignedDuration,
}

impl Codes {
    /// Signs with this key, for this carnival; `grace_s` is for how many seconds after its own
    /// step a display code is still taken.
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

    /// A resident's own code, good for [`OWN_CODE_TTL_S`].
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
    /// When the system gives no random bytes.
    pub fn invitation(&self) -> Result<NewInvitation, RandomnessError> {
        Ok(self.invitation_of(BitString::default().push_bytes(&random::bytes::<10>()?)))
    }

    /// The invitation that a staff session names with a nonce, as hard to guess as a random one: asked
    /// for again, it is the same.
    #[must_use]
    pub fn invitation_for_nonce(&self, by: &SessionId, nonce: &Nonce) -> NewInvitation {
        let hash = self.keyed_for('S').hash(&[by.as_str().as_bytes(), nonce.as_str().as_bytes()]);
        self.invitation_of(BitString::default().push_bytes(&hash[..10]))
    }

    /// What a text says: a bare code or a link to one, as scanned or as typed. At most 512 bytes.
    ///
    /// # Errors
    /// When it is no code of this carnival. Why it is not, nobody is told.
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
        match (kind, bits.len() / 5) {
            ('P', 15) => self.read_printed(bits),
            ('D', 18) => self.read_display(bits, now),
            ('R', 44) => self.read_own(bits, now),
            ('C', 17) => self.read_paper(bits),
            ('S', 16) => Ok(Code::Invitation(self.invitation_of(bits).id)),
            _ => Err(UnknownCode),
        }
    }

    fn read_printed(&self, bits: BitString) -> Result<Code, UnknownCode> {
        let mut rest = bits.reader();
        let point = PointNumber::try_from(rest.take(9)).map_err(|_| UnknownCode)?;
        let generation = Generation::try_from(rest.take(6)).map_err(|_| UnknownCode)?;
        self.verify('P', &[&point.get().to_be_bytes(), &[generation.get()]], rest.take(60))?;
        Ok(Code::Printed { point, generation })
    }

    fn read_display(&self, bits: BitString, now: Timestamp) -> Result<Code, UnknownCode> {
        let mut rest = bits.reader();
        let point = PointNumber::try_from(rest.take(9)).map_err(|_| UnknownCode)?;
        let step = time_step::nearest(rest.take(21), now).ok_or(UnknownCode)?;
        self.verify('D', &[&point.get().to_be_bytes(), &step.to_be_bytes()], rest.take(60))?;
        Ok(Code::Display { point, too_old: now.duration_since(time_step::end(step)) > self.grace })
    }

    fn read_own(&self, bits: BitString, now: Timestamp) -> Result<Code, UnknownCode> {
        let mut rest = bits.reader();
        let resident = ResidentId::new(rest.bytes());
        let expiry = Expiry::read(&mut rest);
        self.verify('R', &[resident.bytes(), &expiry.bytes()], rest.take(60))?;
        Ok(Code::Own { resident, too_old: expiry.has_passed(now) })
    }

    fn read_paper(&self, bits: BitString) -> Result<Code, UnknownCode> {
        let mut rest = bits.reader();
        let serial = CardSerial::try_from(rest.take(25)).map_err(|_| UnknownCode)?;
        self.verify('C', &[&serial.get().to_be_bytes()], rest.take(60))?;
        Ok(Code::Paper(serial))
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

/// Look-alikes of digits, as people write and read them.
fn as_digit(c: char) -> char {
    match c {
        'O' | 'o' => '0',
        'I' | 'i' | 'L' | 'l' => '1',
        _ => c,
    }
}
