//! Guards against documents that disagree with the program.

use std::path::Path;
use std::process::Command;

use carnival::config::{Settings, StoreKind};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The commands listed by `carnival help`.
fn commands() -> Vec<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_carnival")).arg("help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_operators_document_lists_exactly_the_commands() {
    let (document, commands) = (read("docs/operating.md"), commands());
    let is_listed = |name: &str| document.contains(&format!("| `carnival {name}"));
    let missing: Vec<&String> = commands.iter().filter(|name| !is_listed(name)).collect();
    assert!(commands.len() > 4 && missing.is_empty(), "the table of commands in docs/operating.md lacks {missing:?}");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `carnival "));
    for name in rows.filter_map(|row| row.split([' ', '`']).next()) {
        assert!(
            commands.iter().any(|command| command == name),
            "docs/operating.md mentions `carnival {name}`, which is not a command"
        );
    }
}

/// The documents, with their paths from the root.
const DOCUMENTS: [&str; 11] = [
    "ARCHITECTURE.md",
    "CAPACITY.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/carnival-file.md",
    "docs/office.md",
    "docs/operating.md",
    "docs/pictures.md",
    "docs/wechat.md",
];

#[test]
fn referenced_files_exist() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in DOCUMENTS {
        let text = read(document);
        let folder = top.join(document).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            assert!(folder.join(link).exists(), "{document} links to {link}, which does not exist");
        }
        let named = text.split(['`', '(', ')']).filter(|word| {
            let folders = ["benches/", "config/", "docs/", "scripts/", "src/", "tests/"];
            folders.iter().any(|folder| word.starts_with(folder)) && !word.contains([' ', '*', '…'])
        });
        // Links inside `docs/` are relative to that folder, and were checked above.
        for path in named.map(|path| path.split('#').next().unwrap_or(path)) {
            assert!(top.join(path).exists(), "{document} names {path}, which does not exist");
        }
    }
}

#[test]
fn every_document_is_checked_and_the_readme_is_short() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, prefix) in [("", ""), ("docs", "docs/")] {
        for entry in std::fs::read_dir(top.join(folder)).unwrap() {
            let name = format!("{prefix}{}", entry.unwrap().file_name().to_string_lossy());
            let is_document = Path::new(&name).extension().is_some_and(|extension| extension == "md");
            assert!(!is_document || DOCUMENTS.contains(&name.as_str()), "{name} is not in the list");
        }
    }
    let lines = read("README.md").lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; move what operators or organisers need into docs/");
}

#[test]
fn the_example_of_production_settings_is_valid() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/serve.toml");
    let settings = Settings::load(Some(&file)).unwrap();
    assert_eq!(settings.store.kind, StoreKind::Embedded);
    // The lines for Redis are comments in the example; they are parsed too.
    let text = read("config/serve.toml");
    let redis: Vec<&str> = text.lines().skip_while(|line| *line != "# [store]").map(|line| line[1..].trim()).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("redis.toml");
    std::fs::write(&file, redis.join("\n")).unwrap();
    assert_eq!(Settings::load(Some(&file)).unwrap().store.kind, StoreKind::Redis);
}
