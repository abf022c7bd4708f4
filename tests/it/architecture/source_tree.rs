//! Parses the paths that a Rust file uses: its `use` trees and the paths in its code. Tests inside a file are skipped.

use std::collections::BTreeMap;

use super::lexer::{Token, is_word, tokens};

/// All source files, indexed by module.
pub(super) struct SourceTree {
    by_module: BTreeMap<Vec<String>, SourceFile>,
}

/// One source file.
pub(super) struct SourceFile {
    /// From the repository root, such as `src/store/mod.rs`.
    pub(super) path: String,
    /// Such as `[store]`. The program is `[main]`, and `src/lib.rs` is `[]`.
    pub(super) module: Vec<String>,
    pub(super) path_uses: Vec<PathUse>,
    /// The line of the first `async`, if there is one.
    pub(super) first_async: Option<usize>,
}

/// One path that a file uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathUse {
    /// As written, with `use` trees expanded; `*` at the end of a glob.
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// The exported name, for a `pub use`.
    pub(super) exported_as: Option<String>,
    /// The inline modules that contain it.
    within: Vec<String>,
}

impl SourceTree {
    /// From pairs of path and text.
    pub(super) fn new(sources: Vec<(String, String)>) -> Self {
        let files = sources.into_iter().map(|(path, text)| SourceFile::new(path, &text));
        Self { by_module: files.map(|file| (file.module.clone(), file)).collect() }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.by_module.values()
    }

    /// Resolves a path within the crate to a path from its root; None for other crates' and local names.
    pub(super) fn resolve(&self, file: &SourceFile, path_use: &PathUse) -> Option<Vec<String>> {
        let own = || [file.module.as_slice(), &path_use.within].concat();
        let in_program = file.module.first().is_some_and(|layer| layer == "main");
        let first = path_use.path.first()?.as_str();
        let supers = path_use.path.iter().take_while(|part| *part == "super").count();
        let (mut base, skipped) = match first {
            "crate" if in_program => (vec!["main".to_owned()], 1),
            "crate" => (Vec::new(), 1),
            "carnival" if in_program => (Vec::new(), 1),
            "self" => (own(), 1),
            "super" => (own(), supers),
            child if self.by_module.contains_key(&[own(), vec![child.to_owned()]].concat()) => (own(), 0),
            _ => return None,
        };
        base.truncate(base.len().saturating_sub(supers));
        base.extend_from_slice(&path_use.path[skipped..]);
        Some(base)
    }

    /// The file that defines the item at `path`; re-exports are followed.
    pub(super) fn file_of(&self, path: &[String]) -> Option<&SourceFile> {
        self.follow(path, 8)
    }

    /// `hops` bounds cyclic re-exports.
    fn follow(&self, path: &[String], hops: usize) -> Option<&SourceFile> {
        let mut modules = (0..=path.len()).rev();
        let (file, rest) = modules.find_map(|end| Some((self.by_module.get(&path[..end])?, &path[end..])))?;
        let exported = rest.first().and_then(|name| {
            let mut exports = file.path_uses.iter();
            let export = exports.find(|path_use| path_use.exported_as.as_ref() == Some(name))?;
            self.resolve(file, export)
        });
        match exported {
            Some(target) if hops > 0 => self.follow(&target, hops - 1),
            _ => Some(file),
        }
    }
}

impl SourceFile {
    fn new(path: String, text: &str) -> Self {
        let tokens = tokens(text);
        let mut parser = Parser::new(&tokens);
        parser.read();
        Self { module: module_of(&path), path_uses: parser.path_uses, first_async: parser.first_async, path }
    }
}

fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Parses the tokens of one file.
struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The open braces; those of a module carry its name.
    open: Vec<Option<String>>,
    path_uses: Vec<PathUse>,
    first_async: Option<usize>,
}

impl<'a> Parser<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0, open: Vec::new(), path_uses: Vec::new(), first_async: None }
    }

    fn read(&mut self) {
        while self.at < self.tokens.len() {
            let before = self.at.checked_sub(1).map_or("", |before| self.text(before));
            match self.text(self.at) {
                "#" if self.matches_at(&["#", "[", "cfg", "(", "test", ")", "]"]) => self.skip_item(),
                "mod" if self.text(self.at + 2) == "{" => {
                    self.open.push(Some(self.text(self.at + 1).to_owned()));
                    self.at += 3;
                }
                "{" => self.advance_with(|open| open.push(None)),
                "}" => self.advance_with(|open| drop(open.pop())),
                "use" if self.text(self.at + 1) != "<" => self.read_use(),
                "async" => {
                    self.first_async.get_or_insert(self.tokens[self.at].line);
                    self.at += 1;
                }
                word if is_word(word) && before != "::" && self.text(self.at + 1) == "::" => {
                    self.read_path();
                }
                _ => self.at += 1,
            }
        }
    }

    fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn matches_at(&self, texts: &[&str]) -> bool {
        (self.at..).zip(texts).all(|(at, text)| self.text(at) == *text)
    }

    fn advance_with(&mut self, change: impl FnOnce(&mut Vec<Option<String>>)) {
        change(&mut self.open);
        self.at += 1;
    }

    /// Skips to the end of the item that starts here: a `;`, or the brace that closes its first one.
    fn skip_item(&mut self) {
        let mut depth = 0;
        while self.at < self.tokens.len() {
            let text = self.text(self.at);
            self.at += 1;
            match text {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 && (text == "}" || text == ";") {
                return;
            }
        }
    }

    fn read_path(&mut self) {
        let line = self.tokens[self.at].line;
        let mut path = vec![self.text(self.at).to_owned()];
        while self.text(self.at + 1) == "::" && is_word(self.text(self.at + 2)) {
            self.at += 2;
            path.push(self.text(self.at).to_owned());
        }
        self.at += 1;
        self.path_use(path, line, None);
    }

    fn read_use(&mut self) {
        let before = self.at.checked_sub(1).map_or("", |before| self.text(before));
        // `pub use`, `pub(crate) use`: no other `)` can precede a `use`.
        let public = before == "pub" || before == ")";
        self.at += 1;
        self.read_tree(&[], public);
    }

    fn read_tree(&mut self, prefix: &[String], public: bool) {
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        let word = self.text(self.at).to_owned();
        self.at += 1;
        match word.as_str() {
            "::" => return self.read_tree(prefix, public),
            "{" => {
                while !matches!(self.text(self.at), "}" | "") {
                    self.read_tree(prefix, public);
                    self.at += usize::from(self.text(self.at) == ",");
                }
                self.at += 1;
                return;
            }
            _ => {}
        }
        let mut path = prefix.to_vec();
        if prefix.is_empty() || word != "self" {
            path.push(word);
        }
        if self.text(self.at) == "::" {
            self.at += 1;
            return self.read_tree(&path, public);
        }
        let mut name = path.last().cloned();
        if self.text(self.at) == "as" {
            name = Some(self.text(self.at + 1).to_owned());
            self.at += 2;
        }
        self.path_use(path, line, name.filter(|_| public));
    }

    fn path_use(&mut self, path: Vec<String>, line: usize, exported_as: Option<String>) {
        let within = self.open.iter().flatten().cloned().collect();
        self.path_uses.push(PathUse { path, line, exported_as, within });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str) -> Vec<String> {
        let file = SourceFile::new("src/store/mod.rs".to_owned(), source);
        let line = |path_use: &PathUse| format!("{} {}", path_use.line, path_use.path.join("::"));
        file.path_uses.iter().map(line).collect()
    }

    #[test]
    fn a_use_tree_is_expanded() {
        let source = "use crate::{rules::Id,\n  http::{self, error::*}};\nuse ::redis as r;";
        let expected = ["1 crate::rules::Id", "2 crate::http", "2 crate::http::error::*", "3 redis"];
        assert_eq!(paths(source), expected);
    }

    #[test]
    fn paths_in_code_are_found() {
        let source = "#[tokio::main]\nfn a<'a>(b: &'a crate::http::B) -> c::D { Vec::<std::fs::File>::new() }";
        let expected = ["1 tokio::main", "2 crate::http::B", "2 c::D", "2 Vec", "2 std::fs::File"];
        assert_eq!(paths(source), expected);
    }

    #[test]
    fn comments_and_literals_are_skipped() {
        let source = r##"// use a::b;
            /* use c::d;
            */ let x = "use e::f; \" use g::h;"; let y = r#"" use i::j;"#; let z = ('"', '\'', b"k::l");
            use real::one;"##;
        assert_eq!(paths(source), ["4 real::one"]);
    }

    #[test]
    fn tests_inside_a_file_do_not_count() {
        let source = "#[cfg(test)]\n#[expect(a)]\nmod tests { fn a() { b::c(); } }\n#[cfg(test)]\nuse d::e;\nuse f::g;";
        assert_eq!(paths(source), ["6 f::g"]);
    }

    #[test]
    fn a_files_module_follows_from_its_path() {
        for (path, module) in [
            ("src/lib.rs", ""),
            ("src/main.rs", "main"),
            ("src/cli/mod.rs", "cli"),
            ("src/cli/serve.rs", "cli::serve"),
            ("src/wechat.rs", "wechat"),
            ("src/store/mod.rs", "store"),
            ("src/store/redis/keys.rs", "store::redis::keys"),
        ] {
            assert_eq!(module_of(path).join("::"), module, "{path}");
        }
    }

    #[test]
    fn the_first_async_is_found() {
        let file = |source| SourceFile::new("src/rules/a.rs".to_owned(), source).first_async;
        assert_eq!(file("// async\nfn a() {}\nasync fn b() {}"), Some(3));
        assert_eq!(file("fn asynchronous() {}"), None);
    }
}
