//! A small distribution: the real runtime, and wheels that only a test's server has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use pyodide_pack::Builder;
use serde_json::{Value, json};
use support::app::SOURCES;
use support::cache::runtime;
use support::files::read_all;
use support::tmp;
use support::wheels::{self, sha256, wheel_name};

/// Environment variables that would redirect a test to another server.
const PROXIES: &[&str] =
    &["http_proxy", "https_proxy", "all_proxy", "no_proxy", "node_use_env_proxy"];
const OWN: &[&str] = &["DOCS_RS", "CARGO_NET_OFFLINE", "PYODIDE_PACK_SKIP", "PYODIDE_PACK_LOCKED"];
/// The file with the requirements of the building process.
const WANTED: &str = "wanted.txt";

/// Packages. Their import names have `_` instead of `-`.
const NAMES: &[&str] = &[
    "tiny-slow",
    "tiny-cut",
    "tiny-whole",
    "tiny-busy",
    "tiny-moved",
    "tiny-long",
    "tiny-gone",
    "tiny-loop",
    "tiny-wrong",
    "tiny-short",
    "tiny-off",
    "tiny-off-too",
    "tiny-refused",
    "tiny-refused-too",
    "tiny-proxied",
    "tiny-damaged",
];

/// Returns the distribution, which is made once. Its wheels come from [`wheel`].
pub fn dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = tmp().join("fetch/distribution");
        let runtime = runtime();
        fs::create_dir_all(&dir).unwrap();
        for entry in fs::read_dir(runtime).unwrap() {
            let from = entry.unwrap().path();
            let to = dir.join(from.file_name().unwrap());
            if fs::metadata(&to).map(|m| m.len()).ok() != fs::metadata(&from).map(|m| m.len()).ok()
            {
                fs::copy(&from, &to).unwrap();
            }
        }
        let lock = fs::read(runtime.join("pyodide-lock.json")).unwrap();
        let mut lock: Value = serde_json::from_slice(&lock).unwrap();
        for name in NAMES {
            lock["packages"][name] = json!({
                "name": name, "version": "1.0", "file_name": file_name(name),
                "install_dir": "site", "package_type": "package", "depends": [],
                "imports": [name.replace('-', "_")], "sha256": sha256(&wheel(name)),
            });
        }
        let lock = serde_json::to_vec(&lock).unwrap();
        let path = dir.join("pyodide-lock.json");
        if fs::read(&path).ok().as_ref() != Some(&lock) {
            fs::write(path, lock).unwrap();
        }
        // With archives and outputs of an earlier run, the build would have no work.
        for bucket in ["wheels-v1", "builds-v1"] {
            let _ = fs::remove_dir_all(own_cache().join(bucket));
        }
        dir
    })
}

fn own_cache() -> PathBuf {
    tmp().join("fetch/cache")
}

pub fn file_name(name: &str) -> String {
    wheel_name(&name.replace('-', "_"))
}

/// Returns the bytes of a package's wheel: a module and some data.
pub fn wheel(name: &str) -> Vec<u8> {
    let module = name.replace('-', "_");
    let init = (format!("{module}/__init__.py"), format!("NAME = {name:?}\n"));
    let data = (format!("{module}/data.txt"), name.repeat(10_000));
    wheels::wheel(&module, "", "", &[(&init.0, &init.1), (&data.0, &data.1)])
}

/// Returns the wheel with a file name.
pub fn wheel_of(file: &str) -> Vec<u8> {
    wheel(&file.split("-1.0-").next().unwrap().replace('_', "-"))
}

/// Returns the cached files of a package by name, without locks.
pub fn cached(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = own_cache().join("wheels-v1").join(sha256(&wheel(name)));
    read_all(&folder).into_iter().collect()
}

/// Writes a file into the cache's folder of a package.
pub fn put(name: &str, file: &str, bytes: &[u8]) {
    let _ = dir(); // This call empties the cache.
    let folder = own_cache().join("wheels-v1").join(sha256(&wheel(name)));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), bytes).unwrap();
}

/// A build in its own process, with its own environment.
pub struct Build {
    dir: tempfile::TempDir,
    pub command: Command,
}

impl Build {
    pub fn new(app_py: &str, requires: &[&str], base_url: &str) -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        fs::create_dir_all(dir.path().join("app")).unwrap();
        fs::write(dir.path().join("app/app.py"), app_py).unwrap();
        fs::write(dir.path().join(WANTED), requires.join("\n")).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["fetch::distribution::build_script", "--exact", "--ignored", "--nocapture"]);
        without_proxies(&mut command);
        for name in OWN {
            command.env_remove(name);
        }
        command.env_remove("CARGO_MANIFEST_DIR").env("OUT_DIR", dir.path().join("out"));
        command.env("PYODIDE_PACK_PYODIDE_DIR", self::dir()).current_dir(dir.path());
        command.env("PYODIDE_PACK_CACHE_DIR", own_cache()).env("PYODIDE_PACK_LOG", "1");
        command.env("PYODIDE_PACK_PACKAGE_BASE_URL", base_url);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { dir, command }
    }

    pub fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    /// Returns the error of a build that must fail.
    pub fn error(&mut self) -> String {
        let (text, ok) = said(&self.command.output().unwrap());
        assert!(!ok, "the build succeeded:\n{text}");
        assert!(text.contains("where:") && text.contains("hint:"), "{text}");
        text
    }
}

pub fn without_proxies(command: &mut Command) {
    for name in PROXIES {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
}

/// The output of a process, and whether it succeeded.
pub fn said(output: &Output) -> (String, bool) {
    let (out, err) = (&output.stdout, &output.stderr);
    let text = format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    (text, output.status.success())
}

/// Does the work of the process of a [`Build`]. In other processes it does nothing.
#[test]
#[ignore = "started by other tests"]
fn build_script() {
    let Ok(wanted) = fs::read_to_string(WANTED) else { return };
    support::build(Builder::new("app").requires(wanted.lines()).python_files(SOURCES));
}
