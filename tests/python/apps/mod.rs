//! Apps of other packages than the tests know: their bundles do the same as plain Pyodide, in calls that
//! the builds did not trace.
//!
//! `cargo test python::apps:: -- --include-ignored --nocapture` prints the table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyodide_pack::{PythonFiles, Split};
use serde::Deserialize;
use support::distribution::closed_distribution;
use support::{App, cache};

use super::calls::{Call, Calls, differences};

/// One app of `list_apps.py`.
#[derive(Deserialize)]
struct Listed {
    name: String,
    requires: Vec<String>,
    files: BTreeMap<String, String>,
}

/// What the tests read of `pyodide-pack.lock`.
#[derive(Deserialize)]
struct Lock {
    app: Vec<LockedApp>,
}

#[derive(Deserialize)]
struct LockedApp {
    wheel: Vec<Wheel>,
}

#[derive(Deserialize)]
struct Wheel {
    name: String,
    version: String,
    file_name: String,
    sha256: String,
    source: String,
}

/// The comparison of one app.
struct Row {
    name: String,
    /// Names and versions.
    packages: String,
    calls: usize,
    /// Both results of each call that differs, or why there is no bundle.
    different: Vec<String>,
    /// The number of calls with the same result.
    same: usize,
}

impl Wheel {
    /// Returns what `loadPackage` accepts.
    fn loadable(&self) -> PathBuf {
        if self.source == "distribution" {
            return PathBuf::from(&self.name);
        }
        cache().join("wheels-v1").join(&self.sha256).join(&self.file_name)
    }
}

impl Listed {
    fn app(&self) -> App {
        let app = App::new(&self.files["app.py"]);
        for (file, text) in &self.files {
            app.file(&format!("app/{file}"), text);
        }
        let calls = format!("calls_{}.py", self.name);
        app.file("calls/run_calls.py", fs::read(folder().join("../calls/run_calls.py")).unwrap());
        let code = fs::read(folder().join(&calls)).unwrap();
        // The calls are code of the app that no scenario runs.
        for folder in ["app", "calls"] {
            app.file(&format!("{folder}/{calls}"), &code);
        }
        app
    }

    /// Builds the app, and compares its calls.
    fn compare(&self, python: PythonFiles) -> Row {
        let (app, distribution) = (self.app(), closed_distribution());
        let lock = app.dir("pyodide-pack.lock");
        let builder = app.builder().requires(&self.requires).lock_file(&lock);
        let built = builder.pyodide_dir(&distribution).python_files(python);
        let built = built.split(Split::Always).build();
        let lock = fs::read_to_string(lock).unwrap_or_else(|_| panic!("{}: {built:?}", self.name));
        let lock: Lock = toml::from_str(&lock).unwrap();
        let wheels = &lock.app[0].wheel;

        let calls = Calls { folder: &app.dir("calls"), every: 1 };
        let packages: Vec<_> = wheels.iter().map(Wheel::loadable).collect();
        let plain = calls.run_plain(&distribution, &app.dir("app"), &packages);
        for call in &plain {
            assert!(!raised(call), "{} is wrong in plain Pyodide: {}", call.name, call.result);
        }
        let (same, different) = match built {
            Ok(_) => {
                let different = differences(&plain, &calls.run_bundle(&app.out()));
                (plain.len() - different.len(), different)
            }
            Err(error) => (0, vec![format!("{}: no bundle:\n{error}", self.name)]),
        };
        let packages: Vec<_> = wheels.iter().map(|w| format!("{} {}", w.name, w.version)).collect();
        let (name, packages) = (self.name.clone(), packages.join(", "));
        Row { name, packages, calls: plain.len(), different, same }
    }
}

/// Whether a call raised instead of printing what it caught.
fn raised(call: &Call) -> bool {
    let name = call.result.split(':').next().unwrap_or_default();
    let named = name.chars().all(char::is_alphanumeric) && !name.is_empty();
    // What a call prints ends with a line break.
    named && call.result.contains(':') && !call.result.ends_with('\n')
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/apps")
}

fn listed() -> Vec<Listed> {
    let python = which::which("python3").expect("the tests need python3");
    let output = Command::new(python).arg(folder().join("list_apps.py")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Compares every app of this many, and prints a table.
fn compare(python: PythonFiles, every: usize) {
    let apps = listed();
    assert_eq!(apps.len(), 15);
    let rows: Vec<_> = apps.iter().step_by(every).map(|app| app.compare(python)).collect();
    println!("| app | packages | calls | same | differ |\n|---|---|---|---|---|");
    for Row { name, packages, calls, same, .. } in &rows {
        println!("| {name} | {packages} | {calls} | {same} | {} |", calls - same);
    }
    let different: Vec<_> = rows.iter().flat_map(|row| row.different.clone()).collect();
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert!(rows.iter().all(|row| row.calls == 10));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn untraced_calls_of_some_apps_behave_as_in_plain_pyodide() {
    compare(PythonFiles::default(), 4);
}

mod by_hand {
    use super::*;

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn untraced_calls_of_fifteen_apps_behave_as_in_plain_pyodide() {
        compare(PythonFiles::default(), 1);
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn untraced_calls_of_fifteen_apps_with_docstrings_behave_as_in_plain_pyodide() {
        compare(PythonFiles::bytecode().docstrings(true), 1);
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn untraced_calls_of_fifteen_apps_as_source_behave_as_in_plain_pyodide() {
        // lark generates a parser from the marked parts of its own sources, and the marks are comments.
        compare(PythonFiles::source().docstrings(true).comments(true), 1);
    }
}
