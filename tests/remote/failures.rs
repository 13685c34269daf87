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
fn wrong_content_is_ignored_named_and_replaced() {
    let largest = by_size("cas/").pop().unwrap();
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2);
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    let page = |bytes: &mut Vec<u8>| *bytes = b"<!DOCTYPE html>".to_vec();
    let build = by_size("ac/").pop().unwrap();
    let damages: [(&str, &dyn Fn(&mut Vec<u8>)); 4] =
        [(&largest, &cut), (&largest, &flip), (&build, &page), (&build, &cut)];
    for (path, damage) in damages {
        let mut content = written().clone();
        damage(content.get_mut(path).unwrap());
        let store = Store::new(content);
        let warning = one_warning(machine(&store.address()).writing());
        assert_says(&warning, &[path, "was ignored: "]);
        let now = store.content();
        assert_eq!(now.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>());
        if path.starts_with("cas/") {
            assert!(now[path] == written()[path], "{path} was not repaired");
        }
        // The next machine has no trouble.
        let mut next = machine(&store.address());
        assert_eq!(warnings(&next.build()), [""; 0]);
        assert_eq!(next.calls(), "a-node remote.mjs\n");
        assert_same(undisturbed(), &next.outputs(), "the build of the repaired cache");
    }
}

#[test]
fn an_entry_of_something_else_is_ignored() {
    let entries = by_size("ac/");
    let (build, other) = (entries.last().unwrap(), &entries[0]);
    let mut content = written().clone();
    content.insert(build.clone(), written()[other].clone());
    let store = Store::new(content);
    let warning = one_warning(machine(&store.address()));
    assert_says(&warning, &[build, "its files are not those of a build"]);
}

#[test]
fn a_file_that_the_server_has_removed_is_a_miss() {
    let mut content = written().clone();
    content.remove(&by_size("cas/").pop().unwrap());
    let store = Store::new(content);
    let mut machine = machine(&store.address());
    assert_eq!(warnings(&machine.build()), [""; 0]);
    assert_same(undisturbed(), &machine.outputs(), "the build after a miss");
}

#[test]
fn a_connection_that_breaks_is_named() {
    let largest = by_size("cas/").pop().unwrap();
    let path = largest.clone();
    let store = Store::with(written().clone(), move |request| {
        let is_it = request.target.ends_with(&path);
        is_it.then(|| Answer::ok(&written()[&path]).cut(1000))
    });
    assert_says(&one_warning(machine(&store.address())), &[&largest, "cut off"]);
}

#[test]
fn a_page_instead_of_everything_is_no_cache() {
    let store = Store::with(Content::new(), |_| Some(page("200 OK")));
    let warning = one_warning(machine(&store.address()));
    assert_says(&warning, &["it is no entry (35 bytes, text/html)"]);
}

#[test]
fn a_server_that_takes_nothing_is_named_with_the_remedy() {
    let refusing = |status: &'static str| {
        let refuse = move |request: &Request| (request.method == "PUT").then(|| page(status));
        let store = Store::with(Content::new(), refuse);
        let warning = one_warning(machine(&store.address()).writing());
        let puts = store.server.requests().iter().filter(|r| r.method == "PUT").count();
        assert_eq!(puts, 1, "{status}");
        assert_says(&warning, &[&format!("HTTP {status} (")]);
        warning
    };
    assert_says(&refusing("507 Insufficient Storage"), &["disk"]);
    assert_says(&refusing("405 Method Not Allowed"), &["unset PYODIDE_PACK_REMOTE_CACHE_WRITE"]);
    assert_says(&refusing("403 Forbidden"), &["unset PYODIDE_PACK_REMOTE_CACHE_WRITE"]);
    assert_says(&refusing("413 Request Entity Too Large"), &["client_max_body_size 0"]);
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
fn builds_that_are_for_this_machine_alone_do_not_use_the_server() {
    let store = Store::new(Content::new());
    let variables = [("PYODIDE_PACK_OFFLINE", "1"), ("PYODIDE_PACK_VERIFY", "never")];
    for (name, value) in variables {
        let text = machine(&store.address()).writing().env(name, value).build();
        assert_eq!(warnings(&text), [""; 0]);
    }
    assert!(store.server.requests().is_empty());
}

#[test]
fn a_wrong_address_is_an_error() {
    let mut machine = machine("cache.example.org:8080");
    let text = fail(&mut machine.command);
    assert_says(&text, &["PYODIDE_PACK_REMOTE_CACHE is not an address", "hint: set it to"]);
    assert!(!fs::exists(machine.project.cache().join("builds-v1")).unwrap());
}
