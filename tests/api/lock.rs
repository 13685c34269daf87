//! Requirements of all kinds, the lock file that pins them, and builds from it: offline, and in CI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pyodide_pack::Builder;
use support::app::SOURCES;
use support::files::{Files, assert_same, outputs};
use support::wheels::put_wheel;
use support::{assert_says, build, cache, distribution, tmp};

/// Does the work of a build script, in a process that [`Crate::build`] starts. In other processes it does
/// nothing.
#[test]
#[ignore = "started by other tests"]
fn build_script() {
    if Path::new("is-a-test-crate").exists() {
        build(Builder::new("python").python_files(SOURCES));
    }
}

/// A crate's folder with an app, and a folder for the outputs.
pub(super) struct Crate {
    dir: tempfile::TempDir,
    cache: PathBuf,
}

impl Crate {
    pub fn new(app: &str, requirements: &str) -> Self {
        let it = Self { dir: tempfile::tempdir_in(tmp()).unwrap(), cache: cache() };
        it.write("crate/is-a-test-crate", "");
        it.write("crate/Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.0.0\"\n[workspace]\n");
        it.write("crate/src/lib.rs", "");
        it.write("crate/python/app.py", app);
        it.write("crate/python/requirements.txt", requirements);
        it
    }

    /// Starts with an empty cache, for [`Crate::forget`] and [`Crate::forget_resolved`].
    pub fn own_cache(&mut self) {
        self.cache = self.path("cache");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn lock(&self) -> String {
        fs::read_to_string(self.path("crate/pyodide-pack.lock")).unwrap()
    }

    /// Builds as a build script would, with these environment variables.
    pub fn build(&self, variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["api::lock::build_script", "--exact", "--ignored", "--nocapture"]);
        command.current_dir(self.path("crate")).env("CARGO_MANIFEST_DIR", self.path("crate"));
        command.env("OUT_DIR", self.path("out")).env("PYODIDE_PACK_PYODIDE_DIR", distribution());
        command.env("PYODIDE_PACK_CACHE_DIR", &self.cache).envs(variables.iter().copied());
        command.output().unwrap()
    }

    pub fn build_well(&self, variables: &[(&str, &str)]) -> String {
        let output = self.build(variables);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn build_badly(&self, variables: &[(&str, &str)], parts: &[&str]) {
        let output = self.build(variables);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "it works");
        assert_says(&text, parts);
    }

    fn outputs(&self) -> Files {
        outputs(&self.path("out"))
    }

    /// Removes the lock file and the memo of what pip found.
    pub fn forget_resolved(&self) {
        fs::remove_file(self.path("crate/pyodide-pack.lock")).unwrap();
        fs::remove_dir_all(self.cache.join("resolved-v1")).unwrap();
    }

    /// Removes everything except downloads.
    fn forget(&self) {
        fs::remove_dir_all(self.path("out")).unwrap();
        for bucket in ["builds-v1", "resolved-v1", "unpacked-v1"] {
            fs::remove_dir_all(self.cache.join(bucket)).unwrap();
        }
    }
}

const APP: &str = "
from importlib import metadata

import local_tools
import six
import snowballstemmer

print(local_tools.ANSWER, snowballstemmer.stemmer('english').stemWord('running'))
for name in ('seaborn', 'pandas', 'matplotlib'):
    print(metadata.version(name))
try:
    metadata.version('psutil')
    raise SystemExit('psutil is for other systems')
except metadata.PackageNotFoundError:
    pass
";

const REQUIREMENTS: &str = "\
# one of the distribution, one of the index, one that needs several of the distribution
pandas>=2
snowballstemmer==3.0.1
seaborn
six; sys_platform == 'emscripten'
psutil; sys_platform != 'emscripten'
./wheels/local_tools-1.0-py3-none-any.whl
";

/// The same kinds, without large packages.
const SMALL_APP: &str = "
import local_tools
import six
import snowballstemmer

print(local_tools.ANSWER, snowballstemmer.stemmer('english').stemWord('running'))
";

const SMALL_REQUIREMENTS: &str = "\
# one of the distribution, one of the index
six; sys_platform == 'emscripten'
snowballstemmer==3.0.1
psutil; sys_platform != 'emscripten'
./wheels/local_tools-1.0-py3-none-any.whl
";

/// Builds, removes everything except downloads, and builds again. The lock file must contain these parts.
fn is_locked_and_built_again_offline(app: &str, requirements: &str, parts: &[&str]) {
    let mut it = Crate::new(app, requirements);
    it.own_cache();
    put_wheel(&it.path("crate/python/wheels"), "local_tools", 42);
    it.build_well(&[]);
    let (lock, outputs) = (it.lock(), it.outputs());
    assert_says(&lock, parts);
    for part in ["name = \"psutil\"", "http", "/tmp"] {
        assert!(!lock.contains(part), "{part} is in the lock file:\n{lock}");
    }

    // The downloads suffice: no network, no pip.
    it.forget();
    let nothing = it.path("none").display().to_string();
    it.build_well(&[("PYODIDE_PACK_OFFLINE", "1"), ("PYODIDE_PACK_PYTHON", &nothing)]);
    assert_same(&outputs, &it.outputs(), "the offline build");
    assert_eq!(lock, it.lock());

    // A rewritten lock file is the same.
    fs::remove_file(it.path("crate/pyodide-pack.lock")).unwrap();
    it.build_well(&[("PYODIDE_PACK_LOCKED", "0")]);
    assert_eq!(lock, it.lock());

    // A changed file under the same name is a different requirement.
    put_wheel(&it.path("crate/python/wheels"), "local_tools", 43);
    it.build_badly(
        &[("PYODIDE_PACK_LOCKED", "1")],
        &["out of date", "wheels/local_tools-1.0", "hint:"],
    );
}

#[test]
fn requirements_are_locked_and_built_again_offline() {
    let parts = ["name = \"six\"", "name = \"snowballstemmer\"", "local-tools", "\"index\""];
    is_locked_and_built_again_offline(SMALL_APP, SMALL_REQUIREMENTS, &parts);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn requirements_of_all_kinds_are_locked_and_built_again_offline() {
    let parts = [
        "name = \"pandas\"",
        "name = \"numpy\"",
        "name = \"matplotlib\"",
        "local-tools",
        "source = \"index\"",
    ];
    is_locked_and_built_again_offline(APP, REQUIREMENTS, &parts);
}

#[test]
fn a_stale_or_missing_lock_is_an_error_in_ci() {
    let it = Crate::new("print(1)\n", "six\n");
    let locked = [("PYODIDE_PACK_LOCKED", "1")];
    it.build_badly(
        &locked,
        &["the lock file is missing", "PYODIDE_PACK_LOCKED is set", "pyodide-pack.lock", "hint:"],
    );
    it.build_well(&[]);
    let directives = it.build_well(&locked);
    assert!(directives.contains("pyodide-pack.lock\n"), "{directives}");
    it.write("crate/python/requirements.txt", "six\npytz\n");
    it.build_badly(&locked, &["the lock file is out of date", "\"pytz\" is not locked", "hint:"]);
    it.write("crate/python/requirements.txt", "");
    it.write("crate/python/pyproject.toml", "[project]\ndependencies = ['pytz']\n");
    it.build_badly(
        &locked,
        &["\"six\" is locked, but no longer required", "\"pytz\" is not locked"],
    );
    it.build_well(&[]);
    assert!(it.lock().contains("requires = [\"pytz\"]"), "{}", it.lock());
}

#[test]
fn the_lock_is_not_newer_than_its_inputs() {
    let it = Crate::new("import six\n", "six\n");
    it.build_well(&[]);
    let time = |name: &str| fs::metadata(it.path(name)).unwrap().modified().unwrap();
    let newest = time("crate/python/app.py").max(time("crate/python/requirements.txt"));
    assert_eq!(time("crate/pyodide-pack.lock"), newest);
}

#[test]
fn a_hash_that_does_not_match_is_an_error() {
    let hash = "0".repeat(64);
    let it = Crate::new("", &format!("snowballstemmer==3.0.1 --hash=sha256:{hash}\n"));
    it.build_badly(&[], &["matches none of the hashes", "requirements.txt:1", "hint:"]);
    assert!(!it.path("crate/pyodide-pack.lock").exists());
}

#[test]
fn pip_explains_conflicts() {
    let it = Crate::new("", "six<1\n");
    it.build_badly(
        &[],
        &[
            "pip found no wheels",
            "requirements.txt:1 excludes six 1.17.0, the version of Pyodide 314.0.3",
            "hint: allow six 1.17.0",
        ],
    );
}
