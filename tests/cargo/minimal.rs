//! The program of `docs/minimal-program.md`: it compiles, and serves its page. In a verified build it is
//! one binary. In a development build it also serves the builds after its own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::tmp;

use crate::cargo::child;
use crate::cargo::project::{APP, Project, succeed};
use crate::cargo::served::Served;

const VERIFY: &str = "PYODIDE_PACK_VERIFY";

/// Returns the block of the document that begins with this line, without the line.
fn block(first: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/minimal-program.md");
    let document = fs::read_to_string(path).unwrap();
    let start = document.find(first).unwrap_or_else(|| panic!("{first:?} is not in it"));
    let text = &document[start + first.len()..];
    text[..text.find("```").unwrap()].to_owned()
}

/// Returns a crate with the program, in which a warning is an error.
fn minimal() -> Project {
    let project = Project::new(APP);
    project.write("python/app.py", &block("# python/app.py\n"));
    project.write("build.rs", &block("// build.rs\n"));
    project.write("src/main.rs", &format!("#![deny(warnings)]\n{}", block("// src/main.rs\n")));
    project.write("src/index.html", &block("<!-- src/index.html -->\n"));
    project
}

fn built(project: &Project) -> PathBuf {
    project.target().join("debug").join(format!("packed{}", std::env::consts::EXE_SUFFIX))
}

#[test]
fn the_minimal_program_is_one_binary_that_serves_its_page_and_python() {
    let project = minimal();
    succeed(project.cargo().env(VERIFY, "always"));
    // The browser test uses this binary, which embeds all files.
    let program = tmp().join("minimal-program");
    fs::copy(built(&project), &program).unwrap();
    drop(project);

    let served = Served::start(&program);
    let (head, body) = served.get("/", "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("python.call(\"app.greet\", \"Ada\")"));
    let (head, body) = served.get("/pyodide-pack/manifest.json", "Accept-Encoding: gzip, br\r\n");
    assert!(head.contains("content-type: application/json"), "{head}");
    let manifest = String::from_utf8(body).unwrap();
    assert!(manifest.starts_with('{') && manifest.contains("\"schema\":4"), "{manifest}");
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let (head, body) =
        served.get("/pyodide-pack/manifest.json", &format!("If-None-Match: {etag}\r\n"));
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");
    // The loader asks so for what caches do not know.
    assert_eq!(served.status("/pyodide-pack/manifest.json?again=1"), 200);
    assert_eq!(served.status("/pyodide-pack/nothing"), 404);
}

/// A server as it was started, and what it served last.
struct Watched {
    served: Served,
    etag: String,
}

impl Watched {
    /// Returns the address of the app's chunk, whose content must be `text`. The manifest must be another
    /// one than before.
    fn chunk(&mut self, text: &str) -> String {
        let known = format!("If-None-Match: {}\r\n", self.etag);
        let (head, body) = self.served.get("/pyodide-pack/manifest.json", &known);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let etag = head.lines().find_map(|line| line.strip_prefix("etag: "));
        etag.unwrap().clone_into(&mut self.etag);
        let manifest: Value = serde_json::from_slice(&body).unwrap();
        let chunks = manifest["chunks"].as_array().unwrap();
        let chunk = chunks.iter().find(|chunk| chunk["package"] == "app").unwrap();
        let address = format!("/pyodide-pack/{}", chunk["file"].as_str().unwrap());
        let (head, body) = self.served.get(&address, "");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("immutable"), "{head}");
        assert!(body.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
        address
    }
}

#[test]
fn a_running_server_serves_the_next_development_build() {
    let project = minimal();
    let build = |text: &str| {
        project.write("python/daten.txt", text);
        succeed(&mut project.cargo());
    };
    build("number one");
    let served = Served::start(&built(&project));
    let mut watched = Watched { served, etag: "none".to_owned() };
    let first = watched.chunk("number one");
    build("number two");
    let second = watched.chunk("number two");
    assert_ne!(first, second);
    // A page that has the manifest of the build before still finds its files.
    assert_eq!(watched.served.status(&first), 200);
    build("number three");
    watched.chunk("number three");
    assert_eq!(watched.served.status(&second), 200);
    assert_eq!(watched.served.status(&first), 404);
}

#[test]
fn only_development_builds_for_other_machines_than_webassembly_read_their_files_when_they_run() {
    let project = Project::new(APP);
    let is_embedded = |values: &[(&str, &str)]| {
        succeed(child::build(&project).envs(values.iter().copied()));
        let constants = fs::read_to_string(child::out_dir(&project).join("pyodide_pack.rs"));
        constants.unwrap().contains("include_bytes!(\"pyodide-pack/manifest.json")
    };
    assert!(!is_embedded(&[("PROFILE", "debug"), ("CARGO_CFG_TARGET_FAMILY", "unix")]));
    assert!(is_embedded(&[("PROFILE", "debug"), ("CARGO_CFG_TARGET_FAMILY", "wasm")]));
    assert!(is_embedded(&[("PROFILE", "debug"), ("CARGO_CFG_TARGET_FAMILY", "unix,wasm")]));
    assert!(is_embedded(&[("PROFILE", "debug"), (VERIFY, "always")]));
    assert!(is_embedded(&[("PROFILE", "debug"), ("CI", "true")]));
}
