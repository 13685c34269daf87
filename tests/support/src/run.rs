//! Runs Python code in Node, with the scripts in `scripts/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::cache::tmp;
use crate::distribution::distribution;

/// How code loads a bundle.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// `loadBundle`, with lazy files.
    Loader,
    /// `loadBundle` with the embedded bytes of `pyodide_pack.rs`.
    Embedded,
    /// `loadBundle`, without lazy files.
    Strict,
    /// `loadPyodide`, `unpackArchive`, `pyodide_pack_loader.setup()`.
    Plain,
}

/// The result of code.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ran {
    /// Its standard output.
    pub stdout: String,
    /// The message of the exception, with its traceback.
    pub error: Option<String>,
    /// Paths of the lazy files that were opened.
    pub misses: Vec<String>,
    /// Whether Python's memory came from a snapshot. Plain Pyodide has none.
    #[serde(default)]
    pub restored: bool,
    /// The content of Pyodide's `loadedPackages`.
    pub loaded_packages: Vec<String>,
    /// Whether the embedded bytes changed.
    pub written: bool,
}

/// Runs Python code in Node from the outputs in `out`, where no wheel can be fetched.
#[must_use]
pub fn run(out: &Path, route: Route, code: &str) -> Ran {
    let route = format!("{route:?}").to_lowercase();
    with_code(code, |file| node(&[Path::new("run.mjs"), out, Path::new(&route), file]))
}

/// Runs Python code in plain Pyodide, after `loadPackage` of these packages of the distribution.
#[must_use]
pub fn run_plain(names: &[&str], code: &str) -> Ran {
    let distribution = distribution();
    with_code(code, |file| {
        let mut arguments = vec![Path::new("plain.mjs"), &distribution, file];
        arguments.extend(names.iter().map(Path::new));
        node(&arguments)
    })
}

fn with_code(code: &str, run: impl FnOnce(&Path) -> Ran) -> Ran {
    let work = tempfile::tempdir_in(tmp()).unwrap();
    let file = work.path().join("code.py");
    fs::write(&file, code).unwrap();
    run(&file)
}

/// Returns the path of a script for Node.
#[must_use]
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name)
}

/// Runs a script with arguments, and parses the last line of its output.
#[must_use]
pub fn node<T: for<'a> Deserialize<'a>>(arguments: &[&Path]) -> T {
    let script = script(arguments[0].to_str().unwrap());
    let output = Command::new("node").arg(script).args(&arguments[1..]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|e| {
        panic!("{e}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}
