//! Compares how an app starts in plain Pyodide and from its bundle: seconds of each step, and memory.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::paths::APP_DIR;
use crate::bundle::names::SERVED;
use crate::engine::scripts::Script;
use crate::engine::{Engine, Limit, Task};
use crate::packages::wheel::{Source, Wheel};
use crate::pyodide::runtime::Runtime;
use crate::run::scenario::{ScenarioJob, failed};
use crate::settings::app::Scenario;
use crate::settings::config::Config;

/// How the entry point starts in plain Pyodide, with packages from local files, and from the bundle. Each
/// run has its own Node process. The sides alternate, and no other work runs meanwhile.
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// let report = pyodide_pack::Builder::new("python").requires(["pandas"]).benchmark(5).build()?;
/// if let Some(benchmark) = &report.benchmark {
///     println!("{}", benchmark.table());
///     assert!(benchmark.ratio().is_none_or(|ratio| ratio < 1.5));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Benchmark {
    /// The file of the scenario, relative to the app.
    pub scenario: String,
    /// The number of runs of each side.
    pub runs: u32,
    /// Plain Pyodide, if it could run the scenario.
    pub plain: Option<BenchmarkSteps>,
    /// Why plain Pyodide could not run it.
    pub plain_failure: Option<String>,
    /// `loadBundle` from the outputs.
    pub bundle: BenchmarkSteps,
}

/// Seconds of the steps of one run, which add up to the total. The run is the one with the median total.
///
/// ```no_run
/// fn share(steps: &pyodide_pack::BenchmarkSteps) -> f64 {
///     steps.import_and_run / steps.total
/// }
/// ```
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BenchmarkSteps {
    /// From the import of the first module to a running interpreter, except the other steps.
    pub load_runtime: f64,
    /// Packages and app: from local files into Pyodide's file system.
    pub fetch_and_mount: f64,
    /// Compiling and instantiating side modules, at any time.
    pub side_modules: f64,
    /// Running the scenario.
    pub import_and_run: f64,
    /// The sum.
    pub total: f64,
    /// The peak of the process's resident memory, in bytes.
    pub peak_memory: u64,
}

impl Benchmark {
    /// Returns the bundle's time divided by plain Pyodide's, or `None` if plain Pyodide could not run it.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        self.plain.map(|plain| self.bundle.total / plain.total)
    }

    /// Returns a table with seconds and fraction of each step for both sides, and their ratio.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{:<15}  {:>16}  {:>16}  {:>5}",
            self.scenario, "plain, s", "bundle, s", "ratio"
        );
        let plain = self.plain.map(|steps| steps.rows());
        for (number, (name, seconds)) in self.bundle.rows().into_iter().enumerate() {
            let plain = plain.map(|rows| rows[number].1);
            let _ = writeln!(
                text,
                "{name:<15}  {}  {}  {}",
                cell(plain, self.plain.map(|steps| steps.total)),
                cell(Some(seconds), Some(self.bundle.total)),
                ratio(plain, seconds)
            );
        }
        let (plain, bundle) = (self.plain.map(|steps| megabytes(&steps)), megabytes(&self.bundle));
        let _ = writeln!(
            text,
            "{:<15}  {}  {bundle:>7.1}           {}",
            "peak memory, MB",
            plain.map_or_else(|| " ".repeat(16), |plain| format!("{plain:>7.1}         ")),
            ratio(plain, bundle)
        );
        let _ = writeln!(text, "The median of {} run(s) of each side.", self.runs);
        if let Some(why) = &self.plain_failure {
            let _ = writeln!(text, "Plain Pyodide could not run it: {}", why.trim_end());
        }
        text
    }
}

impl BenchmarkSteps {
    fn rows(&self) -> [(&'static str, f64); 5] {
        [
            ("load runtime", self.load_runtime),
            ("fetch and mount", self.fetch_and_mount),
            ("side modules", self.side_modules),
            ("import and run", self.import_and_run),
            ("total", self.total),
        ]
    }
}

fn cell(seconds: Option<f64>, total: Option<f64>) -> String {
    match (seconds, total) {
        (Some(seconds), Some(total)) => {
            format!("{seconds:>7.2}  {:>5.1} %", 100.0 * seconds / total)
        }
        _ => format!("{:>7}         ", "-"),
    }
}

/// Returns no ratio for steps shorter than the digits shown.
fn ratio(plain: Option<f64>, bundle: f64) -> String {
    match plain.filter(|plain| *plain >= 0.005) {
        Some(plain) => format!("{:>5.2}", bundle / plain),
        None => format!("{:>5}", "-"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(steps: &BenchmarkSteps) -> f64 {
    steps.peak_memory as f64 / 1e6
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Plain,
    Bundle,
}

/// The job of `benchmark.mjs`.
#[derive(Serialize)]
struct BenchmarkJob<'a> {
    side: Side,
    runtime: String,
    served: PathBuf,
    wheels: &'a str,
    packages: &'a [String],
    app: &'a [(String, PathBuf)],
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
    result: PathBuf,
}

#[derive(Deserialize)]
struct Measured {
    failure: Option<String>,
    steps: BenchmarkSteps,
}

/// Wheels for plain Pyodide.
struct LaidOut {
    /// Their folder, with a trailing separator.
    dir: String,
    /// The packages that plain Pyodide loads.
    packages: Vec<String>,
    /// The app's files: path in Pyodide, path on the build machine.
    app: Vec<(String, PathBuf)>,
}

pub(crate) struct Benchmarker<'a> {
    pub config: &'a Config,
    pub runtime: &'a Runtime,
    pub engine: &'a dyn Engine,
    pub wheels: &'a [Wheel],
    /// The paths of the wheels, in the same order.
    pub archives: &'a [PathBuf],
    /// Name and content of the app's files.
    pub app: &'a [(String, Vec<u8>)],
    pub outputs: &'a Path,
}

impl Benchmarker<'_> {
    /// Runs a scenario `runs` times on each side.
    pub fn run(&self, scenario: &Scenario, runs: u32) -> Result<Benchmark> {
        let wheels = self.lay_out(&self.engine.work().join("wheels"))?;
        let (mut plain, mut bundle) = (Vec::new(), Vec::new());
        let mut plain_failure = None;
        for number in 0..runs {
            if plain_failure.is_none() {
                match self.once(Side::Plain, number, scenario, &wheels)? {
                    Ok(steps) => plain.push(steps),
                    Err(why) => plain_failure = Some(why),
                }
            }
            let steps = self.once(Side::Bundle, number, scenario, &wheels)?;
            bundle.push(steps.map_err(|why| {
                let what = format!("{} failed from the bundle while it was timed", scenario.name);
                Error::new(ErrorKind::Verify, what).at(scenario.source.display()).because(why)
            })?);
        }
        let plain = if plain_failure.is_none() { median(plain) } else { None };
        let bundle = median(bundle)
            .ok_or_else(|| Error::new(ErrorKind::Config, "a benchmark needs at least one run"))?;
        Ok(Benchmark { scenario: scenario.name.clone(), runs, plain, plain_failure, bundle })
    }

    /// Puts the distribution's wheels into a folder, under the names that Pyodide expects. Returns the
    /// packages that plain Pyodide loads.
    fn lay_out(&self, dir: &Path) -> Result<LaidOut> {
        files::create_dir_all(dir)?;
        let mut packages = Vec::new();
        for (wheel, archive) in self.wheels.iter().zip(self.archives) {
            if wheel.source == Source::Index {
                packages.push(archive.display().to_string());
                continue;
            }
            let to = dir.join(&wheel.file_name);
            // Wheels are large, so they are linked. Folders on different disks need a copy.
            fs::hard_link(archive, &to)
                .or_else(|_| fs::copy(archive, &to).map(drop))
                .map_err(|e| Error::io("copy the file", archive, e))?;
            packages.push(wheel.name.clone());
        }
        let mut app = Vec::new();
        for (number, (name, bytes)) in self.app.iter().enumerate() {
            let path = dir.join(format!("app-{number}"));
            files::write_atomic(&path, bytes)?;
            app.push((format!("{APP_DIR}/{name}"), path));
        }
        Ok(LaidOut { dir: files::with_separator(dir), packages, app })
    }

    /// Runs one side once. The inner error says why the scenario failed.
    fn once(
        &self,
        side: Side,
        number: u32,
        scenario: &Scenario,
        wheels: &LaidOut,
    ) -> Result<Result<BenchmarkSteps, String>> {
        let name = format!("benchmark-{side:?}-{number}").to_lowercase();
        let job = BenchmarkJob {
            side,
            runtime: files::with_separator(&self.runtime.dir),
            served: self.outputs.join(SERVED),
            wheels: &wheels.dir,
            packages: &wheels.packages,
            app: &wheels.app,
            scenario: scenario.into(),
            prelude: self.config.prelude.as_deref(),
            network: self.config.trace_network,
            result: self.engine.result_path(&name),
        };
        let limit = Limit::Total(self.config.trace_timeout);
        let task = Task { script: Script::Benchmark, name: &name, limit };
        let measured = self.engine.run(task, &job)?.map_err(|failure| {
            failed(failure, scenario, "while it was timed", ErrorKind::Verify).to_string()
        });
        Ok(measured.and_then(|Measured { failure, steps }| failure.map_or(Ok(steps), Err)))
    }
}

/// Returns the run with the median total; of an even number of runs, the faster of the two.
fn median(mut runs: Vec<BenchmarkSteps>) -> Option<BenchmarkSteps> {
    runs.sort_by(|a, b| a.total.total_cmp(&b.total));
    runs.get(runs.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_and_results_are_as_they_are_described() {
        use crate::engine::border::{check, sample};
        assert!(serde_json::from_value::<Measured>(sample("Measured")).is_ok());
        let source = PathBuf::from("app.py");
        let (name, filename) = ("app.py".to_owned(), "/home/pyodide/app.py".to_owned());
        let scenario = Scenario { name, script: source.clone(), source, filename };
        for side in [Side::Plain, Side::Bundle] {
            let job = BenchmarkJob {
                side,
                runtime: "pyodide/".to_owned(),
                served: PathBuf::from("pyodide-pack"),
                wheels: "wheels/",
                packages: &["six".to_owned()],
                app: &[("app.py".to_owned(), PathBuf::from("app.py"))],
                scenario: (&scenario).into(),
                prelude: None,
                network: false,
                result: PathBuf::from("result"),
            };
            check("BenchmarkJob", &serde_json::to_value(job).unwrap());
        }
    }

    fn steps(factor: f64) -> BenchmarkSteps {
        BenchmarkSteps {
            load_runtime: factor,
            fetch_and_mount: 0.5 * factor,
            side_modules: 0.0,
            import_and_run: 2.5 * factor,
            total: 4.0 * factor,
            peak_memory: 200_000_000,
        }
    }

    fn benchmark() -> Benchmark {
        Benchmark {
            scenario: "app.py".into(),
            runs: 3,
            plain: median(vec![steps(3.0), steps(1.0), steps(0.9)]),
            plain_failure: None,
            bundle: steps(0.3),
        }
    }

    #[test]
    fn table_has_seconds_fractions_and_ratios_of_the_median_run() {
        let expected = "\
app.py                   plain, s         bundle, s  ratio
load runtime        1.00   25.0 %     0.30   25.0 %   0.30
fetch and mount     0.50   12.5 %     0.15   12.5 %   0.30
side modules        0.00    0.0 %     0.00    0.0 %      -
import and run      2.50   62.5 %     0.75   62.5 %   0.30
total               4.00  100.0 %     1.20  100.0 %   0.30
peak memory, MB    200.0             200.0            1.00
The median of 3 run(s) of each side.
";
        assert_eq!(benchmark().table(), expected);
    }

    #[test]
    fn without_plain_pyodide_there_is_no_ratio() {
        let why = Some("ModuleNotFoundError\n".to_owned());
        let benchmark = Benchmark { plain: None, plain_failure: why, ..benchmark() };
        assert_eq!(benchmark.ratio(), None);
        let table = benchmark.table();
        assert!(
            table.contains("total                  -              1.20  100.0 %      -"),
            "{table}"
        );
        assert!(table.ends_with("could not run it: ModuleNotFoundError\n"), "{table}");
    }
}
