//! The only reader of environment variables. Each of the crate's own variables is documented in
//! [`VARIABLES`]. Reading one announces it to Cargo, whether it is set or not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use crate::base::error::{Error, ErrorKind, Result};

/// A variable of this crate: its name, and its meaning as in `docs/environment.md`.
pub(crate) struct Variable {
    pub name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares the documentation with it"))]
    pub meaning: &'static str,
}

macro_rules! variables {
    ($($constant:ident, $meaning:literal;)*) => {
        $(pub(crate) const $constant: &str = concat!("PYODIDE_PACK_", stringify!($constant));)*
        /// All variables, in the order of the documentation.
        pub(crate) const VARIABLES: &[Variable] =
            &[$(Variable { name: $constant, meaning: $meaning }),*];
    };
}

variables! {
    NODE, "Node.js program that runs traces and checks, or a script that starts it; default: `node` on `PATH`";
    NPM, "npm program that downloads the Pyodide runtime; default: `npm` on `PATH`";
    PYTHON, "Python program whose pip resolves requirements; default: the first `python3`, `python` or `py` on `PATH` that has pip, else `uv`, which runs pip";
    PYODIDE_DIR, "folder of an unpacked Pyodide distribution: runtime, lock file and wheels; overrides `Builder::pyodide_dir`";
    FIND_LINKS, "additional folders with wheels, separated as in `PATH`; searched before those of `Builder::find_links`";
    PACKAGE_BASE_URL, "address that the wheels of the Pyodide distribution are downloaded from; default: the address that the runtime itself uses";
    CACHE_DIR, "cache folder; overrides `Builder::cache_dir`; default: `pyodide-pack` in the user's cache folder, or `pyodide-pack-cache` below `target` if that can't be written";
    CACHE_LIMIT, "maximum size of the whole cache, such as `800 MB`; default: `5 GiB`; the least recently used entries are removed first";
    REMOTE_CACHE, "address of a [shared cache](ci.md#a-shared-cache), such as `https://cache.example.org/pyodide-pack`; verified builds that are not in the local cache are read from it; user and password may be in the address; by default there is none";
    REMOTE_CACHE_WRITE, "`1`: also write to the shared cache what a verified build made";
    REMOTE_CACHE_TOKEN, "token for the shared cache, sent as `Authorization: Bearer`";
    OFFLINE, "`1`: use no network; `CARGO_NET_OFFLINE=true` has the same effect";
    LOCKED, "`1`: fail unless the lock file exists and is up to date, as in CI";
    VERIFY, "`auto`, `always` or `never`: whether builds are verified; overrides `Builder::verify`; by default debug builds are not, unless `CI=true` is set";
    SKIP, "`1`: write valid but empty outputs, without starting any tool; `DOCS_RS` has the same effect";
    PRINT_CONFIG, "`1`: print the resolved configuration as Cargo warnings and write it to `pyodide-pack-config.json` in `OUT_DIR`; the build continues";
    LOG, "`1`: print each step of the build to standard error; `cargo build -vv` shows it";
}

/// The default of the cache limit.
const DEFAULT_CACHE_LIMIT_BYTES: u64 = 5 << 30;

/// A snapshot of the environment that remembers which variables were read.
pub(crate) struct Env {
    values: BTreeMap<String, OsString>,
    asked: RefCell<BTreeSet<String>>,
}

impl Env {
    /// Takes a snapshot of this process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one reader")]
    pub fn of_process() -> Self {
        let values = std::env::vars_os();
        Self::from_values(values.filter_map(|(k, v)| Some((k.into_string().ok()?, v))))
    }

    pub fn from_values(values: impl IntoIterator<Item = (String, OsString)>) -> Self {
        Self { values: values.into_iter().collect(), asked: RefCell::default() }
    }

    /// Returns one of the crate's own variables. An empty value counts as unset.
    pub fn own(&self, name: &'static str) -> Option<OsString> {
        debug_assert!(VARIABLES.iter().any(|v| v.name == name), "{name} is not documented");
        self.announced(name)
    }

    /// Returns one of the crate's own variables that changes no output. Cargo does not watch it: it would store
    /// the value, which may be a secret, in `target`.
    pub fn unwatched(&self, name: &'static str) -> Option<String> {
        debug_assert!(VARIABLES.iter().any(|v| v.name == name), "{name} is not documented");
        self.foreign(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// Returns whether a flag is set: `1`, `true`, `yes` and `on` set it; `0`, `false`, `no`, `off` do not.
    pub fn flag(&self, name: &'static str) -> Result<bool> {
        self.own(name);
        self.unwatched_flag(name)
    }

    /// Returns the same for a flag that changes no output.
    pub fn unwatched_flag(&self, name: &'static str) -> Result<bool> {
        let Some(value) = self.foreign(name) else { return Ok(false) };
        match value.to_string_lossy().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(true),
            "0" | "false" | "no" | "off" => Ok(false),
            other => Err(Error::new(ErrorKind::Config, format!("{name} is {other:?}"))
                .at("the environment")
                .hint(format!("set {name}=1, or unset it"))),
        }
    }

    /// Returns the size limit of the cache, in bytes.
    pub fn cache_limit(&self) -> Result<u64> {
        let Some(value) = self.own(CACHE_LIMIT) else { return Ok(DEFAULT_CACHE_LIMIT_BYTES) };
        parse_size(&value.to_string_lossy()).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("{CACHE_LIMIT} is {:?}", value.to_string_lossy()))
                .at("the environment")
                .hint("write a number with a unit: kB, MB, GB, KiB, MiB or GiB")
        })
    }

    pub fn offline(&self) -> Result<bool> {
        let cargo = self.announced("CARGO_NET_OFFLINE");
        Ok(self.flag(OFFLINE)? || cargo.is_some_and(|v| v == "true"))
    }

    pub fn skip(&self) -> Result<bool> {
        Ok(self.flag(SKIP)? || self.announced("DOCS_RS").is_some())
    }

    /// Returns whether this is a build of a CI service.
    pub fn is_ci(&self) -> bool {
        self.announced("CI").is_some_and(|value| value == "true" || value == "1")
    }

    /// Returns a variable that Cargo or the system sets and that Cargo need not watch.
    pub fn foreign(&self, name: &str) -> Option<OsString> {
        self.values.get(name).filter(|v| !v.is_empty()).cloned()
    }

    /// Returns whether Cargo builds for WebAssembly, where programs find no files of the build.
    pub fn is_for_wasm(&self) -> bool {
        let families = self.foreign("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
        families.to_string_lossy().split(',').any(|family| family == "wasm")
    }

    /// Returns a variable that the user's files name.
    pub fn named(&self, name: &str) -> Option<String> {
        self.announced(name)?.into_string().ok()
    }

    fn announced(&self, name: &str) -> Option<OsString> {
        self.asked.borrow_mut().insert(name.to_owned());
        self.foreign(name)
    }

    /// Returns the variables whose change must rerun the build script.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().iter().cloned().collect()
    }

    /// Returns `pyodide-pack` in the user's cache folder, if that is known. A relative path does not count,
    /// as the specification of `XDG_CACHE_HOME` says.
    pub fn user_cache_dir(&self) -> Option<PathBuf> {
        let absolute =
            |name| self.foreign(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = |below: &str| absolute("HOME").map(|home| home.join(below));
        let base = if cfg!(windows) {
            absolute("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            home("Library/Caches")
        } else {
            absolute("XDG_CACHE_HOME").or_else(|| home(".cache"))
        };
        base.map(|base| base.join("pyodide-pack"))
    }
}

/// Parses a number of bytes, with or without a unit.
fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(values: &[(&str, &str)]) -> Env {
        Env::from_values(values.iter().map(|(k, v)| ((*k).to_owned(), OsString::from(v))))
    }

    #[test]
    fn the_documentation_has_every_variable_and_no_other() {
        let table = include_str!("../../docs/environment.md");
        for variable in VARIABLES {
            let row = format!("| `{}` | {} |", variable.name, variable.meaning);
            assert!(table.contains(&row), "docs/environment.md has no row\n{row}");
        }
        let docs =
            ["app", "requirements", "hosting", "ci", "benchmarks", "environment", "python-files"];
        let docs = docs.map(|name| format!("docs/{name}.md"));
        for file in docs.iter().map(String::as_str).chain(["README.md"]) {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let text = std::fs::read_to_string(path).unwrap();
            for word in text.split(|c: char| !(c.is_ascii_uppercase() || c == '_')) {
                let documented = VARIABLES.iter().any(|v| v.name == word);
                let whole = word.starts_with("PYODIDE_PACK_") && word.len() > "PYODIDE_PACK_".len();
                assert!(!whole || documented, "{file} names {word}, which does not exist");
            }
        }
    }

    #[test]
    fn announces_variables_that_were_read_even_if_unset() {
        let env = env(&[]);
        assert!(env.own(NODE).is_none());
        assert!(!env.offline().unwrap());
        assert_eq!(env.asked(), ["CARGO_NET_OFFLINE", NODE, OFFLINE]);
    }

    #[test]
    fn flags_are_words_and_nothing_else() {
        assert!(env(&[(SKIP, "1")]).flag(SKIP).unwrap());
        assert!(!env(&[(SKIP, "0")]).flag(SKIP).unwrap());
        assert!(!env(&[(SKIP, "")]).flag(SKIP).unwrap());
        assert!(env(&[(SKIP, "maybe")]).flag(SKIP).is_err());
        assert!(env(&[("DOCS_RS", "1")]).skip().unwrap());
        assert!(env(&[("CARGO_NET_OFFLINE", "true")]).offline().unwrap());
    }

    #[test]
    fn the_limit_of_the_cache_has_a_unit() {
        let limit = |text| env(&[(CACHE_LIMIT, text)]).cache_limit();
        assert_eq!(limit("5 GiB").unwrap(), env(&[]).cache_limit().unwrap());
        assert_eq!(limit("800MB").unwrap(), 800_000_000);
        assert_eq!(limit("0").unwrap(), 0);
        for text in ["5 gib", "-1 GB", "1.5 GB", "much", "99999999999 GiB"] {
            let error = limit(text).unwrap_err().to_string();
            assert!(error.contains(CACHE_LIMIT) && error.contains("hint:"), "{error}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_users_cache_folder_is_absolute() {
        let dir = |values: &[(&str, &str)]| env(values).user_cache_dir();
        let home = ("HOME", "/h");
        assert_eq!(dir(&[home, ("XDG_CACHE_HOME", "/x")]), Some("/x/pyodide-pack".into()));
        let in_home = Some(PathBuf::from("/h/.cache/pyodide-pack"));
        assert_eq!(dir(&[home]), in_home);
        assert_eq!(dir(&[home, ("XDG_CACHE_HOME", "x")]), in_home);
        assert_eq!(dir(&[("XDG_CACHE_HOME", "x")]), None);
        assert_eq!(dir(&[("HOME", "h")]), None);
    }
}
