//! `pyodide-lock.json`: the packages of a Pyodide distribution.
//!
//! Format: <https://pyodide.org/en/stable/development/new-packages.html> and the file itself; the
//! fields read here are the same from 0.27 to 315.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::settings::requirement::Name;

#[derive(Debug, Deserialize)]
struct LockJson {
    info: Info,
    packages: BTreeMap<String, LockedPackage>,
}

/// The platform that the packages are built for.
#[derive(Debug, Deserialize)]
pub(crate) struct Info {
    /// `2026_0`: the year and number of the ABI.
    pub abi_version: String,
    /// `emscripten_5_0_3`.
    pub platform: String,
    /// The full version of CPython.
    pub python: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LockedPackage {
    /// The name as in `pyodide.loadedPackages`.
    pub name: String,
    pub version: String,
    pub file_name: String,
    pub sha256: String,
    /// `site`, or `dynlib` for shared libraries.
    #[serde(default)]
    pub install_dir: String,
    #[serde(default, rename = "package_type")]
    pub kind: String,
    #[serde(default)]
    depends: Vec<String>,
    #[serde(default)]
    imports: Vec<String>,
}

impl LockedPackage {
    pub fn is_library(&self) -> bool {
        self.install_dir == "dynlib"
    }

    pub fn depends(&self) -> BTreeSet<Name> {
        self.depends.iter().map(|name| Name::new(name)).collect()
    }
}

#[derive(Debug)]
pub(crate) struct PyodideLock {
    pub info: Info,
    packages: BTreeMap<Name, LockedPackage>,
}

impl PyodideLock {
    pub fn parse(json: &[u8], path: &Path) -> Result<Self> {
        let lock: LockJson = serde_json::from_slice(json).map_err(|e| {
            Error::new(ErrorKind::Runtime, "the lock file of the Pyodide distribution is damaged")
                .at(path.display())
                .because(e)
        })?;
        let packages = lock.packages.into_iter().map(|(key, package)| (Name::new(&key), package));
        Ok(Self { info: lock.info, packages: packages.collect() })
    }

    pub fn get(&self, name: &Name) -> Option<&LockedPackage> {
        self.packages.get(name)
    }

    /// Returns the package that provides a top-level module.
    pub fn provider(&self, module: &str) -> Option<&LockedPackage> {
        self.packages.values().find(|package| package.imports.iter().any(|name| name == module))
    }

    pub fn packages(&self) -> impl Iterator<Item = (&Name, &LockedPackage)> {
        self.packages.iter()
    }

    /// Returns the packages and all their dependencies, except those in `without`. Dependencies come first,
    /// in a fixed order.
    pub fn closure<'a>(
        &'a self,
        names: impl IntoIterator<Item = &'a Name>,
        without: BTreeSet<Name>,
    ) -> Vec<&'a LockedPackage> {
        let mut order = Vec::new();
        let mut seen = without;
        for name in names {
            self.visit(name.clone(), &mut seen, &mut order);
        }
        order
    }

    fn visit<'a>(
        &'a self,
        name: Name,
        seen: &mut BTreeSet<Name>,
        order: &mut Vec<&'a LockedPackage>,
    ) {
        let Some(package) = self.packages.get(&name) else { return };
        if !seen.insert(name) {
            return;
        }
        for depend in package.depends() {
            self.visit(depend, seen, order);
        }
        order.push(package);
    }

    /// Returns major and minor version of CPython.
    pub fn python(&self) -> Option<(u32, u32)> {
        let mut numbers = self.info.python.split('.').map(|n| n.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    }

    /// Returns the platform tags of wheels that this runtime loads, the most specific first.
    ///
    /// PEP 783 replaced Pyodide's own `pyodide_*` with `pyemscripten_*`.
    pub fn platform_tags(&self) -> Vec<String> {
        let abi = &self.info.abi_version;
        let emscripten = &self.info.platform;
        vec![
            format!("pyemscripten_{abi}_wasm32"),
            format!("pyodide_{abi}_wasm32"),
            format!("{emscripten}_wasm32"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closure_has_dependencies_first_and_ends_on_cycles() {
        let package = |name: &str, depends: &str| {
            format!(
                r#""{name}": {{"name": "{name}", "version": "1", "file_name": "f", "sha256": "0", "depends": [{depends}]}}"#
            )
        };
        let packages =
            [package("a", r#""B.x", "c""#), package("b-x", r#""c""#), package("c", r#""a""#)]
                .join(",");
        let json = format!(
            r#"{{"info": {{"abi_version": "2026_0", "platform": "emscripten_5_0_3", "python": "3.14.0"}}, "packages": {{{packages}}}}}"#
        );
        let lock = PyodideLock::parse(json.as_bytes(), Path::new("lock")).unwrap();
        let names = |root: &str, without: &[&str]| -> Vec<String> {
            let root = Name::new(root);
            let without = without.iter().map(|name| Name::new(name)).collect();
            lock.closure([&root], without).iter().map(|p| p.name.clone()).collect()
        };
        assert_eq!(names("A", &[]), ["c", "b-x", "a"]);
        assert_eq!(names("A", &["b.x"]), ["c", "a"]);
        assert_eq!(names("none", &[]), [""; 0]);
        assert_eq!(lock.python(), Some((3, 14)));
        assert_eq!(lock.platform_tags()[0], "pyemscripten_2026_0_wasm32");
    }
}
