//! Measures the cost of untraced uses of packages: requests and bytes until a call is done. Each of the ten
//! typical calls per package starts a new Pyodide, in a bundle whose app uses the package in other ways.
//!
//! ```console
//! cargo bench --bench misses            # the packages of the table in docs/benchmarks.md
//! cargo bench --bench misses -- stdlib  # others of tests/python/calls
//! ```
//!
//! The results decided the size of chunks (`src/bundle/chunks.rs`).

use std::path::Path;
use std::process::Command;

use pyodide_pack::{Precompress, Split};
use serde::Deserialize;
use support::subjects::{Subject, subject};
use support::{App, distribution};

const NAMES: [&str; 3] = ["pandas", "sympy", "scikit-learn"];
const CALLS: &str = "10";

/// The network of the browser benchmark: latency of a request in seconds, bytes per second.
const LATENCY: f64 = 0.04;
const BANDWIDTH: f64 = 20e6 / 8.0;

#[derive(Debug, Deserialize)]
struct Call {
    name: String,
    files: u32,
    requests: u32,
    bytes: f64,
    brotli: f64,
}

impl Call {
    fn seconds(&self) -> f64 {
        f64::from(self.requests) * LATENCY + self.brotli / BANDWIDTH
    }
}

fn main() {
    println!(
        "| package | calls | files | requests | most | kB | kB, Brotli | most | s at 20 Mbit/s, 40 ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut all = 0.0;
    let mut names: Vec<_> = std::env::args().skip(1).filter(|name| name != "--bench").collect();
    if names.is_empty() {
        names.extend(NAMES.map(str::to_owned));
    }
    for name in &names {
        let Subject { requires, code, .. } = subject(name);
        let app = App::new(code);
        let builder = app.builder().pyodide_dir(distribution()).requires(requires.to_vec());
        let build = builder.precompress(Precompress::Always).split(Split::Always).build();
        build.unwrap_or_else(|error| panic!("{error}"));
        let calls = calls(&app.out(), name);
        for call in &calls {
            eprintln!("{}: {} requests, {:.0} kB", call.name, call.requests, call.brotli / 1e3);
        }
        let sum = |value: fn(&Call) -> f64| calls.iter().map(value).sum::<f64>();
        let most = |value: fn(&Call) -> f64| calls.iter().map(value).fold(0.0, f64::max);
        println!(
            "| {name} | {} | {} | {} | {} | {:.0} | {:.0} | {:.0} | {:.2} |",
            calls.len(),
            sum(|call| call.files.into()),
            sum(|call| call.requests.into()),
            most(|call| call.requests.into()),
            sum(|call| call.bytes) / 1e3,
            sum(|call| call.brotli) / 1e3,
            most(|call| call.brotli) / 1e3,
            sum(Call::seconds),
        );
        all += sum(Call::seconds);
    }
    println!("\nAll: {all:.2} s");
}

fn calls(out: &Path, name: &str) -> Vec<Call> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let calls = format!("tests/python/calls/calls_{}.py", name.replace('-', "_"));
    let mut command = Command::new("node");
    command.arg(root.join("benches/misses.mjs")).arg(out).arg(root.join(calls)).arg(CALLS);
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}
