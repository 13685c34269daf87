//! Requirements of all kinds, the lock file that pins them, and builds from it: offline, in CI, in
//! a folder that can't be written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{distribution, snapshot, tmp, wheel, wheel_name};
use pyodide_pack::{Builder, Python};

/// What a process does that [`Crate::build`] starts: the work of a build script. Started in any
/// other way, it does nothing.
#[test]
#[ignore = "the process that other tests start"]
fn build_script() {
    if Path::new("is-a-test-crate").exists() {
        // What is compiled is not the question here.
        let sources = Python::Source { docstrings: true, comments: true };
        let built = Builder::new("python").python(sources).build();
        built.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A crate's folder with an app, a cache and a folder for the outputs.
struct Crate {
    dir: tempfile::TempDir,
}

impl Crate {
    fn new(app: &str, requirements: &str) -> Self {
        let it = Self { dir: tempfile::tempdir_in(tmp()).unwrap() };
        it.write("crate/is-a-test-crate", "");
        it.write("crate/Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.0.0\"\n[workspace]\n");
        it.write("crate/src/lib.rs", "");
        it.write("crate/python/app.py", app);
        it.write("crate/python/requirements.txt", requirements);
        it
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.path("crate/pyodide-pack.lock")).unwrap()
    }

    /// Builds as a build script would, with these variables set.
    fn build(&self, variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["lock::build_script", "--exact", "--ignored", "--nocapture"]);
        command.current_dir(self.path("crate")).env("CARGO_MANIFEST_DIR", self.path("crate"));
        command.env("OUT_DIR", self.path("out")).env("PYODIDE_PACK_PYODIDE_DIR", distribution());
        command.env("PYODIDE_PACK_CACHE_DIR", self.path("cache")).envs(variables.iter().copied());
        command.output().unwrap()
    }

    fn build_well(&self, variables: &[(&str, &str)]) -> String {
        let output = self.build(variables);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn build_badly(&self, variables: &[(&str, &str)], parts: &[&str]) {
        let output = self.build(variables);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "it works");
        for part in parts {
            assert!(text.contains(part), "{part:?} is missing:\n{text}");
        }
    }

    /// All outputs but the reports.
    fn outputs(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let mut outputs = snapshot(&self.path("out"));
        outputs.retain(|name, _| !name.starts_with("pyodide-pack-report"));
        outputs
    }

    /// Forgets everything but what was fetched.
    fn forget(&self) {
        for folder in ["out", "cache/builds-v1", "cache/resolved-v1", "cache/unpacked-v1"] {
            fs::remove_dir_all(self.path(folder)).unwrap();
        }
    }
}

/// A wheel that needs `six`, with an answer to tell one from another.
fn put_wheel(folder: &Path, name: &str, answer: u32) {
    let init = (format!("{name}/__init__.py"), format!("ANSWER = {answer}\n"));
    let bytes = wheel(name, "Requires-Dist: six\n", "", &[(&init.0, &init.1)]);
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(wheel_name(name)), bytes).unwrap();
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

#[test]
fn requirements_of_all_kinds_are_locked_and_built_again_offline() {
    let it = Crate::new(APP, REQUIREMENTS);
    put_wheel(&it.path("crate/python/wheels"), "local_tools", 42);
    it.build_well(&[]);
    let (lock, outputs) = (it.lock(), it.outputs());
    for part in [
        "name = \"pandas\"",
        "name = \"numpy\"",
        "name = \"matplotlib\"",
        "local-tools",
        "source = \"index\"",
    ] {
        assert!(lock.contains(part), "{part} is missing:\n{lock}");
    }
    assert!(
        !lock.contains("name = \"psutil\"") && !lock.contains("http") && !lock.contains("/tmp"),
        "{lock}"
    );

    // From what was fetched: no network, no pip.
    it.forget();
    let nothing = it.path("none").display().to_string();
    it.build_well(&[("PYODIDE_PACK_OFFLINE", "1"), ("PYODIDE_PACK_PYTHON", &nothing)]);
    assert!(outputs == it.outputs(), "the outputs differ");
    assert_eq!(lock, it.lock());

    // Written anew, it says the same.
    fs::remove_file(it.path("crate/pyodide-pack.lock")).unwrap();
    it.build_well(&[("PYODIDE_PACK_LOCKED", "0")]);
    assert_eq!(lock, it.lock());

    // Another file under the same name is another requirement.
    put_wheel(&it.path("crate/python/wheels"), "local_tools", 43);
    it.build_badly(
        &[("PYODIDE_PACK_LOCKED", "1")],
        &["out of date", "wheels/local_tools-1.0", "hint:"],
    );
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
        &["\"six\" is locked and not required any more", "\"pytz\" is not locked"],
    );
    it.build_well(&[]);
    assert!(it.lock().contains("requires = [\"pytz\"]"), "{}", it.lock());
}

#[test]
fn the_lock_is_not_newer_than_what_it_is_made_from() {
    let it = Crate::new("import six\n", "six\n");
    it.build_well(&[]);
    let time = |name: &str| fs::metadata(it.path(name)).unwrap().modified().unwrap();
    let newest = time("crate/python/app.py").max(time("crate/python/requirements.txt"));
    assert_eq!(time("crate/pyodide-pack.lock"), newest);
}

#[test]
fn a_hash_that_does_not_fit_is_an_error() {
    let hash = "0".repeat(64);
    let it = Crate::new("", &format!("snowballstemmer==3.0.1 --hash=sha256:{hash}\n"));
    it.build_badly(&[], &["has none of the hashes", "requirements.txt:1", "hint:"]);
    assert!(!it.path("crate/pyodide-pack.lock").exists());
}

#[test]
fn pip_explains_conflicts() {
    let it = Crate::new("", "six<1\n");
    it.build_badly(
        &[],
        &["pip found no wheels", "six<1", "constraint", "requirements.txt:1", "hint:"],
    );
}
