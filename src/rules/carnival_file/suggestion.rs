//! Suggestions for misspelt words.

/// Longer words get no suggestion: no id or key is longer, and this bounds the work.
const MAX_CHARS: usize = 60;

/// The candidate with the fewest typos compared to `word`, if they are few for the length of the word.
pub(super) fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = word.to_lowercase().chars().take(MAX_CHARS + 1).collect();
    if word.len() > MAX_CHARS {
        return None;
    }
    let max_typos = 1 + word.len() / 4;
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(word.len()) <= max_typos)
        .map(|candidate| (typo_count(&word, candidate), candidate))
        .filter(|(typo_count, _)| *typo_count <= max_typos)
        .min_by_key(|(typo_count, _)| *typo_count)
        .map(|(_, candidate)| candidate)
}

/// Number of typos between the two words; transposed letters count as one.
fn typo_count(word: &[char], candidate: &str) -> usize {
    let sorted = |letters: &mut Vec<char>| letters.sort_unstable();
    let (mut a, mut b) = (word.to_vec(), candidate.to_lowercase().chars().collect());
    sorted(&mut a);
    sorted(&mut b);
    let distance = distance(word, candidate);
    if a == b { distance.min(1) } else { distance }
}

/// The Levenshtein distance: inserted, removed and replaced characters.
fn distance(word: &[char], candidate: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (above, letter) in candidate.to_lowercase().chars().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        for (column, other) in word.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column] = left;
            left = replaced.min(diagonal + 1).min(left + 1);
        }
        row[word.len()] = left;
    }
    row[word.len()]
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
