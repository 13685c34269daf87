//! Measures bundles of well-known packages, as one Markdown table: bytes on the wire, seconds until the app
//! has run, peak memory, and the cost of the build.
//!
//! ```console
//! cargo bench                                # all apps, 5 runs of each side
//! cargo bench -- --runs 1 stdlib pandas      # some of them, quicker
//! cargo bench -- pandas source               # in one form
//! ```
//!
//! The steps of each start go to standard error. The machine should be idle otherwise.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use pyodide_pack::{Benchmark, Builder, PythonFiles, Report};
use serde::Deserialize;
use serde_json::Value;
use support::subjects::{SUBJECTS, Subject, subject};

/// The forms of bundles; each is a row of the table.
type Mode = (&'static str, fn(Builder) -> Builder);
const MODES: &[Mode] = &[
    ("bytecode", |builder| builder),
    ("source", |builder| builder.python_files(PythonFiles::source())),
];

const RUNS: u32 = 5;

/// The buckets in which builds remember the files that can't be stripped.
const KNOWN: [&str; 2] = ["fallbacks-v1", "imports-v1"];

/// The argument that makes this program build one app and exit, which separates its CPU time.
const BUILD: &str = "--build";

fn main() {
    let mut runs = RUNS;
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {} // Cargo's own.
            "--runs" => {
                let number = arguments.next().and_then(|n| n.parse().ok());
                runs = number.filter(|n| *n > 0).expect("--runs needs a number");
            }
            BUILD => return build(&arguments.collect::<Vec<_>>()),
            name => names.push(name.to_owned()),
        }
    }
    let known: Vec<_> = SUBJECTS.iter().map(|subject| subject.name).collect();
    let modes: Vec<_> = MODES.iter().map(|mode| mode.0).collect();
    let (names, chosen): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| !modes.contains(&name.as_str()));
    assert!(
        names.iter().all(|name| known.contains(&name.as_str())),
        "known apps: {known:?}, modes: {modes:?}"
    );
    let wanted = |given: &[String], name: &str| given.is_empty() || given.iter().any(|n| n == name);

    let mut rows = Vec::new();
    for subject in SUBJECTS.iter().filter(|subject| wanted(&names, subject.name)) {
        for mode in modes.iter().filter(|mode| wanted(&chosen, mode)) {
            eprintln!("== {}, {mode}", subject.name);
            rows.push(measure(subject, mode, runs));
        }
    }
    println!("{}\n", machine());
    println!(
        "Wire, start and memory: plain Pyodide {} → the bundle. MB: 10^6 bytes; the bundle and the core \
         Brotli-compressed (quality 11, 16 MiB window), the standard library and the wheels of plain \
         Pyodide as they are. Start: from nothing to the end of the app, in Node, from local files; the \
         median of {runs} run(s). First build: with the search for files that have to keep their \
         docstrings.\n",
        rows[0].pyodide
    );
    print!("{}", table(&rows));
}

/// Bytes on the wire.
#[derive(Default)]
struct Wire {
    core: u64,
    stdlib: u64,
    /// With the app.
    packages: u64,
    /// With the loader.
    manifest: u64,
}

impl Wire {
    fn total(&self) -> u64 {
        self.core + self.stdlib + self.packages + self.manifest
    }
}

/// The cost of one build.
struct Cost {
    seconds: f64,
    /// User and system time of all processes, if the system reports it.
    cpu_seconds: Option<f64>,
}

struct Row {
    name: &'static str,
    mode: &'static str,
    pyodide: String,
    plain: Wire,
    bundle: Wire,
    benchmark: Benchmark,
    /// Including the search for files that can't be stripped, if the app has such files.
    first: Option<Cost>,
    cold: Cost,
    cached: Cost,
}

fn measure(subject: &Subject, mode: &'static str, runs: u32) -> Row {
    let dir = tempfile::tempdir_in(support::tmp()).unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("app")).unwrap();
    fs::write(dir.join("app/app.py"), subject.code).unwrap();

    let mut cold = build_in_child(subject, mode, dir, "cold", 0);
    let mut first = None;
    if !report(&dir.join("cold")).fallbacks.is_empty() {
        let (cache, known) = (dir.join("cache"), dir.join("known"));
        fs::create_dir(&known).unwrap();
        for bucket in KNOWN.iter().filter(|bucket| cache.join(bucket).exists()) {
            fs::rename(cache.join(bucket), known.join(bucket)).unwrap();
        }
        fs::remove_dir_all(&cache).unwrap();
        fs::rename(known, cache).unwrap();
        first = Some(std::mem::replace(&mut cold, build_in_child(subject, mode, dir, "cold", 0)));
    }
    let cached = build_in_child(subject, mode, dir, "cached", 0);
    let hit = report(&dir.join("cached"));
    build_in_child(subject, mode, dir, "timed", runs);
    let report = report(&dir.join("timed"));
    assert_eq!(hit.files.len(), report.files.len());
    let benchmark = report.benchmark.expect("the settings request it");
    eprintln!("{}", benchmark.table());
    Row {
        name: subject.name,
        mode,
        pyodide: report.pyodide,
        plain: plain_wire(dir, &dir.join("timed")),
        bundle: bundle_wire(&dir.join("timed")),
        benchmark,
        first,
        cold,
        cached,
    }
}

/// The whole build of one subject: `NAME MODE DIR OUT RUNS`.
fn build(arguments: &[String]) {
    let [name, mode, dir, out, runs] = arguments else { panic!("{arguments:?}") };
    let subject = subject(name);
    let (_, settings) = MODES.iter().find(|(known, _)| known == mode).unwrap();
    let dir = Path::new(dir);
    let builder = Builder::new(dir.join("app"))
        .requires(subject.requires.to_vec())
        .pyodide_dir(support::distribution())
        .cache_dir(dir.join("cache"))
        .lock_file(dir.join("pyodide-pack.lock"))
        .out_dir(dir.join(out))
        .benchmark(runs.parse().unwrap());
    settings(builder).build().unwrap_or_else(|error| panic!("{error}"));
}

fn build_in_child(subject: &Subject, mode: &str, dir: &Path, out: &str, runs: u32) -> Cost {
    let _ = support::distribution(); // Downloaded before the clock starts.
    let cpu_before = cpu_seconds_of_children();
    let started = Instant::now();
    let status = Command::new(std::env::current_exe().unwrap())
        .args([BUILD, subject.name, mode])
        .arg(dir)
        .arg(out)
        .arg(runs.to_string())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    assert!(status.success(), "{} could not be built", subject.name);
    let cpu_after = cpu_seconds_of_children();
    Cost { seconds, cpu_seconds: cpu_after.zip(cpu_before).map(|(after, before)| after - before) }
}

/// Returns user and system time of the children that have ended, and of their children. Linux only: `stat`
/// counts hundredths of seconds on every architecture.
fn cpu_seconds_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, and may contain spaces.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |number: usize| fields.get(number)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

fn report(out: &Path) -> Report {
    serde_json::from_slice(&fs::read(out.join("pyodide-pack-report.json")).unwrap()).unwrap()
}

fn bundle_wire(out: &Path) -> Wire {
    let served = out.join("pyodide-pack");
    let manifest: Value =
        serde_json::from_slice(&fs::read(served.join("manifest.json")).unwrap()).unwrap();
    let (mut stdlib, mut packages) = (Vec::new(), Vec::new());
    let chunks = manifest["chunks"].as_array().unwrap().iter();
    for chunk in chunks.filter(|chunk| chunk["eager"] == true) {
        let of = if chunk["package"] == "stdlib" { &mut stdlib } else { &mut packages };
        of.push(served.join(chunk["file"].as_str().unwrap()));
    }
    Wire {
        core: compressed(&core(out)),
        stdlib: compressed(&stdlib),
        packages: compressed(&packages),
        manifest: compressed(&[served.join("manifest.json"), served.join("loader.js")]),
    }
}

fn plain_wire(dir: &Path, out: &Path) -> Wire {
    #[derive(Deserialize)]
    struct Lock {
        app: Vec<App>,
    }
    #[derive(Deserialize)]
    struct App {
        #[serde(default)]
        wheel: Vec<Wheel>,
    }
    #[derive(Deserialize)]
    struct Wheel {
        file_name: String,
        sha256: String,
    }
    let size = |path: &Path| fs::metadata(path).map(|meta| meta.len());
    let distribution = support::distribution();
    let mut packages = size(&dir.join("app/app.py")).unwrap();
    // Without requirements the crate has no lock file.
    if let Ok(text) = fs::read_to_string(dir.join("pyodide-pack.lock")) {
        let lock: Lock = toml::from_str(&text).unwrap();
        for wheel in &lock.app[0].wheel {
            let fetched = dir.join("cache/wheels-v1").join(&wheel.sha256).join(&wheel.file_name);
            let here = size(&distribution.join(&wheel.file_name)).or_else(|_| size(&fetched));
            packages += here.unwrap_or_else(|e| panic!("{}: {e}", wheel.file_name));
        }
    }
    let stdlib = size(&distribution.join("python_stdlib.zip")).unwrap();
    Wire { core: compressed(&core(out)), stdlib, packages, manifest: 0 }
}

/// The core files that a browser fetches.
fn core(out: &Path) -> Vec<PathBuf> {
    let served = fs::read_dir(out.join("pyodide-pack")).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut folders = served.filter(|path| path.is_dir() && name(path).starts_with("pyodide."));
    let files = fs::read_dir(folders.next().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    // The loader requests no aliases.
    files.filter(|path| path.extension().is_none_or(|end| end != "mjs")).collect()
}

/// Returns the sum of the files' sizes after Brotli.
fn compressed(files: &[PathBuf]) -> u64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/brotli.mjs");
    let memo = support::tmp().join("brotli-sizes");
    let output = Command::new("node").arg(script).arg(memo).args(files).output().unwrap();
    let sizes: Vec<u64> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    sizes.iter().sum()
}

/// Returns the date and the machine of this run.
fn machine() -> String {
    let code = "const os = require('node:os'); const cpus = os.cpus(); console.log(\
                `${new Date().toISOString().slice(0, 10)}; ${cpus[0].model.trim()}, ${cpus.length} \
                cores; ${os.type()}; Node.js ${process.version}`)";
    let output = Command::new("node").args(["-e", code]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn table(rows: &[Row]) -> String {
    let titles = [
        "app",
        "mode",
        "core, MB",
        "stdlib, MB",
        "packages and app, MB",
        "loader and manifest, MB",
        "all, MB",
        "ratio",
        "start, s",
        "ratio",
        "memory, MB",
        "first build, s (CPU)",
        "build, s (CPU)",
        "cached, s (CPU)",
    ];
    let mut text =
        format!("| {} |\n|{}|\n", titles.join(" | "), vec!["---"; titles.len()].join("|"));
    for row in rows {
        let (plain, bundle) = (&row.plain, &row.bundle);
        let start = row.benchmark.plain.as_ref();
        let with = &row.benchmark.bundle;
        let cells = [
            row.name.to_owned(),
            row.mode.to_owned(),
            mb(bundle.core),
            format!("{} → {}", mb(plain.stdlib), mb(bundle.stdlib)),
            format!("{} → {}", mb(plain.packages), mb(bundle.packages)),
            mb(bundle.manifest),
            format!("{} → {}", mb(plain.total()), mb(bundle.total())),
            format!("{:.2}", float(bundle.total()) / float(plain.total())),
            format!("{} → {:.2}", or_dash(start.map(|s| format!("{:.2}", s.total))), with.total),
            or_dash(row.benchmark.ratio().map(|ratio| format!("{ratio:.2}"))),
            format!(
                "{} → {:.0}",
                or_dash(start.map(|s| format!("{:.0}", float(s.peak_memory) / 1e6))),
                float(with.peak_memory) / 1e6
            ),
            or_dash(row.first.as_ref().map(cost)),
            cost(&row.cold),
            cost(&row.cached),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn cost(Cost { seconds, cpu_seconds }: &Cost) -> String {
    format!("{seconds:.1} ({})", or_dash(cpu_seconds.map(|cpu| format!("{cpu:.1}"))))
}

fn mb(bytes: u64) -> String {
    format!("{:.2}", float(bytes) / 1e6)
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}
