//! Suggestions for misspelt words.

use strsim::levenshtein;

/// Longer words get no suggestion: no id or key is longer, and this bounds the work.
const MAX_CHARS: usize = 60;

/// The candidate with the fewest typos compared to `word`, if they are few for the length of the word.
pub(super) fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let length = word.chars().take(MAX_CHARS + 1).count();
    if length > MAX_CHARS {
        return None;
    }
    let max_typos = 1 + length / 4;
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= max_typos)
        .map(|candidate| (typo_count(&word, &candidate.to_lowercase()), candidate))
        .filter(|(typo_count, _)| *typo_count <= max_typos)
        .min_by_key(|(typo_count, _)| *typo_count)
        .map(|(_, candidate)| candidate)
}

/// Inserted, removed and replaced characters; transposed ones count as one typo.
fn typo_count(word: &str, candidate: &str) -> usize {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let distance = levenshtein(word, candidate);
    if sorted(word) == sorted(candidate) { distance.min(1) } else { distance }
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn a_typo_yields_the_intended_word() {
        let keys = ["name", "number", "route", "hours"];
        assert_eq!(suggest("nmae", keys), Some("name"));
        assert_eq!(suggest("Hours", keys), Some("hours"));
        assert_eq!(suggest("dya", ["hours", "day"]), Some("day"));
        assert_eq!(suggest("hour", keys), Some("hours"));
        assert_eq!(suggest("colour", keys), None);
        assert_eq!(suggest("", keys), None);
        assert_eq!(suggest(&"n".repeat(1000), keys), None);
    }
}
