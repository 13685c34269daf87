//! Requirements to pinned wheels: the distribution's own lock file decides for its packages, pip
//! for all others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cache::{self, Cache, Key};
use crate::config::Config;
use crate::distribution::Package;
use crate::env::Env;
use crate::error::{Error, ErrorKind, Result};
use crate::fetch;
use crate::fsutil;
use crate::requirement::{Name, Requirement};
use crate::runtime::Runtime;
use crate::tool::{Python, tail};

/// The script that makes pip resolve for Pyodide.
pub(crate) const PIP_DRIVER: &str = include_str!("../build-support/pip_driver.py");
/// Marks the stub wheels of the distribution's packages; a build tag starts with a digit.
const STUB_BUILD_TAG: &str = "9999pyodide";

/// One archive to install, found by name and SHA-256.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Wheel {
    /// As `pyodide.loadedPackages` spells it.
    pub name: String,
    pub version: String,
    pub file_name: String,
    pub sha256: String,
    pub source: Source,
    /// A shared library for `/usr/lib`.
    pub library: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Distribution,
    Index,
}

impl From<&Package> for Wheel {
    fn from(package: &Package) -> Self {
        let file_name = package.file_name.rsplit('/').next().unwrap_or_default();
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            file_name: file_name.to_owned(),
            sha256: package.sha256.to_lowercase(),
            source: Source::Distribution,
            library: package.is_library(),
        }
    }
}

/// All wheels that the requirements need, dependencies first as far as they are known.
pub(crate) fn resolve(
    config: &Config,
    runtime: &Runtime,
    env: &Env,
    cache: &Cache,
) -> Result<Vec<Wheel>> {
    let distribution = &runtime.distribution;
    let known = |r: &&Requirement| r.bare && distribution.get(&r.name).is_some();
    let mut names: Vec<Name> =
        config.requires.iter().filter(known).map(|r| r.name.clone()).collect();
    let mut from_index = Vec::new();
    if !config.requires.iter().all(|r| known(&r)) {
        let resolved = by_pip(config, runtime, env, cache)?;
        names.extend(resolved.distribution.iter().map(|name| Name::new(name)));
        from_index = resolved.index;
    }
    names.sort();
    let mut wheels: Vec<_> = distribution.closure(&names).into_iter().map(Wheel::from).collect();
    wheels.extend(from_index);
    Ok(wheels)
}

/// What pip found.
#[derive(Serialize, Deserialize)]
struct Resolved {
    /// Packages of the distribution, by name.
    distribution: Vec<String>,
    index: Vec<Wheel>,
}

/// What `pip_driver.py` reads.
#[derive(Serialize)]
struct PipJob<'a> {
    requirements: Vec<&'a str>,
    distribution: Vec<(&'a str, &'a str)>,
    stub_tag: String,
    markers: BTreeMap<&'static str, String>,
    platforms: Vec<String>,
    python: String,
    find_links: &'a [PathBuf],
    offline: bool,
    work: &'a Path,
    destination: &'a Path,
}

fn by_pip(config: &Config, runtime: &Runtime, env: &Env, cache: &Cache) -> Result<Resolved> {
    let requirements: Vec<_> = config.requires.iter().map(|r| r.text.as_str()).collect();
    let mut key = Key::new("resolved");
    key.list(&requirements);
    key.field(&runtime.fingerprint);
    for dir in &config.find_links {
        for (name, path) in fsutil::walk(dir, |_| true)?.iter().filter(|(name, _)| is_wheel(name)) {
            key.list([name.as_str(), &cache.sha256_of(path)?]);
        }
    }
    let memo = cache.bucket("resolved-v1").join(key.finish()).with_extension("json");
    if let Some(resolved) = cache::read_sealed::<Resolved>(&memo)
        && resolved.index.iter().all(|wheel| fetch::is_cached(wheel, cache))
    {
        return Ok(resolved);
    }
    let python = Python::find(env)?;
    let resolved = run_pip(&python, &requirements, config, runtime, cache)?;
    cache::write_sealed(&memo, &resolved)?;
    Ok(resolved)
}

fn run_pip(
    python: &Python,
    requirements: &[&str],
    config: &Config,
    runtime: &Runtime,
    cache: &Cache,
) -> Result<Resolved> {
    let work = cache.work_dir()?;
    let destination = work.path().join("wheels");
    fsutil::create_dir_all(&destination)?;
    let distribution = &runtime.distribution;
    let (major, minor) = runtime.python;
    let platforms = distribution.platform_tags();
    let packages = distribution.packages().filter(|(_, package)| package.kind == "package");
    let job = PipJob {
        requirements: requirements.to_vec(),
        distribution: packages
            .map(|(name, package)| (name.as_str(), package.version.as_str()))
            .collect(),
        stub_tag: format!("{STUB_BUILD_TAG}-cp{major}{minor}-cp{major}{minor}-{}", platforms[0]),
        markers: markers(&distribution.info.python, (major, minor)),
        platforms,
        python: format!("{major}.{minor}"),
        find_links: &config.find_links,
        offline: config.offline,
        work: work.path(),
        destination: &destination,
    };
    let job_path = work.path().join("pip.job.json");
    let script = work.path().join("pip_driver.py");
    let json = serde_json::to_vec(&job);
    let json =
        json.map_err(|e| Error::io("write the file", &job_path, &std::io::Error::other(e)))?;
    fsutil::write_atomic(&job_path, &json)?;
    fsutil::write_atomic(&script, PIP_DRIVER.as_bytes())?;
    let output = python.run(&script, &[&job_path])?;
    if !output.status.success() {
        let wanted = requirements.join(", ");
        let error = Error::new(
            ErrorKind::Resolve,
            format!("pip found no wheels for Pyodide {} that satisfy: {wanted}", runtime.version),
        )
        .at("Builder::requires")
        .because(tail(&output.stderr, 25));
        return Err(if config.offline {
            error.hint("the build is offline: build once online, or put the wheels into a folder of Builder::find_links")
        } else {
            error.hint("check names and versions; a distribution with compiled code needs a wheel for Pyodide, \
                        which can come from a folder of Builder::find_links")
        });
    }
    let mut resolved = Resolved { distribution: Vec::new(), index: Vec::new() };
    for (file_name, path) in fsutil::walk(&destination, |_| true)? {
        let mut parts = file_name.split('-');
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else { continue };
        if parts.next() == Some(STUB_BUILD_TAG) {
            resolved.distribution.push(name.to_owned());
        } else {
            resolved.index.push(Wheel {
                name: Name::new(name).as_str().to_owned(),
                version: version.to_owned(),
                sha256: fetch::store(&path, cache)?,
                file_name,
                source: Source::Index,
                library: false,
            });
        }
    }
    let both: BTreeSet<_> = resolved.distribution.iter().map(|name| Name::new(name)).collect();
    resolved.index.retain(|wheel| !both.contains(&Name::new(&wheel.name)));
    Ok(resolved)
}

fn is_wheel(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("whl"))
}

/// The [environment markers] of Pyodide.
///
/// [environment markers]: https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
fn markers(full: &str, (major, minor): (u32, u32)) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("implementation_name", "cpython".into()),
        ("implementation_version", full.into()),
        ("os_name", "posix".into()),
        ("platform_machine", "wasm32".into()),
        ("platform_python_implementation", "CPython".into()),
        ("platform_system", "Emscripten".into()),
        ("python_full_version", full.into()),
        ("python_version", format!("{major}.{minor}")),
        ("sys_platform", "emscripten".into()),
    ])
}
