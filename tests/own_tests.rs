//! The packages' own tests as judge: the same test modules in plain Pyodide and in a bundle that was
//! traced with three lines of numpy, docstrings kept, test for test. Which modules: `own_tests/README.md`.
//!
//! `cargo test own_tests:: -- --include-ignored --nocapture` runs the full selection in both modes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{App, distribution, tmp};
use pyodide_pack::Python;

const PYTHON: Python = Python::Bytecode { docstrings: true, asserts: true, line_numbers: true };
/// Of the index, with tests: the versions of the distribution.
const ORDINARY: &[&str] = &["numpy", "pandas", "sympy", "mpmath", "regex"];
const PYTEST: &[&str] =
    &["pytest==9.0.2", "hypothesis==6.155.7", "pygments==2.20.0", "tzdata==2025.3"];
const SNOWBALLSTEMMER: &str = "snowballstemmer==3.0.1";

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own_tests").join(name)
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(status.success(), "{command:?}: {status}");
}

fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new(which::which("python3").expect("the tests need python3"));
    command.args(arguments);
    command
}

/// The version of a wheel of the distribution.
fn version(name: &str) -> String {
    let wheels = fs::read_dir(distribution()).unwrap();
    let names = wheels.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found = names.filter_map(|file| {
        let (version, _) = file.strip_prefix(&format!("{name}-"))?.split_once('-')?;
        file.strip_suffix(".whl").map(|_| version.to_owned())
    });
    found.last().unwrap_or_else(|| panic!("{name} is not in the distribution"))
}

/// The folder that `prepare.py` writes, and the wheel of snowballstemmer.
fn files() -> (PathBuf, PathBuf) {
    let dir = tmp().join("own-tests-2");
    let lock = File::create(dir.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let (downloads, files) = (dir.join("downloads"), dir.join("files"));
    if !dir.join("complete").is_file() {
        fs::create_dir_all(&downloads).unwrap();
        let pinned = ORDINARY.iter().map(|name| format!("{name}=={}", version(name)));
        let pinned: Vec<_> = pinned.collect();
        let download = ["-m", "pip", "download", "--quiet", "--dest"];
        let platforms = ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_24_x86_64"];
        let mut wheels = python(&download);
        wheels.arg(&downloads).args([
            "--no-deps",
            "--only-binary=:all:",
            "--python-version",
            "3.12",
        ]);
        for platform in platforms.iter().chain(&["manylinux2014_x86_64", "any"]) {
            wheels.args(["--platform", platform]);
        }
        run(wheels.args(&pinned).arg(SNOWBALLSTEMMER));
        let mut pytest = python(&download);
        run(pytest.arg(&downloads).arg("--only-binary=:all:").args(PYTEST));
        // Its fixtures are in no wheel.
        let mut source = python(&download);
        run(source.arg(&downloads).args(["--no-deps", "--no-binary=mpmath"]).arg(&pinned[3]));
        run(python(&[]).arg(script("prepare.py")).arg(&downloads).arg(distribution()).arg(&files));
        fs::write(dir.join("complete"), "").unwrap();
    }
    (files, downloads.join("snowballstemmer-3.0.1-py3-none-any.whl"))
}

fn judge(size: &str, mode: Python) {
    let (files, snowballstemmer) = files();
    let app = App::new("import numpy as np\n\nprint(np.arange(3))\n");
    let names = ORDINARY.iter().copied().chain([SNOWBALLSTEMMER]);
    let builder = app.builder().pyodide_dir(distribution()).requires(names).python(mode);
    let suite = |bundle: &Path, result: &Path| {
        let mut node = Command::new(which::which("node").expect("the tests need node"));
        node.arg(script("suite.mjs")).arg(&files).arg(distribution()).arg(bundle).arg(size);
        run(node.arg(result).arg(&snowballstemmer));
    };
    let (plain, bundle) = (app.dir("plain.json"), app.dir("bundle.json"));
    std::thread::scope(|scope| {
        scope.spawn(|| suite(Path::new("plain"), &plain));
        builder.build().unwrap_or_else(|error| panic!("{error}"));
    });
    suite(&app.out().join("pyodide-pack"), &bundle);
    run(python(&[]).arg(script("compare.py")).arg(&plain).arg(&bundle));
}

#[test]
fn some_tests_of_packages_end_as_in_plain_pyodide() {
    judge("small", PYTHON);
}

#[test]
#[ignore = "takes minutes"]
fn more_tests_of_packages_end_as_in_plain_pyodide() {
    judge("full", PYTHON);
}

#[test]
#[ignore = "takes minutes"]
fn more_tests_of_packages_end_as_in_plain_pyodide_as_source() {
    judge("full", Python::Source { docstrings: true, comments: false });
}
