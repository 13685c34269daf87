//! `fetch.mjs` and certificates.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use support::run::script;
use support::tmp;

use crate::fetch::job::{BODY, Job};
use crate::fetch::server::{Answer, Server};

/// A server with its own certificate.
struct Secure {
    dir: tempfile::TempDir,
    child: Child,
    port: String,
}

impl Secure {
    fn new() -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        fs::write(dir.path().join("body"), BODY).unwrap();
        let mut command = Command::new("node");
        command
            .arg(script("server.mjs"))
            .arg(dir.path().join("body"))
            .arg(dir.path().join("cert.pem"));
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
