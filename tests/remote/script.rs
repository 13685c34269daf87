//! Tests `remote.mjs` alone, where a build would take too long.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use support::files::read_all;
use support::tmp;
use support::wheels::sha256;

use crate::fetch::distribution::{said, without_proxies};
use crate::fetch::server::{Answer, Request, Server};
use crate::remote::store::{Content, Store};

const KEY: &str = "abababababababababababababababababababababababababababababababab";
const BODY: &[u8] = b"the bytes of a file";

/// A job with short limits.
struct Job {
    dir: tempfile::TempDir,
    settings: Value,
    address: String,
}

impl Job {
    fn new(address: &str) -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        let settings = json!({
            "reads": [], "writes": [], "wrong": [], "userAgent": "test", "parallel": 8,
            "connectMs": 5000, "idleMs": 5000, "totalMs": 20000, "redirects": 5, "bytes": 1000,
            "result": dir.path().join("result.json"),
        });
        Self { dir, settings, address: address.to_owned() }
    }

    fn set(mut self, name: &str, value: u64) -> Self {
        self.settings[name] = value.into();
        self
    }

    fn reading(mut self) -> Self {
        self.settings["reads"] = json!([{ "key": KEY, "folder": self.dir.path().join("read") }]);
        self
    }

    fn writing(mut self, path: &str) -> Self {
        let source = self.dir.path().join("source");
        fs::write(&source, [b"123456789", BODY].concat()).unwrap();
        let file = json!({ "path": path, "source": source, "skip": 9 });
        self.settings["writes"] = json!([{ "key": KEY, "files": [file] }]);
        self
    }

    fn run(&self) -> Value {
        let path = self.dir.path().join("job.json");
        fs::write(&path, serde_json::to_vec(&self.settings).unwrap()).unwrap();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-support/scripts");
        let mut command = Command::new("node");
        without_proxies(&mut command);
        command.arg(scripts.join("remote.mjs")).arg(path).arg(std::process::id().to_string());
        command.env("PYODIDE_PACK_REMOTE_CACHE", &self.address);
        let (text, ok) = said(&command.output().unwrap());
        assert!(ok, "{text}");
        let result = fs::read(self.dir.path().join("result.json")).unwrap();
        serde_json::from_slice(&result).unwrap()
    }

    /// Runs the job, and returns why the server was not used further.
    fn fails(&self) -> String {
        let answer = self.run();
        answer["failure"]["message"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

/// Returns what a job leaves on a server.
fn written(path: &str) -> Content {
    let store = Store::new(Content::new());
    let answer = Job::new(&store.address()).writing(path).run();
    assert_eq!(answer["failure"], Value::Null);
    store.content()
}

#[test]
fn what_is_written_is_read_and_not_sent_again() {
    let store = Store::new(written("a/ü.txt"));
    let address = format!("{}///", store.address());
    let job = Job::new(&address).reading();
    let file = json!({ "path": "a/ü.txt", "sha256": sha256(BODY), "bytes": BODY.len() });
    let expected = json!({ "found": [[file]], "written": 0, "wrong": [], "failure": null });
    assert_eq!(job.run(), expected);
    let files = read_all(&job.dir.path().join("read"));
    assert_eq!(files.into_iter().collect::<Vec<_>>(), [("a/ü.txt".to_owned(), BODY.to_vec())]);

    Job::new(&address).writing("a/ü.txt").run();
    let requests = store.server.requests();
    let puts: Vec<_> = requests.iter().filter(|request| request.method == "PUT").collect();
    assert_eq!(
        puts.iter().map(|put| put.target.as_str()).collect::<Vec<_>>(),
        [format!("/ac/{KEY}")]
    );
}

#[test]
fn paths_that_leave_the_folder_are_refused() {
    for path in ["../x", "/x", "a//x", "a/./x", "c:x", "a\\x"] {
        let store = Store::new(written(path));
        let job = Job::new(&store.address()).reading();
        let answer = job.run();
        assert_eq!(answer["found"], json!([null]), "{path}");
        let message = answer["wrong"][0]["message"].as_str().unwrap();
        assert!(message.contains("the path "), "{message}");
        assert_eq!(read_all(&job.dir.path().join("read")).len(), 0, "{path}");
    }
}

#[test]
fn a_file_that_is_gone_is_a_miss() {
    let mut content = written("x");
    content.remove(&format!("cas/{}", sha256(BODY)));
    let store = Store::new(content);
    let answer = Job::new(&store.address()).reading().run();
    assert_eq!(answer, json!({ "found": [null], "written": 0, "wrong": [], "failure": null }));
}

#[test]
fn wrong_content_is_named() {
    let file = format!("cas/{}", sha256(BODY));
    let entry = format!("ac/{KEY}");
    let cut = &BODY[..5];
    let long = [BODY, BODY].concat();
    for (path, bytes, why) in [
        (&file, cut, "(5 of 19 bytes)"),
        (&file, &long, "(more than 19 of 19 bytes)"),
        (&file, b"The bytes of a file", "(19 of 19 bytes)"),
        (&entry, b"<!DOCTYPE html>", "it is no entry (15 bytes)"),
        (&entry, &written("x")[&entry][..20], "it is no entry (20 bytes)"),
        (&entry, b"", "it is no entry (0 bytes)"),
    ] {
        let mut content = written("x");
        content.insert(path.clone(), bytes.to_vec());
        let store = Store::new(content);
        let job = Job::new(&store.address()).reading();
        let answer = job.run();
        assert_eq!(answer["found"], json!([null]), "{why}");
        assert_eq!(answer["failure"], Value::Null, "{why}");
        let [wrong] = &answer["wrong"].as_array().unwrap()[..] else { panic!("{answer}") };
        assert_eq!(wrong["path"], *path);
        assert!(wrong["message"].as_str().unwrap().contains(why), "{wrong}");
        assert_eq!(read_all(&job.dir.path().join("read")).len(), 0, "{why}");
    }
}

#[test]
fn a_connection_that_breaks_is_named() {
    let path = format!("cas/{}", sha256(BODY));
    let cut = {
        let path = path.clone();
        move |request: &Request| request.target.ends_with(&path).then(|| Answer::ok(BODY).cut(5))
    };
    let store = Store::with(written("x"), cut);
    let job = Job::new(&store.address()).reading();
    assert_eq!(job.fails(), format!("GET {path}: the connection was cut off"));
}

#[test]
fn nothing_is_requested_after_a_failure() {
    for status in ["401 Unauthorized", "403 Forbidden", "500 Internal Server Error"] {
        let refuse = move |_: &Request| Some(Answer::new(status, b""));
        let store = Store::with(Content::new(), refuse);
        let why = Job::new(&store.address()).reading().writing("x").fails();
        assert_eq!(why, format!("GET ac/{KEY}: HTTP {status}"));
        assert_eq!(store.server.requests().len(), 1);
    }
}

#[test]
fn files_have_a_maximum_size() {
    let store = Store::new(written("x"));
    let answer = Job::new(&store.address()).set("bytes", 10).reading().run();
    assert_eq!(answer["found"], json!([null]));
    assert!(answer["wrong"][0]["message"].as_str().unwrap().contains("x has more than 10 bytes"));
}

#[test]
fn credentials_stay_at_their_host() {
    let content = written("x");
    let kept = content.clone();
    let other =
        Server::new(move |request, _| Answer::ok(&kept[request.target.trim_start_matches('/')]));
    let to = format!("http://{}", other.address());
    let guard = move |request: &Request| {
        if request.header("authorization") != "Basic dXNlcjpzZWNyZXQ=" {
            return Some(Answer::new("401 Unauthorized", b""));
        }
        request
            .target
            .starts_with("/cas/")
            .then(|| Answer::redirect(&format!("{to}{}", request.target)))
    };
    let store = Store::with(content, guard);
    let answer = Job::new(&store.address().replace("//", "//user:secret@")).reading().run();
    assert_eq!(answer["failure"], Value::Null);
    assert!(answer["found"][0].is_array(), "{answer}");
    let [request] = &other.requests()[..] else { panic!("one request") };
    assert_eq!(request.header("authorization"), "");
}

#[test]
fn limits_end_the_job() {
    let slow = |request: &Request| {
        let whole = Answer::ok(b"0123456789").slow(10, Duration::from_millis(300));
        (request.method == "GET").then_some(whole)
    };
    let store = Store::with(Content::new(), slow);
    let job = || Job::new(&store.address()).reading();
    let path = format!("GET ac/{KEY}");
    assert_eq!(job().set("idleMs", 100).fails(), format!("{path}: nothing came for 0.1 s"));
    assert_eq!(job().set("totalMs", 500).fails(), "it took more than 0.5 s");
    // Each piece comes in time.
    let answer = job().set("idleMs", 2000).run();
    assert!(answer["wrong"][0]["message"].as_str().unwrap().contains("it is no entry (10 bytes)"));
}

#[test]
fn a_server_without_head_receives_everything() {
    let refuse = |request: &Request| {
        (request.method == "HEAD").then(|| Answer::new("405 Method Not Allowed", b""))
    };
    let store = Store::with(Content::new(), refuse);
    assert_eq!(Job::new(&store.address()).writing("x").run()["failure"], Value::Null);
    assert_eq!(store.content(), written("x"));
}
