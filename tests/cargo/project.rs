//! A temporary crate that packs a Python app, with its own target folder and cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use support::{cache, files, tmp};
use tempfile::TempDir;

use crate::cargo::child;

/// An app that uses a small part of the standard library.
pub const APP: &str = "import json\n\nprint(json.dumps({\"ready\": True}))\n";

/// Environment variables that change a build or the place of its outputs.
const VARIABLES: &[&str] = &[
    "CI",
    "CARGO_BUILD_TARGET",
    "DOCS_RS",
    "PYODIDE_PACK_CACHE_DIR",
    "PYODIDE_PACK_FIND_LINKS",
    "PYODIDE_PACK_LOCKED",
    "PYODIDE_PACK_LOG",
    "PYODIDE_PACK_NODE",
    "PYODIDE_PACK_NPM",
    "PYODIDE_PACK_OFFLINE",
    "PYODIDE_PACK_PACKAGE_BASE_URL",
    "PYODIDE_PACK_PRINT_CONFIG",
    "PYODIDE_PACK_PYODIDE_DIR",
    "PYODIDE_PACK_PYTHON",
    "PYODIDE_PACK_REMOTE_CACHE",
    "PYODIDE_PACK_REMOTE_CACHE_TOKEN",
    "PYODIDE_PACK_REMOTE_CACHE_WRITE",
    "PYODIDE_PACK_SKIP",
    "PYODIDE_PACK_VERIFY",
];

/// Each run appends a line to a file that Cargo does not watch.
const BUILD_RS: &str = r#"use std::io::Write;

fn main() -> pyodide_pack::Result<()> {
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/../runs.txt");
    let log = std::fs::File::options().create(true).append(true).open(log);
    writeln!(log.unwrap(), "run").unwrap();
    // Otherwise every release build would compress a core of its own.
    let builder = pyodide_pack::Builder::new("python").split(pyodide_pack::Split::Never);
    builder.build()?;
    Ok(())
}
"#;

const MAIN_RS: &str = r#"static BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pyodide-package-bundle.zip"));
mod python {
    include!(concat!(env!("OUT_DIR"), "/pyodide_pack.rs"));
}

fn main() {
    assert!(BUNDLE == python::BUNDLE);
    println!("{}", env!("OUT_DIR"));
    println!("{}", python::PYODIDE_VERSION);
    println!("{} {} {}", BUNDLE.len(), python::STDLIB.len(), python::assets::ALL.len());
}
"#;

/// A folder with `project/`, `target/`, `cache/` and `runs.txt`, removed with the value.
pub struct Project {
    dir: TempDir,
}

/// The output of a project's program.
pub struct Printed {
    pub out_dir: PathBuf,
    pub version: String,
    /// Bytes of the bundle, bytes of the standard library, number of assets.
    pub sizes: [usize; 3],
}

impl Project {
    /// Creates a project whose cache has the runtime, and the results of another app's build that depend
    /// only on Pyodide.
    pub fn new(app: &str) -> Self {
        Self::without("", app)
    }

    /// Creates the same project, without one bucket of the cache.
    pub fn without(bucket: &str, app: &str) -> Self {
        let project = Self::with_runtime("project-", app);
        let mut buckets =
            vec!["unpacked-v1", "startup-v1", "transformed-v1", "fallbacks-v1", "imports-v1"];
        buckets.retain(|name| *name != bucket);
        project.fill(&buckets);
        project
    }

    /// Creates a project with only the runtime in its cache, in a folder whose name starts with `prefix`.
    pub fn with_runtime(prefix: &str, app: &str) -> Self {
        let project = Self::without_runtime(prefix, app);
        project.fill(&["runtimes-v1"]);
        project
    }

    /// Creates a project with an empty cache.
    pub fn without_runtime(prefix: &str, app: &str) -> Self {
        let dir = tempfile::Builder::new().prefix(prefix).tempdir_in(root()).unwrap();
        let project = Self { dir };
        project.write("python/app.py", app);
        project.write("python/daten ü/a b.txt", "Grüße");
        write_crate(&project.folder(), "packed");
        project
    }

    fn fill(&self, buckets: &[&str]) {
        for bucket in buckets {
            files::copy(&filled().join(bucket), &self.cache().join(bucket), |_| false);
        }
    }

    /// Copies the compressed copies of the runtime into the cache.
    pub fn fill_compressed(&self) {
        files::copy(compressed(), &self.cache().join("compressed-v1"), |_| false);
    }

    /// Returns the folder that contains all others.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn folder(&self) -> PathBuf {
        self.dir().join("project")
    }

    pub fn target(&self) -> PathBuf {
        self.dir().join("target")
    }

    pub fn cache(&self) -> PathBuf {
        self.dir().join("cache")
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, content: &str) {
        files::write(&self.folder().join(file), content);
    }

    /// Returns how often the build script ran.
    pub fn runs(&self) -> usize {
        fs::read_to_string(self.dir().join("runs.txt")).unwrap_or_default().lines().count()
    }

    /// Returns `cargo build`, with the crate compiled already.
    pub fn cargo(&self) -> Command {
        self.cargo_for("debug", &[])
    }

    /// Returns `cargo build --release`, with the crate compiled already.
    pub fn cargo_release(&self) -> Command {
        self.cargo_for("release", &["--release"])
    }

    fn cargo_for(&self, profile: &str, arguments: &[&str]) -> Command {
        let target = self.target().join(profile);
        if !target.exists() {
            files::copy(&compiled(arguments).join(profile), &target, of_no_use);
        }
        let mut command = cargo(&self.folder(), &self.target(), &self.cache());
        command.args(arguments);
        command
    }

    /// Runs the program that cargo built; `profile` is its folder.
    pub fn program(&self, profile: &str) -> Printed {
        let program = format!("packed{}", std::env::consts::EXE_SUFFIX);
        let output = run(&mut Command::new(self.target().join(profile).join(program)));
        assert!(output.status.success(), "{}", text(&output));
        let printed = String::from_utf8(output.stdout).unwrap();
        let [out_dir, version, sizes] = printed.lines().collect::<Vec<_>>()[..] else {
            panic!("it printed\n{printed}")
        };
        let sizes: Vec<_> = sizes.split(' ').map(|size| size.parse().unwrap()).collect();
        let (out_dir, version) = (PathBuf::from(out_dir), version.to_owned());
        Printed { out_dir, version, sizes: sizes.try_into().unwrap() }
    }
}

/// Runs a command to its end, and captures its output.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// Runs a build that must succeed, and returns everything that it printed.
pub fn succeed(command: &mut Command) -> String {
    let output = run(command);
    let text = text(&output);
    assert!(output.status.success(), "the build failed:\n{text}");
    text
}

/// Runs a build that must fail, and returns everything that it printed.
pub fn fail(command: &mut Command) -> String {
    let output = run(command);
    let text = text(&output);
    assert!(!output.status.success(), "the build succeeded:\n{text}");
    text
}

/// Returns everything that a process printed.
pub fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Removes variables that would change a build, and sets its cache.
pub fn isolate(command: &mut Command, cache: &Path) {
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.env("PYODIDE_PACK_CACHE_DIR", cache);
}

/// Returns the folder of all projects.
fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let root = tmp().join("cargo");
        fs::create_dir_all(&root).unwrap();
        root.canonicalize().unwrap()
    })
}

fn cargo(folder: &Path, target: &Path, cache: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    isolate(&mut command, cache);
    command.args(["build", "--offline"]).current_dir(folder).env("CARGO_TARGET_DIR", target);
    command.env("CARGO_TERM_COLOR", "never");
    command
}

fn write_crate(folder: &Path, name: &str) {
    let root = env!("CARGO_MANIFEST_DIR");
    let manifest = format!(
        "[workspace]\n\n\
         [package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\nbuild = \"build.rs\"\n\n\
         [build-dependencies]\npyodide-pack = {{ path = '{root}' }}\n"
    );
    files::write(&folder.join("Cargo.toml"), &manifest);
    files::write(&folder.join("build.rs"), BUILD_RS);
    files::write(&folder.join("src/main.rs"), MAIN_RS);
    // The lock file keeps the versions of the crate's own build.
    fs::copy(Path::new(root).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// The name of the crate that fills a target folder.
const SEED: &str = "seed";

/// The contents of a target folder that belong to the seed alone, or that only speed up repeated builds.
fn of_no_use(name: &str) -> bool {
    name.starts_with(SEED) || name.starts_with("libseed") || name == "incremental"
}

/// Returns a target folder in which the crate and its dependencies are compiled, with these arguments.
fn compiled(arguments: &[&str]) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = root().join(SEED);
    let (folder, target) = (dir.join("project"), dir.join("target"));
    write_crate(&folder, SEED);
    files::write(&folder.join("python/app.py"), APP);
    let mut command = cargo(&folder, &target, &dir.join("cache"));
    succeed(command.args(arguments).env("PYODIDE_PACK_SKIP", "1"));
    target
}

/// Returns a cache with the runtime and the results of a build of another app.
fn filled() -> &'static Path {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    CACHE.get_or_init(|| {
        let filled = root().join(SEED).join("cache");
        let runtime = cache::runtime();
        let name = runtime.file_name().unwrap();
        files::copy(runtime, &filled.join("runtimes-v1").join(name), |_| false);
        let project = Project::without_runtime("project-", "import graphlib\n");
        succeed(child::build(&project).env("PYODIDE_PACK_CACHE_DIR", &filled));
        filled
    })
}

/// Returns the bucket of compressed copies that a release build leaves in the cache of all tests.
/// Compressing the runtime takes half a minute.
fn compressed() -> &'static Path {
    static BUCKET: OnceLock<PathBuf> = OnceLock::new();
    BUCKET.get_or_init(|| {
        let project = Project::without_runtime("project-", "import graphlib\n");
        let mut build = child::build(&project);
        succeed(build.env("PYODIDE_PACK_CACHE_DIR", cache::cache()).env("PROFILE", "release"));
        cache::cache().join("compressed-v1")
    })
}
