//! Resolves with pip for Pyodide, through `build-support/pip_driver.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::paths::is_wheel;
use crate::cache::bucket::Bucket;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::cache::{Cache, checked};
use crate::engine::scripts;
use crate::engine::tools::{HostPython, tail};
use crate::packages::archive::Unpacked;
use crate::packages::conflict::PipFailure;
use crate::packages::wheel::{Source, Wheel};
use crate::packages::{fetch, find, repack};
use crate::pyodide::session::Session;
use crate::settings::config::Config;
use crate::settings::requirement::Name;

/// Marks the stub wheels of the distribution's packages. A build tag starts with a digit.
const STUB_BUILD_TAG: &str = "9999pyodide";

/// A result of pip.
#[derive(Serialize, Deserialize)]
pub(crate) struct Resolved {
    /// The distribution's packages, by name.
    pub distribution: Vec<String>,
    pub index: Vec<Wheel>,
}

/// The job of `pip_driver.py`.
#[derive(Serialize)]
struct PipJob<'a> {
    requirements: Vec<String>,
    constraints: Vec<&'a str>,
    /// Whether to fetch exactly these wheels, without dependencies and without the distribution.
    exact: bool,
    distribution: Vec<(&'a str, &'a str, BTreeSet<Name>)>,
    /// Additional metadata lines of the distribution's stubs, by name: their extras.
    extras: BTreeMap<String, Vec<String>>,
    stub_tag: String,
    markers: BTreeMap<&'static str, String>,
    platforms: Vec<String>,
    python: String,
    find_links: &'a [PathBuf],
    offline: bool,
    work: &'a Path,
    destination: &'a Path,
    /// Where the driver writes a [`PipFailure`].
    result: &'a Path,
}

/// Resolves all requirements. The cache remembers earlier results.
pub(crate) fn resolve(session: Session) -> Result<Resolved> {
    let Session { config, runtime, cache, .. } = session;
    let requirements: Vec<_> = config.requires.iter().map(|r| r.text.clone()).collect();
    let mut key = Key::new("resolved", Floor::Packages);
    key.field(scripts::content(scripts::PIP_DRIVER));
    key.list(&requirements);
    key.list(config.constraints.iter().map(|constraint| &constraint.text));
    key.field(&runtime.fingerprint);
    for dir in &config.find_links {
        for (name, path) in files::walk(dir, |_| true)?.iter().filter(|(name, _)| is_wheel(name)) {
            key.list([name.as_str(), &cache.sha256_of(path)?]);
        }
    }
    for path in
        config.requires.iter().filter_map(crate::settings::requirement::Requirement::local_wheel)
    {
        key.field(cache.sha256_of(path)?);
    }
    let memo = cache.bucket(Bucket::Resolved).join(key.finish()).with_extension("json");
    if let Some(resolved) = checked::read::<Resolved>(&memo)
        && resolved.index.iter().all(|wheel| find::is_cached(wheel, cache))
    {
        return Ok(resolved);
    }
    let found = run(requirements, false, session)?;
    let mut resolved = Resolved { distribution: Vec::new(), index: Vec::new() };
    for wheel in found {
        match wheel {
            Downloaded::Stub(name) => resolved.distribution.push(name),
            Downloaded::Wheel(wheel) => resolved.index.push(wheel),
        }
    }
    let stubs: BTreeSet<_> = resolved.distribution.iter().map(|name| Name::new(name)).collect();
    resolved.index.retain(|wheel| !stubs.contains(&Name::new(&wheel.name)));
    checked::write(&memo, &resolved)?;
    Ok(resolved)
}

/// Fetches pinned wheels into the cache. A file with another SHA-256 is an error.
pub(crate) fn fetch(wheels: &[&Wheel], session: Session) -> Result<()> {
    let config = session.config;
    let requirement = |wheel: &&Wheel| {
        let located =
            config.requires.iter().find(|r| r.is_located() && r.name == Name::new(&wheel.name));
        located.map_or_else(|| format!("{}=={}", wheel.name, wheel.version), |r| r.text.clone())
    };
    let requirements = wheels.iter().map(requirement).collect();
    let found = run(requirements, true, session)?;
    for wheel in wheels {
        let same =
            |d: &&Downloaded| matches!(d, Downloaded::Wheel(w) if w.file_name == wheel.file_name);
        let sha256 = match found.iter().find(same) {
            Some(Downloaded::Wheel(found)) => &found.sha256,
            _ => "no such file",
        };
        if sha256 != wheel.sha256 {
            let what =
                format!("the package index has a different {} than the lock file", wheel.file_name);
            return Err(Error::new(ErrorKind::Resolve, what)
                .at("pyodide-pack.lock")
                .because(format!("locked: {}\nfound: {sha256}", wheel.sha256))
                .hint(
                    "find out why it changed; then delete the lock file's entry and build again",
                ));
        }
    }
    Ok(())
}

enum Downloaded {
    /// A package of the distribution.
    Stub(String),
    Wheel(Wheel),
}

/// Runs pip, and moves its downloads into the cache.
fn run(requirements: Vec<String>, exact: bool, session: Session) -> Result<Vec<Downloaded>> {
    let Session { config, runtime, env, cache, .. } = session;
    let python = HostPython::find(env)?;
    let work = cache.work_dir()?;
    let destination = work.path().join("wheels");
    files::create_dir_all(&destination)?;
    let lock = &runtime.lock;
    let (major, minor) = runtime.python;
    let platforms = lock.platform_tags();
    let packages = lock.packages().filter(|(_, package)| package.kind == "package");
    let wanted: Vec<_> = requirements.iter().map(|text| written(text, config).to_owned()).collect();
    let result = work.path().join("pip.result.json");
    let job = PipJob {
        requirements,
        constraints: config.constraints.iter().map(|c| c.text.as_str()).collect(),
        exact,
        distribution: packages
            .map(|(name, p)| (name.as_str(), p.version.as_str(), p.depends()))
            .collect(),
        extras: if exact { BTreeMap::new() } else { extras(session)? },
        stub_tag: format!("{STUB_BUILD_TAG}-cp{major}{minor}-cp{major}{minor}-{}", platforms[0]),
        markers: markers(&lock.info.python, (major, minor)),
        platforms,
        python: format!("{major}.{minor}"),
        find_links: &config.find_links,
        offline: config.offline,
        work: work.path(),
        destination: &destination,
        result: &result,
    };
    let job_path = work.path().join("pip.job.json");
    let json = serde_json::to_vec(&job).map_err(|e| Error::json("write the file", &job_path, e))?;
    files::write_atomic(&job_path, &json)?;
    let script = work.path().join("pip_driver.py");
    files::write_atomic(&script, scripts::content(scripts::PIP_DRIVER).as_bytes())?;
    let output = python.run(&script, &[&job_path])?;
    if !output.status.success() {
        // No result means that pip failed before it resolved.
        let failure = fs::read(&result).ok().and_then(|json| serde_json::from_slice(&json).ok());
        return Err(not_resolved(
            &wanted.join(", "),
            &failure.unwrap_or_default(),
            &output,
            session,
        ));
    }
    downloaded(&destination, cache)
}

/// Returns a requirement as the user wrote it, without values of variables.
fn written<'a>(text: &'a str, config: &'a Config) -> &'a str {
    let stated = config.requires.iter().find(|requirement| requirement.text == text);
    stated.map_or(text, |requirement| &requirement.written)
}

fn not_resolved(wanted: &str, failure: &PipFailure, output: &Output, session: Session) -> Error {
    let Session { config, runtime, .. } = session;
    let version = &runtime.version;
    let what = format!("pip found no wheels for Pyodide {version} that satisfy: {wanted}");
    let origins: BTreeSet<_> = config.requires.iter().map(|r| r.origin.as_str()).collect();
    let mut error =
        Error::new(ErrorKind::Resolve, what).at(origins.into_iter().collect::<Vec<_>>().join("\n"));
    let reasons = failure.reasons(session);
    for reason in &reasons {
        error = error.because(&reason.cause).hint(&reason.hint);
    }
    error = error.because(explanation(output));
    if config.offline {
        error.hint("the build is offline: build once online, or put the wheels into a folder of Builder::find_links")
    } else if reasons.is_empty() {
        error.hint(
            "check names and versions; a distribution with compiled code needs a wheel for Pyodide, \
             which can come from a folder of Builder::find_links",
        )
    } else {
        error
    }
}

/// Reads the folder of pip's downloads, and moves the wheels into the cache.
fn downloaded(destination: &Path, cache: &Cache) -> Result<Vec<Downloaded>> {
    let mut found = Vec::new();
    for (file_name, path) in files::walk(destination, |_| true)? {
        let mut parts = file_name.split('-');
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else { continue };
        found.push(if parts.next() == Some(STUB_BUILD_TAG) {
            Downloaded::Stub(name.to_owned())
        } else {
            Downloaded::Wheel(Wheel {
                name: Name::new(name).as_str().to_owned(),
                version: version.to_owned(),
                sha256: find::store(&path, cache)?,
                file_name,
                source: Source::Index,
                library: false,
            })
        });
    }
    Ok(found)
}

/// Returns why pip failed. Pip prints the reason of a conflict on standard output.
fn explanation(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let conflict = stdout.find("The conflict is caused by").map(|at| stdout[at..].trim_end());
    let stderr = tail(&output.stderr, 25);
    conflict.map_or(stderr.clone(), |conflict| format!("{conflict}\n{stderr}"))
}

/// Returns the metadata lines about extras, for distribution packages that are required with extras.
fn extras(session: Session) -> Result<BTreeMap<String, Vec<String>>> {
    let Session { config, runtime, cache, .. } = session;
    let mut extras = BTreeMap::new();
    for requirement in config.requires.iter().filter(|r| r.text.contains('[')) {
        let Some(package) = runtime.lock.get(&requirement.name) else { continue };
        let wheel = Wheel::from(package);
        let wheels = std::slice::from_ref(&wheel);
        for archive in fetch::locate_all(wheels, session)? {
            let repack = |from: &Path, to: &Path| repack::repack(from, to, session);
            let unpacked = Unpacked::of(&archive, &wheel.sha256, cache, &repack)?;
            extras.insert(requirement.name.as_str().to_owned(), extra_lines(&unpacked)?);
        }
    }
    Ok(extras)
}

/// Returns the lines of a wheel's METADATA about its extras.
fn extra_lines(unpacked: &Unpacked) -> Result<Vec<String>> {
    let entries = &unpacked.index.entries;
    let Some(entry) = entries.iter().find(|e| e.name.ends_with(".dist-info/METADATA")) else {
        return Ok(Vec::new());
    };
    let bytes = unpacked.read(entry)?;
    let text = String::from_utf8_lossy(&bytes);
    let header = text.lines().take_while(|line| !line.is_empty());
    let wanted = |line: &&str| {
        line.starts_with("Provides-Extra:")
            || line.starts_with("Requires-Dist:") && line.contains("extra ==")
    };
    Ok(header.filter(wanted).map(str::to_owned).collect())
}

/// Returns the [environment markers] of Pyodide.
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

#[test]
fn a_job_is_as_it_is_described() {
    let job = PipJob {
        requirements: vec!["six".to_owned()],
        constraints: Vec::new(),
        exact: false,
        distribution: vec![("pandas", "3.0.0", BTreeSet::from([Name::new("numpy")]))],
        extras: BTreeMap::new(),
        stub_tag: STUB_BUILD_TAG.to_owned(),
        markers: markers("3.14.2", (3, 14)),
        platforms: Vec::new(),
        python: "3.14".to_owned(),
        find_links: &[],
        offline: true,
        work: Path::new("work"),
        destination: Path::new("wheels"),
        result: Path::new("result"),
    };
    crate::engine::border::check("PipJob", &serde_json::to_value(job).unwrap());
}
