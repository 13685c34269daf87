//! Turns requirements into pinned wheels. A valid lock file decides; otherwise the Pyodide distribution's
//! own lock decides for its packages, and pip for all others.

use std::path::Path;

use crate::base::error::{Error, ErrorKind, Result};
use crate::packages::lockfile::{Found, LockFile};
use crate::packages::wheel::{Source, Wheel};
use crate::packages::{find, pip};
use crate::pyodide::session::Session;
use crate::settings::cargo::Cargo;
use crate::settings::config::{Config, LOCK_FILE};
use crate::settings::env;
use crate::settings::requirement::{Name, Requirement};

/// Returns all wheels that the requirements need, dependencies first if they are known. Warns of packages
/// that do not have the distribution's version.
pub(crate) fn resolve(session: Session, cargo: &mut Cargo) -> Result<Vec<Wheel>> {
    let wheels = locked(session, cargo)?;
    for warning in wheels.iter().filter_map(|wheel| replaces(wheel, session)) {
        cargo.warn(warning);
    }
    Ok(wheels)
}

/// Returns a warning if the distribution has the package too.
fn replaces(wheel: &Wheel, session: Session) -> Option<String> {
    let Session { config, runtime, .. } = session;
    let name = Name::new(&wheel.name);
    let package = runtime.lock.get(&name).filter(|_| wheel.source == Source::Index)?;
    let located = config.requires.iter().find(|r| r.is_located() && r.name == name);
    let (version, pyodide) = (&package.version, &runtime.version);
    Some(match located {
        Some(Requirement { origin, .. }) => format!(
            "{name} is {} of the wheel in {origin}, not {version} of Pyodide {pyodide}",
            wheel.version
        ),
        None => format!(
            "{name} is {}, not {version} of Pyodide {pyodide}, because a requirement excludes that version",
            wheel.version
        ),
    })
}

/// Returns the wheels of a valid lock file, or resolves and writes one.
fn locked(session: Session, cargo: &mut Cargo) -> Result<Vec<Wheel>> {
    let config = session.config;
    let Some(path) = config.lock_file.as_deref().filter(|_| !config.requires.is_empty()) else {
        return anew(session);
    };
    let lock = LockFile::read(path, session)?;
    let why = match lock.find() {
        Found::Fresh(wheels) => {
            cargo.rerun_if_changed(path);
            return Ok(wheels);
        }
        Found::Missing => None,
        Found::Stale(why) => Some(why),
    };
    if config.locked || config.packaged {
        return Err(must_not_change(why, &lock, config));
    }
    let wheels = anew(session)?;
    let inputs: Vec<&Path> = config.app.files.iter().map(|(_, path)| path.as_path()).collect();
    lock.write(&wheels, &inputs)?;
    cargo.rerun_if_changed(path);
    Ok(wheels)
}

/// Returns the error for a lock file that is not valid and must not be written.
fn must_not_change(why: Option<String>, lock: &LockFile, config: &Config) -> Error {
    let (what, cause) = match why {
        Some(why) => ("the lock file is out of date", why),
        None => (
            "the lock file is missing",
            format!("there is no entry for {}", config.app.root.display()),
        ),
    };
    let reason = if config.locked {
        format!("{} is set", env::LOCKED)
    } else {
        "the crate is being packaged".into()
    };
    Error::new(ErrorKind::Resolve, format!("{what}, and {reason}"))
        .at(lock.path().display())
        .because(cause)
        .hint(format!("build once without this condition, and commit {LOCK_FILE}"))
}

/// Resolves without the lock file.
fn anew(session: Session) -> Result<Vec<Wheel>> {
    let Session { config, runtime, .. } = session;
    let lock = &runtime.lock;
    let known = |r: &&Requirement| r.bare && lock.get(&r.name).is_some();
    let mut names: Vec<Name> =
        config.requires.iter().filter(known).map(|r| r.name.clone()).collect();
    let mut from_index = Vec::new();
    if !config.constraints.is_empty() || !config.requires.iter().all(|r| known(&r)) {
        let resolved = pip::resolve(session)?;
        names.extend(resolved.distribution.iter().map(|name| Name::new(name)));
        from_index = resolved.index;
    }
    names.sort();
    let replaced = from_index.iter().map(|wheel| Name::new(&wheel.name)).collect();
    let mut wheels: Vec<_> = lock.closure(&names, replaced).into_iter().map(Wheel::from).collect();
    wheels.extend(from_index);
    check_hashes(config, &wheels)?;
    Ok(wheels)
}

/// Hashes of requirements are for the index's files. The distribution's wheels have their own lock.
fn check_hashes(config: &Config, wheels: &[Wheel]) -> Result<()> {
    for requirement in config.requires.iter().filter(|r| !r.sha256.is_empty()) {
        let wheel = wheels.iter().find(|w| Name::new(&w.name) == requirement.name);
        let Some(wheel) = wheel.filter(|w| w.source == Source::Index) else { continue };
        if !requirement.sha256.contains(&wheel.sha256) {
            let what = format!("{} matches none of the hashes of its requirement", wheel.file_name);
            return Err(Error::new(ErrorKind::Resolve, what)
                .at(&requirement.origin)
                .because(format!("its SHA-256 is {}", wheel.sha256))
                .hint("add the hash of the wheel that Pyodide uses, or remove the hashes"));
        }
    }
    Ok(())
}

/// Fetches index wheels that the lock file names and that are not on this machine.
pub(crate) fn fetch_missing(wheels: &[Wheel], session: Session) -> Result<()> {
    let index: Vec<_> = wheels.iter().filter(|w| w.source == Source::Index).cloned().collect();
    let missing = find::missing(&index, session)?;
    let missing: Vec<_> = missing.into_iter().map(|missing| missing.wheel).collect();
    if missing.is_empty() { Ok(()) } else { pip::fetch(&missing, session) }
}
