//! The program of `docs/minimal-program.md`: it compiles, and serves its page.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use support::tmp;

use crate::cargo::project::{APP, Project, succeed};

/// Returns the block of the document that begins with this line, without the line.
fn block(first: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/minimal-program.md");
    let document = fs::read_to_string(path).unwrap();
    let start = document.find(first).unwrap_or_else(|| panic!("{first:?} is not in it"));
    let text = &document[start + first.len()..];
    text[..text.find("```").unwrap()].to_owned()
}

/// A running server, which ends with the value.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns head and body of a response.
fn get(address: &str, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8(bytes[..end].to_vec()).unwrap(), bytes[end + 4..].to_vec())
}

#[test]
fn the_minimal_program_serves_its_page_and_python() {
    let project = Project::new(APP);
    project.write("python/app.py", &block("# python/app.py\n"));
    project.write("build.rs", &block("// build.rs\n"));
    project.write("src/main.rs", &block("// src/main.rs\n"));
    project.write("src/index.html", &block("<!-- src/index.html -->\n"));
    succeed(&mut project.cargo());

    // The browser test uses this binary, which embeds all files.
    let program = tmp().join("minimal-program");
    let built = format!("debug/packed{}", std::env::consts::EXE_SUFFIX);
    fs::copy(project.target().join(built), &program).unwrap();
    let mut command = Command::new(program);
    let mut served = Served(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(served.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();

    let (head, body) = get(&address, "/");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/html"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("python.call(\"app.greet\", \"Ada\")"));
    let (head, body) = get(&address, "/pyodide-pack/manifest.json");
    assert!(head.contains("application/json") && head.contains("Content-Encoding: gzip"), "{head}");
    let mut manifest = String::new();
    flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut manifest).unwrap();
    assert!(manifest.starts_with('{') && manifest.contains("\"schema\":3"), "{manifest}");
    // The loader asks so for what caches do not know.
    let (head, _) = get(&address, "/pyodide-pack/manifest.json?again=1");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(get(&address, "/pyodide-pack/nothing").0.starts_with("HTTP/1.1 404"));
}
