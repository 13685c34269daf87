//! Untraced code works as in a full installation. Typical calls of well-known packages run in plain
//! Pyodide, and in a bundle whose app imports none of them.
//!
//! `cargo test python::calls:: -- --include-ignored --nocapture` runs all 200, and prints the fetched
//! chunks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pyodide_pack::{PythonFiles, Snapshot, Split};
use serde::{Deserialize, Serialize};
use support::{App, PACKAGES, build, builder, distribution, node, tmp};

/// One call, in the output of `calls.mjs`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Call {
    group: String,
    pub name: String,
    /// Its output and its result.
    pub result: String,
    /// The number of opened files that were not in the bundle.
    files: usize,
    /// The number of chunks that were fetched for them.
    requests: usize,
    bytes: u64,
}

/// A selection of calls and packages.
struct Selection<'a> {
    calls: Calls<'a>,
    packages: &'a [&'a str],
    /// The number of calls that need another package, which neither side has.
    missing: usize,
    snapshot: Snapshot,
}

/// The first arguments of `calls.mjs`.
pub(super) struct Calls<'a> {
    /// The folder with the files of calls.
    pub folder: &'a Path,
    /// One call out of this many runs.
    pub every: usize,
}

impl Calls<'_> {
    /// Runs the calls in plain Pyodide, with an app and packages or wheels.
    pub fn run_plain(&self, from: &Path, app: &Path, packages: &[impl AsRef<Path>]) -> Vec<Call> {
        let packages = packages.iter().map(AsRef::as_ref);
        self.run("plain", from, &[app].into_iter().chain(packages).collect::<Vec<_>>())
    }

    /// Runs the calls in the bundle of the outputs in `out`.
    pub fn run_bundle(&self, out: &Path) -> Vec<Call> {
        self.run("bundle", out, &[])
    }

    fn run(&self, kind: &str, from: &Path, more: &[&Path]) -> Vec<Call> {
        let every = self.every.to_string();
        let first = [Path::new("calls.mjs"), Path::new(kind), from, self.folder, Path::new(&every)];
        node(&[&first, more].concat())
    }
}

/// Returns both results of each call whose results differ.
pub(super) fn differences(plain: &[Call], bundle: &[Call]) -> Vec<String> {
    assert_eq!(plain.len(), bundle.len());
    let mut different = Vec::new();
    for (one, other) in plain.iter().zip(bundle) {
        assert_eq!(one.name, other.name);
        if one.result != other.result {
            different.push(format!("{}:\n  {}\n  {}", one.name, one.result, other.result));
        }
    }
    different
}

impl Selection<'_> {
    /// Compares the calls. Leaves their results in plain Pyodide beside the bundle in `out`.
    fn compare(&self, python: PythonFiles, out: &Path) -> usize {
        let app = App::new("import json\nprint(json.dumps([1]))\n");
        let builder = builder(app.dir("app"), out).pyodide_dir(distribution());
        let (plain, bundle) = std::thread::scope(|scope| {
            let plain = scope
                .spawn(|| self.calls.run_plain(&distribution(), &app.dir("app"), self.packages));
            let builder = builder.requires(self.packages.iter().copied());
            build(builder.python_files(python).split(Split::Always).snapshot(self.snapshot));
            let bundle = self.calls.run_bundle(out);
            (plain.join().unwrap(), bundle)
        });
        fs::write(out.join("plain.json"), serde_json::to_vec(&plain).unwrap()).unwrap();
        print_groups(&bundle, python);
        let different = differences(&plain, &bundle);
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
        let found = |call: &&Call| !call.result.starts_with("ModuleNotFoundError");
        assert_eq!(plain.iter().filter(found).count(), plain.len() - self.missing);
        plain.len()
    }
}

/// Prints the fetched chunks of the calls as a table.
fn print_groups(calls: &[Call], python: PythonFiles) {
    let mut groups: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        groups.entry(&call.group).or_default().push(call);
    }
    println!("| {python:?} | calls | files | requests | of them for one call: median, most | MB |");
    println!("|---|---|---|---|---|---|");
    for (group, calls) in groups {
        let files: usize = calls.iter().map(|call| call.files).sum();
        let hundredths = calls.iter().map(|call| call.bytes).sum::<u64>() / 10_000;
        let mut requests: Vec<_> = calls.iter().map(|call| call.requests).collect();
        requests.sort_unstable();
        let (sum, median) = (requests.iter().sum::<usize>(), requests[requests.len() / 2]);
        let most = requests.last().copied().unwrap_or_default();
        let mb = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        println!("| {group} | {} | {files} | {sum} | {median}, {most} | {mb} |", calls.len());
    }
}

/// Returns the folder with all calls.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/calls")
}

/// Compares every n-th call of all packages.
fn compare(every: usize, python: PythonFiles, snapshot: Snapshot, out: &Path) {
    let calls = Calls { folder: &folder(), every };
    let selection = Selection { calls, packages: &PACKAGES, missing: 0, snapshot };
    assert!(selection.compare(python, out) >= 200 / every);
}

#[test]
fn untraced_calls_of_the_standard_library_behave_as_in_plain_pyodide() {
    compare_standard_library(Snapshot::Never);
}

#[test]
fn untraced_calls_of_the_standard_library_do_so_after_a_restored_start() {
    compare_standard_library(Snapshot::First);
}

fn compare_standard_library(snapshot: Snapshot) {
    let app = App::new("");
    for file in ["run_calls.py", "calls_stdlib.py"] {
        app.file(&format!("calls/{file}"), fs::read(folder().join(file)).unwrap());
    }
    let calls = Calls { folder: &app.dir("calls"), every: 1 };
    let selection = Selection { calls, packages: &[], missing: 1, snapshot };
    assert!(selection.compare(PythonFiles::default(), &app.out()) > 30);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn untraced_calls_behave_as_in_plain_pyodide() {
    // tests/browser/calls.mjs uses this bundle, too.
    compare(5, PythonFiles::default(), Snapshot::Never, &tmp().join("calls"));
}

mod by_hand {
    use super::*;

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn all_calls_as_bytecode_behave_as_in_plain_pyodide() {
        compare(1, PythonFiles::default(), Snapshot::Never, &tmp().join("calls-all"));
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn all_calls_after_a_restored_start_behave_as_in_plain_pyodide() {
        compare(1, PythonFiles::default(), Snapshot::First, &tmp().join("calls-restored"));
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn all_calls_as_source_behave_as_in_plain_pyodide() {
        let python = PythonFiles::source();
        compare(1, python, Snapshot::Never, &tmp().join("calls-source"));
    }
}
