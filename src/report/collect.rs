//! Fills the report with what the stages found.

use std::collections::BTreeMap;

use crate::base::paths::is_side_module;
use crate::bundle::layout::BundleFile;
use crate::image::Image;
use crate::image::file::{Excluded, ImageFile, Package};
use crate::report::sizes::Sizes;
use crate::report::{FileDecision, Heat, KeptFile, PackageSizes, Report, ScenarioTimes};
use crate::run::record::Seconds;
use crate::settings::app::Scenario;
use crate::settings::lazy::Cold;
use crate::transform::Variants;
use crate::transform::form::Form;
use crate::verify::replay::Replay;
use crate::verify::verifier::Verified;

/// What the report is made from.
pub(crate) struct Findings<'a> {
    pub lazy: Cold,
    pub image: &'a Image,
    pub variants: &'a Variants,
    pub verified: &'a Verified,
    pub sizes: &'a Sizes,
}

impl Findings<'_> {
    /// The report, but for the stages and the benchmark.
    pub fn report(&self, pyodide: &str, scenarios: &[Scenario]) -> Report {
        let Self { image, verified, .. } = *self;
        let mut files: BTreeMap<&str, FileDecision> = BTreeMap::new();
        files.extend(image.files.iter().map(|(path, file)| (path.as_str(), self.file(path, file))));
        files.extend(image.excluded.iter().map(|gone| (gone.path.as_str(), self.excluded(gone))));
        let (mut eager_bytes, mut lazy_bytes) = (0, 0);
        for file in &verified.layout.files {
            *(if file.eager { &mut eager_bytes } else { &mut lazy_bytes }) += file.size();
            if let Some(decision) = files.get_mut(file.origin.as_str()) {
                self.add_form(decision, file);
            }
        }
        let mut packages: Vec<_> = image.packages.iter().map(|p| self.package(p, &files)).collect();
        packages.retain(|row| row.files > 0 || row.name == "app");
        let replays = scenarios.iter().zip(&verified.replays);
        Report {
            pyodide: pyodide.to_owned(),
            cold: self.lazy,
            hot_bytes: eager_bytes,
            cold_bytes: lazy_bytes,
            total: total(&packages),
            packages,
            files: files.into_values().collect(),
            kept: self.fallbacks(),
            scenarios: replays.map(|(scenario, replay)| times(scenario, replay)).collect(),
            benchmark: None,
            stages: Vec::new(),
            warnings: image.warnings.iter().chain(&verified.selection.warnings).cloned().collect(),
            cached: false,
        }
    }

    fn file(&self, path: &str, file: &ImageFile) -> FileDecision {
        let selection = &self.verified.selection;
        let reasons = selection.reasons.get(path);
        let reason = reasons.and_then(|reasons| reasons.first());
        let heat = match self.lazy {
            _ if selection.is_eager(path) => Heat::Hot,
            Cold::Dropped => Heat::Dropped,
            Cold::Separate | Cold::Embedded => Heat::Cold,
        };
        let form = match self.variants.refused(path) {
            Some(why) => format!("as installed: {why}"),
            None => "as installed".to_owned(),
        };
        FileDecision {
            path: path.to_owned(),
            package: self.image.package(file).name.clone(),
            bytes: file.piece.size,
            hot_bytes: 0,
            hot_gzip: 0,
            form,
            heat,
            reason: reason.map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn excluded(&self, excluded: &Excluded) -> FileDecision {
        let Excluded { path, file, glob } = excluded;
        let reason = format!("exclude {glob:?}");
        FileDecision { heat: Heat::Dropped, reason, form: String::new(), ..self.file(path, file) }
    }

    /// Adds what one file of the layout says of an installed one.
    fn add_form(&self, decision: &mut FileDecision, file: &BundleFile) {
        let installed = self.image.files.get(&file.origin).map(|file| file.piece);
        if file.path != file.origin {
            "bytecode".clone_into(&mut decision.form);
        } else if file.has_bytecode && file.eager {
            "bytecode and source".clone_into(&mut decision.form);
        } else if !file.has_bytecode && installed != Some(file.file.piece) {
            "stripped".clone_into(&mut decision.form);
        }
        if file.eager {
            decision.hot_bytes += file.size();
            decision.hot_gzip += self.sizes.get(file.file.piece);
        }
    }

    fn package(&self, package: &Package, files: &BTreeMap<&str, FileDecision>) -> PackageSizes {
        let mut row = PackageSizes {
            name: package.name.clone(),
            version: package.version.clone(),
            ..PackageSizes::default()
        };
        for file in files.values().filter(|file| file.package == row.name) {
            let (side_module, eager) = (is_side_module(&file.path), file.heat == Heat::Hot);
            row.files += 1;
            row.hot_files += usize::from(eager);
            row.dropped_files += usize::from(file.heat == Heat::Dropped);
            row.side_modules += usize::from(side_module);
            row.hot_side_modules += usize::from(eager && side_module);
            row.hot_gzip += file.hot_gzip;
        }
        let installed =
            self.image.files.values().chain(self.image.excluded.iter().map(|e| &e.file));
        let own = installed.filter(|file| self.image.package(file).name == package.name);
        row.gzip = own.map(|file| self.sizes.get(file.piece)).sum();
        row
    }

    fn fallbacks(&self) -> Vec<KeptFile> {
        let package = |path: &String| self.image.files.get(path).map(|f| self.image.package(f));
        let fallbacks = self.verified.fallbacks.iter().map(|(path, fallback)| KeptFile {
            path: path.clone(),
            package: package(path).map(|package| package.name.clone()).unwrap_or_default(),
            form: match fallback.form {
                Form::WithDocstrings => "with docstrings".to_owned(),
                Form::Requested | Form::Original => "as installed".to_owned(),
            },
            reason: fallback.why.clone(),
        });
        fallbacks.collect()
    }
}

fn times(scenario: &Scenario, replay: &Replay) -> ScenarioTimes {
    let Seconds { boot, run } = replay.run.seconds;
    ScenarioTimes {
        name: scenario.name.clone(),
        seconds: boot + run,
        stdout: replay.unstable.clone().unwrap_or_else(|| "as traced".to_owned()),
    }
}

pub(super) fn total(rows: &[PackageSizes]) -> PackageSizes {
    rows.iter().fold(PackageSizes::default(), |mut sum, row| {
        sum.files += row.files;
        sum.hot_files += row.hot_files;
        sum.dropped_files += row.dropped_files;
        sum.side_modules += row.side_modules;
        sum.hot_side_modules += row.hot_side_modules;
        sum.gzip += row.gzip;
        sum.hot_gzip += row.hot_gzip;
        sum
    })
}
