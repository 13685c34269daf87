//! The report of a build: the size table per package, the decision for each file, the times.

pub(crate) mod benchmark;
pub(crate) mod collect;
pub(crate) mod file;
pub(crate) mod sizes;
pub(crate) mod snapshot;
pub(crate) mod split;

use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::progress::Stage;
use crate::report::benchmark::Benchmark;
use crate::report::file::{FallbackReport, FileReport, Loading};
use crate::report::snapshot::SnapshotReport;
use crate::report::split::SplitReport;
use crate::settings::lazy::Lazy;
use crate::settings::left_out::LeftOut;

pub(crate) const REPORT_JSON: &str = "pyodide-pack-report.json";
pub(crate) const REPORT_TXT: &str = "pyodide-pack-report.txt";

/// The report of a build. Sizes are in bytes. Sizes called `gzip` add up files that were compressed one by
/// one with gzip at its default level.
///
/// ```no_run
/// use pyodide_pack::{Builder, Loading};
///
/// # fn main() -> Result<(), pyodide_pack::Error> {
/// let report = Builder::new("python").requires(["pandas"]).build()?;
/// for file in report.files.iter().filter(|file| file.loading == Loading::Eager) {
///     println!("cargo:warning={}: {} bytes, {}", file.path, file.bytes, file.reason());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of Pyodide.
    pub pyodide: String,
    /// The setting for lazy files.
    pub lazy: Lazy,
    /// Uncompressed bytes in the bundle, without Pyodide's core.
    pub eager_bytes: u64,
    /// Uncompressed bytes that are not in the bundle.
    pub lazy_bytes: u64,
    /// One row for each package. Pyodide's core comes first, then the standard library; the app is last.
    pub packages: Vec<PackageSizes>,
    /// The sum of the rows.
    pub total: PackageSizes,
    /// Pyodide's core.
    #[serde(default)]
    pub core: SplitReport,
    /// The eager side modules that are split.
    #[serde(default)]
    pub side_modules: SplitReport,
    /// The snapshot of Python's memory, if [`Builder::snapshot`](crate::Builder::snapshot) asks for one.
    #[serde(default)]
    pub snapshot: Option<SnapshotReport>,
    /// Every file of the installation.
    pub files: Vec<FileReport>,
    /// What is in the app's folder but not in the installation.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Packages whose docstrings stay because code may use them, and why.
    pub docstrings: Vec<(String, String)>,
    /// Python files that are not in the requested form, because other code fails with that form.
    pub fallbacks: Vec<FallbackReport>,
    /// One entry for each scenario.
    pub scenarios: Vec<ScenarioReport>,
    /// Only with [`Builder::benchmark`](crate::Builder::benchmark).
    pub benchmark: Option<Benchmark>,
    /// Only in development builds.
    #[serde(default)]
    pub development: Option<Development>,
    /// The stages of the build.
    pub stages: Vec<Stage>,
    /// Warnings, which Cargo shows too.
    pub warnings: Vec<String>,
    /// Whether the outputs came from the cache.
    pub cached: bool,
}

/// The sizes of a package, as installed and in the bundle.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PackageSizes {
    /// The package: a name, `pyodide` for its core, `stdlib` or `app`.
    pub name: String,
    /// Its version; empty for the app.
    pub version: String,
    /// Files of the installation.
    pub files: usize,
    /// Files in the bundle.
    pub eager_files: usize,
    /// Files that [`Lazy::Omit`] leaves out.
    pub omitted_files: usize,
    /// Files that [`Builder::exclude`](crate::Builder::exclude) removed. All others are lazy.
    pub excluded_files: usize,
    /// Side modules (`.so`) of the installation.
    pub side_modules: usize,
    /// Side modules in the bundle.
    pub eager_side_modules: usize,
    /// Size of the installation.
    pub gzip: u64,
    /// Size of the bundle.
    pub eager_gzip: u64,
}

/// What a development build reused. It was not verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Development {
    /// Whether the eager packages are those of a verified build. Otherwise a development build recorded them.
    pub from_verified: bool,
    /// Modules that the app seems to import and that no scenario traced, found by a look at its `import` lines.
    /// They are fetched on demand, until a verified build makes them eager.
    pub to_trace: Vec<String>,
}

/// The time of a scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScenarioReport {
    /// Its file, relative to the app.
    pub name: String,
    /// Seconds from the start of the runtime to the end of the scenario, with the bundle.
    pub seconds: f64,
    /// Whether its standard output was compared, or why not.
    pub stdout: String,
}

impl Report {
    pub(crate) fn skipped() -> Self {
        Self {
            pyodide: String::new(),
            lazy: Lazy::OnDemand,
            eager_bytes: 0,
            lazy_bytes: 0,
            packages: Vec::new(),
            total: PackageSizes::default(),
            core: SplitReport::default(),
            side_modules: SplitReport::default(),
            snapshot: None,
            files: Vec::new(),
            left_out: Vec::new(),
            docstrings: Vec::new(),
            fallbacks: Vec::new(),
            scenarios: Vec::new(),
            benchmark: None,
            development: None,
            stages: Vec::new(),
            warnings: Vec::new(),
            cached: false,
        }
    }

    /// Writes the report as JSON and as text, unless the files are the same already.
    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::json("write the report in", dir, e))?;
        files::write_if_changed(&dir.join(REPORT_JSON), &json)?;
        files::write_if_changed(&dir.join(REPORT_TXT), self.text().as_bytes())
    }

    /// Returns the largest eager files by gzip size, the largest first.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&FileReport> {
        let mut files: Vec<_> =
            self.files.iter().filter(|file| file.loading == Loading::Eager).collect();
        files.sort_by(|a, b| (b.eager_gzip, &a.path).cmp(&(a.eager_gzip, &b.path)));
        files.truncate(count);
        files
    }

    /// Returns the size table, which is the same for the same inputs.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        let width =
            self.packages.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(7);
        let _ = writeln!(
            text,
            "{:>3}  {:<width$}  {:>14}  {:>9}  {:>16}  {:>9}",
            "No", "package", "files", ".so", "MB", "reduction"
        );
        for (number, row) in self.packages.iter().enumerate() {
            let _ = writeln!(text, "{:>3}  {}", number + 1, line(row, width));
        }
        let total = PackageSizes { name: "total".into(), ..self.total.clone() };
        let _ = writeln!(text, "{:>3}  {}", "", line(&total, width));
        text += "Installed -> in the bundle. MB: 10^6 bytes, the sum of each file's gzip size. Pyodide ";
        text += &self.pyodide;
        text += "; what is not in the bundle is ";
        text += match self.lazy {
            Lazy::OnDemand => "fetched on demand.\n",
            Lazy::Embedded => "in pyodide-package-lazy.zip.\n",
            Lazy::Omit => "left out.\n",
        };
        text
    }

    /// Returns the table with the scenarios, the warnings and the times.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.table();
        for row in &self.scenarios {
            let _ = writeln!(
                text,
                "\n{}: {:.2} s with the bundle; stdout: {}",
                row.name, row.seconds, row.stdout
            );
        }
        if let Some(benchmark) = &self.benchmark {
            let _ = write!(text, "\n{}", benchmark.table());
        }
        for (package, why) in &self.docstrings {
            let _ = writeln!(text, "\nkept docstrings: {package}\n  {why}");
        }
        for file in &self.fallbacks {
            let FallbackReport { path, form, reason, .. } = file;
            let _ = writeln!(text, "\nkept {form}: {path}\n  otherwise {reason}");
        }
        for LeftOut { path, why, .. } in &self.left_out {
            let _ = writeln!(text, "\nleft out of the app's folder: {path}\n  {why}");
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "\nwarning: {warning}");
        }
        let _ = writeln!(text, "\n{:>6}  {:>6}  {:>6}  package", "eager", "lazy", "absent");
        for row in self.packages.iter().filter(|row| row.files > 0) {
            let (eager, absent) = (row.eager_files, row.omitted_files + row.excluded_files);
            let lazy = row.files - eager - absent;
            let _ = writeln!(text, "{eager:>6}  {lazy:>6}  {absent:>6}  {}", row.name);
        }
        let (eager, lazy) = (self.eager_bytes, self.lazy_bytes);
        let _ = writeln!(text, "\nUncompressed bytes: {eager} in the bundle, {lazy} not.");
        text += &self.core.lines("Pyodide's core");
        text += &self.side_modules.lines("eager side modules");
        text += &self.snapshot.as_ref().map(SnapshotReport::lines).unwrap_or_default();
        let _ = writeln!(text, "\nThe largest files of the bundle, in bytes, and with gzip:");
        for file in self.largest(10) {
            let FileReport { eager_bytes, eager_gzip, form, path, .. } = file;
            let _ = writeln!(
                text,
                "{eager_bytes:>9}  {eager_gzip:>8}  {:<12}  {path}",
                form.to_string()
            );
        }
        let _ = writeln!(text);
        for stage in &self.stages {
            let _ = writeln!(text, "{:>8.2} s  {}", stage.seconds, stage.name);
        }
        let total: f64 = self.stages.iter().map(|stage| stage.seconds).sum();
        let _ = writeln!(text, "{total:>8.2} s  in total");
        text
    }
}

fn line(row: &PackageSizes, width: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let (before, after) = (row.gzip as f64, row.eager_gzip as f64);
    let reduction = if row.gzip == 0 { 0.0 } else { 100.0 * (1.0 - after / before) };
    format!(
        "{:<width$}  {:>5} -> {:>5}  {:>2} -> {:>3}  {:>6.2} -> {:>6.2}  {:>7.1} %",
        row.name,
        row.files,
        row.eager_files,
        row.side_modules,
        row.eager_side_modules,
        before / 1e6,
        after / 1e6,
        reduction
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_a_line_for_each_package_and_the_sum() {
        let row = |name: &str, gzip, eager_gzip| PackageSizes {
            name: name.into(),
            files: 10,
            eager_files: 4,
            side_modules: 2,
            eager_side_modules: 1,
            gzip,
            eager_gzip,
            ..PackageSizes::default()
        };
        let packages = vec![row("stdlib", 2_000_000, 500_000), row("numpy", 6_000_000, 1_500_000)];
        let report = Report { total: collect::total(&packages), packages, ..Report::skipped() };
        let table = report.table();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(
            lines[1],
            "  1  stdlib      10 ->     4   2 ->   1    2.00 ->   0.50     75.0 %"
        );
        assert_eq!(
            lines[3],
            "     total       20 ->     8   4 ->   2    8.00 ->   2.00     75.0 %"
        );
    }
}
