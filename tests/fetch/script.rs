//! `fetch.mjs` alone: what would take a build too long, and what only its environment decides.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fetch::distribution::{said, sha256, without_proxies};
use crate::fetch::server::{Answer, Request, Server};
use crate::support::{snapshot, tmp};

const BODY: &[u8] = b"the bytes of a file";

/// A job for some files, all of which are [`BODY`], with short times.
struct Job {
    dir: tempfile::TempDir,
    settings: Value,
    environment: Vec<(&'static str, String)>,
}

impl Job {
    fn new(base: &str, names: &[&str]) -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        let file = |name: &&str| {
            let path = dir.path().join("files").join(name).join(name);
            json!({ "name": name, "path": path, "sha256": sha256(BODY) })
        };
        let settings = json!({
            "schema": 1, "base": base, "files": names.iter().map(file).collect::<Vec<_>>(),
            "userAgent": "test", "parallel": 8, "tries": 3, "pauseMs": 10, "waitMs": 1500,
            "idleMs": 5000, "redirects": 5, "bytes": 100, "result": dir.path().join("result.json"),
        });
        Self { dir, settings, environment: Vec::new() }
    }

    fn set(mut self, name: &str, value: u64) -> Self {
        self.settings[name] = value.into();
        self
    }

    fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Each file's failure, empty where there was none.
    fn run(&self) -> Vec<String> {
        let path = self.dir.path().join("job.json");
        fs::write(&path, serde_json::to_vec(&self.settings).unwrap()).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-support/scripts/fetch.mjs");
        let mut command = Command::new("node");
        without_proxies(&mut command);
        command.arg(script).arg(path).arg(std::process::id().to_string());
        command.envs(self.environment.iter().map(|(k, v)| (k, v)));
        let (text, ok) = said(&command.output().unwrap());
        assert!(ok, "{text}");
        let result = fs::read(self.dir.path().join("result.json")).unwrap();
        let outcomes: Vec<Value> = serde_json::from_slice(&result).unwrap();
        let message =
            |outcome: &Value| outcome["failure"]["message"].as_str().unwrap_or_default().to_owned();
        outcomes.iter().map(message).collect()
    }

    /// Runs it for one file, which must not work, and returns why.
    fn fails(&self) -> String {
        let [why] = &self.run()[..] else { panic!("one file") };
        assert!(!why.is_empty(), "it worked");
        why.clone()
    }

    fn works(&self) {
        let failures = self.run();
        assert!(failures.iter().all(String::is_empty), "{failures:?}");
        let files = self.files();
        assert_eq!(files.len(), failures.len(), "{files:?}");
        assert!(files.values().all(|bytes| bytes == BODY));
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let dir = self.dir.path().join("files");
        if dir.exists() { snapshot(&dir) } else { BTreeMap::default() }
    }
}

#[test]
fn a_silent_server_is_given_up() {
    let server = Server::new(|_, _| Answer::ok(BODY).slow(2, Duration::from_secs(20)));
    let job = Job::new(&server.url(), &["a"]).set("idleMs", 200);
    assert_eq!(job.fails(), "nothing came for 0.2 s; tried 3 times");
    assert_eq!(server.requests().len(), 3);
    assert!(job.files().is_empty());
}

#[test]
fn files_have_a_largest_size() {
    for length in [Some(101), None] {
        let server = Server::new(move |_, _| Answer::ok(&[b'x'; 101]).length(length));
        let job = Job::new(&server.url(), &["a"]);
        assert_eq!(job.fails(), "it is larger than 100 bytes");
        assert!(job.files().is_empty());
    }
}

#[test]
fn a_server_that_asks_to_wait_is_waited_for_but_not_for_long() {
    let server = Server::new(|_, before| match before {
        0 => Answer::new("429 Too Many Requests", b"").header("Retry-After", "1"),
        _ => Answer::ok(BODY),
    });
    let started = Instant::now();
    Job::new(&server.url(), &["a"]).works();
    assert!(started.elapsed() >= Duration::from_secs(1));
    let server = Server::new(|_, _| {
        Answer::new("503 Service Unavailable", b"").header("Retry-After", "3600")
    });
    let why = Job::new(&server.url(), &["a"]).fails();
    assert_eq!(why, "HTTP 503 Service Unavailable, and it asks to wait for 3600 s");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_part_is_used_only_if_it_fits() {
    let wrong_range = |from: usize| {
        let range = format!("bytes {from}-18/19");
        Answer::new("206 Partial Content", &BODY[from..]).header("Content-Range", &range)
    };
    let answers: [fn(usize) -> Answer; 3] = [
        |_| Answer::new("416 Range Not Satisfiable", b""),
        |_| Answer::new("206 Partial Content", b"other"),
        |_| Answer::ok(BODY),
    ];
    for (part, requests) in [(&BODY[..7], 2), (&[b'x'; 99][..], 2), (BODY, 0)] {
        for (number, answer) in answers.into_iter().enumerate() {
            let server = Server::new(move |request, _| match request.from() {
                0 => Answer::ok(BODY),
                from if number == 1 && from < BODY.len() => wrong_range(from - 1),
                from => answer(from),
            });
            let job = Job::new(&server.url(), &["a"]);
            fs::create_dir_all(job.dir.path().join("files/a")).unwrap();
            fs::write(job.dir.path().join("files/a/a.part"), part).unwrap();
            job.works();
            // All of it comes at once from a server that knows no ranges.
            let expected = if number == 2 { requests.min(1) } else { requests };
            assert_eq!(server.requests().len(), expected, "{number} {}", part.len());
        }
    }
    // Nothing says how much there is to come: the end may be the end of the connection.
    let server = Server::new(|_, before| match before {
        0 => Answer::ok(BODY).cut(5).length(None),
        _ => Answer::ok(BODY).length(None),
    });
    Job::new(&server.url(), &["a"]).works();
    // A server that is away for a moment costs nothing of what is there.
    let server = Server::new(|request, before| match before {
        0 => Answer::ok(BODY).cut(7),
        1 => Answer::new("502 Bad Gateway", b""),
        _ => Answer::ranged(request, BODY),
    });
    Job::new(&server.url(), &["a"]).works();
    assert_eq!(server.requests().iter().map(Request::from).collect::<Vec<_>>(), [0, 7, 7]);
}

#[test]
fn a_connection_that_breaks_again_and_again_gets_there() {
    let server = Server::new(|request, _| Answer::ranged(request, BODY).cut(1));
    Job::new(&server.url(), &["a"]).works();
    assert_eq!(server.requests().len(), BODY.len());
}

#[test]
fn redirects_end_and_keep_secrets() {
    let other = Server::new(|_, _| Answer::ok(BODY));
    let to = format!("{}a?signature=secret", other.url());
    let server = Server::new(move |_, _| Answer::redirect(&to));
    let base = server.url().replace("//", "//user:p%40ss@");
    Job::new(&base, &["a"]).works();
    assert_eq!(server.requests()[0].header("authorization"), "Basic dXNlcjpwQHNz");
    assert_eq!(other.requests()[0].header("authorization"), "");
    assert!(other.requests()[0].target.ends_with("a?signature=secret"));

    let server = Server::new(|request, _| Answer::redirect(&format!("{}x", request.target)));
    let why = Job::new(&server.url(), &["a"]).fails();
    assert!(why.starts_with("the server redirects more than 5 times: http://"), "{why}");
    assert_eq!(server.requests().len(), 6);
    let server = Server::new(|_, _| Answer::redirect("file:///etc/passwd"));
    let why = Job::new(&server.url(), &["a"]).fails();
    assert_eq!(why, "the server redirects to file: instead of http(s)");
}

#[test]
fn eight_at_a_time() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let server = Server::new(|_, _| {
        MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(300));
        NOW.fetch_sub(1, Ordering::SeqCst);
        Answer::ok(BODY)
    });
    let names: Vec<_> = (b'a'..b'a' + 20).map(|name| char::from(name).to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    Job::new(&server.url(), &names).works();
    assert_eq!(MOST.load(Ordering::SeqCst), 8);
}

#[test]
fn no_proxy_is_respected() {
    let proxy = Server::new(|_, _| Answer::ok(BODY));
    let server = Server::new(|_, _| Answer::ok(BODY));
    let port = server.address().rsplit(':').next().unwrap().to_owned();
    let cases = [
        ("", false),
        ("*", true),
        ("example.org, 127.0.0.1", true),
        ("127.0.0.0/8", true),
        ("10.0.0.0/8,::1/128,::1", false),
        (&format!("127.0.0.1:{port}"), true),
        ("127.0.0.1:1", false),
        ("0.0.1", false),
    ];
    for (list, direct) in cases {
        let (before, at_proxy) = (server.requests().len(), proxy.requests().len());
        let job = Job::new(&server.url(), &["a"]).env("NO_PROXY", list);
        job.env("http_proxy", proxy.address()).works();
        let asked = server.requests().len() > before;
        assert_eq!(asked, direct, "NO_PROXY={list}");
        assert_eq!(proxy.requests().len() > at_proxy, !direct, "NO_PROXY={list}");
    }
    for (list, direct) in
        [("example.org", true), (".b.example.org", true), ("c.example.org", false)]
    {
        let job = Job::new("http://a.b.example.org.invalid/", &["a"]);
        let job = job.env("NO_PROXY", list.replace(".org", ".org.invalid"));
        let outcome = job.env("ALL_PROXY", format!("http://{}", proxy.address())).run();
        assert_eq!(outcome[0].contains("ENOTFOUND") || outcome[0].contains("EAI_AGAIN"), direct);
    }
    let job = Job::new(&server.url(), &["a"]).env("HTTP_PROXY", "socks5://127.0.0.1:1");
    assert_eq!(
        job.fails(),
        "HTTP_PROXY is a proxy of the kind socks5:; only http: and https: work"
    );
}

/// A server with a certificate of its own.
struct Secure {
    dir: tempfile::TempDir,
    child: Child,
    port: String,
}

impl Secure {
    fn new() -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        fs::write(dir.path().join("body"), BODY).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/server.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(dir.path().join("body")).arg(dir.path().join("cert.pem"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut port).unwrap();
        Self { dir, child, port: port.trim().to_owned() }
    }

    fn certificate(&self) -> String {
        self.dir.path().join("cert.pem").display().to_string()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn https_goes_through_a_tunnel() {
    let secure = Secure::new();
    let (port, certificate) = (&secure.port, secure.certificate());
    let refuse = |_: &_, _| Answer::new("407 Proxy Authentication Required", b"");
    let proxy = Server::with_tunnel(refuse, Some(format!("127.0.0.1:{port}")));
    let base = format!("https://localhost:{port}/dist/");
    let through = format!("http://user:secret@{}", proxy.address());
    let trusting = || Job::new(&base, &["a"]).env("NODE_EXTRA_CA_CERTS", &certificate);

    trusting().works();
    assert!(proxy.requests().is_empty());
    trusting().env("HTTPS_PROXY", &through).env("HTTP_PROXY", "http://127.0.0.1:1").works();
    let [asked] = &proxy.requests()[..] else { panic!("one request") };
    assert_eq!((asked.method.as_str(), &asked.target), ("CONNECT", &format!("localhost:{port}")));
    assert_eq!(asked.header("proxy-authorization"), "Basic dXNlcjpzZWNyZXQ=");

    let why = Job::new(&base, &["a"]).env("https_proxy", &through).fails();
    assert!(why.contains("self-signed certificate") && !why.contains("tried"), "{why}");
    let other = base.replace("localhost", "wheels.invalid");
    let job = Job::new(&other, &["a"]).env("NODE_EXTRA_CA_CERTS", &certificate);
    let why = job.env("HTTPS_PROXY", &through).fails();
    assert!(why.contains("does not match certificate"), "{why}");

    let refusing = Server::new(refuse);
    let why = trusting().env("HTTPS_PROXY", refusing.address()).fails();
    let expected = format!(
        "HTTP 407 Proxy Authentication Required instead of a connection, through the proxy {}",
        refusing.address()
    );
    assert_eq!(why, expected);
}
