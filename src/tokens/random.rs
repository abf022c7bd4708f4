//! Unguessable ids, from the operating system's random numbers.

use ring::rand::{SecureRandom, SystemRandom};

use crate::rules::ids::{BASE32, PassportNumber, SessionId};

/// The operating system returned no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system returned no random bytes")]
pub struct RandomnessError;

/// A new passport number, of 65 random bits.
///
/// # Errors
/// Fails if the operating system returns no random bytes.
pub fn passport_number() -> Result<PassportNumber, RandomnessError> {
    bytes().map(PassportNumber::from_bytes)
}

/// A new id of a staff session, of 80 random bits.
///
/// # Errors
/// Fails if the operating system returns no random bytes.
pub fn session_id() -> Result<SessionId, RandomnessError> {
    bytes().map(SessionId::from_bytes)
}

/// A new secret for a device, of 130 random bits.
///
/// # Errors
/// Fails if the operating system returns no random bytes.
pub fn device_secret() -> Result<String, RandomnessError> {
    Ok(bytes::<26>()?.iter().map(|b| char::from(BASE32[usize::from(b & 31)])).collect())
}

/// `N` random bytes.
///
/// # Errors
/// Fails if the operating system returns no random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomnessError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| RandomnessError)?;
    Ok(bytes)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn two_ids_differ() {
        assert_ne!(passport_number().unwrap(), passport_number().unwrap());
        assert_ne!(session_id().unwrap(), session_id().unwrap());
    }
}
