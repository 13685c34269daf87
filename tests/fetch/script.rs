//! Tests `fetch.mjs` alone, where a build would take too long.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fetch::job::{BODY, Job};
use crate::fetch::server::{Answer, Request, Server};

#[test]
fn a_silent_server_is_an_error() {
    let server = Server::new(|_, _| Answer::ok(BODY).slow(2, Duration::from_secs(20)));
    let job = Job::new(&server.url(), &["a"]).set("idleMs", 200);
    assert_eq!(job.fails(), "nothing came for 0.2 s; tried 3 times");
    assert_eq!(server.requests().len(), 3);
    assert!(job.files().is_empty());
}

#[test]
fn files_have_a_maximum_size() {
    for length in [Some(101), None] {
        let server = Server::new(move |_, _| Answer::ok(&[b'x'; 101]).length(length));
        let job = Job::new(&server.url(), &["a"]);
        assert_eq!(job.fails(), "it is larger than 100 bytes");
        assert!(job.files().is_empty());
    }
}

#[test]
fn the_pause_that_a_server_requests_is_respected_up_to_a_limit() {
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
fn a_partial_file_is_used_only_if_it_matches() {
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
            // A server without ranges sends the whole file at once.
            let expected = if number == 2 { requests.min(1) } else { requests };
            assert_eq!(server.requests().len(), expected, "{number} {}", part.len());
        }
    }
    // Without a length, the end of the connection may be the end of the file.
    let server = Server::new(|_, before| match before {
        0 => Answer::ok(BODY).cut(5).length(None),
        _ => Answer::ok(BODY).length(None),
    });
    Job::new(&server.url(), &["a"]).works();
    // An outage does not discard the bytes that arrived.
    let server = Server::new(|request, before| match before {
        0 => Answer::ok(BODY).cut(7),
        1 => Answer::new("502 Bad Gateway", b""),
        _ => Answer::ranged(request, BODY),
    });
    Job::new(&server.url(), &["a"]).works();
    assert_eq!(server.requests().iter().map(Request::from).collect::<Vec<_>>(), [0, 7, 7]);
}

#[test]
fn a_connection_that_breaks_repeatedly_delivers_the_file() {
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
