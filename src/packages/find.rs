//! Finds pinned wheels by name and SHA-256: in the folders of `find_links`, the cache, and the runtime's
//! own folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::cache::Cache;
use crate::cache::age::touch;
use crate::cache::bucket::Bucket;
use crate::packages::wheel::Wheel;
use crate::pyodide::runtime::Runtime;
use crate::pyodide::session::Session;

/// Finds the archive of a pinned wheel, and always checks its SHA-256.
pub(super) fn find(wheel: &Wheel, session: Session) -> Result<PathBuf> {
    match look_for(wheel, session)? {
        Found::Here(path) => Ok(path),
        Found::Missing(missing) => Err(not_found(&[missing], session)),
    }
}

enum Found<'a> {
    Here(PathBuf),
    Missing(Missing<'a>),
}

/// A wheel that was not found.
pub(super) struct Missing<'a> {
    pub wheel: &'a Wheel,
    /// Files of the same name, with the reason why each was rejected.
    differing: Vec<String>,
}

/// Returns the wheels that are not on this machine.
pub(super) fn missing<'a>(wheels: &'a [Wheel], session: Session) -> Result<Vec<Missing<'a>>> {
    let mut all = Vec::new();
    for wheel in wheels {
        if let Found::Missing(missing) = look_for(wheel, session)? {
            all.push(missing);
        }
    }
    Ok(all)
}

fn look_for<'a>(wheel: &'a Wheel, session: Session) -> Result<Found<'a>> {
    let Session { config, runtime, cache, .. } = session;
    let given = config.find_links.iter().map(|dir| dir.join(&wheel.file_name));
    let own = runtime.dir.join(&wheel.file_name);
    let mut differing = Vec::new();
    for place in given.chain([cached(wheel, cache), own]).filter(|place| place.is_file()) {
        let found = cache.sha256_of(&place)?;
        if found == wheel.sha256 {
            if cache.contains(&place) {
                // The folder is the cache entry.
                if let Some(folder) = place.parent() {
                    touch(folder);
                }
            }
            return Ok(Found::Here(place));
        }
        differing.push(format!("{} has the SHA-256 {found}", place.display()));
    }
    Ok(Found::Missing(Missing { wheel, differing }))
}

pub(super) fn not_found(missing: &[Missing], session: Session) -> Error {
    let Session { config, runtime, cache, .. } = session;
    let what = match missing {
        [one] => format!("{} was not found", one.wheel.file_name),
        _ => format!("{} archives were not found", missing.len()),
    };
    let folders = config.find_links.iter().chain([&runtime.dir]);
    let mut folders: Vec<_> = folders.map(|dir| dir.display().to_string()).collect();
    folders.insert(config.find_links.len(), cache.bucket(Bucket::Wheels).display().to_string());
    let mut error = Error::new(ErrorKind::Resolve, what).at(folders.join("\n    "));
    for Missing { wheel, differing } in missing {
        error = error.because(wanted(wheel));
        error = differing.iter().fold(error, Error::because);
    }
    if config.offline {
        error = error.because("the build is offline").hint("build once online");
    }
    error.hint(put_into_find_links(runtime))
}

fn wanted(wheel: &Wheel) -> String {
    format!("{} with the SHA-256 {} is needed", wheel.file_name, wheel.sha256)
}

pub(super) fn put_into_find_links(runtime: &Runtime) -> String {
    format!(
        "put what is missing into a folder of Builder::find_links, or use Builder::pyodide_dir \
         with a full distribution of Pyodide {}",
        runtime.version
    )
}

/// Returns the path of a fetched wheel in the cache.
pub(super) fn cached(wheel: &Wheel, cache: &Cache) -> PathBuf {
    cache.bucket(Bucket::Wheels).join(&wheel.sha256).join(&wheel.file_name)
}

pub(super) fn is_cached(wheel: &Wheel, cache: &Cache) -> bool {
    cached(wheel, cache).is_file()
}

/// Moves a downloaded wheel into the cache, and returns its SHA-256.
pub(super) fn store(path: &Path, cache: &Cache) -> Result<String> {
    let bytes = files::read(path)?;
    let sha256 = files::sha256_hex(&bytes);
    let name = path.file_name().unwrap_or_default();
    let place = cache.bucket(Bucket::Wheels).join(&sha256).join(name);
    if fs::read(&place).is_ok_and(|old| old == bytes) {
        return Ok(sha256);
    }
    files::write_atomic(&place, &bytes)?;
    Ok(sha256)
}
