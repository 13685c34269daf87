//! The packages' own tests: the same test modules run in plain Pyodide and in a bundle with docstrings
//! whose trace did almost nothing. Every test must have the same outcome. `README.md` lists the modules.
//!
//! `cargo test python::own_tests:: -- --include-ignored --nocapture` runs the full selection in both modes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use pyodide_pack::{PythonFiles, Snapshot, Split};
use support::{App, build, distribution, tmp};

const PYTHON: PythonFiles = PythonFiles::bytecode().docstrings(true);
/// Packages of the index with tests, in the versions of the distribution.
const ORDINARY: &[&str] = &["numpy", "pandas", "sympy", "mpmath", "regex"];
const PYTEST: &[&str] =
    &["pytest==9.0.2", "hypothesis==6.155.7", "pygments==2.20.0", "tzdata==2025.3"];
const SNOWBALLSTEMMER: &str = "snowballstemmer==3.0.1";

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/own_tests").join(name)
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

/// Returns the version of a wheel of the distribution.
fn version(name: &str) -> String {
    let wheels = fs::read_dir(distribution()).unwrap();
    let names = wheels.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found = names.filter_map(|file| {
        let (version, _) = file.strip_prefix(&format!("{name}-"))?.split_once('-')?;
        file.strip_suffix(".whl").map(|_| version.to_owned())
    });
    found.last().unwrap_or_else(|| panic!("{name} is not in the distribution"))
}

/// Returns the results of `prepare.py` for the ordinary wheels of these packages, in a folder with this
/// name, and the wheel of snowballstemmer.
fn files(name: &str, packages: &[&str]) -> (PathBuf, PathBuf) {
    let dir = tmp().join(name);
    let lock = File::create(dir.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let (downloads, files) = (dir.join("downloads"), dir.join("files"));
    if !dir.join("complete").is_file() {
        fs::create_dir_all(&downloads).unwrap();
        fetch(packages, &downloads);
        run(python(&[]).arg(script("prepare.py")).arg(&downloads).arg(distribution()).arg(&files));
        fs::write(dir.join("complete"), "").unwrap();
    }
    (files, downloads.join("snowballstemmer-3.0.1-py3-none-any.whl"))
}

/// Downloads the wheels, and those of pytest.
fn fetch(packages: &[&str], downloads: &Path) {
    let pinned = |name: &str| format!("{name}=={}", version(name));
    let download = ["-m", "pip", "download", "--quiet", "--dest"];
    let no_source = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12"];
    let platforms = ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_24_x86_64"];
    let mut wheels = python(&download);
    wheels.arg(downloads).args(no_source);
    for platform in platforms.iter().chain(&["manylinux2014_x86_64", "any"]) {
        wheels.args(["--platform", platform]);
    }
    run(wheels.args(packages.iter().map(|name| pinned(name))).arg(SNOWBALLSTEMMER));
    let mut pytest = python(&download);
    run(pytest.arg(downloads).arg("--only-binary=:all:").args(PYTEST));
    if packages.contains(&"mpmath") {
        // No wheel contains its fixtures.
        let mut source = python(&download);
        source.arg(downloads).args(["--no-deps", "--no-binary=mpmath"]);
        run(source.arg(pinned("mpmath")));
    }
}

/// A selection of test modules of some packages.
struct Selection<'a> {
    /// The folder that `prepare.py` filled.
    name: &'a str,
    packages: &'a [&'a str],
    /// `full` or `small`.
    size: &'a str,
    /// Whether the bundle starts from a snapshot with the app's numpy.
    snapshot: Snapshot,
}

const SMALL: Selection =
    Selection { name: "own-tests-2", packages: ORDINARY, size: "small", snapshot: Snapshot::Never };
const FULL: Selection = Selection { size: "full", ..SMALL };

impl Selection<'_> {
    /// Runs the tests in plain Pyodide and in the bundle of this app, and compares the outcomes.
    fn judge(&self, app: &App, mode: PythonFiles) {
        let (files, snowballstemmer) = files(self.name, self.packages);
        let names = self.packages.iter().copied().chain([SNOWBALLSTEMMER]);
        let builder = app.builder().pyodide_dir(distribution()).requires(names);
        let builder = builder.python_files(mode).split(Split::Always).snapshot(self.snapshot);
        let suite = |bundle: &Path, result: &Path| {
            let mut node = Command::new(which::which("node").expect("the tests need node"));
            node.arg(script("suite.mjs")).arg(&files).arg(distribution()).arg(bundle);
            run(node.arg(self.size).arg(result).arg(&snowballstemmer));
        };
        let (plain, bundle) = (app.dir("plain.json"), app.dir("bundle.json"));
        std::thread::scope(|scope| {
            scope.spawn(|| suite(Path::new("plain"), &plain));
            build(builder);
        });
        suite(&app.out().join("pyodide-pack"), &bundle);
        run(python(&[]).arg(script("compare.py")).arg(&plain).arg(&bundle));
    }
}

fn numpy() -> App {
    App::new("import numpy as np\n\nprint(np.arange(3))\n")
}

#[test]
fn all_tests_of_a_small_package_have_the_outcomes_of_plain_pyodide() {
    let selection = Selection { name: "own-tests-small", packages: &["regex"], ..FULL };
    selection.judge(&App::new("import json\nprint(json.dumps([1]))\n"), PYTHON);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn some_tests_of_packages_have_the_outcomes_of_plain_pyodide() {
    SMALL.judge(&numpy(), PYTHON);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn some_tests_of_packages_have_them_after_a_restored_start() {
    Selection { snapshot: Snapshot::First, ..SMALL }.judge(&numpy(), PYTHON);
}

mod by_hand {
    use super::*;

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn more_tests_of_packages_have_the_outcomes_of_plain_pyodide() {
        FULL.judge(&numpy(), PYTHON);
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn more_tests_of_packages_have_them_after_a_restored_start() {
        Selection { snapshot: Snapshot::First, ..FULL }.judge(&numpy(), PYTHON);
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn more_tests_of_packages_as_source_have_the_outcomes_of_plain_pyodide() {
        FULL.judge(&numpy(), PythonFiles::source().docstrings(true));
    }
}
