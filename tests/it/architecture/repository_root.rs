//! Checks the root of the repository against a list, and keeps generated files out of it.

use std::path::Path;
use std::process::Command;

/// The permitted names in the root. `target` and `data` are never committed.
const ALLOWED: [&str; 29] = [
    ".ci",
    ".git",
    ".gitignore",
    "ARCHITECTURE.md",
    "CAPACITY.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "askama.toml",
    "benches",
    "build.rs",
    "clippy.toml",
    "config",
    "data",
    "deny.toml",
    "docs",
    "miniprogram",
    "openapi.json",
    "rustfmt.toml",
    "scripts",
    "src",
    "target",
    "tests",
    "typos.toml",
    "web",
];

/// Endings of files that programs write. A picture of the project belongs into `docs` or `config/artwork`.
const GENERATED: [&str; 13] =
    ["aof", "csv", "gz", "jsonl", "log", "orig", "pdf", "rdb", "redb", "rej", "tsv", "xlsx", "zip"];

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents in the root, as pairs of path and text.
pub(super) fn documents() -> Vec<(String, String)> {
    let names = ALLOWED.into_iter().filter(|name| ending(name) == "md");
    names.map(|name| (name.to_owned(), std::fs::read_to_string(top().join(name)).unwrap())).collect()
}

/// Paths that git tracks or would add. Without git, for example in an unpacked archive, the entries of the root.
fn paths() -> Vec<String> {
    let git = Command::new("git").arg("-C").arg(top()).args(["ls-files", "-co", "--exclude-standard", "-z"]).output();
    match git {
        Ok(output) if output.status.success() => {
            let listed = String::from_utf8(output.stdout).unwrap();
            let paths = listed.split('\0').filter(|path| !path.is_empty() && top().join(path).exists());
            paths.map(str::to_owned).collect()
        }
        _ => {
            let entries = std::fs::read_dir(top()).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }
}

#[test]
fn only_listed_names_lie_in_the_root() {
    let paths = paths();
    assert!(paths.len() > 15, "{paths:?}");
    let stray = paths.iter().map(|path| path.split('/').next().unwrap_or(path));
    let stray: std::collections::BTreeSet<&str> = stray.filter(|name| !ALLOWED.contains(name)).collect();
    assert!(stray.is_empty(), "these do not belong into the root: {stray:?}; move or delete them");
}

#[test]
fn no_generated_file_is_part_of_the_repository() {
    let is_generated = |path: &&String| {
        let picture = matches!(ending(path), "png" | "jpg") && !path.starts_with("docs/");
        GENERATED.contains(&ending(path)) || picture
    };
    let paths = paths();
    let generated: Vec<&String> = paths.iter().filter(is_generated).collect();
    assert!(generated.is_empty(), "programs wrote these: {generated:?}; delete them, and give the program a folder");
}
