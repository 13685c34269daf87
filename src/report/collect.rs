//! Fills the report.

use std::collections::BTreeMap;

use crate::base::paths::is_side_module;
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::report::sizes::Sizes;
use crate::report::{FileDecision, Heat, KeptFile, PackageSizes, Report, ScenarioTimes};
use crate::run::record::Seconds;
use crate::settings::lazy::Cold;
use crate::transform::Transformed;
use crate::transform::form::Form;
use crate::verify::Proof;
use crate::verify::replay::Verdict;

impl Report {
    pub(crate) fn new(
        pyodide: &str,
        cold: Cold,
        image: &Image,
        selection: &Selection,
        transformed: &Transformed,
        proof: &Proof,
        sizes: &Sizes,
    ) -> Self {
        let row = |owner: &crate::image::Owner| PackageSizes {
            name: owner.name.clone(),
            version: owner.version.clone(),
            ..PackageSizes::default()
        };
        let name = |owner: usize| image.owners[owner].name.clone();
        let gzip = |part, offset| sizes.get(&(part, offset)).copied().unwrap_or(0);
        let heat_of_cold = if cold == Cold::Dropped { Heat::Dropped } else { Heat::Cold };
        let mut packages: Vec<_> = image.owners.iter().map(row).collect();
        let mut files: BTreeMap<&str, FileDecision> = BTreeMap::new();
        for (path, file) in &image.files {
            let reason = selection.reasons.get(path).map(ToString::to_string).unwrap_or_default();
            let heat = if selection.is_hot(path) { Heat::Hot } else { heat_of_cold };
            packages[file.owner].dropped_files += usize::from(heat == Heat::Dropped);
            let form = match transformed.refused.get(path) {
                Some(why) => format!("as installed: {why}"),
                None => "as installed".to_owned(),
            };
            packages[file.owner].gzip += gzip(file.part, file.offset);
            let decision = FileDecision {
                package: name(file.owner),
                ..FileDecision::new(path, file.size, heat, reason, form)
            };
            files.insert(path, decision);
        }
        for dropped in &image.dropped {
            let row = &mut packages[dropped.owner];
            row.gzip += gzip(dropped.part, dropped.offset);
            row.dropped_files += 1;
            let reason = format!("exclude {:?}", dropped.glob);
            let decision = FileDecision {
                package: name(dropped.owner),
                ..FileDecision::new(
                    &dropped.path,
                    dropped.size,
                    Heat::Dropped,
                    reason,
                    String::new(),
                )
            };
            files.insert(&dropped.path, decision);
        }
        let (mut hot_bytes, mut cold_bytes) = (0, 0);
        for shipped in &proof.shipment.files {
            *(if shipped.hot { &mut hot_bytes } else { &mut cold_bytes }) += shipped.file.size;
            let Some(decision) = files.get_mut(shipped.origin.as_str()) else { continue };
            if shipped.path != shipped.origin {
                "bytecode".clone_into(&mut decision.form);
            } else if shipped.has_bytecode && shipped.hot {
                "bytecode and source".clone_into(&mut decision.form);
            } else if !shipped.has_bytecode && shipped.file.part >= image.parts.len() {
                "stripped".clone_into(&mut decision.form);
            }
            if shipped.hot {
                let gzip = gzip(shipped.file.part, shipped.file.offset);
                decision.hot_bytes += shipped.file.size;
                decision.hot_gzip += gzip;
                packages[shipped.file.owner].hot_gzip += gzip;
            }
        }
        for row in &mut packages {
            for file in files.values().filter(|file| file.package == row.name) {
                let (side_module, hot) = (is_side_module(&file.path), file.heat == Heat::Hot);
                row.files += 1;
                row.hot_files += usize::from(hot);
                row.side_modules += usize::from(side_module);
                row.hot_side_modules += usize::from(hot && side_module);
            }
        }
        packages.retain(|row| row.files > 0 || row.name == "app");
        let kept = proof.kept.iter().map(|(path, finding)| KeptFile {
            path: path.clone(),
            package: image.files.get(path).map(|file| name(file.owner)).unwrap_or_default(),
            form: match finding.form {
                Form::Docstrings => "with docstrings".to_owned(),
                Form::Asked | Form::Untouched => "as installed".to_owned(),
            },
            reason: finding.why.clone(),
        });
        Self {
            pyodide: pyodide.to_owned(),
            cold,
            hot_bytes,
            cold_bytes,
            total: total(&packages),
            packages,
            files: files.into_values().collect(),
            kept: kept.collect(),
            warnings: image.warnings.iter().chain(&selection.warnings).cloned().collect(),
            ..Self::skipped()
        }
    }

    pub(crate) fn add_scenario(&mut self, name: &str, verdict: &Verdict) {
        let Seconds { boot, run } = verdict.run.seconds;
        self.scenarios.push(ScenarioTimes {
            name: name.to_owned(),
            seconds: boot + run,
            stdout: verdict.unstable.clone().unwrap_or_else(|| "as traced".to_owned()),
        });
    }
}

impl FileDecision {
    fn new(path: &str, bytes: u64, heat: Heat, reason: String, form: String) -> Self {
        let (package, path) = (String::new(), path.to_owned());
        Self { path, package, bytes, hot_bytes: 0, hot_gzip: 0, form, heat, reason }
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
