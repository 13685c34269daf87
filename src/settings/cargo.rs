//! Exchanges information with Cargo: directives, collected and printed once, and the workspace.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cargo_metadata::MetadataCommand;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::settings::env::Env;

/// The directives that the build script prints, whether it succeeds or fails.
#[derive(Debug, Default)]
pub(crate) struct Cargo {
    changed: BTreeSet<PathBuf>,
    warnings: Vec<String>,
}

/// The package that Cargo builds.
pub(crate) struct CargoPackage {
    /// `[package.metadata.pyodide-pack]`.
    pub settings: Option<toml::Value>,
    pub workspace: Option<Workspace>,
}

/// Facts that only Cargo knows.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub root: PathBuf,
    pub target_dir: PathBuf,
}

impl Cargo {
    /// Makes Cargo run the build script again when this file, or any file of this folder, changes.
    ///
    /// For a missing path, it watches the nearest existing ancestor: Cargo would rerun for ever on a
    /// missing path, and never on an unknown one.
    pub fn rerun_if_changed(&mut self, path: &Path) {
        if let Some(there) = path.ancestors().find(|path| path.exists())
            && there.is_absolute()
            && there.parent().is_some()
        {
            self.changed.insert(there.to_path_buf());
        }
    }

    /// Makes Cargo run the build script again when this output is removed.
    ///
    /// Cargo compares modification times with that of a file that it writes before the script starts. A later
    /// output gets that time. It differs between runs, so caches of web servers notice a changed output.
    pub fn rerun_if_removed(&mut self, output: &Path, env: &Env) {
        // `run` is for Cargo's option `build-dir-new-layout`. Elsewhere, the script runs once more.
        let started = env.foreign("OUT_DIR").and_then(|dir| {
            let places = ["../invoked.timestamp", "../run/invoked.timestamp"];
            places.iter().find_map(|place| modified(&Path::new(&dir).join(place)))
        });
        if let Some(started) = started.filter(|started| modified(output) > Some(*started)) {
            let file = File::options().append(true).open(output);
            let _ = file.and_then(|file| file.set_modified(started));
        }
        self.rerun_if_changed(output);
    }

    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// Returns the package that Cargo builds and its workspace, or `None` outside of a package.
    ///
    /// The settings come from `Cargo.toml` itself, so they apply wherever the package is built.
    pub fn package(&mut self, env: &Env) -> Result<Option<CargoPackage>> {
        let Some(dir) = env.foreign("CARGO_MANIFEST_DIR") else { return Ok(None) };
        let manifest = PathBuf::from(dir).join("Cargo.toml");
        if !manifest.is_file() {
            return Ok(None);
        }
        let settings = settings(&manifest)?;
        let workspace = match workspace(&manifest, env) {
            Ok(workspace) => Some(workspace),
            Err(why) => {
                self.warn(format!(
                    "`cargo metadata` failed, so node_modules of the workspace is not searched: {why}"
                ));
                None
            }
        };
        Ok(Some(CargoPackage { settings, workspace }))
    }

    /// Returns all directives in a fixed order, one per line, for standard output.
    pub fn directives<V: Display>(&self, variables: &[V]) -> String {
        let mut text = String::new();
        for path in &self.changed {
            let _ = writeln!(text, "cargo::rerun-if-changed={}", path.display());
        }
        for variable in variables {
            let _ = writeln!(text, "cargo::rerun-if-env-changed={variable}");
        }
        for warning in &self.warnings {
            for line in warning.lines() {
                let _ = writeln!(text, "cargo::warning={line}");
            }
        }
        text
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Reads `[package.metadata.pyodide-pack]`.
fn settings(manifest: &Path) -> Result<Option<toml::Value>> {
    let text = String::from_utf8_lossy(&files::read(manifest)?).into_owned();
    let parsed: toml::Table = toml::from_str(&text).map_err(|e| {
        Error::new(ErrorKind::Config, "the manifest can't be read")
            .at(manifest.display())
            .because_of(e)
    })?;
    let tables = ["package", "metadata", "pyodide-pack"];
    let mut value = Some(toml::Value::Table(parsed));
    for table in tables {
        value = value.and_then(|value| value.get(table).cloned());
    }
    Ok(value)
}

fn workspace(manifest: &Path, env: &Env) -> std::result::Result<Workspace, cargo_metadata::Error> {
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps().other_options(["--offline".to_owned()]);
    if let Some(cargo) = env.foreign("CARGO") {
        command.cargo_path(cargo);
    }
    let metadata = command.exec()?;
    Ok(Workspace {
        root: metadata.workspace_root.into_std_path_buf(),
        target_dir: metadata.target_directory.into_std_path_buf(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_with_a_warning_if_cargo_metadata_fails() {
        let dir = tempfile::tempdir().unwrap();
        let manifest =
            "[package]\nname = 'x'\n[package.metadata.pyodide-pack]\nrequires = ['six']\n";
        std::fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
        let env = Env::from_values([
            ("CARGO_MANIFEST_DIR".to_owned(), dir.path().into()),
            ("CARGO".to_owned(), dir.path().join("no-cargo").into()),
        ]);
        let mut cargo = Cargo::default();
        let package = cargo.package(&env).unwrap().unwrap();
        assert_eq!(package.settings.unwrap()["requires"][0].as_str(), Some("six"));
        assert!(package.workspace.is_none());
        let said = cargo.directives::<String>(&[]);
        assert!(said.contains("cargo::warning=`cargo metadata` failed"), "{said}");
    }

    #[test]
    fn names_existing_absolute_paths_only() {
        let dir = tempfile::tempdir().unwrap();
        let mut cargo = Cargo::default();
        cargo.rerun_if_changed(&dir.path().join("not/there.py"));
        cargo.rerun_if_changed(Path::new("relative.py"));
        cargo.warn("one\ntwo");
        let expected = format!(
            "cargo::rerun-if-changed={}\ncargo::rerun-if-env-changed=A\n\
             cargo::warning=one\ncargo::warning=two\n",
            dir.path().display()
        );
        assert_eq!(cargo.directives(&["A"]), expected);
    }
}
