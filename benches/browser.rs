//! Measures the time from the start of the navigation to the first result in a browser, as one Markdown
//! table. It compares plain Pyodide, plain `loadPyodide` with the two zips, and `loadBundle`, on a fast and
//! on a slow network.
//!
//! ```console
//! npm install --prefix tests/browser --no-package-lock && cargo bench --bench browser   # 5 runs of each
//! cargo bench --bench browser -- --runs 1 pandas                              # quicker
//! cargo bench --bench browser -- --engine webkit              # or firefox, or chromium
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use pyodide_pack::{Precompress, Split};
use serde::Deserialize;
use support::subjects::{Subject, subject};
use support::{App, distribution};

const NAMES: [&str; 3] = ["stdlib", "sympy", "pandas"];
const WAYS: [(&str, &str); 3] =
    [("plain", "plain Pyodide"), ("lines", "three lines"), ("bundle", "`loadBundle`")];

#[derive(Deserialize)]
struct Run {
    milliseconds: f64,
    bytes: f64,
}

/// Runs by network and way of loading.
type Results = BTreeMap<String, BTreeMap<String, Vec<Run>>>;

fn main() {
    let mut runs = "5".to_owned();
    let mut engine = "chromium".to_owned();
    let mut wanted = Vec::new();
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--engine" => engine = arguments.next().expect("--engine needs a name"),
            "--runs" => runs = arguments.next().expect("--runs needs a number"),
            name => wanted.push(name.to_owned()),
        }
    }
    println!("| {engine} | network | way | s | ratio | MB | ratio |");
    println!("|---|---|---|---|---|---|---|");
    for name in NAMES {
        if !wanted.is_empty() && !wanted.iter().any(|other| other == name) {
            continue;
        }
        let Subject { requires, code, .. } = subject(name);
        for (network, ways) in &measure(&engine, requires, code, &runs) {
            let of = |way: &str, value: fn(&Run) -> f64| median(ways[way].iter().map(value));
            for (way, title) in WAYS {
                let (time, bytes) = (of(way, |run| run.milliseconds), of(way, |run| run.bytes));
                println!(
                    "| {name} | {network} | {title} | {:.2} | {:.2} | {:.2} | {:.2} |",
                    time / 1e3,
                    time / of("plain", |run| run.milliseconds),
                    bytes / 1e6,
                    bytes / of("plain", |run| run.bytes),
                );
            }
        }
    }
}

fn measure(engine: &str, requires: &[&str], code: &str, runs: &str) -> Results {
    let app = App::new(code);
    let builder = app.builder().pyodide_dir(distribution()).requires(requires.to_vec());
    // As in release builds.
    let build = builder.precompress(Precompress::Always).split(Split::Always).build();
    build.unwrap_or_else(|error| panic!("{error}"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/benchmark.mjs");
    let mut node = Command::new("node");
    node.env("ENGINE", engine)
        .arg(script)
        .arg(distribution())
        .arg(app.out())
        .arg(app.dir("app/app.py"))
        .arg(runs);
    let output = node.args(requires).stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
