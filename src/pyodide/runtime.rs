//! Finds the Pyodide runtime: a given folder, `node_modules`, the cache, or npm, in this order. Probes its
//! version; one table lists the differences between versions.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::cache::bucket::Bucket;
use crate::cache::{Cache, CacheEntry, folder};
use crate::engine::tools::Npm;
use crate::pyodide::lock::PyodideLock;
use crate::settings::config::{Config, DEFAULT_PYODIDE_VERSION, PyodideSource};
use crate::settings::env::Env;

/// The name of Pyodide's WebAssembly module.
pub(crate) const CORE: &str = "pyodide.asm.wasm";

/// The differences between the supported versions of Pyodide. Each row was tested.
#[derive(Debug)]
struct Series {
    /// First and last supported version: release numbers without suffixes.
    from: (u32, u32, u32),
    to: (u32, u32, u32),
    /// The Emscripten module, beside `pyodide.mjs`.
    asm: &'static str,
    /// Whether builds make snapshots of its memory.
    snapshots: bool,
    /// Whether the module has zstd, and `createPyodideModule` of `loadPyodide` exposes it.
    zstd: bool,
}

const SERIES: &[Series] = &[
    // `loadPyodide` has `fsInit` since 0.27.5. Earlier versions ignore it.
    Series {
        from: (0, 27, 5),
        to: (0, 29, u32::MAX),
        asm: "pyodide.asm.js",
        snapshots: false,
        zstd: false,
    },
    Series {
        from: (314, 0, 0),
        to: (314, u32::MAX, u32::MAX),
        asm: "pyodide.asm.mjs",
        snapshots: true,
        zstd: true,
    },
    Series {
        from: (315, 0, 0),
        to: (315, u32::MAX, u32::MAX),
        asm: "pyodide.asm.mjs",
        snapshots: false,
        zstd: true,
    },
];
const SUPPORTED: &str = "0.27.5 to 315";

/// A runtime with all its files and a supported version.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub dir: PathBuf,
    pub version: String,
    pub lock: PyodideLock,
    /// Major and minor version of CPython.
    pub python: (u32, u32),
    /// A digest of all core files.
    pub fingerprint: String,
    series: &'static Series,
}

impl Runtime {
    pub fn find(config: &Config, env: &Env, cache: &Cache) -> Result<Self> {
        match &config.pyodide {
            PyodideSource::Dir(dir) => Self::open(dir, cache),
            PyodideSource::Version(version) => Self::fetched(version, config, env, cache),
            PyodideSource::NodeModules(places, version) => {
                let installed = places.iter().map(|dir| dir.join("node_modules").join("pyodide"));
                match installed.into_iter().find(|dir| dir.join("pyodide.mjs").is_file()) {
                    Some(dir) => Self::open(&dir, cache),
                    None => Self::fetched(version, config, env, cache),
                }
            }
        }
    }

    /// Returns the runtime of the cache, or fetches it with npm.
    fn fetched(version: &str, config: &Config, env: &Env, cache: &Cache) -> Result<Self> {
        series_of(version).map_err(|e| e.at("Builder::pyodide_version"))?;
        let name = format!("pyodide-{version}");
        let dir = cache.bucket(Bucket::Runtimes).join(&name);
        let make = |staging: &Path| {
            if !config.offline {
                return fetch(version, staging, env, cache);
            }
            Err(Error::new(ErrorKind::Runtime, format!("Pyodide {version} is not in the cache, and the build is offline"))
                .at(dir.display())
                .hint("build once online, or use Builder::pyodide_dir with an unpacked Pyodide distribution"))
        };
        cache.folder(
            CacheEntry { bucket: Bucket::Runtimes, key: &name },
            || {},
            folder::open,
            make,
        )?;
        Self::open(&dir, cache)
    }

    fn open(dir: &Path, cache: &Cache) -> Result<Self> {
        let version = probe_version(dir)?;
        let series = series_of(&version).map_err(|e| e.at(dir.display()))?;
        let lock_path = dir.join("pyodide-lock.json");
        let lock = PyodideLock::parse(&files::read(&lock_path)?, &lock_path)?;
        let python = lock.python().ok_or_else(|| {
            Error::new(ErrorKind::Runtime, "the lock file names no version of Python")
                .at(lock_path.display())
        })?;
        let mut digests = String::new();
        for name in core_files(series).into_iter().chain(["python_stdlib.zip"]) {
            let path = dir.join(name);
            if !path.is_file() {
                return Err(Error::new(ErrorKind::Runtime, format!("the Pyodide runtime has no {name}"))
                    .at(dir.display())
                    .hint("use a folder with the files of the npm package pyodide, or of a Pyodide distribution"));
            }
            digests += &cache.sha256_of(&path)?;
        }
        let fingerprint = files::sha256_hex(digests.as_bytes());
        Ok(Self { dir: dir.to_path_buf(), version, lock, python, fingerprint, series })
    }

    /// Returns a Pyodide 314 without files, for tests.
    #[cfg(test)]
    pub fn without_files(dir: &Path) -> Self {
        let lock = br#"{"info": {"abi_version": "2026_0", "platform": "emscripten_5_0_3",
            "python": "3.14.0"}, "packages": {}}"#;
        Self {
            dir: dir.to_path_buf(),
            version: "314.0.3".to_owned(),
            lock: PyodideLock::parse(lock, dir).unwrap(),
            python: (3, 14),
            fingerprint: "0".to_owned(),
            series: series_of("314.0.3").unwrap(),
        }
    }

    /// Returns the files that a browser needs to start it, except the standard library.
    pub fn core_files(&self) -> [&'static str; 4] {
        core_files(self.series)
    }

    /// Returns the name of the Emscripten module.
    pub fn asm(&self) -> &'static str {
        self.series.asm
    }

    /// Returns the path of its WebAssembly module.
    pub fn wasm(&self) -> PathBuf {
        self.dir.join(CORE)
    }

    /// Returns the size of its WebAssembly module, in bytes.
    pub fn wasm_bytes(&self) -> u64 {
        fs::metadata(self.wasm()).map_or(0, |file| file.len())
    }

    /// Returns whether the loader can replace its WebAssembly module.
    pub fn can_split(&self) -> bool {
        // The option `createPyodideModule` came with zstd.
        self.series.zstd
    }

    /// Returns whether a start can restore a snapshot of its memory.
    pub fn has_snapshots(&self) -> bool {
        self.series.snapshots
    }

    /// Returns whether it can compress and decode zstd.
    pub fn has_zstd(&self) -> bool {
        self.series.zstd
    }

    /// Returns the folder of packages in Pyodide.
    pub fn site_packages(&self) -> String {
        format!("{}/site-packages", self.stdlib_dir())
    }

    /// Returns `/lib/python3.X`, the folder of the standard library.
    pub fn stdlib_dir(&self) -> String {
        format!("/lib/python{}.{}", self.python.0, self.python.1)
    }

    /// Returns the environment that the interpreter needs for a standard library of files. Since 314.0.4
    /// its folder is not on `sys.path` otherwise. Other versions ignore it.
    pub fn env(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("PYTHONPATH", self.stdlib_dir())])
    }

    /// Returns the default address of this runtime's packages, from its own code.
    pub fn package_base_url(&self) -> Option<String> {
        let code = fs::read_to_string(self.dir.join("pyodide.mjs")).ok()?;
        let end = code.find("/pyodide/v${")?;
        let start = code[..end].rfind("https://")?;
        let host = &code[start..end];
        host.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"./:-".contains(&b))
            .then(|| format!("{host}/pyodide/v{}/full/", self.version))
    }
}

fn core_files(series: &Series) -> [&'static str; 4] {
    ["pyodide.mjs", series.asm, CORE, "pyodide-lock.json"]
}

fn series_of(version: &str) -> Result<&'static Series> {
    let release = version.split(['-', 'a', 'b', 'r', '+']).next().unwrap_or_default();
    let mut numbers = release.split('.').map(|n| n.parse::<u32>().ok());
    let mut next = || numbers.next().flatten();
    let release = next().and_then(|major| Some((major, next()?, next().unwrap_or(0))));
    let found = SERIES.iter().find(|s| release.is_some_and(|r| s.from <= r && r <= s.to));
    found.ok_or_else(|| {
        Error::new(ErrorKind::Runtime, format!("Pyodide {version} is not supported"))
            .hint(format!("use Pyodide {SUPPORTED}; without Builder::pyodide_version and Builder::pyodide_dir it is {DEFAULT_PYODIDE_VERSION}"))
    })
}

/// Reads the version from `package.json`, or from `pyodide.mjs` if that is missing.
fn probe_version(dir: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        version: String,
    }
    let manifest = fs::read(dir.join("package.json")).ok();
    if let Some(manifest) = manifest.and_then(|json| serde_json::from_slice::<Manifest>(&json).ok())
    {
        return Ok(manifest.version);
    }
    let code = fs::read_to_string(dir.join("pyodide.mjs")).unwrap_or_default();
    let exported = code.rfind(" as version").and_then(|end| {
        let name = code[..end].rsplit([',', '{', ' ']).next()?;
        match assigned(&code, name)? {
            text if text.starts_with('"') => text[1..].split('"').next(),
            // `var U=Y` of a `var Y="314.0.3"`
            other => assigned(&code, other.split(';').next()?)?[1..].split('"').next(),
        }
    });
    let version = exported.filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    version.map(str::to_owned).ok_or_else(|| {
        Error::new(ErrorKind::Runtime, "the folder has no Pyodide runtime")
            .at(dir.display())
            .because("neither package.json nor pyodide.mjs states a version")
            .hint("use a folder with the files of the npm package pyodide, or of a Pyodide distribution")
    })
}

/// Returns the text after `var NAME=` in minified code.
fn assigned<'a>(code: &'a str, name: &str) -> Option<&'a str> {
    let before = format!("var {name}=");
    code.find(&before).map(|at| &code[at + before.len()..])
}

/// Fetches the npm package, compares it with npm's integrity value, and unpacks it.
fn fetch(version: &str, staging: &Path, env: &Env, cache: &Cache) -> Result<()> {
    #[derive(Deserialize)]
    struct Packed {
        filename: String,
        integrity: String,
    }
    let spec = format!("pyodide@{version}");
    let work = cache.work_dir()?;
    let said = Npm::find(env)?.pack(&spec, work.path())?;
    let unexpected = |why: String| {
        Error::new(ErrorKind::Runtime, format!("npm's archive of {spec} is not as expected"))
            .because(why)
            .hint("build again; `npm cache verify` checks npm's own cache")
    };
    let packed: [Packed; 1] =
        serde_json::from_slice(&said).map_err(|e| unexpected(e.to_string()))?;
    let [Packed { filename, integrity }] = packed;
    let archive = files::read(&work.path().join(&filename))?;
    let digest = STANDARD.encode(Sha512::digest(&archive));
    if integrity != format!("sha512-{digest}") {
        return Err(unexpected(format!("its integrity is sha512-{digest} instead of {integrity}")));
    }

    let mut names = Vec::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(&archive[..]));
    let broken = |e: std::io::Error| unexpected(e.to_string());
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // A runtime needs only files at the top of the package.
        let name = path.strip_prefix("package/").unwrap_or_default();
        let wanted = matches!(
            name,
            "package.json"
                | "pyodide.mjs"
                | "pyodide.asm.mjs"
                | "pyodide.asm.js"
                | CORE
                | "pyodide-lock.json"
                | "python_stdlib.zip"
        );
        if wanted {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(broken)?;
            files::write_atomic(&staging.join(name), &bytes)?;
            names.push(name.to_owned());
        }
    }
    folder::write_index(staging, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_versions() {
        for version in [
            "0.27.5",
            "0.27.7",
            "0.28.0",
            "0.29.5",
            "314.0.0-alpha.1",
            "314.0.7",
            "315.0.0-alpha.2",
            "315.0.0a2",
        ] {
            assert!(series_of(version).is_ok(), "{version}");
        }
        for version in ["0.26.4", "0.27.4", "0.30.0", "313.0.0", "316.0.0", "latest", ""] {
            let text = series_of(version).unwrap_err().to_string();
            assert!(text.contains("not supported") && text.contains("0.27.5 to 315"), "{text}");
        }
        assert_eq!(series_of("0.29.5").unwrap().asm, "pyodide.asm.js");
    }

    #[test]
    fn version_without_a_package_json() {
        let dir = tempfile::tempdir().unwrap();
        let code = r#"var x="1";var Y="314.0.3";function k(){}var U=Y;export{dt as loadPyodide,Y as version};"#;
        fs::write(dir.path().join("pyodide.mjs"), code).unwrap();
        assert_eq!(probe_version(dir.path()).unwrap(), "314.0.3");
        fs::write(dir.path().join("pyodide.mjs"), "").unwrap();
        assert!(probe_version(dir.path()).is_err());
    }
}
