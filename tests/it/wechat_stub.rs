//! A stub of WeChat's login servers that answers as documented, or misbehaves on request.
//!
//! It uses plain threads and sockets, so that it can also break a connection or stay silent, which an HTTP server
//! library cannot.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use reqwest::Url;

/// The only app that the stub accepts.
pub(crate) const APP_ID: &str = "wx0123456789abcdef";
/// Its secret, with characters that need percent-encoding.
pub(crate) const APP_SECRET: &str = "hush+hush/0123456789";

/// How the stub answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StubMode {
    /// As documented: an openid for a new code of the right app, an errcode otherwise.
    Normal,
    /// The same with `content-type: text/plain`.
    AsTextPlain,
    /// The same with a `unionid` beside the openid.
    WithUnionid,
    /// This errcode for every call.
    Errcode(i64),
    /// Busy at the next call, normal afterwards.
    BusyOnce,
    /// No answer for as long as the caller waits.
    Silent,
    /// The connection is reset before the call is read.
    Resets,
    /// The connection ends in the middle of an answer.
    Breaks,
    /// This text with status 200.
    Text(&'static str),
    /// A valid answer that is far too large.
    Huge,
    /// A gateway's error page.
    BadGateway,
    /// A redirect to an address that would learn the secret.
    Redirect,
}

/// A received call.
#[derive(Debug, Clone)]
pub(crate) struct RecordedCall {
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
}

/// The running stub; it stops listening when dropped.
pub(crate) struct WechatStub {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    mode: Mutex<StubMode>,
    calls: Mutex<Vec<RecordedCall>>,
    codes_issued: AtomicUsize,
    codes_used: Mutex<HashSet<String>>,
    stopped: AtomicBool,
}

impl WechatStub {
    /// Starts on a free port and answers [`StubMode::Normal`].
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            mode: Mutex::new(StubMode::Normal),
            calls: Mutex::new(Vec::new()),
            codes_issued: AtomicUsize::new(0),
            codes_used: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || serve(&listener, &serving));
        Self { address, shared }
    }

    /// The value for the client's setting `base_url`.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the mode from now on.
    pub(crate) fn set(&self, mode: StubMode) {
        *self.shared.mode.lock().unwrap() = mode;
    }

    /// A new single-use login code of the person `name`, as from `wx.login`.
    pub(crate) fn login_code(&self, name: &str) -> String {
        let number = self.shared.codes_issued.fetch_add(1, Ordering::SeqCst);
        format!("{name}.{number}")
    }

    /// A function that makes such codes without access to the stub.
    pub(crate) fn login_codes(&self) -> Arc<dyn Fn(&str) -> String + Send + Sync> {
        let shared = Arc::clone(&self.shared);
        Arc::new(move |name| format!("{name}.{}", shared.codes_issued.fetch_add(1, Ordering::SeqCst)))
    }

    /// The openid of every code of `name`.
    pub(crate) fn openid_of(name: &str) -> String {
        format!("openid-of-{name}")
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<RecordedCall> {
        self.shared.calls.lock().unwrap().clone()
    }
}

impl Drop for WechatStub {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listening thread, which then stops.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A caller that disconnects early is not an error.
        thread::spawn(move || answer(stream, &shared).ok());
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    if matches!(*shared.mode.lock().unwrap(), StubMode::Resets) {
        // Waits for the first byte: closing a socket with unread data resets the connection.
        return stream.peek(&mut [0]).map(drop);
    }
    let Some(call) = read_call(&stream)? else {
        return Ok(());
    };
    let json = "application/json; charset=utf-8";
    let mode = shared.next_mode();
    shared.calls.lock().unwrap().push(call.clone());
    let normal_body_of_call = || shared.normal_body(&call);
    let (status, content_type, body) = match mode {
        StubMode::Normal => ("200 OK", json, normal_body_of_call()),
        StubMode::AsTextPlain => ("200 OK", "text/plain", normal_body_of_call()),
        StubMode::WithUnionid => ("200 OK", json, normal_body_of_call().replace('}', r#","unionid":"u-1"}"#)),
        StubMode::Errcode(errcode) => ("200 OK", json, errcode_body(errcode)),
        StubMode::BusyOnce => ("200 OK", json, errcode_body(-1)),
        StubMode::Text(text) => ("200 OK", json, text.to_owned()),
        StubMode::Huge => ("200 OK", json, " ".repeat(200 * 1024) + &normal_body_of_call()),
        StubMode::BadGateway => ("502 Bad Gateway", "text/html", "<h1>Bad Gateway</h1>".to_owned()),
        StubMode::Redirect => ("302 Found\r\nlocation: /elsewhere", "text/html", String::new()),
        // Returns when the caller gives up.
        StubMode::Silent | StubMode::Resets => return stream.read(&mut [0]).map(drop),
        StubMode::Breaks => return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn read_call(stream: &TcpStream) -> std::io::Result<Option<RecordedCall>> {
    let mut lines = BufReader::new(stream).lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(None);
    };
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let target = first.strip_prefix("GET ").and_then(|rest| rest.split_once(' '));
    let (target, _) = target.unwrap_or_else(|| panic!("a WeChat login must be a GET, not {first}"));
    let url = Url::parse(&format!("http://wechat{target}")).unwrap();
    Ok(Some(RecordedCall { path: url.path().to_owned(), query: url.query_pairs().into_owned().collect() }))
}

fn errcode_body(errcode: i64) -> String {
    format!(r#"{{"errcode":{errcode},"errmsg":"told to, rid: 6548a1f2-0a1b2c3d-4e5f6071"}}"#)
}

impl Shared {
    fn next_mode(&self) -> StubMode {
        let mut mode = self.mode.lock().unwrap();
        let now = *mode;
        if matches!(now, StubMode::BusyOnce) {
            *mode = StubMode::Normal;
        }
        now
    }

    /// WeChat's documented answer to this call.
    fn normal_body(&self, call: &RecordedCall) -> String {
        let field = |name: &str| call.query.get(name).map(String::as_str);
        let (code_field, keys) = match call.path.as_str() {
            "/sns/jscode2session" => ("js_code", r#""session_key":"tiihtNczf5v6AKRyjwEUhQ==""#),
            "/sns/oauth2/access_token" => {
                ("code", r#""access_token":"AT-1","expires_in":7200,"refresh_token":"RT-1","scope":"snsapi_base""#)
            }
            _ => return errcode_body(40_066),
        };
        let code = field(code_field).unwrap_or_default();
        match (field("appid"), field("secret"), code.split_once('.')) {
            (None | Some(""), _, _) => errcode_body(41_002),
            (Some(id), _, _) if id != APP_ID => errcode_body(40_013),
            (_, None | Some(""), _) => errcode_body(41_004),
            (_, Some(secret), _) if secret != APP_SECRET => errcode_body(40_125),
            _ if field("grant_type") != Some("authorization_code") => errcode_body(40_002),
            (_, _, None) => errcode_body(40_029),
            _ if !self.codes_used.lock().unwrap().insert(code.to_owned()) => errcode_body(40_163),
            (_, _, Some((name, _))) => {
                format!(r#"{{{keys},"openid":"{}"}}"#, WechatStub::openid_of(name))
            }
        }
    }
}
