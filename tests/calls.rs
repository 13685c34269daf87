//! What no scenario traced works as in a full installation: typical calls of well-known packages, in
//! plain Pyodide and in a bundle whose app imports none of them.
//!
//! `cargo test calls:: -- --include-ignored --nocapture` runs all 200, and prints what was fetched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{App, PACKAGES, builder, distribution, node, tmp};
use pyodide_pack::Python;
use serde::{Deserialize, Serialize};

/// One call, as `calls.mjs` tells of it.
#[derive(Debug, Deserialize, Serialize)]
struct Call {
    group: String,
    name: String,
    /// What it printed and found.
    result: String,
    /// Files that were opened and were not in the bundle.
    files: usize,
    /// Chunks that were fetched for them.
    requests: usize,
    bytes: u64,
}

fn run(kind: &str, folder: &Path, every: usize) -> Vec<Call> {
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls");
    let every = every.to_string();
    let mut arguments =
        vec![Path::new("calls.mjs"), Path::new(kind), folder, &calls, Path::new(&every)];
    arguments.extend(PACKAGES.iter().map(Path::new));
    node(&arguments)
}

/// Compares every so manieth call; what they do in plain Pyodide is left beside the bundle in `out`.
fn compare(every: usize, python: Python, out: &Path) {
    let app = App::new("import json\nprint(json.dumps([1]))\n");
    let builder = builder(app.dir("app"), out).pyodide_dir(distribution());
    let (plain, bundle) = std::thread::scope(|scope| {
        let plain = scope.spawn(|| run("plain", &distribution(), every));
        let build = builder.requires(PACKAGES).python(python).build();
        build.unwrap_or_else(|error| panic!("{error}"));
        let bundle = run("bundle", out, every);
        (plain.join().unwrap(), bundle)
    });
    fs::write(out.join("plain.json"), serde_json::to_vec(&plain).unwrap()).unwrap();
    let mut groups: BTreeMap<&str, (usize, usize, u64, Vec<usize>)> = BTreeMap::new();
    let mut different = Vec::new();
    for (one, other) in plain.iter().zip(&bundle) {
        assert_eq!(one.name, other.name);
        let (calls, files, bytes, requests) = groups.entry(&other.group).or_default();
        *calls += 1;
        *files += other.files;
        *bytes += other.bytes;
        requests.push(other.requests);
        if one.result != other.result {
            different.push(format!("{}:\n  {}\n  {}", one.name, one.result, other.result));
        }
    }
    println!("| {python:?} | calls | files | requests | of them for one call: median, most | MB |");
    println!("|---|---|---|---|---|---|");
    for (group, (calls, files, bytes, mut requests)) in groups {
        requests.sort_unstable();
        let (sum, median) = (requests.iter().sum::<usize>(), requests[requests.len() / 2]);
        let most = requests.last().copied().unwrap_or_default();
        let mb = bytes / 10_000;
        let mb = format!("{}.{:02}", mb / 100, mb % 100);
        println!("| {group} | {calls} | {files} | {sum} | {median}, {most} | {mb} |");
    }
    assert!(plain.len() >= 200 / every && plain.len() == bundle.len());
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    let errors = plain.iter().filter(|call| call.result.starts_with("ModuleNotFoundError"));
    assert_eq!(errors.count(), 0);
}

#[test]
fn untraced_calls_do_what_they_do_in_plain_pyodide() {
    // tests/browser/calls.mjs goes on with these.
    compare(5, Python::default(), &tmp().join("calls"));
}

#[test]
#[ignore = "takes minutes"]
fn all_calls_do_as_bytecode() {
    compare(1, Python::default(), &tmp().join("calls-all"));
}

#[test]
#[ignore = "takes minutes"]
fn all_calls_do_as_source() {
    let python = Python::Source { docstrings: false, comments: false };
    compare(1, python, &tmp().join("calls-source"));
}
