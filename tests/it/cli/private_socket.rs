//! Guards against commands that need the server to stop, and against routes of operators that strangers can reach.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use carnival::store::embedded::{EmbeddedStore, Options};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{POINTS, RunningProgram, Workspace, carnival_command, run, stderr_of_failure, stdout_of, text};
use crate::servers::redis_server::RedisServer;

/// The routes in the sources of those for operators, with their methods.
fn operator_routes() -> Vec<(Method, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/api/operator");
    let mut routes = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            let Some((method, path)) = line.strip_prefix("#[").and_then(|line| line.split_once("(\"/")) else {
                continue;
            };
            let path = path.split('"').next().unwrap().replace("{version}", "1");
            routes.push((method.to_uppercase().parse().unwrap(), format!("/{path}")));
        }
    }
    assert!(routes.len() >= 4, "{routes:?}");
    routes
}

/// A client of the socket in the folder of a store.
fn private_client(folder: &Path) -> reqwest::Client {
    reqwest::Client::builder().unix_socket(folder.join("carnival.sock")).no_proxy().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_of_operators_are_served_on_the_socket_only() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    let link = stdout_of(&mut workspace.command(&["invite", "--role", "organiser"]));
    let (_, organiser) = served.api.accept(link.lines().next().unwrap(), "周老师").await;
    let organiser = organiser["token"].as_str().unwrap();
    assert_eq!(served.api.get(organiser, "/v1/organiser/staff").await.0, 200);
    let client = private_client(&workspace.path("data"));
    for (method, path) in operator_routes() {
        for token in ["", organiser] {
            assert_eq!(served.api.send(method.clone(), token, &path).await, 404, "{method} {path}");
        }
        let answer = client.request(method.clone(), format!("http://carnival{path}")).send().await.unwrap();
        assert_ne!(answer.status(), 404, "{method} {path}");
    }
    // The socket needs no token; the address does.
    assert_eq!(served.api.send(Method::GET, "", "/v1/organiser/staff").await, 401);
    let staff = client.get("http://carnival/v1/organiser/staff").send().await.unwrap();
    assert_eq!(staff.json::<Value>().await.unwrap()["invitations"].as_array().unwrap().len(), 1);
    let wrong = client.get("http://carnival/v1/organiser/staff").bearer_auth("made-up").send().await.unwrap();
    assert_eq!(wrong.status(), 401, "a token that is sent must be valid");
}

#[test]
fn the_socket_is_for_its_owner_and_is_replaced_and_removed() {
    let workspace = Workspace::new();
    let (folder, socket) = (workspace.path("data"), workspace.path("data/carnival.sock"));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.exists(), "a killed process leaves its socket behind");
    let mut served = workspace.serve("serve");
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&socket)), (0o700, 0o600));
    assert_eq!(stdout_of(&mut workspace.command(&["invite", "--list"])), "There are no invitations yet.\n");
    assert!(socket.exists(), "a command leaves the server's socket alone");
    served.program.signal("TERM");
    assert_eq!(served.program.wait_for_exit().0, Some(0));
    assert!(!socket.exists());
    assert_eq!(stdout_of(&mut workspace.command(&["invite", "--list"])), "There are no invitations yet.\n");
    assert!(!socket.exists(), "a command removes its own");
}

#[test]
fn a_folder_whose_socket_would_have_too_long_a_path_is_refused_with_its_name() {
    let mut workspace = Workspace::new();
    workspace.set("CARNIVAL__STORE__EMBEDDED__FOLDER", workspace.path(&"long".repeat(30)).to_str().unwrap());
    for command in [&["serve"][..], &["invite", "--list"]] {
        let error = stderr_of_failure(&mut workspace.command(command));
        assert!(error.contains("longlong/carnival.sock cannot be used: "), "{error}");
    }
}

#[test]
fn commands_that_run_at_once_all_succeed() {
    let workspace = Workspace::new();
    let out = workspace.path("print");
    let mut slow = RunningProgram::start(
        workspace.command(&["posters", "--out", out.to_str().unwrap()]),
        &workspace.path(""),
        "slow",
    );
    let printed: Vec<String> = std::thread::scope(|scope| {
        let run = || stdout_of(&mut workspace.command(&["passports", "--count", "20"]));
        let running: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let codes: HashSet<&str> = printed.iter().flat_map(|list| list.lines()).collect();
    assert_eq!(codes.len(), 80, "no serial is given out twice");
    assert_eq!(slow.wait_for_exit().0, Some(0), "{}", slow.err());
    assert_eq!(fs::read_dir(out).unwrap().count(), POINTS + 1);
}

/// A command that finds another one may meet its end: the connection is made, and the request is never read.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_request_was_not_read_takes_the_place_of_the_server() {
    let workspace = Workspace::new();
    let first = stdout_of(&mut workspace.command(&["passports", "--count", "1"]));
    let options = Options { shards: 4, ..Options::default() };
    let store = EmbeddedStore::open(&workspace.path("data"), options).unwrap();
    let socket = workspace.path("data/carnival.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let mut command = workspace.command(&["passports", "--count", "1"]);
    let running = tokio::task::spawn_blocking(move || stdout_of(&mut command));
    // The first connection only checks that a server listens.
    listener.accept().await.unwrap();
    let (unread, _) = listener.accept().await.unwrap();
    unread.readable().await.unwrap();
    fs::remove_file(&socket).unwrap();
    drop((listener, store));
    drop(unread);
    let second = running.await.unwrap();
    assert_ne!(first, second, "the command did its work itself");
}

#[test]
fn a_command_beside_a_stopping_server_says_that_it_does_not_answer() {
    let workspace = Workspace::new();
    let mut served = workspace.serve("serve");
    let mut waiting = TcpStream::connect(served.api.base.strip_prefix("http://").unwrap()).unwrap();
    let head =
        "POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n";
    waiting.write_all(head.as_bytes()).unwrap();
    // The server reads the head before it stops, and then waits for the rest of the request.
    std::thread::sleep(Duration::from_millis(300));
    served.program.signal("TERM");
    while workspace.path("data/carnival.sock").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let error = stderr_of_failure(&mut workspace.command(&["invite", "--list"]));
    assert!(error.starts_with("the server that uses the database did not answer: "), "{error}");
    drop(waiting);
    assert_eq!(served.program.wait_for_exit().0, Some(0));
}

#[test]
fn a_command_refuses_a_running_rehearsal() {
    let workspace = Workspace::new();
    let mut command = carnival_command();
    command.args(["rehearse", "--port", "0", "--folder"]).arg(workspace.path("data"));
    let mut rehearsal = RunningProgram::start(command, &workspace.path(""), "rehearsal");
    rehearsal.wait_for(|out, _| out.contains("/v1/organiser/posters").then_some(()));
    let error = stderr_of_failure(&mut workspace.command(&["invite", "--list"]));
    assert!(error.contains("holds a rehearsal's records"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_of_five_hundred_posters_is_made_beside_the_requests_of_residents() {
    let workspace = Workspace::new();
    let file = fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    let more = (POINTS + 1..=500).map(|number| {
        format!("[[points]]\nid = \"p-{number}\"\nnumber = {number}\nroute = \"play\"\nname = \"第{number}站\"\nhours = \"00:00-24:00\"\n")
    });
    let (before, after) = file.split_at(file.find("[[booths]]").unwrap());
    workspace.write("carnival.toml", &format!("{before}{}{after}", more.collect::<String>()));
    let served = workspace.serve("serve");
    // The command asks for each poster too; the document of all takes longest, and half a minute of this test.
    let client = private_client(&workspace.path("data"));
    let all = client.get("http://carnival/v1/organiser/posters").send().await.unwrap();
    assert_eq!(all.status(), 200);
    assert!(all.bytes().await.unwrap().starts_with(b"%PDF-"));
    assert_eq!(served.api.get("", "/healthz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works_on_redis_beside_a_server_and_without_one() {
    let redis = RedisServer::start();
    let workspace = Workspace::on_redis(&redis.url());
    let out = workspace.path("print");
    let (out, carnival_file) = (out.to_str().unwrap(), workspace.path("carnival.toml"));
    let all = || {
        for words in [
            &["codes", "--out", out][..],
            &["codes", "--out", out, "--reissue", "p-1"],
            &["posters", "--out", out, "--point", "p-2"],
            &["passports", "--count", "3"],
            &["passports", "--count", "3", "--out", out],
            &["publish", carnival_file.to_str().unwrap(), "--check"],
            &["publish", carnival_file.to_str().unwrap()],
            &["publish", "--put-back", "1"],
            &["publish", "--list"],
            &["invite", "--role", "volunteer", "--point", "p-3"],
            &["invite", "--list"],
            &["records", "ledger"],
        ] {
            stdout_of(&mut workspace.command(words));
        }
    };
    all();
    let served = workspace.serve("serve");
    all();
    let list = stdout_of(&mut workspace.command(&["invite", "--list"]));
    let id = list.split_whitespace().next().unwrap();
    assert!(
        stdout_of(&mut workspace.command(&["invite", "--end", id])).contains("is ended; sessions ended with it: 0.")
    );
    let ana = served.api.resident(&workspace.wechat, "ana").await;
    let poster = workspace.poster_links().remove(2);
    assert_eq!(served.api.post(&ana, "/v1/check-ins", json!({ "code": poster })).await.0, 201);
    let check_ins = text(&run(&mut workspace.command(&["records", "check-ins"])).stdout);
    assert_eq!(check_ins.lines().count(), 2, "{check_ins}");
}
