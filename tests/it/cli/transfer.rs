//! Guards against an export, import or purge after which two stores are in use or no usable one is left, and against an
//! exported file that other users can read.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use carnival::store::export::entry::ExportEntry;
use carnival::store::export::file::{ExportHeader, ExportWriter};
use serde_json::json;

use super::harness::{RunningServer, Workspace, stderr_of_failure, stdout_of};
use crate::servers::redis_server::RedisServer;

fn export(workspace: &Workspace, file: &str) -> Command {
    workspace.command(&["export", "--out", workspace.path(file).to_str().unwrap()])
}

fn import(workspace: &Workspace, of: &Workspace, file: &str) -> Command {
    workspace.command(&["import", of.path(file).to_str().unwrap()])
}

/// Copies the secrets that an embedded store generated, as an operator does.
fn copy_secrets(workspace: &mut Workspace, old: &Workspace) {
    for (name, file) in [("CODES", "codes"), ("IDENTITY", "identity"), ("JWT", "jwt")] {
        let secret = fs::read_to_string(old.path(&format!("data/secrets/{file}"))).unwrap();
        workspace.set(&format!("CARNIVAL_SECRET_{name}"), secret.trim());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_carnival_moves_to_redis() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    let posters = workspace.poster_links();
    let ana = served.api.resident(&workspace.wechat, "ana").await;
    served.api.post(&ana, "/v1/check-ins", json!({ "code": posters[0] })).await;
    let (_, claim) = served.api.post(&ana, "/v1/me/claims", json!({ "gift": "badge" })).await;
    let me = async |served: &RunningServer| {
        let (_, mut me) = served.api.get(&ana, "/v1/me").await;
        me.as_object_mut().unwrap().remove("now");
        me
    };
    let before = me(&served).await;
    let in_use = stderr_of_failure(&mut export(&workspace, "all.jsonl"));
    assert!(in_use.contains("stop the server (carnival serve) first"), "{in_use}");
    served.program.signal("TERM");
    let mut program = served.program;
    assert_eq!(program.wait_for_exit().0, Some(0));

    let output = stdout_of(&mut export(&workspace, "all.jsonl"));
    assert!(output.contains("The secrets are not in it.") && output.contains("sha256"), "{output}");
    let mode = fs::metadata(workspace.path("all.jsonl")).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode, workspace.path("all.jsonl.part").exists()), (0o600, false));
    let bytes = fs::read(workspace.path("all.jsonl")).unwrap();
    let again = stderr_of_failure(&mut export(&workspace, "all.jsonl"));
    assert!(again.contains("already exists and is not overwritten"), "{again}");
    assert_eq!(fs::read(workspace.path("all.jsonl")).unwrap(), bytes);

    let redis = RedisServer::start();
    let with_other_secrets = Workspace::on_redis(&redis.url());
    let other_secrets = stderr_of_failure(&mut import(&with_other_secrets, &workspace, "all.jsonl"));
    assert!(other_secrets.contains("The secret `codes` differs from the one"), "{other_secrets}");
    let mut other_shards = Workspace::on_redis(&redis.url());
    copy_secrets(&mut other_shards, &workspace);
    other_shards.set("CARNIVAL__STORE__SHARDS", "8");
    let refusal = stderr_of_failure(&mut import(&other_shards, &workspace, "all.jsonl"));
    assert!(refusal.contains("set store.shards = 4"), "{refusal}");
    assert_eq!(redis.command(&["DBSIZE"]), "0", "nothing is written");

    let mut new = Workspace::on_redis(&redis.url());
    copy_secrets(&mut new, &workspace);
    let output = stdout_of(&mut import(&new, &workspace, "all.jsonl"));
    assert!(output.contains("read back, they match the file"), "{output}");
    let second = stderr_of_failure(&mut import(&new, &workspace, "all.jsonl"));
    assert!(second.contains("The target already holds records"), "{second}");
    stdout_of(&mut export(&new, "again.jsonl"));
    assert!(fs::read(new.path("again.jsonl")).unwrap() == bytes, "byte for byte");

    let served = new.serve("serve");
    assert_eq!(me(&served).await, before, "token, passport and claim still work");
    let (status, same) = served.api.post(&ana, "/v1/me/claims", json!({ "gift": "badge" })).await;
    assert_eq!((status, &same["id"]), (200, &claim["id"]));
    assert_eq!(served.api.post(&ana, "/v1/check-ins", json!({ "code": posters[0] })).await.0, 200);
    assert_eq!(served.api.post(&ana, "/v1/check-ins", json!({ "code": posters[1] })).await.0, 201);
}

#[test]
fn an_import_needs_the_secrets_in_the_data_folder() {
    let (old, new) = (Workspace::new(), Workspace::new());
    stdout_of(&mut old.command(&["passports", "--count", "7"]));
    stdout_of(&mut export(&old, "all.jsonl"));
    // Left there by a rehearsal or a wrong backup.
    fs::create_dir_all(new.path("data")).unwrap();
    let output = import(&new, &old, "all.jsonl").output().unwrap();
    assert!(output.status.success());
    let hint = String::from_utf8(output.stderr).unwrap();
    assert!(hint.contains("Bring the old ones") && hint.contains("data/secrets"), "{hint}");
    let without = stderr_of_failure(&mut new.command(&["passports", "--count", "1"]));
    assert!(without.contains("restore it from a backup"), "{without}");
    let copied = Command::new("cp").arg("-rp").arg(old.path("data/secrets")).arg(new.path("data")).status().unwrap();
    assert!(copied.success());
    assert!(stdout_of(&mut new.command(&["passports", "--count", "1"])).starts_with("8\t"));
    let nothing = stderr_of_failure(&mut export(&Workspace::new(), "all.jsonl"));
    assert!(nothing.contains("There are no records in the folder"), "{nothing}");
}

#[test]
fn a_damaged_file_is_refused_and_nothing_written() {
    let (old, new) = (Workspace::new(), Workspace::new());
    stdout_of(&mut old.command(&["passports", "--count", "7"]));
    stdout_of(&mut export(&old, "all.jsonl"));
    let bytes = fs::read(old.path("all.jsonl")).unwrap();
    fs::write(old.path("cut.jsonl"), &bytes[..bytes.len() - 20]).unwrap();
    let output = stderr_of_failure(&mut import(&new, &old, "cut.jsonl"));
    assert!(output.contains("cut.jsonl: The file is truncated: its last line is missing."), "{output}");
    let mut altered = bytes.clone();
    altered[bytes.len() / 2] ^= 1;
    fs::write(old.path("altered.jsonl"), &altered).unwrap();
    assert!(stderr_of_failure(&mut import(&new, &old, "altered.jsonl")).contains("altered or damaged"));
    let none = stderr_of_failure(&mut import(&new, &old, "my.toml"));
    assert!(none.contains("This file was not written by carnival export."), "{none}");
    let none = stderr_of_failure(&mut import(&new, &old, "nowhere.jsonl"));
    assert!(none.contains("nowhere.jsonl cannot be read"), "{none}");
    assert!(!new.path("data").exists(), "the folder is not created");
}

/// An export of twenty thousand stamps, whose database is larger than two MiB.
fn write_long_export(workspace: &Workspace) {
    stdout_of(&mut workspace.command(&["passports", "--count", "1"]));
    stdout_of(&mut export(workspace, "short.jsonl"));
    let short = fs::read(workspace.path("short.jsonl")).unwrap();
    let mut reader = carnival::store::export::file::ExportReader::new(&short[..]).unwrap();
    let header: ExportHeader = reader.header.clone();
    let file = File::create(workspace.path("long.jsonl")).unwrap();
    let mut writer = ExportWriter::new(BufWriter::new(file), &header).unwrap();
    let (mut facts, mut done) = (20_000, false);
    while let Some(entry) = reader.next_entry().unwrap() {
        if matches!(entry, ExportEntry::Gift { .. }) && !done {
            done = true;
            while facts > 0 {
                facts -= 1;
                let fact = format!("1s 0000000000001 1 1 {} p", 1_681_372_800_000_u64 + facts);
                writer.put(&[ExportEntry::Stamp { shard: 0, fact }]).unwrap();
            }
        }
        writer.put(&[entry]).unwrap();
    }
    writer.finish().unwrap().1.flush().unwrap();
}

/// The same command, killed by the system when it writes beyond this size of a file. So it ends in the middle of its
/// work on machines of any speed.
fn killed_at(kib: u32, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    // `ulimit -f` counts in units of half a KiB. No core is dumped.
    let limits = format!("ulimit -c 0; ulimit -f {}; exec \"$@\"", 2 * kib);
    limited.args(["-c", &limits, "sh"]).arg(command.get_program()).args(command.get_args()).env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(command.get_current_dir().unwrap());
    limited
}

#[test]
fn an_interrupted_import_leaves_a_store_that_no_command_opens() {
    let (old, new) = (Workspace::new(), Workspace::new());
    write_long_export(&old);
    let killed = killed_at(2_048, &import(&new, &old, "long.jsonl")).output().unwrap();
    assert_eq!(killed.status.code(), None, "{}", String::from_utf8_lossy(&killed.stderr));
    for command in ["serve", "export", "purge"] {
        let output = match command {
            "export" => stderr_of_failure(&mut export(&new, "half.jsonl")),
            command => stderr_of_failure(&mut new.command(&[command])),
        };
        assert!(
            output.contains("was interrupted: remove ") && output.contains("and import again"),
            "{command}: {output}"
        );
    }
    assert!(!new.path("half.jsonl").exists() && !new.path("half.jsonl.part").exists());
    fs::remove_file(new.path("data/carnival.redb")).unwrap();
    stdout_of(&mut import(&new, &old, "long.jsonl"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_requires_the_end_and_leaves_a_servable_carnival() {
    let workspace = Workspace::new();
    stdout_of(&mut workspace.command(&["invite", "--role", "organiser"]));
    let early = stderr_of_failure(&mut workspace.command(&["purge", "--yes"]));
    assert!(early.contains("can be purged after that day; nothing was deleted"), "{early}");

    let past = Workspace::new();
    let text = fs::read_to_string(past.path("carnival.toml")).unwrap();
    let long_ago = text.lines().map(|line| match line.split_once(" = ") {
        Some(("first_day", _)) => "first_day = 2023-04-13\n".to_owned(),
        Some(("last_day", _)) => "last_day = 2023-04-20\n".to_owned(),
        _ => format!("{line}\n"),
    });
    past.write("carnival.toml", &long_ago.collect::<String>());
    let served = past.serve("serve");
    let link = stdout_of(&mut past.command(&["invite", "--role", "organiser"]));
    assert_eq!(served.api.accept(link.lines().next().unwrap(), "陈社工").await.0, 201);
    let in_use = stderr_of_failure(&mut past.command(&["purge", "--yes"]));
    assert!(in_use.contains("stop the server (carnival serve) first"), "{in_use}");
    served.program.signal("TERM");
    let mut program = served.program;
    program.wait_for_exit();
    let plan = stdout_of(&mut past.command(&["purge"]));
    assert!(plan.contains("1 staff sessions") && plan.contains("Nothing was deleted yet: add --yes"), "{plan}");
    assert!(stdout_of(&mut past.command(&["invite", "--list"])).contains("陈社工"));
    for _ in 0..2 {
        let done = stdout_of(&mut past.command(&["purge", "--yes"]));
        assert!(done.contains("The database was rewritten"), "{done}");
    }
    let file = fs::read(past.path("data/carnival.redb")).unwrap();
    assert!(!file.windows("陈社工".len()).any(|window| window == "陈社工".as_bytes()));
    let served = past.serve("again");
    assert_eq!(served.api.get("", "/v1/availability").await.0, 200);
    assert_eq!(served.api.accept(link.lines().next().unwrap(), "陈社工").await.1["code"], "invitation_unknown");
    assert_eq!(stdout_of(&mut past.command(&["invite", "--list"])), "There are no invitations yet.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_refused_with_one_sentence() {
    let workspace = Workspace::new();
    let mut served = workspace.serve("serve").program;
    served.signal("TERM");
    assert_eq!(served.wait_for_exit().0, Some(0));
    stdout_of(&mut export(&workspace, "sound.jsonl"));
    let sound = workspace.path("sound.jsonl").to_str().unwrap().to_owned();
    let file = workspace.path("data/carnival.redb");
    let mut bytes = fs::read(&file).unwrap();
    // All pages but the header: a part of them holds records.
    bytes[4096..].iter_mut().step_by(512).for_each(|byte| *byte ^= 1);
    fs::write(&file, &bytes).unwrap();
    let out = workspace.path("all.jsonl").to_str().unwrap().to_owned();
    for (words, sentence) in [
        (vec!["export", "--lang", "zh", "--out", &out], "数据损坏：用备份恢复"),
        (vec!["import", "--lang", "zh", &sound], "数据损坏：用备份恢复"),
        (vec!["serve", "--lang", "zh"], "数据损坏：用备份恢复"),
        (vec!["serve", "--lang", "en"], "The data is damaged: restore a backup"),
        (vec!["purge", "--lang", "en"], "The data is damaged: restore a backup"),
        (vec!["records", "stock", "--lang", "en"], "The data is damaged: restore a backup"),
    ] {
        let error = stderr_of_failure(&mut workspace.command(&words));
        assert!(error.contains(sentence) && error.contains("carnival.redb"), "{words:?}: {error}");
        assert!(!error.contains("panicked") && error.lines().count() == 1, "{words:?}: {error}");
        assert!(!fs::exists(&out).unwrap(), "nothing is exported");
    }
    assert_eq!(fs::read(&file).unwrap(), bytes, "the file is left as it is");
}
