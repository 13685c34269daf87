//! Development builds: edits of the app in debug builds.

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::files::{assert_same, outputs};
use support::run::{Route, run};
use support::{assert_says, files};

use crate::cargo::child;
use crate::cargo::project::{Project, succeed};
use crate::cargo::tools::{ANSWER_AS_NODE, as_node, calls, tool};

const APP: &str =
    "import json\n\n\ndef run():\n    return json.dumps({\"version\": 1})\n\n\nprint(run())\n";
/// It imports modules of the standard library that no earlier version imported.
const EDITED: &str = "import graphlib\nimport json\nfrom xml import sax\n\n\ndef run():\n    assert graphlib and sax\n    return json.dumps({\"version\": 2})\n\n\nprint(run())\n";

/// Returns what the app's function returns, called in the bundle.
fn result(out_dir: &Path) -> String {
    run(out_dir, Route::Loader, "import app\nprint(app.run())").stdout
}

fn json(path: PathBuf) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn manifest(out_dir: &Path) -> Value {
    json(out_dir.join("pyodide-pack/manifest.json"))
}

/// A Node that can't run anything.
fn broken_node(project: &Project) -> PathBuf {
    tool(project, "broken-node", &format!("{ANSWER_AS_NODE}\nexit 1"))
}

#[test]
fn an_edit_starts_no_node_and_its_bundle_is_right() {
    let project = Project::new(APP);
    let first = succeed(&mut project.cargo());
    assert_says(&first, &["development build, not verified", "those of a development build"]);
    let out_dir = project.program("debug").out_dir;
    assert!(result(&out_dir).contains("{\"version\": 1}"));
    let before = manifest(&out_dir);

    project.write("python/app.py", EDITED);
    project.write("python/data/new.txt", "new");
    std::fs::remove_dir_all(project.folder().join("python/daten ü")).unwrap();
    let node = broken_node(&project);
    let second = succeed(project.cargo().env("PYODIDE_PACK_NODE", node));
    assert_eq!(calls(&project), "", "Node was started");
    assert_says(&second, &["not traced yet, so fetched on demand: graphlib, xml, xml.sax"]);
    assert!(result(&out_dir).contains("{\"version\": 2}"));
    let listing = "import os, json\nprint(sorted(os.listdir()), open('data/new.txt').read())";
    assert_says(&run(&out_dir, Route::Loader, listing).stdout, &["['app.py', 'data'] new"]);
    // Without the loader there are no lazy files.
    let plain = "print(open('app.py').read())";
    assert_says(&run(&out_dir, Route::Plain, plain).stdout, &["\"version\": 2"]);

    let report = json(out_dir.join("pyodide-pack-report.json"));
    assert_eq!(
        report["development"]["to_trace"],
        serde_json::json!(["graphlib", "xml", "xml.sax"])
    );
    let app = |report: &Value| {
        let rows = report["packages"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == "app").unwrap()["files"].as_u64().unwrap()
    };
    assert_eq!(app(&report), 2);
    let after = manifest(&out_dir);
    let others = |manifest: &Value| {
        let chunks = manifest["chunks"].as_array().unwrap().iter();
        chunks.filter(|chunk| chunk["package"] != "app").cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(&before), others(&after), "only the app's chunk may change");
    let digest = json(out_dir.join("pyodide-pack/development.json"))["manifest"].clone();
    let bytes = std::fs::read(out_dir.join("pyodide-pack/manifest.json")).unwrap();
    assert_eq!(digest, support::wheels::sha256(&bytes));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn release_builds_split_the_core_and_others_do_not() {
    let project = Project::new(APP);
    project.fill_compressed();
    project.write(child::SPLIT, "");
    for (profile, is_split) in [("debug", false), ("release", true)] {
        let mut build = child::build(&project);
        succeed(build.env("PROFILE", profile).env("PYODIDE_PACK_VERIFY", "always"));
        let manifest = manifest(&child::out_dir(&project));
        assert_eq!(manifest["pyodide"]["split"].is_object(), is_split, "{profile}");
    }
}

#[test]
fn release_builds_are_verified_and_do_not_depend_on_development_builds() {
    let one = Project::new(APP);
    succeed(&mut one.cargo());
    one.write("python/app.py", EDITED);
    succeed(&mut one.cargo());
    one.fill_compressed();
    let said = succeed(&mut one.cargo_release());
    assert!(!said.contains("development build"), "{said}");
    let out_dir = one.program("release").out_dir;
    let report = json(out_dir.join("pyodide-pack-report.json"));
    assert_eq!(report["development"], Value::Null);
    let files = report["files"].as_array().unwrap();
    let traced = files.iter().find(|f| f["path"].as_str().unwrap().ends_with("/graphlib.py"));
    assert_eq!(traced.unwrap()["loading"], "eager");

    let other = Project::new(EDITED);
    other.fill_compressed();
    succeed(&mut other.cargo_release());
    let (one, other) = (outputs(&out_dir), outputs(&other.program("release").out_dir));
    assert_same(&one, &other, "after development builds");
}

#[test]
fn development_builds_reuse_a_verified_build() {
    let project = Project::new(APP);
    succeed(project.cargo().env("PYODIDE_PACK_VERIFY", "always"));
    project.write("python/app.py", EDITED);
    let node = tool(&project, "node", &as_node());
    let said = succeed(project.cargo().env("PYODIDE_PACK_NODE", node));
    assert_says(&said, &["those of a verified build"]);
    assert_eq!(calls(&project), "");
    assert!(result(&project.program("debug").out_dir).contains("{\"version\": 2}"));
}

#[test]
fn a_damaged_recording_is_made_again() {
    let project = Project::new(APP);
    succeed(&mut project.cargo());
    let recording = files::names(&project.cache().join("recordings-v1"));
    let is_json = |name: &&String| Path::new(name).extension().is_some_and(|end| end == "json");
    let name = recording.iter().find(is_json).unwrap();
    files::write(&project.cache().join("recordings-v1").join(name), "x");
    project.write("python/app.py", EDITED);
    succeed(&mut project.cargo());
    let out_dir = project.program("debug").out_dir;
    assert!(result(&out_dir).contains("{\"version\": 2}"));
    let report = json(out_dir.join("pyodide-pack-report.json"));
    assert_eq!(report["development"]["to_trace"], serde_json::json!([]), "it was traced");
}

#[test]
fn ci_and_locked_builds_are_verified() {
    let project = Project::new(APP);
    let said = succeed(project.cargo().env("CI", "true"));
    assert!(!said.contains("development build"), "{said}");
    let out_dir = project.program("debug").out_dir;
    assert!(manifest(&out_dir).get("development").is_none());
    assert!(!out_dir.join("pyodide-pack/development.json").exists());
}
