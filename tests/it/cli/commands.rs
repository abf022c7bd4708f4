//! Tests the commands: their messages must help organisers and operators, and they must work beside a running server
//! and without one.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::json;

use super::harness::{POINTS, Workspace, carnival_command, run, stderr_of_failure, stdout_of, text};
use crate::qr_decoder;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/carnival-2023.toml");

fn check(file: &str) -> Command {
    let mut command = carnival_command();
    command.args(["check", file]);
    command
}

#[test]
fn check_accepts_the_sample() {
    let output = stdout_of(&mut check(SAMPLE));
    assert_eq!(output, "2023成华友邻荟·社区嘉年华: no mistakes. 3 routes, 20 points, 6 gifts.\n");
    let output = stdout_of(check(SAMPLE).args(["--lang", "zh"]));
    assert_eq!(output, "2023成华友邻荟·社区嘉年华：没有错误。路线 3 条，点位 20 个，礼物 6 种。\n");
}

#[test]
fn check_reports_every_mistake_in_the_users_language() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let wrong = fs::read_to_string(SAMPLE).unwrap().replace("route = \"active\"", "route = \"activ\"");
    fs::write(&file, wrong.replacen("stock = 500", "stock = \"many\"", 1)).unwrap();
    let file = file.to_str().unwrap();
    let english = stderr_of_failure(&mut check(file));
    assert!(english.contains("mine.toml:") && english.trim_end().ends_with("mistakes."), "{english}");
    let chinese = stderr_of_failure(check(file).args(["--lang", "zh"]));
    assert!(chinese.trim_end().ends_with("处错误。"), "{chinese}");
    assert_eq!(english.lines().count(), chinese.lines().count());
    for (name, value, expected) in
        [("LC_ALL", "zh_CN.UTF-8", &chinese), ("LC_ALL", "en_GB.UTF-8", &english), ("LC_ALL", "de_DE.UTF-8", &english)]
    {
        assert_eq!(stderr_of_failure(check(file).env(name, value)), *expected, "{name}={value}");
    }
    assert_eq!(stderr_of_failure(check(file).env_remove("LC_ALL").env("LANG", "zh_CN.UTF-8")), chinese);
    assert_eq!(stderr_of_failure(check(file).env("LC_ALL", "C").env("LANG", "zh_CN.UTF-8")), english, "LC_ALL wins");
}

#[test]
fn check_validates_artwork_and_reports_characters_without_glyphs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let sample = fs::read_to_string(SAMPLE).unwrap();
    let path = file.to_str().unwrap();
    // A copy of the sample file is enough: its pictures are compiled into the program.
    fs::write(&file, &sample).unwrap();
    assert!(stdout_of(&mut check(path)).ends_with("no mistakes. 3 routes, 20 points, 6 gifts.\n"));
    let wrong = sample
        .replace("artwork/play.svg", "artwork/mine.svg")
        .replace("artwork/active.svg", "artwork/act.png")
        .replace("artwork/stamps/shop-1.svg", "artwork/nowhere.svg")
        .replace("name = \"社区美空间·第2站\"", "name = \"社区美空间·第2站🎵\"");
    fs::write(&file, wrong).unwrap();
    fs::create_dir(folder.path().join("artwork")).unwrap();
    let svg = r#"<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.com/x.png"/></svg>"#;
    fs::write(folder.path().join("artwork/mine.svg"), svg).unwrap();
    fs::write(folder.path().join("artwork/act.png"), "no picture").unwrap();
    insta::assert_snapshot!(stderr_of_failure(&mut check(path)).replace(path, "mine.toml"), @r#"
    mine.toml:32: artwork/mine.svg: it holds href="https://example.com/x.png". A picture must not run scripts nor refer to other files; remove it, or embed it.
    mine.toml:47: artwork/act.png: the file is broken, or does not match its extension. Export it again as .svg, .png or .jpg.
    mine.toml:84: no font can print 🎵 (U+1F3B5), which would appear on posters or postcards. Use another character.
    mine.toml:204: artwork/nowhere.svg: there is no such file next to the carnival file. Check its name, or put the picture there.
    4 mistakes.
    "#);
    insta::assert_snapshot!(stderr_of_failure(check(path).args(["--lang", "zh"])).replace(path, "mine.toml"), @r#"
    mine.toml:32: artwork/mine.svg：图片里有 href="https://example.com/x.png"。图片不能带脚本，也不能引用外面的文件，请去掉或把图嵌进去。
    mine.toml:47: artwork/act.png：文件坏了，或者内容和后缀名不符。请重新导出 .svg、.png 或 .jpg。
    mine.toml:84: 没有字体能印“🎵（U+1F3B5）”这个字，它会出现在海报或明信片上，请换一个字。
    mine.toml:204: artwork/nowhere.svg：嘉年华文件旁边没有这个文件，请检查文件名，或把图片放进去。
    共 4 处错误。
    "#);
    // Texts that are never printed may contain such characters.
    fs::write(&file, sample.replace("走进七个社区美空间", "🎵走进七个社区美空间")).unwrap();
    let run = run(&mut check(path));
    assert!(run.status.success());
    assert_eq!(
        text(&run.stderr),
        "No font has these characters (line in brackets); they are on no poster or postcard, so they may stay: 🎵 (31)\n"
    );
}

#[test]
fn no_command_writes_into_the_working_folder() {
    let workspace = Workspace::new();
    let (empty, out) = (tempfile::tempdir().unwrap(), workspace.path("print"));
    let (out, export) = (out.to_str().unwrap(), workspace.path("all.jsonl"));
    let carnival_file = workspace.path("carnival.toml");
    let mut commands = vec![
        workspace.command(&["passports", "--count", "3"]),
        workspace.command(&["passports", "--count", "3", "--out", out]),
        workspace.command(&["codes", "--out", out]),
        workspace.command(&["codes", "--out", out, "--reissue", "p-1"]),
        workspace.command(&["posters", "--out", out]),
        workspace.command(&["invite", "--role", "organiser"]),
        workspace.command(&["invite", "--list"]),
        workspace.command(&["publish", "--list"]),
        workspace.command(&["publish", carnival_file.to_str().unwrap(), "--check"]),
        workspace.command(&["records", "ledger"]),
        workspace.command(&["export", "--out", export.to_str().unwrap()]),
        check(SAMPLE),
    ];
    let (mut document, mut rehearsal) = (carnival_command(), carnival_command());
    document.arg("openapi");
    rehearsal.args(["rehearse", "--crowd", "3", "--speed", "600", "--once", "--port", "0"]);
    commands.extend([document, rehearsal]);
    for command in &mut commands {
        stdout_of(command.current_dir(empty.path()));
        let written: Vec<_> = fs::read_dir(empty.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(written.is_empty(), "{command:?} wrote {written:?}");
    }
}

#[test]
fn posters_and_passports_are_written_as_pdf() {
    let workspace = Workspace::new();
    let out = workspace.path("print");
    let out = out.to_str().unwrap();
    let output = stdout_of(&mut workspace.command(&["posters", "--out", out]));
    assert!(output.contains("39 posters, each read back from its page"), "{output}");
    assert!(output.contains("第40站 accepts only the tablet's code"), "{output}");
    let names = || {
        let files = fs::read_dir(out).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        files.collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!(names().len(), POINTS - 1 + 2);
    let output = stdout_of(&mut workspace.command(&["passports", "--count", "9", "--out", out]));
    assert_eq!(output.lines().count(), 9);
    for name in ["001-p-1-g0.pdf", "posters.pdf", "volunteer-card.pdf", "passports-000001-000009.pdf"] {
        assert!(names().contains(name), "{:?}", names());
    }
    for name in names() {
        assert!(fs::read(workspace.path("print").join(&name)).unwrap().starts_with(b"%PDF-"), "{name}");
    }
    let one = stdout_of(&mut workspace.command(&["posters", "--point", "p-3", "--out", out]));
    assert_eq!(one.lines().count(), 1);
    assert!(
        stderr_of_failure(&mut workspace.command(&["posters", "--point", "p-x", "--out", out]))
            .contains("There is no point p-x")
    );
    let display = stderr_of_failure(&mut workspace.command(&["posters", "--point", "p-40", "--out", out]));
    assert!(display.contains("accepts only the tablet's code"), "{display}");
}

#[test]
fn check_explains_unreadable_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gbk.toml");
    fs::write(&file, b"name = \"\xb3\xc9\xbb\xaa\"\n").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(stderr_of_failure(&mut check(file)), format!("{file} is not UTF-8 text; save it again as UTF-8.\n"));
    assert_eq!(stderr_of_failure(&mut check("no-such.toml")), "There is no file no-such.toml; check its path.\n");
    assert_eq!(
        stderr_of_failure(check("no-such.toml").args(["--lang", "zh"])),
        "没有文件 no-such.toml，请检查路径。\n"
    );
    assert_eq!(run(carnival_command().arg("chek")).status.code(), Some(2));
    assert_eq!(run(check(SAMPLE).args(["--lang", "fr"])).status.code(), Some(2));
}

#[test]
fn serve_refuses_an_invalid_carnival_file_with_the_messages_of_check() {
    let workspace = Workspace::new();
    let good = fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    workspace.write("carnival.toml", &good.replace("route = \"play\"", "route = \"plya\""));
    let file = workspace.path("carnival.toml");
    assert_eq!(
        stderr_of_failure(&mut workspace.command(&["serve"])),
        stderr_of_failure(&mut check(file.to_str().unwrap()))
    );
    assert!(!workspace.path("data").exists(), "a failed start changes nothing");
}

#[test]
fn serve_explains_missing_and_invalid_settings() {
    let workspace = Workspace::new();
    let refusal = |name: &str, value: &str, lang: &str| {
        stderr_of_failure(workspace.command(&["serve", "--lang", lang]).env(name, value))
    };
    insta::assert_snapshot!(refusal("CARNIVAL__CARNIVAL__PUBLIC_URL", "", "en"), @"carnival.public_url is not set: printed codes begin with it, such as https://carnival.example. Only trying? Run carnival rehearse.");
    insta::assert_snapshot!(refusal("CARNIVAL__CARNIVAL__PUBLIC_URL", "", "zh"), @"还没有设置 carnival.public_url：印出的二维码以它开头，例如 https://carnival.example。只想试试？运行 carnival rehearse。");
    insta::assert_snapshot!(refusal("CARNIVAL__CARNIVAL__PUBLIC_URL", "https://a.example/", "en"), @r#"carnival.public_url is "https://a.example/": write it like https://carnival.example, with no slash at the end."#);
    insta::assert_snapshot!(refusal("CARNIVAL__WECHAT__APP_ID", "", "en"), @"WeChat's app is missing: set wechat.app_id, and give its secret by wechat.app_secret_file or CARNIVAL_WECHAT_SECRET. Only trying? Run carnival rehearse.");
    insta::assert_snapshot!(refusal("CARNIVAL__STORE__KIND", "sqlite", "en"), @r#"The settings are wrong: in the environment (CARNIVAL__SECTION__KEY): "sqlite" is not a store; write "embedded" or "redis" for key `store.kind`"#);
    insta::assert_snapshot!(refusal("CARNIVAL__STORE__KIND", "redis", "en"), @"With Redis the three secrets must be given, because several instances may share them: set CARNIVAL_SECRET_CODES, CARNIVAL_SECRET_IDENTITY and CARNIVAL_SECRET_JWT, or name files in [secrets]; make each with `openssl rand -hex 32`, and keep them safe.");
    insta::assert_snapshot!(refusal("CARNIVAL__STORE__KIND", "redis", "zh"), @"用 Redis 时要给出三个密钥，因为可能有几台程序共用它们：设置环境变量 CARNIVAL_SECRET_CODES、CARNIVAL_SECRET_IDENTITY 和 CARNIVAL_SECRET_JWT，或在 [secrets] 里写明文件；每个用 `openssl rand -hex 32` 各做一个，并妥善保存。");
    insta::assert_snapshot!(refusal("CARNIVAL__HTTP__PORT", "80", "en"), @"The settings are wrong: in the environment (CARNIVAL__SECTION__KEY): unknown field `port`, expected one of `listen`, `workers`, `trusted_proxies`, `check_files`, `max_connections`, `request_timeout_ms`, `shutdown_timeout_s`, `availability_cache_ms`, `summary_cache_ms`, `limits` for key `http`");
    insta::assert_snapshot!(refusal("CARNIVAL__LOG__FILTER", "a=b=c", "en"), @r#"log.filter is "a=b=c": write it like info, warn or carnival=debug (error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5)."#);
    insta::assert_snapshot!(refusal("CARNIVAL__LOG__FILTER", "infos,actix_http=off", "en"), @r#"log.filter is "infos,actix_http=off": write it like info, warn or carnival=debug ("infos" is not a log level)."#);
    insta::assert_snapshot!(refusal("CARNIVAL_WECHAT_PUSH_TOKEN", "short", "en"), @"The token of the message push must have 16 to 32 letters and digits, because shorter ones can be guessed: choose a long one in WeChat's console and here.");
    insta::assert_snapshot!(refusal("CARNIVAL_WECHAT_PUSH_KEY", "abc", "en"), @"The message push has an EncodingAESKey but no token: set wechat.push_token_file or CARNIVAL_WECHAT_PUSH_TOKEN.");
    insta::assert_snapshot!(refusal("CARNIVAL__METRICS__LISTEN", "9464", "en"), @r#"The settings are wrong: in the environment (CARNIVAL__SECTION__KEY): "9464" is no address; write it like 127.0.0.1:9464, or leave it empty for key `metrics.listen`"#);
    insta::assert_snapshot!(refusal("CARNIVAL_SECRET_CODES", "password1234", "en"), @"The secrets are wrong: the secret in CARNIVAL_SECRET_CODES is too short: 43 characters at least, the length of 32 random bytes in base64; make a good one with `openssl rand -hex 32`");
    assert!(!workspace.path("data").exists(), "a failed start changes nothing");
    insta::assert_snapshot!(stderr_of_failure(carnival_command().args(["serve", "--config", "nowhere.toml"])), @"There is no settings file nowhere.toml; check the path after --config.");
    insta::assert_snapshot!(stderr_of_failure(carnival_command().args(["serve", "--config", "nowhere.toml", "--lang", "zh"])), @"没有设置文件 nowhere.toml，请检查 --config 后面的路径。");
    workspace.write("secret", "\n");
    assert!(stderr_of_failure(&mut workspace.command(&["serve"])).starts_with("WeChat's app is missing"));
}

#[test]
fn serve_needs_exclusive_use_of_its_port_and_folder() {
    let mut workspace = Workspace::new();
    let served = workspace.serve("first");
    let output = stderr_of_failure(&mut workspace.command(&["serve"]));
    assert!(output.contains("in use by another program"), "{output}");
    workspace.set("CARNIVAL__STORE__EMBEDDED__FOLDER", workspace.path("other").to_str().unwrap());
    let listen = served.api.base.strip_prefix("http://").unwrap();
    workspace.set("CARNIVAL__HTTP__LISTEN", listen);
    let output = stderr_of_failure(&mut workspace.command(&["serve"]));
    assert!(output.starts_with(&format!("{listen} cannot be used: ")), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_warns_of_missing_artwork_and_starts() {
    let workspace = Workspace::new();
    let text = fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    workspace.write("carnival.toml", &text.replace("id = \"play\"", "id = \"play\"\nartwork = \"artwork/lost.svg\""));
    let served = workspace.serve("serve");
    let err = served.program.err();
    assert!(err.contains("artwork/lost.svg: there is no such file next to the carnival file."), "{err}");
    assert_eq!(served.api.get("", "/v1/carnival").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_prints_its_address_and_creates_private_secrets() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    let (base, folder) = (&served.api.base, workspace.path("data"));
    let output = format!(
        "邻里嘉年华, version 1, is served at {base}; its codes lead to https://carnival.example. Records are kept in the folder {}.",
        folder.display()
    );
    assert!(served.program.err().contains(&output), "{}", served.program.err());
    let rights = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((rights(""), rights("secrets")), (0o700, 0o700));
    for name in ["secrets/codes", "secrets/identity", "secrets/jwt", "carnival.redb"] {
        assert_eq!(rights(name), 0o600, "{name}");
    }
    assert_eq!(served.api.get("", "/healthz").await.0, 200);
}

#[test]
fn serve_stops_gracefully_right_after_its_start() {
    let workspace = Workspace::new();
    let mut served = workspace.serve("serve");
    served.program.signal("TERM");
    assert_eq!(served.program.wait_for_exit().0, Some(0), "{}", served.program.err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carnival_file_that_differs_from_the_published_version_is_reported_and_ignored() {
    let workspace = Workspace::new();
    drop(workspace.serve("first"));
    let text = fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    workspace.write("carnival.toml", &text.replace("邻里嘉年华", "另一个嘉年华"));
    let served = workspace.serve("second");
    let err = served.program.err();
    assert!(err.contains("carnival.toml differs from version 1, which is published and current."), "{err}");
    let (_, body) = served.api.get("", "/v1/carnival").await;
    assert_eq!(body["name"], json!("邻里嘉年华"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_printed_code_opens_its_own_point() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    let out = workspace.path("codes");
    let output = stdout_of(&mut workspace.command(&["codes", "--out", out.to_str().unwrap()]));
    assert!(output.contains(&format!("第{POINTS}站 accepts only the tablet's code and has no poster.")), "{output}");
    let ana = served.api.resident(&workspace.wechat, "ana").await;
    for number in 1..POINTS {
        let stem = out.join(format!("{number:03}-p-{number}-g0"));
        let links = qr_decoder::decode_png(&fs::read(stem.with_extension("png")).unwrap());
        let (status, body) = served.api.post(&ana, "/v1/check-ins", json!({ "code": links[0] })).await;
        assert_eq!((status, &body["stamp"]["point"]), (201, &json!(format!("p-{number}"))), "{body}");
        assert!(output.contains(&links[0]));
        let svg = fs::read_to_string(stem.with_extension("svg")).unwrap();
        assert!(svg.starts_with("<svg"), "{svg}");
    }
    let pictures = fs::read_dir(&out).unwrap().count();
    assert_eq!(pictures, 2 * (POINTS - 1));
    // Verify with a second decoder.
    let png = out.join("001-p-1-g0.png");
    let zbar = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&png).output();
    let zbar = zbar.unwrap_or_else(|error| panic!("this test needs `zbarimg` ({error}); scripts/test installs it"));
    assert_eq!(text(&zbar.stdout).trim(), qr_decoder::decode_png(&fs::read(&png).unwrap())[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_refuses_a_replaced_poster_and_accepts_the_new_one() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    let out = workspace.path("codes");
    let old = workspace.poster_links().remove(0);
    let output = stdout_of(&mut workspace.command(&["codes", "--out", out.to_str().unwrap(), "--reissue", "p-1"]));
    let new = qr_decoder::decode_png(&fs::read(out.join("001-p-1-g1.png")).unwrap()).remove(0);
    assert!(output.contains("The old poster is refused from now on"), "{output}");
    let ana = served.api.resident(&workspace.wechat, "ana").await;
    served.wait_until_accepted(&ana, &new, 201).await;
    assert_eq!(
        served.api.post(&ana, "/v1/check-ins", json!({ "code": old })).await.0,
        200,
        "the existing stamp remains"
    );
    let ben = served.api.resident(&workspace.wechat, "ben").await;
    assert_eq!(served.api.post(&ben, "/v1/check-ins", json!({ "code": old })).await.1["code"], json!("code_replaced"));
    let reissue = |point: &str| {
        stderr_of_failure(&mut workspace.command(&["codes", "--out", out.to_str().unwrap(), "--reissue", point]))
    };
    assert!(reissue("p-99").starts_with("There is no point p-99; there are: p-1, p-2"));
    assert!(reissue(&format!("p-{POINTS}")).ends_with("there is no poster to replace.\n"));
}

#[test]
fn passports_never_repeat() {
    let workspace = Workspace::new();
    let mut seen = HashSet::new();
    let mut served = workspace.serve("serve");
    for turn in 0..3 {
        if turn == 2 {
            served.program.signal("TERM");
        }
        let mut printed = run(&mut workspace.command(&["passports", "--count", "50"]));
        if turn == 2 && !printed.status.success() {
            // The server stopped during the command: the serials that it gave out are lost and not given out again.
            assert_eq!(text(&printed.stdout), "", "{}", text(&printed.stderr));
            served.program.wait_for_exit();
            printed = run(&mut workspace.command(&["passports", "--count", "50"]));
        }
        assert!(printed.status.success(), "{}", text(&printed.stderr));
        let list = text(&printed.stdout);
        for line in list.lines() {
            let [serial, code, link] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            assert_eq!(link, format!("https://carnival.example/q/{code}"));
            assert!(seen.insert(serial.to_owned()) && seen.insert(code.to_owned()), "{line}");
        }
        assert_eq!(list.lines().count(), 50);
    }
    assert_eq!(run(&mut workspace.command(&["passports", "--count", "0"])).status.code(), Some(2));
}

#[test]
fn a_store_is_opened_only_with_its_own_secrets_and_purpose() {
    let mut workspace = Workspace::new();
    workspace.set("CARNIVAL__STORE__SHARDS", "64");
    stdout_of(&mut workspace.command(&["passports", "--count", "1"]));
    std::fs::write(workspace.path("data/secrets/identity"), "another-name-for-everybody-3f2e1d0c9b8a7f6e5d4c\n")
        .unwrap();
    let output = stderr_of_failure(&mut workspace.command(&["passports", "--count", "1"]));
    assert!(output.contains("every resident would lose their stamps"), "{output}");
    let folder = workspace.path("data").display().to_string();
    let output =
        stderr_of_failure(carnival_command().args(["--lang", "en", "rehearse", "--port", "0", "--folder", &folder]));
    assert!(output.contains("holds a real carnival"), "{output}");
}

#[test]
fn missing_secrets_are_reported_and_not_regenerated() {
    let workspace = Workspace::new();
    stdout_of(&mut workspace.command(&["passports", "--count", "1"]));
    std::fs::remove_dir_all(workspace.path("data/secrets")).unwrap();
    let output = stderr_of_failure(&mut workspace.command(&["passports", "--count", "1"]));
    assert!(output.contains("restore it from a backup"), "{output}");
    assert!(!workspace.path("data/secrets").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_created_listed_and_ended_beside_a_running_server() {
    let workspace = Workspace::new();
    assert_eq!(stdout_of(&mut workspace.command(&["invite", "--list"])), "There are no invitations yet.\n");
    let served = workspace.serve("serve");
    let output =
        stdout_of(&mut workspace.command(&["invite", "--role", "volunteer", "--booth", "market", "--uses", "2"]));
    let (link, about) = output.split_once('\n').unwrap();
    assert!(about.contains("for 2 devices, until ") && about.ends_with("send it on.\n"), "{about}");
    let (status, wang) = served.api.accept(link, "王阿姨").await;
    assert_eq!((status, &wang["place"]["booth"]), (201, &json!("market")));
    let token = wang["token"].as_str().unwrap();
    assert_eq!(served.api.get(token, "/v1/booth/summary").await.0, 200);

    let list = stdout_of(&mut workspace.command(&["invite", "--list"]));
    assert!(list.contains("volunteer  booth/market  1/2") && list.contains("王阿姨"), "{list}");
    let session = wang["session"].as_str().unwrap();
    assert_eq!(
        stdout_of(&mut workspace.command(&["invite", "--end", session])),
        "The shift of 王阿姨 is ended. This device can no longer use the invitation; you can allow it again in the list. \
         The invitation still admits 1 new device, after you accept it; close it if it is no longer needed.\n"
    );
    assert_eq!(served.api.get(token, "/v1/booth/summary").await.1["code"], json!("session_ended"));
    assert_eq!(served.api.accept(link, "王阿姨").await.1["code"], json!("device_barred"));
    let listed = stdout_of(&mut workspace.command(&["invite", "--list"]));
    assert!(listed.contains("new devices wait for you"), "{listed}");
    let device = listed.lines().find(|line| line.ends_with("barred")).unwrap().split_whitespace().next().unwrap();
    let admitted = stdout_of(&mut workspace.command(&["invite", "--admit", device]));
    assert_eq!(admitted, "王阿姨 is admitted.\n");
    assert_eq!(served.api.accept(link, "王阿姨").await.0, 201);
    let invitation = list.split_whitespace().next().unwrap();
    let closed = stdout_of(&mut workspace.command(&["invite", "--close", invitation]));
    assert!(closed.starts_with(&format!("Invitation {invitation}: for 0 more devices")), "{closed}");
    let renewed = stdout_of(&mut workspace.command(&["invite", "--renew", invitation, "--until", "2099-01-01"]));
    assert!(renewed.contains("until 2099-01-02T06:00:00"), "{renewed}");
    stdout_of(&mut workspace.command(&["invite", "--end", invitation]));
    assert_eq!(served.api.accept(link, "李叔叔").await.1["code"], json!("invitation_ended"), "the same device");
    let rejection = stderr_of_failure(&mut workspace.command(&["invite", "--end", "nobody"]));
    assert_eq!(rejection, "No such invitation or session: nobody\n");
}

#[test]
fn a_roster_becomes_links_and_a_sheet() {
    let workspace = Workspace::new();
    workspace.write("roster.txt", "王阿姨\tmarket\n李叔叔\tmarket\n");
    let (roster, sheet) = (workspace.path("roster.txt"), workspace.path("roster.pdf"));
    let (roster, sheet) = (roster.to_str().unwrap(), sheet.to_str().unwrap());
    let links = stdout_of(&mut workspace.command(&["invite", "--roster", roster, "--sheet", sheet]));
    let names: Vec<_> = links.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(names, ["王阿姨", "李叔叔"], "{links}");
    assert!(links.lines().all(|line| line.contains("\thttps://carnival.example/q/S")), "{links}");
    assert!(std::fs::read(sheet).unwrap().starts_with(b"%PDF-"));
    let again = stdout_of(&mut workspace.command(&["invite", "--roster", roster]));
    assert_eq!(again, links, "the same roster gives the same links");
    workspace.write("roster.txt", "王阿姨\tnorth\n李叔叔\n");
    let mistakes = stderr_of_failure(&mut workspace.command(&["invite", "--roster", roster]));
    assert_eq!(
        mistakes,
        "Line 1 of the roster: “north” is neither a booth nor a point.\nLine 2 of the roster: “李叔叔” has no name or no place.\n"
    );
}

#[test]
fn invalid_invitations_are_refused() {
    let workspace = Workspace::new();
    let invite = |words: &[&str]| {
        stderr_of_failure(&mut workspace.command(&[&["invite", "--role", "volunteer"], words].concat()))
    };
    insta::assert_snapshot!(invite(&[]), @"A volunteer needs --booth or --point, a display needs --point; other roles work everywhere and take neither.");
    insta::assert_snapshot!(invite(&["--booth", "nowhere"]), @"There is no booth nowhere; there are: market");
    insta::assert_snapshot!(invite(&["--booth", "market", "--until", "tomorrow"]), @"--until tomorrow: write it as 2023-04-13 or 2023-04-13T18:00.");
    insta::assert_snapshot!(invite(&["--booth", "market", "--until", "2020-01-01"]), @"--until is in the past.");
    let both = run(&mut workspace.command(&["invite", "--role", "volunteer", "--booth", "market", "--point", "p-1"]));
    assert_eq!(both.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn publish_changes_the_carnival_beside_a_running_server() {
    let workspace = Workspace::new();
    let good = fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    let served = workspace.serve("publish");
    let published = |words: &[&str]| stdout_of(&mut workspace.command(&[&["publish"], words].concat()));
    let mine = workspace.path("mine.toml");
    let mine = mine.to_str().unwrap();
    // The carnival file that the settings name need not be valid.
    workspace.write("carnival.toml", "no carnival any more");
    workspace.write(
        "mine.toml",
        &good.replace("name = \"玩\"", "name = \"玩\"\ncomplete_with = 7").replace("stock = 50", "stock = 60"),
    );
    let stock =
        "The stock of “纪念章” stays 50; the 60 in the file has no effect. Use a stock movement to change the stock.\n";
    assert_eq!(published(&[mine, "--check"]), format!("{stock}It can be published.\n"));
    let done = "邻里嘉年华: version 2 is published; every server uses it within two seconds.\n  玩: 7 stamps of 40 points complete it\n";
    assert_eq!(published(&[mine, "--by", "李老师"]), format!("{stock}{done}"));
    assert_eq!(published(&[mine]), "邻里嘉年华: the same as version 2, which is current; nothing changed.\n");
    let begun = std::time::Instant::now();
    loop {
        let (_, carnival) = served.api.get("", "/v1/carnival").await;
        if carnival["version"] == json!(2) {
            break;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{carnival}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let listed = published(&["--list"]);
    let names: Vec<_> = listed.lines().filter_map(|line| line.splitn(3, "  ").nth(2)).collect();
    assert_eq!(names, ["李老师  ← current", "carnival file"]);

    let refuse = |words: &[&str]| stderr_of_failure(&mut workspace.command(&[&["publish"], words].concat()));
    workspace
        .write("mine.toml", &good.replace("stamps = 1 }", "stamps = 2 }").replace("id = \"p-1\"", "id = \"p-one\""));
    // The file was made from version 1, and would undo the other author's change.
    let listed = refuse(&[mine, "--check"]);
    let (changes, confirm) = listed.trim_end().rsplit_once(' ').unwrap();
    assert!(changes.contains("complete_with of “玩” would change from “7” to absent (changed by 李老师"), "{listed}");
    let objections = refuse(&[mine, "--confirm", confirm]);
    assert!(objections.starts_with("the number of point \"p-1\" is 1;"), "{objections}");
    assert!(objections.contains("“纪念章” would be harder to earn") && objections.ends_with("It was not published.\n"));
    workspace.write("mine.toml", &good.replace("route = \"play\"", "route = \"plya\""));
    assert_eq!(refuse(&[mine]), stderr_of_failure(&mut check(mine)));
    assert_eq!(refuse(&["--put-back", "9"]), "No such version was published. Please look at the list of versions.\n");
    let listed = refuse(&["--put-back", "1"]);
    let (_, confirm) = listed.trim_end().rsplit_once(' ').unwrap();
    let back = published(&["--put-back", "1", "--by", "陈老师", "--confirm", confirm]);
    assert!(back.starts_with("邻里嘉年华: version 3 is published"), "no gift asks for the route: {back}");
    assert_eq!(published(&["--show"]), format!("# carnival-version: 3\n{good}"));
}
