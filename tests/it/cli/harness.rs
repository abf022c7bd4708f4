//! Runs the built program as a child process, with a folder, settings and an API client.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::{ToSpan, Zoned};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wechat_stub::{APP_ID, APP_SECRET, WechatStub};

/// Timeout for a child process. Generous, because other tests run on the same cores.
const TIMEOUT: Duration = Duration::from_secs(180);

/// The built program, isolated from this machine's environment and from the work tree.
pub(crate) fn carnival_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carnival"));
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("LC_ALL", "C.UTF-8");
    command
}

/// Runs a command until it exits.
pub(crate) fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// Runs a command that must succeed, and returns its output.
pub(crate) fn stdout_of(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs a command that must fail with exit code 1, and returns its error output; no other output is allowed.
pub(crate) fn stderr_of_failure(command: &mut Command) -> String {
    let output = run(command);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{}", text(&output.stderr));
    text(&output.stderr)
}

/// Decodes a program's output.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running process with its output; killed when dropped.
pub(crate) struct RunningProgram {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl RunningProgram {
    pub(crate) fn start(mut command: Command, folder: &Path, name: &str) -> RunningProgram {
        let (out, err) = (folder.join(format!("{name}.out")), folder.join(format!("{name}.err")));
        let files = (File::create(&out).unwrap(), File::create(&err).unwrap());
        let child = command.stdin(Stdio::null()).stdout(files.0).stderr(files.1).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test installs what is needed"));
        RunningProgram { child, out, err }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn out(&self) -> String {
        read_output(&self.out)
    }

    pub(crate) fn err(&self) -> String {
        read_output(&self.err)
    }

    /// Waits until `found` returns a value for the output so far: standard output, then standard error.
    pub(crate) fn wait_for<T>(&mut self, found: impl Fn(&str, &str) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            // Checked first: once the process has exited, its whole output is in the files.
            let ended = self.child.try_wait().unwrap();
            if let Some(found) = found(&self.out(), &self.err()) {
                return found;
            }
            assert!(ended.is_none() && begun.elapsed() < TIMEOUT, "({ended:?})\n{}\n{}", self.out(), self.err());
            sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// CPU time used so far, in hundredths of a second.
    pub(crate) fn cpu(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name, which may contain spaces: user time is field 12, system time field 13.
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Resident memory, in kilobytes.
    pub(crate) fn memory_kb(&self) -> u64 {
        memory_kb(self.child.id())
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the exit: the exit code, and the time it took.
    pub(crate) fn wait_for_exit(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), begun.elapsed());
            }
            assert!(begun.elapsed() < TIMEOUT, "the process did not exit:\n{}", self.err());
            sleep(Duration::from_millis(5));
        }
    }
}

/// Resident memory of a process, in kilobytes; 0 once it has exited.
pub(crate) fn memory_kb(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// The output of a process so far. It may end in the middle of a character.
fn read_output(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with a current carnival and settings, and a WeChat stub.
pub(crate) struct Workspace {
    pub(crate) folder: TempDir,
    pub(crate) wechat: WechatStub,
    /// Additional environment variables.
    pub(crate) variables: Vec<(String, String)>,
}

/// The number of points of the generated carnival.
pub(crate) const POINTS: usize = 40;

impl Workspace {
    pub(crate) fn new() -> Workspace {
        let workspace =
            Workspace { folder: tempfile::tempdir().unwrap(), wechat: WechatStub::start(), variables: vec![] };
        workspace.write("carnival.toml", &carnival_file());
        let base_url = workspace.wechat.base_url();
        workspace.write("secret", APP_SECRET);
        workspace.write(
            "my.toml",
            &format!(
                "[carnival]\npublic_url = \"https://carnival.example\"\n[http]\nlisten = \"127.0.0.1:0\"\nworkers = 2\n\
                 [wechat]\nbase_url = \"{base_url}\"\napp_id = \"{APP_ID}\"\napp_secret_file = \"secret\"\n[store]\nshards = 4\n"
            ),
        );
        workspace
    }

    /// The same on Redis, with its own secrets.
    pub(crate) fn on_redis(url: &str) -> Workspace {
        let mut workspace = Workspace::new();
        workspace.set("CARNIVAL__STORE__KIND", "redis");
        workspace.set("CARNIVAL__STORE__REDIS__URLS", url);
        workspace.set("CARNIVAL_SECRET_CODES", "0c1d-codes-9f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b");
        workspace.set("CARNIVAL_SECRET_IDENTITY", "1b2e-names-8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b");
        workspace.set("CARNIVAL_SECRET_JWT", "2a3f-jwt-7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b2a1f");
        workspace
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// `carnival COMMAND --config my.toml` with further arguments.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = carnival_command();
        command.arg(words[0]).arg("--config").arg(self.path("my.toml")).args(&words[1..]);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts `carnival serve`, and reads its address.
    pub(crate) fn serve(&self, name: &str) -> RunningServer {
        self.serve_with(self.command(&["serve"]), name)
    }

    /// The same with this command, which is `carnival serve` with changes.
    pub(crate) fn serve_with(&self, command: Command, name: &str) -> RunningServer {
        let mut program = RunningProgram::start(command, self.folder.path(), name);
        let base = program.wait_for(|_, err| {
            let (_, rest) = err.split_once("http://127.0.0.1:")?;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (rest.len() > port.len()).then(|| format!("http://127.0.0.1:{port}"))
        });
        RunningServer { program, api: ApiClient::at(base) }
    }

    /// The links on the posters.
    pub(crate) fn poster_links(&self) -> Vec<String> {
        let printed = stdout_of(&mut self.command(&["codes", "--out", self.path("codes").to_str().unwrap()]));
        let links = printed.lines().filter_map(|line| line.split("  ").find(|word| word.starts_with("http")));
        links.map(str::to_owned).collect()
    }
}

/// A running `carnival serve`.
pub(crate) struct RunningServer {
    pub(crate) program: RunningProgram,
    pub(crate) api: ApiClient,
}

/// An HTTP client of a server.
#[derive(Clone)]
pub(crate) struct ApiClient {
    pub(crate) base: String,
    http: reqwest::Client,
}

impl ApiClient {
    pub(crate) fn at(base: String) -> ApiClient {
        // Another test of this process may have installed it first.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        ApiClient { base, http }
    }

    /// Status and body; an error without a complete answer.
    pub(crate) async fn ask(&self, token: &str, path: &str, body: Option<Value>) -> reqwest::Result<(u16, Value)> {
        let url = format!("{}{path}", self.base);
        let mut request = match &body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// The status of a request without a body.
    pub(crate) async fn send(&self, method: reqwest::Method, token: &str, path: &str) -> u16 {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask(token, path, Some(body)).await.unwrap()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        self.ask(token, path, None).await.unwrap()
    }

    /// Logs in a resident, and returns the token.
    pub(crate) async fn resident(&self, wechat: &WechatStub, name: &str) -> String {
        let (status, body) = self.post("", "/v1/sessions/wechat", json!({ "code": wechat.login_code(name) })).await;
        assert_eq!(status, 201, "{body}");
        body["token"].as_str().unwrap().to_owned()
    }

    /// Accepts an invitation.
    pub(crate) async fn accept(&self, invitation: &str, name: &str) -> (u16, Value) {
        let body = json!({ "invitation": invitation, "name": name, "nonce": "arrival-0001", "device": "secret-of-the-device-0001" });
        self.post("", "/v1/sessions/staff", body).await
    }
}

/// A carnival that is open now, day and night. Claims are held for days, so that no midnight changes them.
fn carnival_file() -> String {
    let today = Zoned::now().in_tz("Asia/Shanghai").unwrap().date();
    let (first, last) = (today - 2.days(), today + 5.days());
    let days = format!("first_day = {first}\nlast_day = {last}\n");
    let point = |number: usize| {
        let codes = if number == POINTS { "\ncodes = [\"display\"]" } else { "" };
        format!(
            "[[points]]\nid = \"p-{number}\"\nnumber = {number}\nroute = \"play\"\nname = \"第{number}站\"\nhours = \"00:00-24:00\"{codes}\n"
        )
    };
    let points: String = (1..=POINTS).map(point).collect();
    format!(
        "[carnival]\nid = \"these-days\"\nname = \"邻里嘉年华\"\ntime_zone = \"Asia/Shanghai\"\n{days}login = \"mini_program\"\n\
         [[routes]]\nid = \"play\"\nname = \"玩\"\n{days}\
         {points}\
         [[booths]]\nid = \"market\"\nname = \"集市兑换台\"\n\
         [[gifts]]\nid = \"badge\"\nnumber = 1\nname = \"纪念章\"\nneeds = {{ stamps = 1 }}\nstock = 50\n\
         hold_minutes = 10000\n"
    )
}
