//! Archives by name and SHA-256: the folders of `find_links`, the runtime's own folder, the cache.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::fsutil;
use crate::resolve::Wheel;
use crate::runtime::Runtime;

/// Finds the archive of a pinned wheel; its SHA-256 is always checked.
pub(crate) fn locate(
    wheel: &Wheel,
    config: &Config,
    runtime: &Runtime,
    cache: &Cache,
) -> Result<PathBuf> {
    let folders = config.find_links.iter().chain([&runtime.dir]);
    let mut places: Vec<_> = folders.map(|dir| dir.join(&wheel.file_name)).collect();
    places.insert(config.find_links.len(), cached(wheel, cache));
    let mut differing = Vec::new();
    for place in places.iter().filter(|place| place.is_file()) {
        let found = cache.sha256_of(place)?;
        if found == wheel.sha256 {
            return Ok(place.clone());
        }
        differing.push(format!("{} has the SHA-256 {found}", place.display()));
    }
    let looked: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
    let mut error = Error::new(ErrorKind::Resolve, format!("{} was not found", wheel.file_name))
        .at(looked.join("\n"));
    for why in differing {
        error = error.because(why);
    }
    Err(error.hint(format!(
        "put {} with the SHA-256 {} into a folder of Builder::find_links, or use Builder::pyodide_dir \
         with a full distribution of Pyodide {}",
        wheel.file_name, wheel.sha256, runtime.version
    )))
}

/// Where the cache keeps a fetched wheel.
fn cached(wheel: &Wheel, cache: &Cache) -> PathBuf {
    cache.bucket("wheels-v1").join(&wheel.sha256).join(&wheel.file_name)
}

pub(crate) fn is_cached(wheel: &Wheel, cache: &Cache) -> bool {
    cached(wheel, cache).is_file()
}

/// Takes a freshly fetched wheel over, and returns its SHA-256.
pub(crate) fn store(path: &Path, cache: &Cache) -> Result<String> {
    let bytes = fsutil::read(path)?;
    let sha256 = fsutil::sha256_hex(&bytes);
    let name = path.file_name().unwrap_or_default();
    let place = cache.bucket("wheels-v1").join(&sha256).join(name);
    if fs::read(&place).is_ok_and(|old| old == bytes) {
        return Ok(sha256);
    }
    fsutil::write_atomic(&place, &bytes)?;
    Ok(sha256)
}
