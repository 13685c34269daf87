//! Reads, copies and compares folders.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

/// These differ between builds: they contain times, and whether the build was cached.
const REPORTS: [&str; 3] = [PROGRESS, "pyodide-pack-report.json", "pyodide-pack-report.txt"];

/// Says how far a build is, so it is written before everything else.
pub const PROGRESS: &str = "pyodide-pack-progress.txt";

/// Content by path, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Writes a file, unless it has this content already.
pub fn write(path: &Path, content: &str) {
    if fs::read(path).is_ok_and(|old| old == content.as_bytes()) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Returns every file below `dir`, or none if the folder does not exist.
#[must_use]
pub fn read_all(dir: &Path) -> Files {
    let mut files = Files::new();
    visit(dir, "", &mut |name, path| {
        files.insert(name.to_owned(), fs::read(path).unwrap());
    });
    files
}

/// Returns the path of every file below `dir`, relative to it.
#[must_use]
pub fn names(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    visit(dir, "", &mut |name, _| names.push(name.to_owned()));
    names
}

/// Returns every output in `dir` that must be the same whenever and wherever it was made.
#[must_use]
pub fn outputs(dir: &Path) -> Files {
    let mut files = read_all(dir);
    for report in REPORTS {
        assert!(files.remove(report).is_some(), "{report} is not in {}", dir.display());
    }
    files
}

/// Panics unless both have the same files with the same bytes; `what` names the second one. The panic names
/// the file, because its bytes would fill the screen.
pub fn assert_same(one: &Files, other: &Files, what: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "{what}: not the same files");
    for (name, bytes) in one {
        let same = *bytes == other[name];
        assert!(same, "{what}: {name} has other bytes");
    }
}

/// Copies a folder, times included, without the names for which `skip` is true. A folder that does not
/// exist counts as empty.
///
/// Cargo's fingerprints depend on times, so a copied target folder is as fresh as its original.
pub fn copy(from: &Path, to: &Path, skip: fn(&str) -> bool) {
    visit(from, "", &mut |name, path| {
        if name.split('/').any(skip) {
            return;
        }
        let target = to.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, &target).unwrap();
        let time = fs::metadata(path).unwrap().modified().unwrap();
        File::options().append(true).open(&target).unwrap().set_modified(time).unwrap();
    });
}

fn visit(dir: &Path, prefix: &str, each: &mut dyn FnMut(&str, &Path)) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = format!("{prefix}{}", path.file_name().unwrap().display());
        if path.is_dir() {
            visit(&path, &format!("{name}/"), each);
        } else {
            each(&name, &path);
        }
    }
}
