//! Compressed copies: each is its file, none is made twice, none is left over; and the constants
//! include what was asked for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::support::{App, Route, node, run, snapshot};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use pyodide_pack::{Builder, Compression, Encoding, Report};
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Copies {
    right: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

/// An app that no earlier run of the tests left in the cache.
fn app() -> App {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    App::new(&format!("import json\nprint(json.dumps({now}))\n"))
}

fn build(builder: Builder) -> Report {
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

fn compressed(report: &Report) -> bool {
    report.stages.iter().any(|stage| stage.name == "compress")
}

/// The names of all copies, which must be right.
fn copies(out: &Path) -> BTreeSet<String> {
    let copies: Copies = node(&[Path::new("copies.mjs"), out]);
    assert!(copies.wrong.is_empty(), "{:?}", copies.wrong);
    copies.right
}

/// What is the same whether there are copies or not.
fn alone(out: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = snapshot(out);
    files.retain(|name, _| {
        let differs = ["manifest.json", "pyodide_pack.rs", "report.json", ".br", ".gz", ".zst"];
        !differs.iter().any(|end| name.ends_with(end))
    });
    files.into_iter().collect()
}

#[test]
fn copies_are_made_once_beside_every_file_and_go_away_again() {
    let app = app();
    let with = || app.builder().compression(Compression::Siblings);
    let report = build(with());
    assert!(!report.cached && compressed(&report));
    let served = "pyodide-pack/";
    let candidates = alone(&app.out()).into_iter().map(|(name, _)| name);
    let candidates = candidates
        .filter(|name| name.starts_with(served) || !name.contains('/') && name.contains(".zip"));
    let mut files: BTreeSet<_> = candidates.chain([format!("{served}manifest.json")]).collect();
    assert!(files.remove("pyodide-pack/empty.zip") && files.remove("pyodide-pack/loader.d.mts"));
    let mut expected: BTreeSet<_> =
        files.iter().flat_map(|name| ["br", "gz"].map(|end| format!("{name}.{end}"))).collect();
    // The parts that the loader waits for.
    let hot = files.iter().filter(|name| name.starts_with(served) && name.contains(".zip"));
    let hot = hot.filter(|name| !name.contains("/cold/") && !name.contains("/source/"));
    expected.extend(hot.map(|name| format!("{name}.zst")));
    assert_eq!(copies(&app.out()), expected);
    let manifest = || {
        let json = fs::read(app.out().join("pyodide-pack/manifest.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&json).unwrap()["siblings"].clone()
    };
    assert_eq!(manifest(), serde_json::json!(["zstd", "gzip"]));
    let first = snapshot(&app.out());

    let other = app.out().with_file_name("other");
    let report = build(with().out_dir(&other));
    assert!(report.cached && !compressed(&report));
    assert!(first == snapshot(&other), "the second build has other outputs");

    let before = alone(&app.out());
    let report = build(app.builder());
    assert!(report.cached && !compressed(&report));
    assert_eq!(copies(&app.out()), BTreeSet::new());
    assert_eq!(manifest(), serde_json::json!([]));
    assert!(before == alone(&app.out()), "without copies, other files differ");
    build(with());
    assert!(first == snapshot(&app.out()), "with copies again, the outputs differ");
}

/// Path and encoding of each of `ASSETS`, which must be there, and be what its integrity says.
fn assets(out: &Path) -> Vec<(String, String)> {
    let constants = fs::read_to_string(out.join("pyodide_pack.rs")).unwrap();
    let rows = constants.lines().filter(|line| line.starts_with("    (\""));
    let rows = rows.map(|line| line.split('"').collect::<Vec<_>>());
    rows.map(|row| {
        let (path, file, encoding, integrity) = (row[1], row[3], row[7], row[9]);
        let suffix = [("identity", ""), ("gzip", ".gz"), ("br", ".br")];
        let suffix = suffix.iter().find(|(name, _)| *name == encoding).unwrap().1;
        assert_eq!(file, format!("pyodide-pack/{path}{suffix}"));
        assert!(out.join(file).is_file(), "{file}");
        let digest = Sha256::digest(fs::read(out.join("pyodide-pack").join(path)).unwrap());
        assert_eq!(integrity, format!("sha256-{}", BASE64_STANDARD.encode(digest)));
        (path.to_owned(), encoding.to_owned())
    })
    .collect()
}

#[test]
fn what_is_embedded_has_the_encoding_asked_for_and_runs() {
    let app = app();
    for (encoding, name, end) in [
        (Encoding::Gzip, "gzip", ".gz"),
        (Encoding::Brotli, "br", ".br"),
        (Encoding::Stored, "identity", ""),
    ] {
        build(app.builder().embed(encoding));
        let constants = fs::read_to_string(app.out().join("pyodide_pack.rs")).unwrap();
        for line in [
            format!("BUNDLE: &[u8] = include_bytes!(\"pyodide-package-bundle.zip{end}\");"),
            format!("STDLIB: &[u8] = include_bytes!(\"python_stdlib_stripped.zip{end}\");"),
            format!("BUNDLE_ENCODING: &str = \"{name}\";"),
        ] {
            assert!(constants.contains(&line), "{line} is not in\n{constants}");
        }
        for (path, encoding) in assets(&app.out()) {
            let small = path == "loader.d.mts" || path == "empty.zip";
            assert_eq!(encoding, if small { "identity" } else { name }, "{path}");
        }
        let copies = copies(&app.out());
        assert!(copies.iter().all(|copy| copy.ends_with(end)), "{copies:?}");
        let ran = run(&app.out(), Route::Embedded, "import app, wave\nprint(wave.__name__)");
        assert_eq!(ran.error, None);
        assert!(ran.stdout.ends_with("wave\n") && !ran.written, "{}", ran.stdout);
    }
    let report = build(app.builder().compression(Compression::Siblings));
    assert!(report.cached);
    let brotli = assets(&app.out()).iter().filter(|(_, encoding)| encoding == "br").count();
    let copies = copies(&app.out());
    let served = copies.iter().filter_map(|name| name.strip_prefix("pyodide-pack/"));
    assert_eq!(brotli, served.filter_map(|name| name.strip_suffix(".br")).count());
}
