//! Compressed copies: each inflates to its file, none is made twice, none stays behind. The constants
//! include files in the encoding of the settings.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use pyodide_pack::{Encoding, Precompress, Report};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use support::files::{Files, PROGRESS, assert_same, read_all};
use support::{App, Route, assert_says, build, node, run};

#[derive(Deserialize)]
struct Copies {
    right: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

/// An app that no earlier test run left in the cache.
fn app() -> App {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    App::new(&format!("import json\nprint(json.dumps({now}))\n"))
}

fn compressed(report: &Report) -> bool {
    report.stages.iter().any(|stage| stage.name == "compress")
}

/// Returns the names of all copies, which must inflate to their files.
fn copies(out: &Path) -> BTreeSet<String> {
    let copies: Copies = node(&[Path::new("copies.mjs"), out]);
    assert!(copies.wrong.is_empty(), "{:?}", copies.wrong);
    copies.right
}

/// Returns everything but the progress, which differs from build to build.
fn all(out: &Path) -> Files {
    let mut files = read_all(out);
    files.remove(PROGRESS);
    files
}

/// Returns the outputs that do not depend on copies.
fn alone(out: &Path) -> Files {
    let mut files = all(out);
    files.retain(|name, _| {
        let differs = ["manifest.json", "pyodide_pack.rs", "assets.tsv", "report.json"];
        let differs = [&differs[..], &[".br", ".gz", ".zst"]].concat();
        !differs.iter().any(|end| name.ends_with(end))
    });
    files
}

/// Returns whether a file leads from an original name of Pyodide's scripts to the served one.
fn is_alias(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "mjs")
}

/// Returns the names of the required copies: two of each served file and archive, three of the chunks that
/// the loader waits for.
fn expected_copies(out: &Path) -> BTreeSet<String> {
    let served = "pyodide-pack/";
    let names = alone(out).into_keys();
    let names = names
        .filter(|name| name.starts_with(served) || !name.contains('/') && name.contains(".zip"));
    let mut files: BTreeSet<_> = names.chain([format!("{served}manifest.json")]).collect();
    for uncompressed in ["empty.zip", "loader.d.ts", "package.json"] {
        assert!(files.remove(&format!("{served}{uncompressed}")), "{uncompressed}");
    }
    files.retain(|name| !is_alias(name));
    let mut expected: BTreeSet<_> =
        files.iter().flat_map(|name| ["br", "gz"].map(|end| format!("{name}.{end}"))).collect();
    let eager = files.iter().filter(|name| name.starts_with(served) && name.contains(".zip"));
    let eager = eager.filter(|name| !name.contains("/lazy/") && !name.contains("/source/"));
    expected.extend(eager.map(|name| format!("{name}.zst")));
    expected
}

/// Returns the encodings that the manifest names.
fn promised(out: &Path) -> serde_json::Value {
    let json = fs::read(out.join("pyodide-pack/manifest.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&json).unwrap()["copies"].clone()
}

#[test]
#[ignore = "long: run by .ci/run"]
fn copies_are_made_once_beside_every_file_and_removed_again() {
    let app = app();
    let with = || app.builder().precompress(Precompress::Always);
    let report = build(with());
    assert!(!report.cached && compressed(&report));
    assert_eq!(copies(&app.out()), expected_copies(&app.out()));
    assert_eq!(promised(&app.out()), serde_json::json!(["zstd", "gzip"]));
    let first = all(&app.out());

    let other = app.dir("other");
    let report = build(with().out_dir(&other));
    assert!(report.cached && !compressed(&report));
    assert_same(&first, &all(&other), "the second build");

    let before = alone(&app.out());
    let report = build(app.builder());
    assert!(report.cached && !compressed(&report));
    assert_eq!(copies(&app.out()), BTreeSet::new());
    assert_eq!(promised(&app.out()), serde_json::json!([]));
    assert_same(&before, &alone(&app.out()), "the build without copies");
    build(with());
    assert_same(&first, &all(&app.out()), "the build with copies again");
}

/// Returns path and encodings of each asset. Its file must match the stated integrity.
fn assets(out: &Path) -> Vec<(String, Vec<String>)> {
    let constants = fs::read_to_string(out.join("pyodide_pack.rs")).unwrap();
    let rows = constants.lines().filter(|line| line.starts_with("    Asset { path: "));
    let rows = rows.map(|line| line.split('"').collect::<Vec<_>>());
    rows.map(|row| {
        let (path, first, integrity) = (row[1], row[5], row[7]);
        let digest = Sha256::digest(fs::read(out.join("pyodide-pack").join(path)).unwrap());
        assert_eq!(integrity, format!("sha256-{}", BASE64_STANDARD.encode(digest)));
        // Name and file of each encoding.
        let copies = row[9..].chunks(4).filter(|copy| copy.len() == 4);
        let encodings = copies.map(|copy| {
            let suffix = [("identity", ""), ("gzip", ".gz"), ("br", ".br")];
            let suffix = suffix.iter().find(|(name, _)| *name == copy[0]).unwrap().1;
            assert_eq!(copy[2], format!("pyodide-pack/{path}{suffix}"));
            assert!(out.join(copy[2]).is_file(), "{}", copy[2]);
            copy[0].to_owned()
        });
        let encodings: Vec<_> = encodings.collect();
        assert_eq!(encodings[0], first, "{path}");
        (path.to_owned(), encodings)
    })
    .collect()
}

/// Returns whether a file has no copies.
fn is_small(path: &str) -> bool {
    ["loader.d.ts", "empty.zip", "package.json"].contains(&path) || is_alias(path)
}

/// Checks that the constants include this encoding, and that a bundle from them runs.
fn is_embedded(app: &App, encoding: Encoding, name: &str, end: &str) {
    build(app.builder().embed_encoding(encoding));
    let constants = fs::read_to_string(app.out().join("pyodide_pack.rs")).unwrap();
    let bundle = format!("BUNDLE: &[u8] = include_bytes!(\"pyodide-package-bundle.zip{end}\");");
    let stdlib = format!("STDLIB: &[u8] = include_bytes!(\"python_stdlib_stripped.zip{end}\");");
    let constant = format!("BUNDLE_ENCODING: &str = \"{name}\";");
    assert_says(&constants, &[&bundle, &stdlib, &constant]);
    for (path, encodings) in assets(&app.out()) {
        assert_eq!(encodings, [if is_small(&path) { "identity" } else { name }], "{path}");
    }
    let copies = copies(&app.out());
    assert!(copies.iter().all(|copy| copy.ends_with(end)), "{copies:?}");
    let ran = run(&app.out(), Route::Embedded, "import app, wave\nprint(wave.__name__)");
    assert_eq!(ran.error, None);
    assert!(ran.stdout.ends_with("wave\n") && !ran.written, "{}", ran.stdout);
}

#[test]
fn embedded_files_have_their_encoding_and_run() {
    let app = app();
    is_embedded(&app, Encoding::Gzip, "gzip", ".gz");
    is_embedded(&app, Encoding::Identity, "identity", "");
}

/// Brotli takes half a minute for Pyodide itself.
#[test]
#[ignore = "long: run by .ci/run"]
fn files_embedded_with_brotli_run_and_other_browsers_get_gzip_by_default() {
    let app = app();
    is_embedded(&app, Encoding::Brotli, "br", ".br");
    let report = build(app.builder().precompress(Precompress::Always));
    assert!(report.cached);
    for (path, encodings) in assets(&app.out()) {
        let expected: &[_] = if is_small(&path) { &["identity"] } else { &["br", "gzip"] };
        assert_eq!(encodings, expected, "{path}");
    }
}
