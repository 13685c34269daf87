//! The conversation with Cargo: directives, collected and printed once, and the workspace.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

use crate::settings::env::Env;

/// What the build script will tell Cargo, whether it succeeds or fails.
#[derive(Debug, Default)]
pub(crate) struct Cargo {
    changed: BTreeSet<PathBuf>,
    warnings: Vec<String>,
}

/// The package that is being built.
pub(crate) struct CargoPackage {
    pub workspace_root: PathBuf,
    pub target_dir: PathBuf,
    /// `[package.metadata.pyodide-pack]`.
    pub settings: Option<serde_json::Value>,
}

impl Cargo {
    /// Runs the build script again when this file, or anything in this folder, changes.
    ///
    /// Of a path that is not there, the nearest folder above is watched: Cargo reruns for ever on
    /// a missing path, and never on one that it was not told of.
    pub fn rerun_if_changed(&mut self, path: &Path) {
        if let Some(there) = path.ancestors().find(|path| path.exists())
            && there.is_absolute()
            && there.parent().is_some()
        {
            self.changed.insert(there.to_path_buf());
        }
    }

    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// What Cargo knows of the building package and its workspace; `None` outside of a package.
    pub fn package(env: &Env) -> Option<CargoPackage> {
        let manifest = PathBuf::from(env.foreign("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
        let mut command = MetadataCommand::new();
        command.manifest_path(&manifest).no_deps().other_options(["--offline".to_owned()]);
        if let Some(cargo) = env.foreign("CARGO") {
            command.cargo_path(cargo);
        }
        let metadata = command.exec().ok()?;
        let package = metadata.packages.iter().find(|p| p.manifest_path.as_std_path() == manifest);
        Some(CargoPackage {
            workspace_root: metadata.workspace_root.clone().into_std_path_buf(),
            target_dir: metadata.target_directory.clone().into_std_path_buf(),
            settings: package.and_then(|p| p.metadata.get("pyodide-pack").cloned()),
        })
    }

    /// Everything in a fixed order, a line each, for standard output.
    pub fn directives(&self, variables: &[&str]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
