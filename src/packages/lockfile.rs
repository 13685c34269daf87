//! `pyodide-pack.lock`: the wheels of each app of the crate, pinned by name, version and SHA-256.
//! It names no host, so it works with any mirror. Commit it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::cache::Cache;
use crate::packages::wheel::Wheel;
use crate::pyodide::session::Session;
use crate::settings::config::Config;

const HEADER: &str = "# Made by pyodide-pack: the wheels that a build uses. Commit this file.\n";
const VERSION: u32 = 1;

/// The lock file, with apps in the order of their paths.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lock {
    version: u32,
    #[serde(default)]
    app: Vec<LockedApp>,
}

/// The lock of one call of `Builder::build`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LockedApp {
    /// The app, relative to the lock file's folder.
    path: String,
    /// The version of Pyodide.
    pyodide: String,
    /// The requirements and constraints that the wheels satisfy, sorted.
    requires: Vec<String>,
    /// In load order.
    #[serde(default)]
    pub wheel: Vec<Wheel>,
}

/// The result of a search for the lock of one app.
pub(super) enum Found {
    /// The wheels to use.
    Fresh(Vec<Wheel>),
    /// The file has no entry for this app.
    Missing,
    /// The entry is for other requirements or another Pyodide; the text names the change.
    Stale(String),
}

pub(super) struct LockFile {
    path: PathBuf,
    lock: Lock,
    wanted: LockedApp,
}

impl LockFile {
    pub fn read(path: &Path, session: Session) -> Result<Self> {
        let Session { config, runtime, cache, .. } = session;
        let lock = match fs::read_to_string(path) {
            Ok(text) => parse(&text, path)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Lock::default(),
            Err(e) => return Err(Error::io("read the lock file", path, e)),
        };
        let dir = path.parent().unwrap_or(Path::new("/"));
        let wanted = LockedApp {
            path: relative(&config.app.root.join(&config.app.entry), dir),
            pyodide: runtime.version.clone(),
            requires: wanted_requirements(config, dir, cache)?,
            wheel: Vec::new(),
        };
        Ok(Self { path: path.to_path_buf(), lock, wanted })
    }

    pub fn find(&self) -> Found {
        let Some(locked) = self.lock.app.iter().find(|app| app.path == self.wanted.path) else {
            return Found::Missing;
        };
        if locked.pyodide != self.wanted.pyodide {
            let (old, new) = (&locked.pyodide, &self.wanted.pyodide);
            return Found::Stale(format!(
                "the build uses Pyodide {new}, but the lock is for {old}"
            ));
        }
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let (old, new) = (set(&locked.requires), set(&self.wanted.requires));
        let added = new.difference(&old).map(|r| format!("{r:?} is not locked"));
        let removed =
            old.difference(&new).map(|r| format!("{r:?} is locked, but no longer required"));
        let changes: Vec<_> = added.chain(removed).collect();
        if changes.is_empty() {
            Found::Fresh(locked.wheel.clone())
        } else {
            Found::Stale(changes.join("\n"))
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the app's wheels, unless the file has the same already. Sets the modification time to that of
    /// the newest input, because Cargo would otherwise treat the lock file as a changed input.
    pub fn write(mut self, wheels: &[Wheel], inputs: &[&Path]) -> Result<()> {
        self.wanted.wheel = wheels.to_vec();
        self.lock.version = VERSION;
        self.lock.app.retain(|app| app.path != self.wanted.path);
        self.lock.app.push(self.wanted);
        self.lock.app.sort_by(|a, b| a.path.cmp(&b.path));
        let failed = |e: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Config, "the lock file could not be written")
                .at(self.path.display())
                .because(e)
                .hint(
                    "build once where the crate's folder can be written, and commit the lock file",
                )
        };
        let toml = toml::to_string_pretty(&self.lock).map_err(|e| failed(&e))?;
        let text = format!("{HEADER}{toml}");
        if fs::read(&self.path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let dir = self.path.parent().unwrap_or(Path::new("."));
        if fs::metadata(dir).is_ok_and(|meta| meta.permissions().readonly()) {
            return Err(failed(&"the folder is read-only"));
        }
        files::write_atomic(&self.path, text.as_bytes()).map_err(|e| failed(&e))?;
        let times = inputs.iter().filter_map(|path| fs::metadata(path).ok()?.modified().ok());
        let newest = times.max().unwrap_or(SystemTime::UNIX_EPOCH);
        let file = fs::File::options().append(true).open(&self.path);
        file.and_then(|file| file.set_modified(newest)).map_err(|e| failed(&e))
    }
}

pub(crate) fn parse(text: &str, path: &Path) -> Result<Lock> {
    let lock: Lock = toml::from_str(text).map_err(|e| {
        Error::new(ErrorKind::Config, "the lock file is damaged")
            .at(path.display())
            .because(e)
            .hint("restore it from version control, or delete it and build again")
    })?;
    if lock.version > VERSION {
        let what =
            format!("the lock file is of version {}, newer than this pyodide-pack", lock.version);
        return Err(Error::new(ErrorKind::Config, what)
            .at(path.display())
            .hint("update the build-dependency pyodide-pack"));
    }
    Ok(lock)
}

/// Returns the requirements as written, sorted. Paths of wheels are relative to the lock file.
///
/// A wheel by path gets its hash, so that a changed wheel is noticed.
fn wanted_requirements(config: &Config, dir: &Path, cache: &Cache) -> Result<Vec<String>> {
    let mut wanted = BTreeSet::new();
    for requirement in &config.requires {
        let (mut text, mut hashes) = (requirement.written.clone(), requirement.sha256.clone());
        if let Some(path) = requirement.local_wheel() {
            text = relative(path, dir);
            hashes.push(cache.sha256_of(path)?);
        }
        for hash in hashes {
            text = text + " --hash=sha256:" + &hash;
        }
        wanted.insert(text);
    }
    wanted.extend(config.constraints.iter().map(|constraint| format!("-c {}", constraint.written)));
    Ok(wanted.into_iter().collect())
}

/// Returns the path relative to `dir` with `/`, even if it is not below it.
fn relative(path: &Path, dir: &Path) -> String {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (path, dir) = (real(path), real(dir));
    let (path, dir): (Vec<_>, Vec<_>) = (path.components().collect(), dir.components().collect());
    let shared = path.iter().zip(&dir).take_while(|(a, b)| a == b).count();
    let up = dir[shared..].iter().map(|_| "..".to_owned());
    let down = path[shared..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_in_both_directions() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        assert_eq!(relative(&at("a/b/app.py"), &at("a")), "b/app.py");
        assert_eq!(relative(&at("a/x.whl"), &at("a/b")), "../x.whl");
    }
}
