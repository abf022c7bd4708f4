//! The code with which somebody confirms what they were shown.

use std::fmt::Write as _;

use super::mac::digest;

/// A code for a text, what it would undo, and the version on which that is true. It depends on no words, so it is the
/// same in each language. It is no secret: it proves only that its sender read the answer that contained it.
#[must_use]
pub fn confirmation(version: u64, ids: &[String], text: &str) -> String {
    let version = version.to_be_bytes();
    let mut fields: Vec<&[u8]> = vec![&version, text.as_bytes()];
    fields.extend(ids.iter().map(String::as_bytes));
    let hash = digest("carnival confirmation v1", &fields);
    hash.iter().take(8).fold(String::new(), |mut code, byte| {
        // Writing into a `String` cannot fail.
        let _ = write!(code, "{byte:02x}");
        code
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_changes_the_code() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let code = confirmation(2, &ids(&["a", "b"]), "text");
        assert_eq!(code.len(), 16);
        assert_eq!(code, confirmation(2, &ids(&["a", "b"]), "text"));
        for other in [
            confirmation(3, &ids(&["a", "b"]), "text"),
            confirmation(2, &ids(&["a"]), "text"),
            confirmation(2, &ids(&["a", "b"]), "texts"),
        ] {
            assert_ne!(code, other);
        }
    }
}
