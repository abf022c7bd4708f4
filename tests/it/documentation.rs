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
fn the_readme_lists_exactly_the_commands() {
    let (readme, commands) = (read("README.md"), commands());
    let is_listed = |name: &str| readme.contains(&format!("| `carnival {name}"));
    let missing: Vec<&String> = commands.iter().filter(|name| !is_listed(name)).collect();
    assert!(commands.len() > 4 && missing.is_empty(), "README.md's table of commands lacks {missing:?}");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `carnival "));
    for name in rows.filter_map(|row| row.split([' ', '`']).next()) {
        assert!(
            commands.iter().any(|command| command == name),
            "README.md mentions `carnival {name}`, which is not a command"
        );
    }
}

#[test]
fn referenced_files_exist() {
    for paper in ["README.md", "ARCHITECTURE.md"] {
        let text = read(paper);
        let named = text.split(['`', '(', ')']).filter(|word| {
            let folders = ["config/", "scripts/", "src/", "tests/"];
            folders.iter().any(|folder| word.starts_with(folder)) && !word.contains([' ', '*', '…'])
        });
        for path in named {
            assert!(
                Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
                "{paper} names {path}, which does not exist"
            );
        }
    }
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
