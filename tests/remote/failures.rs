//! Servers that fail: every build ends as without a server, with one warning.

use std::fs;
use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use support::assert_says;
use support::files::assert_same;

use crate::cargo::child::undisturbed;
use crate::cargo::project::{APP, Project, fail};
use crate::fetch::server::{Answer, Request, nobody};
use crate::remote::machine::{Machine, warnings};
use crate::remote::store::{Content, Store};

/// Returns what a writer of [`APP`] leaves on a server.
fn written() -> &'static Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(|| {
        let store = Store::new(Content::new());
        let text = Machine::new(Project::new(APP), &store.address()).writing().build();
        assert_eq!(warnings(&text), [""; 0]);
        store.content()
    })
}

/// Returns the paths of `ac` or `cas`, with the largest content last.
fn by_size(folder: &str) -> Vec<String> {
    let paths = written().iter().filter(|(path, _)| path.starts_with(folder));
    let mut paths: Vec<_> = paths.map(|(path, bytes)| (bytes.len(), path.clone())).collect();
    paths.sort();
    paths.into_iter().map(|(_, path)| path).collect()
}

fn page(status: &'static str) -> Answer {
    Answer::new(status, b"<!DOCTYPE html><title>Sorry</title>").header("Content-Type", "text/html")
}

/// Builds with a machine that has to make the build itself. Returns its one warning.
fn one_warning(mut machine: Machine) -> String {
    let text = machine.build();
    assert_same(undisturbed(), &machine.outputs(), "the build with a failing server");
    let [warning] = warnings(&text)[..] else { panic!("one warning:\n{text}") };
    assert!(!text.contains("secret"), "{text}");
    warning.to_owned()
}

fn machine(address: &str) -> Machine {
    Machine::new(Project::new(APP), address)
}

#[test]
fn nobody_listens() {
    let address = nobody().replace("http://", "http://user:secret@");
    let warning = one_warning(machine(&address).writing());
    let shown = address.replace("user:secret@", "").trim_end_matches('/').to_owned();
    assert_says(
        &warning,
        &[&shown, "ECONNREFUSED", "the build went on", "PYODIDE_PACK_REMOTE_CACHE"],
    );
}

#[test]
fn a_server_that_accepts_and_says_nothing_costs_ten_seconds() {
    // The system accepts connections, and nobody answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let started = Instant::now();
    let machine = machine(&address).writing();
    let warning = one_warning(machine);
    assert_says(&warning, &["nothing came for 10 s"]);
    assert!(started.elapsed() > Duration::from_secs(10));
}

#[test]
fn a_wrong_file_is_ignored_named_and_replaced() {
    let largest = by_size("cas/").pop().unwrap();
    let mut content = written().clone();
    *content.get_mut(&largest).unwrap().last_mut().unwrap() ^= 1;
    let store = Store::new(content);
    let warning = one_warning(machine(&store.address()).writing());
    assert_says(&warning, &[&largest, "was ignored: its SHA-256 is "]);
    assert!(store.content()[&largest] == written()[&largest], "{largest} was not replaced");
    // The next machine has no trouble.
    let mut next = machine(&store.address());
    assert_eq!(warnings(&next.build()), [""; 0]);
    assert_eq!(next.calls(), "a-node remote.mjs\n");
    assert_same(undisturbed(), &next.outputs(), "the build of the repaired cache");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn an_entry_that_is_a_page_is_ignored_and_replaced() {
    let build = by_size("ac/").pop().unwrap();
    let mut content = written().clone();
    content.insert(build.clone(), b"<!DOCTYPE html>".to_vec());
    let store = Store::new(content);
    let warning = one_warning(machine(&store.address()).writing());
    assert_says(&warning, &[&build, "it is no entry (15 bytes)"]);
    assert!(!store.content()[&build].starts_with(b"<"), "{build} was not replaced");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn an_entry_of_something_else_is_ignored() {
    let build = &by_size("ac/")[0];
    // A machine that compiles the standard library writes an entry for it, too.
    let store = Store::new(written().clone());
    let project = Project::without("transformed-v1", "print('another app')\n");
    Machine::new(project, &store.address()).writing().build();
    let mut content = store.content();
    let is_small = |path: &String, bytes: &Vec<u8>| {
        path.starts_with("ac/") && bytes.len() < written()[build].len()
    };
    let compiled = content.iter().find(|(path, bytes)| is_small(path, bytes)).unwrap().1.clone();
    content.insert(build.clone(), compiled);
    let store = Store::new(content);
    let warning = one_warning(machine(&store.address()));
    assert_says(&warning, &[build, "its files are not those of a build"]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_server_that_takes_nothing_is_named() {
    for (status, remedy) in [
        ("507 Insufficient Storage", "disk"),
        ("405 Method Not Allowed", "unset PYODIDE_PACK_REMOTE_CACHE_WRITE"),
    ] {
        let refuse = move |request: &Request| (request.method == "PUT").then(|| page(status));
        let store = Store::with(Content::new(), refuse);
        let warning = one_warning(machine(&store.address()).writing());
        let puts = store.server.requests().iter().filter(|r| r.method == "PUT").count();
        assert_eq!(puts, 1, "{status}");
        assert_says(&warning, &[&format!("HTTP {status} ("), remedy]);
    }
}

#[test]
fn the_token_is_sent_and_is_nowhere_else() {
    let guarded = || {
        let guard = |request: &Request| {
            let is_known = request.header("authorization") == "Bearer a-secret-token";
            (!is_known).then(|| page("401 Unauthorized"))
        };
        Store::with(written().clone(), guard)
    };
    let store = guarded();
    let warning = one_warning(machine(&store.address()).writing());
    assert_says(&warning, &["HTTP 401 Unauthorized", "PYODIDE_PACK_REMOTE_CACHE_TOKEN"]);
    assert_eq!(store.server.requests().iter().filter(|r| r.method == "PUT").count(), 0);

    let store = guarded();
    let mut machine = machine(&store.address()).writing();
    machine.command.env("PYODIDE_PACK_REMOTE_CACHE_TOKEN", "a-secret-token");
    machine.command.env("PYODIDE_PACK_LOG", "1").env("PYODIDE_PACK_PRINT_CONFIG", "1");
    let text = machine.build();
    assert_eq!(machine.calls(), "a-node remote.mjs\n");
    assert!(!text.contains("a-secret-token"), "{text}");
    for (path, bytes) in support::files::read_all(machine.project.dir()) {
        let found = bytes.windows(14).any(|bytes| bytes == b"a-secret-token");
        assert!(!found, "the token is in {path}");
    }
}

#[test]
fn a_wrong_address_is_an_error() {
    let mut machine = machine("cache.example.org:8080");
    let text = fail(&mut machine.command);
    assert_says(&text, &["PYODIDE_PACK_REMOTE_CACHE is not an address", "hint: set it to"]);
    assert!(!fs::exists(machine.project.cache().join("builds-v1")).unwrap());
}
