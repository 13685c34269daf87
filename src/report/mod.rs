//! What a build did: the size table per package, the decision for each file, the times.

pub(crate) mod benchmark;
pub(crate) mod collect;
pub(crate) mod sizes;

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::base::progress::Stage;
use crate::report::benchmark::Benchmark;
use crate::settings::lazy::Cold;

/// What a build did. Sizes are in bytes; those called `gzip` are the sum of the files' sizes when
/// each is compressed alone with gzip at its default level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of Pyodide.
    pub pyodide: String,
    /// What became of cold files.
    pub cold: Cold,
    /// What is in the bundle, in bytes, as it is stored.
    pub hot_bytes: u64,
    /// What is not, likewise, wherever it is.
    pub cold_bytes: u64,
    /// One row for each distribution, with the standard library first and the app last.
    pub packages: Vec<PackageSizes>,
    /// The sum of the rows.
    pub total: PackageSizes,
    /// Every file and where it went.
    pub files: Vec<FileDecision>,
    /// Files that are not in the form that was asked for, because the app fails otherwise.
    pub kept: Vec<KeptFile>,
    /// One for each scenario.
    pub scenarios: Vec<ScenarioTimes>,
    /// If [`Builder::benchmark`](crate::Builder::benchmark) asked for it.
    pub benchmark: Option<Benchmark>,
    /// The stages of the build.
    pub stages: Vec<Stage>,
    /// What is not as one may expect; Cargo shows them too.
    pub warnings: Vec<String>,
    /// Whether the outputs came from the cache.
    pub cached: bool,
}

/// What is installed, and what of it is in the bundle.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PackageSizes {
    /// The distribution, `stdlib` or `app`.
    pub name: String,
    /// Its version; empty for the app.
    pub version: String,
    /// Files of the installation.
    pub files: usize,
    /// Files in the bundle.
    pub hot_files: usize,
    /// Files that are nowhere; all others are cold.
    pub dropped_files: usize,
    /// Side modules (`.so`) of the installation.
    pub side_modules: usize,
    /// Side modules in the bundle.
    pub hot_side_modules: usize,
    /// Of the installation.
    pub gzip: u64,
    /// Of the bundle.
    pub hot_gzip: u64,
}

/// Where a file went, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileDecision {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// The distribution, `stdlib` or `app`.
    pub package: String,
    /// Installed, uncompressed.
    pub bytes: u64,
    /// What it takes in the bundle, uncompressed; 0 unless it is hot.
    pub hot_bytes: u64,
    /// The same, compressed with gzip.
    pub hot_gzip: u64,
    /// `bytecode`, `bytecode and source`, `stripped`, or `as installed`, perhaps with a reason.
    pub form: String,
    /// Where it is now.
    pub heat: Heat,
    /// `boot`, `opened by app.py`, `include "..."`, `not opened` ...
    pub reason: String,
}

/// A file that is shipped otherwise than asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeptFile {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// The distribution, `stdlib` or `app`.
    pub package: String,
    /// `with docstrings` or `as installed`.
    pub form: String,
    /// What happens otherwise.
    pub reason: String,
}

/// Where a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Heat {
    /// In the bundle.
    Hot,
    /// In a chunk beside it, fetched when it is first opened.
    Cold,
    /// Nowhere.
    Dropped,
}

/// How long a scenario took.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScenarioTimes {
    /// Its file, relative to the app.
    pub name: String,
    /// Seconds from the start of the runtime to the end of the scenario, with the bundle.
    pub seconds: f64,
    /// Whether its standard output could be compared, or why not.
    pub stdout: String,
}

impl Report {
    pub(crate) fn skipped() -> Self {
        Self {
            pyodide: String::new(),
            cold: Cold::Separate,
            hot_bytes: 0,
            cold_bytes: 0,
            packages: Vec::new(),
            total: PackageSizes::default(),
            files: Vec::new(),
            kept: Vec::new(),
            scenarios: Vec::new(),
            benchmark: None,
            stages: Vec::new(),
            warnings: Vec::new(),
            cached: false,
        }
    }

    /// The hot files that take most of the bundle, the largest first, by their gzip size.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<&FileDecision> {
        let mut files: Vec<_> = self.files.iter().filter(|file| file.heat == Heat::Hot).collect();
        files.sort_by(|a, b| (b.hot_gzip, &a.path).cmp(&(a.hot_gzip, &b.path)));
        files.truncate(count);
        files
    }

    /// The size table, which is the same for the same inputs.
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
        text += match self.cold {
            Cold::Separate => "fetched on demand.\n",
            Cold::Embedded => "in pyodide-package-cold.zip.\n",
            Cold::Dropped => "nowhere.\n",
        };
        text
    }

    /// The table with the scenarios, the warnings and the times.
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
        for file in &self.kept {
            let _ =
                writeln!(text, "\nkept {}: {}\n  otherwise {}", file.form, file.path, file.reason);
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "\nwarning: {warning}");
        }
        let _ = writeln!(text, "\n{:>6}  {:>6}  {:>7}  package", "hot", "cold", "dropped");
        for row in self.packages.iter().filter(|row| row.files > 0) {
            let cold = row.files - row.hot_files - row.dropped_files;
            let (hot, dropped) = (row.hot_files, row.dropped_files);
            let _ = writeln!(text, "{hot:>6}  {cold:>6}  {dropped:>7}  {}", row.name);
        }
        let _ =
            writeln!(text, "\nBytes as stored: {} hot, {} not.", self.hot_bytes, self.cold_bytes);
        let _ = writeln!(text, "\nThe largest files of the bundle, in bytes, and with gzip:");
        for file in self.largest(10) {
            let FileDecision { hot_bytes, hot_gzip, form, path, .. } = file;
            let _ = writeln!(text, "{hot_bytes:>9}  {hot_gzip:>8}  {form:<12}  {path}");
        }
        let _ = writeln!(text);
        for stage in &self.stages {
            let _ = writeln!(text, "{:>8.2} s  {}", stage.seconds, stage.name);
        }
        text
    }
}

fn line(row: &PackageSizes, width: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let (before, after) = (row.gzip as f64, row.hot_gzip as f64);
    let reduction = if row.gzip == 0 { 0.0 } else { 100.0 * (1.0 - after / before) };
    format!(
        "{:<width$}  {:>5} -> {:>5}  {:>2} -> {:>3}  {:>6.2} -> {:>6.2}  {:>7.1} %",
        row.name,
        row.files,
        row.hot_files,
        row.side_modules,
        row.hot_side_modules,
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
        let row = |name: &str, gzip, hot_gzip| PackageSizes {
            name: name.into(),
            files: 10,
            hot_files: 4,
            side_modules: 2,
            hot_side_modules: 1,
            gzip,
            hot_gzip,
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
