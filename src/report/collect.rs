//! Fills the report with the results of the stages.

use std::collections::BTreeMap;

use crate::bundle::layout::{BundleFile, Bundled};
use crate::bundle::parts::Parts;
use crate::bundle::reason::Reason;
use crate::image::Image;
use crate::image::file::{Excluded, ImageFile, Package};
use crate::report::file::{FallbackForm, FallbackReport, FileForm, FileReport, Loading};
use crate::report::sizes::Sizes;
use crate::report::split::SplitReport;
use crate::report::{PackageSizes, Report, ScenarioReport};
use crate::run::record::Seconds;
use crate::settings::app::Scenario;
use crate::settings::lazy::Lazy;
use crate::transform::Variants;
use crate::transform::form::Form;
use crate::verify::replay::Replay;

/// The sources of the report.
pub(crate) struct Findings<'a> {
    pub lazy: Lazy,
    pub image: &'a Image,
    pub variants: &'a Variants,
    pub bundled: &'a Bundled,
    pub parts: &'a Parts,
    /// The runs of the bundle, by scenario. A development build has none.
    pub replays: &'a [Replay],
    pub sizes: &'a Sizes,
}

impl Findings<'_> {
    /// Returns the report without the stages and the benchmark.
    pub fn report(&self, pyodide: &str, scenarios: &[Scenario]) -> Report {
        let Self { image, bundled, replays, .. } = *self;
        let mut files: BTreeMap<&str, FileReport> = BTreeMap::new();
        files.extend(image.files.iter().map(|(path, file)| (path.as_str(), self.file(path, file))));
        files.extend(image.excluded.iter().map(|gone| (gone.path.as_str(), self.excluded(gone))));
        let (mut eager_bytes, mut lazy_bytes) = (0, 0);
        for file in &bundled.layout.files {
            if file.eager {
                eager_bytes += self.sizes.waited_for(file).size;
            } else {
                lazy_bytes += file.size();
            }
            if let Some(report) = files.get_mut(file.origin.as_str()) {
                self.add_form(report, file);
            }
        }
        let mut packages: Vec<_> = image.packages.iter().map(|p| self.package(p, &files)).collect();
        packages.retain(|row| row.files > 0 || row.name == "app");
        packages.insert(0, self.core(pyodide));
        let replays = scenarios.iter().zip(replays);
        Report {
            pyodide: pyodide.to_owned(),
            lazy: self.lazy,
            eager_bytes,
            lazy_bytes,
            total: total(&packages),
            packages,
            core: SplitReport::of_core(self.sizes.core().0.size, self.parts),
            side_modules: SplitReport::of_side_modules(self.parts),
            snapshot: None,
            files: files.into_values().collect(),
            left_out: Vec::new(),
            docstrings: self.docstrings(),
            fallbacks: self.fallbacks(),
            scenarios: replays.map(|(scenario, replay)| times(scenario, replay)).collect(),
            benchmark: None,
            development: None,
            stages: Vec::new(),
            warnings: image.warnings.iter().chain(&bundled.selection.warnings).cloned().collect(),
            cached: false,
        }
    }

    fn file(&self, path: &str, file: &ImageFile) -> FileReport {
        let selection = &self.bundled.selection;
        let loading = match self.lazy {
            _ if selection.is_eager(path) => Loading::Eager,
            Lazy::Omit => Loading::Omitted,
            Lazy::OnDemand | Lazy::Embedded => Loading::Lazy,
        };
        let form = match self.variants.refused(path) {
            Some(why) => FileForm::Untransformable { why },
            None => FileForm::Installed,
        };
        let parents = selection.parents.get(path).into_iter().flatten();
        FileReport {
            path: path.to_owned(),
            package: self.image.package(file).name.clone(),
            bytes: file.piece.size,
            eager_bytes: 0,
            eager_gzip: 0,
            form,
            loading,
            reasons: selection.reasons.get(path).cloned().unwrap_or_default(),
            parents: parents.cloned().collect(),
        }
    }

    fn excluded(&self, excluded: &Excluded) -> FileReport {
        let Excluded { path, file, glob } = excluded;
        let reasons = vec![Reason::Exclude { glob: glob.clone() }];
        let (loading, form) = (Loading::Excluded, FileForm::Absent);
        FileReport { form, loading, reasons, ..self.file(path, file) }
    }

    /// Adds the form of one file of the layout to the report of its installed file.
    fn add_form(&self, report: &mut FileReport, file: &BundleFile) {
        let installed = self.image.files.get(&file.origin).map(|file| file.piece);
        if file.path != file.origin {
            report.form = FileForm::Bytecode;
        } else if file.has_bytecode && file.eager {
            report.form = FileForm::BytecodeAndSource;
        } else if !file.has_bytecode && installed != Some(file.file.piece) {
            report.form = FileForm::Stripped;
        }
        if file.eager {
            let waited_for = self.sizes.waited_for(file);
            report.eager_bytes += waited_for.size;
            report.eager_gzip += self.sizes.get(waited_for);
        }
    }

    /// Returns the row of Pyodide's core.
    fn core(&self, version: &str) -> PackageSizes {
        let (whole, waited_for) = self.sizes.core();
        PackageSizes {
            name: "pyodide".to_owned(),
            version: version.to_owned(),
            files: 1,
            eager_files: 1,
            gzip: self.sizes.get(whole),
            eager_gzip: self.sizes.get(waited_for),
            ..PackageSizes::default()
        }
    }

    fn package(&self, package: &Package, files: &BTreeMap<&str, FileReport>) -> PackageSizes {
        let mut row = PackageSizes {
            name: package.name.clone(),
            version: package.version.clone(),
            ..PackageSizes::default()
        };
        for file in files.values().filter(|file| file.package == row.name) {
            let (side_module, eager) =
                (self.image.is_side_module(&file.path), file.loading == Loading::Eager);
            row.files += 1;
            row.eager_files += usize::from(eager);
            row.omitted_files += usize::from(file.loading == Loading::Omitted);
            row.excluded_files += usize::from(file.loading == Loading::Excluded);
            row.side_modules += usize::from(side_module);
            row.eager_side_modules += usize::from(eager && side_module);
            row.eager_gzip += file.eager_gzip;
        }
        let installed =
            self.image.files.values().chain(self.image.excluded.iter().map(|e| &e.file));
        let own = installed.filter(|file| self.image.package(file).name == package.name);
        row.gzip = own.map(|file| self.sizes.get(file.piece)).sum();
        row
    }

    fn docstrings(&self) -> Vec<(String, String)> {
        let reasons = self.variants.needs.reasons(self.image);
        reasons.map(|(package, why)| (package.to_owned(), why.to_owned())).collect()
    }

    fn fallbacks(&self) -> Vec<FallbackReport> {
        let package = |path: &String| self.image.files.get(path).map(|f| self.image.package(f));
        let fallbacks = self.bundled.fallbacks.iter().map(|(path, fallback)| FallbackReport {
            path: path.clone(),
            package: package(path).map(|package| package.name.clone()).unwrap_or_default(),
            form: match fallback.form {
                Form::WithDocstrings => FallbackForm::WithDocstrings,
                Form::Requested | Form::Original => FallbackForm::Original,
            },
            reason: fallback.why.clone(),
        });
        fallbacks.collect()
    }
}

fn times(scenario: &Scenario, replay: &Replay) -> ScenarioReport {
    let Seconds { boot, run } = replay.run.seconds;
    ScenarioReport {
        name: scenario.name.clone(),
        seconds: boot + run,
        stdout: replay.unstable.clone().unwrap_or_else(|| "as traced".to_owned()),
    }
}

pub(super) fn total(rows: &[PackageSizes]) -> PackageSizes {
    rows.iter().fold(PackageSizes::default(), |mut sum, row| {
        sum.files += row.files;
        sum.eager_files += row.eager_files;
        sum.omitted_files += row.omitted_files;
        sum.excluded_files += row.excluded_files;
        sum.side_modules += row.side_modules;
        sum.eager_side_modules += row.eager_side_modules;
        sum.gzip += row.gzip;
        sum.eager_gzip += row.eager_gzip;
        sum
    })
}
