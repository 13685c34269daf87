//! Paths in Pyodide's file system.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The app's folder in Pyodide's file system: its home and working folder.
pub(crate) const APP_DIR: &str = "/home/pyodide";

/// The folder of shared libraries in Pyodide.
pub(crate) const LIBRARY_DIR: &str = "/usr/lib";

/// The folder of the bytecode; `packfs.mjs` has the same constant.
pub(crate) const BYTECODE_DIR: &str = "/pyc";

/// Returns the path at which the importer looks for a source's bytecode.
pub(crate) fn bytecode_path(source: &str, tag: &str) -> String {
    format!("{BYTECODE_DIR}{}.{tag}.pyc", source.strip_suffix(".py").unwrap_or(source))
}

/// Returns whether a file name is that of a wheel.
pub(crate) fn is_wheel(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("whl"))
}

/// Returns whether a path is named like a shared object: `x.so`, `libx.so.1.2`.
pub(crate) fn is_shared_object(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.find(".so").is_some_and(|at| {
        let version = &name[at + 3..];
        version.split('.').skip(1).all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            && (version.is_empty() || version.starts_with('.'))
    })
}

pub(crate) fn is_python(path: &str) -> bool {
    path.strip_suffix(".py").is_some()
}

/// Returns the module that Python imports from a file of this name, if it looks for its suffix: `x.so`,
/// `x.abi3.so`, `x.cpython-314-wasm32-emscripten.so`. Extensions for other systems have other suffixes.
pub(crate) fn extension_module(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or_default().strip_suffix(".so")?;
    let (module, suffix) = name.split_once('.').unwrap_or((name, ""));
    let looked_for = ["", "abi3"].contains(&suffix) || suffix.ends_with("-wasm32-emscripten");
    let is_name = !module.is_empty() && module.chars().all(|c| c.is_alphanumeric() || c == '_');
    (looked_for && is_name).then_some(module)
}

/// Returns whether a key is a path below the folder.
pub(crate) fn has_below<T>(paths: &BTreeMap<String, T>, dir: &str) -> bool {
    let prefix = format!("{dir}/");
    paths.range(prefix.clone()..).next().is_some_and(|(next, _)| next.starts_with(&prefix))
}

/// Adds a folder and its ancestors.
pub(crate) fn add_dirs(dirs: &mut BTreeSet<String>, dir: &str) {
    let mut dir = dir;
    while !dir.is_empty() && dirs.insert(dir.to_owned()) {
        dir = parent(dir);
    }
}

pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_extension_modules() {
        for name in ["x.so", "/a/x.abi3.so", "x.cpython-314-wasm32-emscripten.so"] {
            assert_eq!(extension_module(name), Some("x"), "{name}");
        }
        for name in ["x.cpython-312-x86_64-linux-gnu.so", "libx.so.1", "a-b.so", ".so", "x.py"] {
            assert_eq!(extension_module(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_shared_objects() {
        for path in ["/a/x.so", "x.cpython-314-wasm32-emscripten.so", "libx.so.1", "libx.so.1.2"] {
            assert!(is_shared_object(path), "{path}");
        }
        for path in ["x.py", "x.so.py", "x.sock", "x.so.1a", "so", "x.so."] {
            assert!(!is_shared_object(path), "{path}");
        }
    }
}
