//! What a build did: the size table per package, the decision for each file, the times.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::image::{Image, OwnerKind};
use crate::select::Selection;
use crate::sizes::Sizes;
use crate::stages::Stage;
use crate::trace::Seconds;
use crate::transform::side_module::is_side_module;

/// What a build did. Sizes are in bytes; those called `gzip` are the sum of the files' sizes when
/// each is compressed alone with gzip at its default level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of Pyodide.
    pub pyodide: String,
    /// One row for each distribution, with the standard library first and the app last.
    pub packages: Vec<PackageSizes>,
    /// The sum of the rows.
    pub total: PackageSizes,
    /// Every file and where it went.
    pub files: Vec<FileDecision>,
    /// One for each scenario.
    pub scenarios: Vec<ScenarioTimes>,
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
    /// Uncompressed.
    pub bytes: u64,
    /// Where it is now.
    pub heat: Heat,
    /// `boot`, `opened by app.py`, `include "..."`, `not opened` ...
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
    pub(crate) fn new(pyodide: &str, image: &Image, selection: &Selection, sizes: &Sizes) -> Self {
        let row = |owner: &crate::image::Owner| PackageSizes {
            name: owner.name.clone(),
            version: owner.version.clone(),
            ..PackageSizes::default()
        };
        let mut packages: Vec<_> = image.owners.iter().map(row).collect();
        let mut files = Vec::new();
        let placed = image.files.iter().map(|(path, f)| {
            let reason = selection.reasons.get(path);
            let hot = reason.is_some_and(crate::select::Reason::is_hot);
            let reason = reason.map(ToString::to_string).unwrap_or_default();
            let heat = if hot { Heat::Hot } else { Heat::Cold };
            (path, f.owner, f.part, f.offset, f.size, heat, reason)
        });
        let dropped = image.dropped.iter().map(|d| {
            let reason = format!("exclude {:?}", d.glob);
            (&d.path, d.owner, d.part, d.offset, d.size, Heat::Dropped, reason)
        });
        for (path, owner, part, offset, bytes, heat, reason) in placed.chain(dropped) {
            let gzip = sizes.get(&(part, offset)).copied().unwrap_or(0);
            let side_module = usize::from(is_side_module(path));
            let hot = heat == Heat::Hot;
            let row = &mut packages[owner];
            row.files += 1;
            row.side_modules += side_module;
            row.gzip += gzip;
            row.hot_files += usize::from(hot);
            row.hot_side_modules += if hot { side_module } else { 0 };
            row.hot_gzip += if hot { gzip } else { 0 };
            let package = image.owners[owner].name.clone();
            files.push(FileDecision { path: path.clone(), package, bytes, heat, reason });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        packages.retain(|row| row.files > 0 || row.name == "app");
        debug_assert!(image.owners.iter().filter(|o| o.kind == OwnerKind::App).count() == 1);
        Self {
            pyodide: pyodide.to_owned(),
            total: total(&packages),
            packages,
            files,
            scenarios: Vec::new(),
            stages: Vec::new(),
            warnings: image.warnings.clone(),
            cached: false,
        }
    }

    pub(crate) fn skipped() -> Self {
        Self {
            pyodide: String::new(),
            packages: Vec::new(),
            total: PackageSizes::default(),
            files: Vec::new(),
            scenarios: Vec::new(),
            stages: Vec::new(),
            warnings: Vec::new(),
            cached: false,
        }
    }

    pub(crate) fn add_scenario(
        &mut self,
        name: &str,
        seconds: Option<Seconds>,
        unstable: Option<String>,
    ) {
        self.scenarios.push(ScenarioTimes {
            name: name.to_owned(),
            seconds: seconds.map_or(0.0, |seconds| seconds.boot + seconds.run),
            stdout: unstable.unwrap_or_else(|| "as traced".to_owned()),
        });
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
        text += "; what is not in the bundle is fetched on demand.\n";
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
        for warning in &self.warnings {
            let _ = writeln!(text, "\nwarning: {warning}");
        }
        let _ = writeln!(text);
        for stage in &self.stages {
            let _ = writeln!(text, "{:>8.2} s  {}", stage.seconds, stage.name);
        }
        text
    }
}

fn total(rows: &[PackageSizes]) -> PackageSizes {
    rows.iter().fold(PackageSizes::default(), |mut sum, row| {
        sum.files += row.files;
        sum.hot_files += row.hot_files;
        sum.side_modules += row.side_modules;
        sum.hot_side_modules += row.hot_side_modules;
        sum.gzip += row.gzip;
        sum.hot_gzip += row.hot_gzip;
        sum
    })
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
        let report = Report { total: total(&packages), packages, ..Report::skipped() };
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
