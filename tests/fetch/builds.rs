//! Whole builds, each in its own process.

use std::time::{Duration, Instant};

use support::wheels::sha256;
use support::{Route, assert_says as says, run};

use crate::fetch::distribution::{Build, cached, file_name, put, said, wheel, wheel_of};
use crate::fetch::server::{Answer, Request, Server, nobody};

fn page(status: &'static str) -> Answer {
    Answer::new(status, b"<!DOCTYPE html><title>Sorry</title>").header("Content-Type", "text/html")
}

/// Returns answers with every kind of recoverable trouble, by the name of the file.
fn troubled(request: &Request, before: usize) -> Answer {
    let body = wheel_of(request.name());
    let half = body.len() / 2;
    let whole = Answer::ok(&body);
    match (request.name().split('-').next().unwrap(), before) {
        ("tiny_slow", _) => whole.slow(10, Duration::from_millis(300)),
        // The first and the second connection break; then the rest is requested.
        ("tiny_cut" | "tiny_whole", 0) => whole.cut(half),
        ("tiny_cut", 1) => Answer::ranged(request, &body).cut(half / 2),
        ("tiny_cut" | "tiny_damaged", _) => Answer::ranged(request, &body),
        ("tiny_busy", 0) => page("500 Internal Server Error"),
        ("tiny_busy", 1) => page("503 Service Unavailable").header("Retry-After", "1"),
        ("tiny_moved", _) if !request.target.contains("/new/") => {
            Answer::redirect(&format!("../new/{}", request.name()))
        }
        ("tiny_long", _) => whole.length(Some(body.len() + 1000)),
        _ => whole,
    }
}

const TROUBLED: [&str; 7] =
    ["tiny-slow", "tiny-cut", "tiny-whole", "tiny-busy", "tiny-moved", "tiny-long", "tiny-damaged"];

/// Runs two builds that need the same files at the same time. The second build fails once it has all files.
/// Returns the output of both.
fn two_at_once(server: &Server) -> (Build, String) {
    let uses = |name: &str| {
        let module = name.replace('-', "_");
        format!("import {module}\nassert {module}.NAME == {name:?}\n")
    };
    let code = TROUBLED.map(uses).concat();
    let mut first = Build::new(&code, &TROUBLED, &server.url());
    let failing = code + "raise SystemError('so far')\n";
    let mut second = Build::new(&failing, &TROUBLED, &server.url());
    let first_child = first.command.spawn().unwrap();
    // By now the first build has locked the files. The slow file takes 3 seconds.
    let started = Instant::now();
    while server.requests().is_empty() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let second_child = second.command.spawn().unwrap();
    let children = [first_child, second_child];
    let [first_said, second_said] = children.map(|child| said(&child.wait_with_output().unwrap()));
    assert!(first_said.1, "{}", first_said.0);
    assert!(!second_said.1);
    says(&second_said.0, &["SystemError: so far"]);
    (first, first_said.0 + &second_said.0)
}

#[test]
fn builds_recover_from_trouble_and_fetch_each_file_once() {
    let server = Server::new(troubled);
    // The start of a different file that was at this address.
    put("tiny-damaged", &format!("{}.part", file_name("tiny-damaged")), b"something else");
    let (first, both) = two_at_once(&server);
    for name in TROUBLED {
        let file = file_name(name);
        assert_eq!(cached(name), [(file.clone(), wheel(name))]);
        assert_eq!(both.matches(&format!("fetched {file}: ")).count(), 1, "{both}");
    }
    assert_eq!(both.matches("waiting for another build that fetches ").count(), 1, "{both}");
    let counts = TROUBLED.map(|name| (name, server.requests_of(&file_name(name)).len()));
    let expected = [1, 3, 2, 3, 2, 1, 2];
    assert_eq!(counts.map(|(_, count)| count), expected, "{counts:?}");
    let from = |name: &str| -> Vec<_> {
        server.requests_of(&file_name(name)).iter().map(Request::from).collect()
    };
    let half = wheel("tiny-cut").len() / 2;
    assert_eq!(from("tiny-cut"), [0, half, half + half / 2]);
    assert_eq!(from("tiny-whole"), [0, wheel("tiny-whole").len() / 2]);
    assert_eq!(from("tiny-damaged"), ["something else".len(), 0]);

    let code = "import tiny_cut\nprint(len(open(tiny_cut.__file__.replace('__init__.py', 'data.txt')).read()))";
    let ran = run(&first.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "80000\n"));

    // A file in the cache is not requested again, and offline only the others are missing.
    let mut again = Build::new("", &["tiny-cut", "tiny-off"], &nobody());
    again.command.env("PYODIDE_PACK_OFFLINE", "1");
    says(&again.error(), &[&format!("{} was not found", file_name("tiny-off"))]);
}

#[test]
fn answers_that_are_not_wheels_are_errors() {
    let server = Server::new(|request, _| {
        let body = wheel_of(request.name());
        match request.name().split('-').next().unwrap() {
            "tiny_gone" => page("404 Not Found"),
            "tiny_loop" if request.target.contains("/there/") => {
                Answer::redirect(&format!("../dist/{}", request.name()))
            }
            "tiny_loop" => Answer::redirect(&format!("../there/{}", request.name())),
            "tiny_wrong" => page("200 OK"),
            _ => Answer::ok(&body).length(Some(body.len() - 1)),
        }
    });
    let names = ["tiny-gone", "tiny-loop", "tiny-wrong", "tiny-short"];
    let text = Build::new("", &names, &server.url()).error();
    let [gone, turning, wrong, short] = names.map(file_name);
    let address = server.url();
    says(&text, &["4 archives were not found, and could not be fetched"]);
    says(&text, &[&format!("{address}{gone}"), &format!("{gone}: HTTP 404 Not Found")]);
    says(&text, &[&format!("{turning}: the server redirects in a loop"), "/there/"]);
    let page = sha256(b"<!DOCTYPE html><title>Sorry</title>");
    let expected = sha256(&wheel("tiny-wrong"));
    says(
        &text,
        &[&format!("{wrong}: its SHA-256 is {page} (35 bytes, text/html) instead of {expected}")],
    );
    let bytes = wheel("tiny-short");
    let found = sha256(&bytes[..bytes.len() - 1]);
    says(&text, &[&format!("{short}: its SHA-256 is {found} ({} bytes)", bytes.len() - 1)]);
    says(&text, &["PYODIDE_PACK_PACKAGE_BASE_URL", "Builder::find_links"]);
    for name in names {
        assert_eq!(cached(name), [], "{name} left something in the cache");
        // A retry would not help with any of these.
        let often = if name == "tiny-loop" { 2 } else { 1 };
        assert_eq!(server.requests_of(&file_name(name)).len(), often, "{name}");
    }
}

#[test]
fn nobody_listens() {
    let started = Instant::now();
    let mut build = Build::new("", &["tiny-refused", "tiny-refused-too"], &nobody());
    let text = build.error();
    says(&text, &["ECONNREFUSED", "tried 4 times", "HTTPS_PROXY", "tiny_refused_too-1.0"]);
    assert!(started.elapsed() > Duration::from_secs(3), "the pauses grow");
    assert_eq!(cached("tiny-refused"), []);
}

#[test]
fn offline_names_everything_that_is_missing() {
    let server = Server::new(|_, _| page("500 Internal Server Error"));
    for (variable, value) in [("PYODIDE_PACK_OFFLINE", "1"), ("CARGO_NET_OFFLINE", "true")] {
        let mut build = Build::new("", &["tiny-off", "tiny-off-too"], &server.url());
        build.command.env(variable, value);
        let text = build.error();
        says(&text, &["2 archives were not found", "offline", "Builder::find_links"]);
        for name in ["tiny-off", "tiny-off-too"] {
            let (file, sha256) = (file_name(name), sha256(&wheel(name)));
            says(&text, &[&format!("{file} with the SHA-256 {sha256}")]);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_environment_names_a_proxy() {
    let proxy = Server::new(|_, _| page("404 Not Found"));
    let mut build = Build::new("", &["tiny-proxied"], "http://user:secret@wheels.invalid/dist");
    build.command.env("HTTP_PROXY", format!("http://{}", proxy.address()));
    let text = build.error();
    let file = file_name("tiny-proxied");
    says(&text, &[&format!("http://wheels.invalid/dist/{file}"), "HTTP 404 Not Found"]);
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(proxy.requests()[0].target, format!("http://wheels.invalid/dist/{file}"));
}

#[test]
fn the_address_must_be_valid() {
    let text = Build::new("", &["tiny-off"], "file:///wheels").error();
    says(&text, &["PYODIDE_PACK_PACKAGE_BASE_URL is not an address", "Builder::find_links"]);
}
