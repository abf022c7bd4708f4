//! Keyed hashes that stand for people, so that the store contains no names.

use super::mac::Keyed;
use super::secrets::Secret;
use crate::rules::carnival::LoginMethod;
use crate::rules::ids::{ClaimantId, GiftNumber, Holder, ResidentId};

/// Computes the ids of residents and claimants from openids and passports. They cannot be reversed without the key, so
/// a copy of the store alone identifies no person.
///
/// An id is the first 128 bits of HMAC-SHA256, keyed with the secret `identity`, over fields that are each preceded by
/// their length in 8 bytes. Like the codes, these never change: with another layout every resident would get an empty
/// passport.
#[derive(Clone)]
pub struct Pseudonyms {
    residents: Keyed,
    claimants: Keyed,
}

impl Pseudonyms {
    /// Hashes with this key.
    #[must_use]
    pub fn new(key: &Secret) -> Pseudonyms {
        Pseudonyms {
            residents: Keyed::new(key, "carnival resident v1"),
            claimants: Keyed::new(key, "carnival claimer v1"),
        }
    }

    /// The resident with this openid: a hash over `carnival resident v1`, `mini_program` or `web`, and the openid. The
    /// login method is included because one person has a different openid in each. The unionid is not: it can appear
    /// later, and would then turn the person into another resident.
    #[must_use]
    pub fn resident(&self, login: LoginMethod, openid: &[u8]) -> ResidentId {
        let login: &[u8] = match login {
            LoginMethod::MiniProgram => b"mini_program",
            LoginMethod::Web => b"web",
        };
        ResidentId::new(self.residents.pseudonym(&[login, openid]))
    }

    /// The claimant of a gift: a hash over `carnival claimant v1`, the gift's number in one byte, `resident` or `paper`,
    /// and the resident's 16 bytes or the serial in 4. The gift is included so that the claims of one person for
    /// several gifts cannot be linked.
    #[must_use]
    pub fn claimant(&self, gift: GiftNumber, holder: Holder) -> ClaimantId {
        let gift = [gift.get()];
        ClaimantId::new(match holder {
            Holder::Resident(id) => self.claimants.pseudonym(&[&gift, b"resident", id.bytes()]),
            Holder::Paper(serial) => self.claimants.pseudonym(&[&gift, b"paper", &serial.get().to_be_bytes()]),
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(&Secret::new("86bef85fa1c4ff97bf7e8eaf4d6ca34e2b0faa0cb7a1c75cfb05e24bdfc9dcdd").unwrap())
    }

    fn gift(number: u64) -> GiftNumber {
        number.try_into().unwrap()
    }

    #[test]
    fn ids_are_the_same_in_every_version() {
        let resident = pseudonyms().resident(LoginMethod::MiniProgram, b"oABC-123");
        assert_eq!(resident.to_string(), "528bbcf5f57ebf6051b9ab4475af33b8");
        assert_eq!(
            pseudonyms().resident(LoginMethod::Web, b"oABC-123").to_string(),
            "9604ecee6b577af86e25341ba4ac8122"
        );
        assert_eq!(
            pseudonyms().claimant(gift(7), Holder::Resident(resident)).to_string(),
            "a77162504b4d4def6af0df38391469d8"
        );
        let paper = Holder::Paper(12.try_into().unwrap());
        assert_eq!(pseudonyms().claimant(gift(7), paper).to_string(), "57d81191bb5ed24659d4388cc5b49da2");
    }

    #[test]
    fn claims_of_one_person_cannot_be_linked() {
        let resident = Holder::Resident(pseudonyms().resident(LoginMethod::Web, b"oABC-123"));
        assert_ne!(pseudonyms().claimant(gift(1), resident), pseudonyms().claimant(gift(2), resident));
    }

    #[test]
    fn another_key_gives_other_ids() {
        let other = Pseudonyms::new(&Secret::new("r5gKuGFWkTcc1H4zdWdTHDbWxsD6ePr2TE0uNqR0cF0=").unwrap());
        assert_ne!(other.resident(LoginMethod::Web, b"oABC-123"), pseudonyms().resident(LoginMethod::Web, b"oABC-123"));
    }
}
