//! Which files are eager, which zip contains them, and what the manifest says.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::bundle::index::Index;
use crate::bundle::layout::Layout;
use crate::bundle::manifest::ManifestChunk;
use crate::bundle::reason::Reason;
use crate::bundle::select::select;
use crate::bundle::served::Bundler;
use crate::engine::border;
use crate::engine::scripts::Script;
use crate::image::mount::{DirEntry, Dirs};
use crate::run::record::Trace;
use crate::settings::lazy::Lazy;
use crate::tests::house::{House, SITE, compile};
use crate::transform::form::Fallbacks;

/// Returns an engine whose scripts compile, and compute digests as the real ones do.
fn house() -> House {
    House::new(|task, job| {
        Ok(Ok(match task.script {
            Script::Compile => compile(job),
            Script::Digests => {
                let files = job["files"].as_array().unwrap().iter();
                let digest = |file: &Value| {
                    let bytes = std::fs::read(file.as_str().unwrap()).unwrap();
                    crate::base::files::sha256_hex(&bytes)
                };
                files.map(digest).collect()
            }
            other => panic!("{other:?} is unexpected"),
        }))
    })
}

/// Returns a trace that opened these files.
fn trace(opened: &[(&str, &str, &str)]) -> Trace {
    let mut trace = border::sample("Trace");
    trace["opened"] = json!(opened);
    serde_json::from_value(trace).unwrap()
}

/// Bundles an app that imports `pkg` and `pkg.a`, and returns its outputs and its manifest.
fn bundle(house: &House, lazy: Lazy, outputs: &Path) -> Value {
    let (init, a) = (format!("{SITE}/pkg/__init__.py"), format!("{SITE}/pkg/a.py"));
    let traces = [trace(&[
        ("/lib/python3.14/os.py", "boot", ""),
        (&init, "run", "__main__"),
        (&a, "run", "pkg"),
    ])];
    let selection = select(&house.config, &house.image, &traces, &[]).unwrap();
    let variants = house.variants();
    let layout = Layout::new(&house.image, &selection, &variants, &Fallbacks::new());
    let House { image, runtime, engine, cache, .. } = house;
    let bundler = Bundler {
        image,
        runtime,
        engine,
        cache,
        outputs,
        service_worker: false,
        parts: None,
        snapshot: None,
    };
    bundler.bundle(&layout, &selection, lazy).unwrap();
    let manifest = std::fs::read(outputs.join("pyodide-pack/manifest.json")).unwrap();
    let manifest = serde_json::from_slice(&manifest).unwrap();
    border::check("WrittenManifest", &manifest);
    manifest
}

/// Returns the places of all files.
fn places(manifest: &Value) -> Dirs<usize> {
    let part = |name: &str| manifest[name].clone();
    let index: Index = serde_json::from_value(manifest.clone()).unwrap();
    let chunks: Vec<ManifestChunk> = serde_json::from_value(part("chunks")).unwrap();
    index.into_dirs(&chunks, &serde_json::from_value(part("paths")).unwrap())
}

/// Returns name and content of each entry.
fn unzipped(path: &Path) -> BTreeMap<String, String> {
    let mut zip = ZipArchive::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    let mut files = BTreeMap::new();
    for number in 0..zip.len() {
        let mut entry = zip.by_index(number).unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        files.insert(entry.name().unwrap().into_owned(), content);
    }
    files
}

#[test]
fn files_are_eager_for_a_reason_and_know_who_opened_them() {
    let house = house();
    let a = format!("{SITE}/pkg/a.py");
    let traces = [trace(&[(&a, "boot", ""), (&a, "run", "pkg"), (&a, "run", "pkg.b")])];
    let selection = select(&house.config, &house.image, &traces, &[]).unwrap();
    let opened = Reason::Opened { scenario: "app.py".to_owned() };
    assert_eq!(selection.reasons[&a], [Reason::Boot, opened]);
    assert_eq!(selection.parents[&a].iter().collect::<Vec<_>>(), ["pkg", "pkg.b"]);
    assert_eq!(selection.reasons["/home/pyodide/app.py"], [Reason::App]);
    let b = format!("{SITE}/pkg/b.py");
    assert_eq!(selection.reasons[&b], [Reason::NotOpened]);
    assert!(selection.is_eager(&a) && !selection.is_eager(&b));
}

#[test]
fn the_zips_have_the_eager_files_and_the_manifest_their_places() {
    let house = house();
    let outputs = house.dir.path().join("outputs");
    let manifest = bundle(&house, Lazy::OnDemand, &outputs);
    let bundle = unzipped(&outputs.join("pyodide-package-bundle.zip"));
    let site = SITE.trim_start_matches('/');
    assert_eq!(bundle[&format!("{site}/pkg/a.pyc")], "less");
    assert_eq!(bundle["home/pyodide/app.pyc"], "with", "the app keeps its docstrings");
    assert!(!bundle.contains_key(&format!("{site}/pkg/b.pyc")));
    assert_eq!(unzipped(&outputs.join("python_stdlib_stripped.zip"))["os.pyc"], "less");

    let chunks = manifest["chunks"].as_array().unwrap();
    let eager = chunks.iter().take_while(|chunk| chunk["eager"] == true).count();
    assert!(chunks[eager..].iter().all(|chunk| chunk["eager"] == false));
    // Every offset follows from the order of the files.
    assert_eq!(manifest.get("offsets"), None);
    for (dir, entries) in places(&manifest) {
        for DirEntry(name, size, chunk, offset) in &entries {
            let file = chunks[*chunk]["file"].as_str().unwrap();
            let bytes = std::fs::read(outputs.join("pyodide-pack").join(file)).unwrap();
            let number = |number: &u64| usize::try_from(*number).unwrap();
            let content = &bytes[number(offset)..number(offset) + number(size)];
            let content = std::str::from_utf8(content).unwrap();
            let expected = match (dir.as_str(), name.as_str()) {
                ("/pyc/home/pyodide", _) => "with".to_owned(),
                (dir, _) if dir.starts_with("/pyc") => "less".to_owned(),
                _ => {
                    let file = &house.image.files[&format!("{dir}/{name}")];
                    String::from_utf8(house.image.read(file).unwrap().to_vec()).unwrap()
                }
            };
            assert_eq!(content, expected, "{dir}/{name}");
        }
    }
}

#[test]
fn lazy_files_are_embedded_or_left_out_as_the_setting_says() {
    let house = house();
    let outputs = house.dir.path().join("outputs");
    let embedded = bundle(&house, Lazy::Embedded, &outputs);
    let lazy = |chunk: &&Value| chunk["eager"] == false;
    let zip = std::fs::read(outputs.join("pyodide-package-lazy.zip")).unwrap();
    for chunk in embedded["chunks"].as_array().unwrap().iter().filter(lazy) {
        let start = usize::try_from(chunk["embedded"].as_u64().unwrap()).unwrap();
        assert_eq!(zip[start..start + 2], *b"PK", "{chunk}");
    }
    assert!(!outputs.join("pyodide-pack/lazy").exists());
    let omitted = bundle(&house, Lazy::Omit, &outputs);
    assert_eq!(omitted["chunks"].as_array().unwrap().iter().filter(lazy).count(), 0);
    let names = &omitted["omitted"]["pkg"][format!("{SITE}/pkg")];
    // Sources of eager bytecode can be seen, but not opened.
    assert_eq!(names, &json!(["__init__.py", "a.py", "b.py", "c.py"]));
    let seen = omitted["dirs"][format!("{SITE}/pkg")].as_array().unwrap().iter();
    assert_eq!(seen.map(|entry| &entry[0]).collect::<Vec<_>>(), ["__init__.py", "a.py"]);
}
