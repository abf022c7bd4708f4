//! The failure it guards: a newcomer follows what is written, and it is not so (any more).

use std::path::Path;
use std::process::Command;

use carnival::config::{Settings, StoreKind};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What `carnival help` lists.
fn commands() -> Vec<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_carnival")).arg("help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_readme_tells_every_command_and_no_other() {
    let (readme, commands) = (read("README.md"), commands());
    let told = |name: &str| readme.contains(&format!("| `carnival {name}"));
    let missing: Vec<&String> = commands.iter().filter(|name| !told(name)).collect();
    assert!(commands.len() > 4 && missing.is_empty(), "README.md's table of commands lacks {missing:?}");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `carnival "));
    for name in rows.filter_map(|row| row.split([' ', '`']).next()) {
        assert!(
            commands.iter().any(|command| command == name),
            "README.md tells `carnival {name}`, which is no command"
        );
    }
}

#[test]
fn files_that_are_named_are_there() {
    for paper in ["README.md", "ARCHITECTURE.md"] {
        let text = read(paper);
        let named = text.split(['`', '(', ')']).filter(|word| {
            let folders = ["config/", "scripts/", "src/", "tests/"];
            folders.iter().any(|folder| word.starts_with(folder)) && !word.contains([' ', '*', '…'])
        });
        for path in named {
            assert!(
                Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
                "{paper} names {path}, which is not there"
            );
        }
    }
}

#[test]
fn the_settings_to_go_live_with_are_settings() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/serve.toml");
    let settings = Settings::load(Some(&file)).unwrap();
    assert_eq!(settings.store.kind, StoreKind::Embedded);
    // The lines for Redis stand in it as a comment: they must be right as well.
    let text = read("config/serve.toml");
    let redis: Vec<&str> = text.lines().skip_while(|line| *line != "# [store]").map(|line| line[1..].trim()).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("redis.toml");
    std::fs::write(&file, redis.join("\n")).unwrap();
    assert_eq!(Settings::load(Some(&file)).unwrap().store.kind, StoreKind::Redis);
}
