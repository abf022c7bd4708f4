//! Checks that only the catalogues choose between languages, so that another language is another catalogue.

use super::source_tree::SourceTree;

/// Files that name a language: the definition, what maps it to its catalogue, and the default of the command line.
const NAMING_FILES: [&str; 3] = ["src/rules/lang.rs", "src/messages/mod.rs", "src/cli/mod.rs"];

/// One violation per place that names a language.
pub(super) fn find_violations(tree: &SourceTree) -> Vec<String> {
    let mut violations = Vec::new();
    for file in tree.files().filter(|file| !NAMING_FILES.contains(&file.path.as_str()) && !is_test(&file.path)) {
        for path_use in &file.path_uses {
            if let [.., lang, name] = path_use.path.as_slice()
                && lang == "Lang"
                && name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.chars().any(|letter| letter.is_ascii_lowercase())
            {
                violations.push(format!(
                    "{}:{}: `{lang}::{name}` chooses a language; put the words into src/messages/ and ask for them",
                    file.path, path_use.line
                ));
            }
        }
    }
    violations
}

/// A test may name the language whose words it expects.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("tests/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, source: &str) -> usize {
        find_violations(&SourceTree::new(vec![(path.to_owned(), source.to_owned())])).len()
    }

    #[test]
    fn a_named_language_is_reported() {
        let source =
            "fn word(lang: Lang) -> &'static str { match lang { Lang::Zh => a, crate::rules::lang::Lang::En => b } }";
        assert_eq!(violations("src/store/keys.rs", source), 2);
        assert_eq!(violations("src/rules/lang.rs", source), 0);
        assert_eq!(violations("src/messages/tests.rs", source), 0);
    }

    #[test]
    fn constants_and_functions_of_the_language_are_allowed() {
        let source = "fn a() { b(Lang::PRINTED, Lang::ALL, Lang::from_tag(c), Lang::default()) }";
        assert_eq!(violations("src/http/pages.rs", source), 0);
    }
}
