//! Finds a minimal set of files that must keep their docstrings, or their original source. It replays a
//! failing bundle with sets of files restored. It knows no package by name.

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::is_python;
use crate::bundle::layout::Layout;
use crate::bundle::pack::pack;
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::run::recorder::Conditions;
use crate::transform::Variants;
use crate::transform::form::{Fallback, Fallbacks, alternatives};
use crate::transform::python::Compiler;
use crate::verify::bisect::Candidates;
use crate::verify::compare::Difference;
use crate::verify::replay::{Baseline, Cores, Outcome, Replayer};
use crate::verify::route::Route;

/// Tries forms without writing all outputs.
#[derive(Clone, Copy)]
pub(crate) struct FallbackSearch<'a> {
    pub compiler: Compiler<'a>,
    pub variants: &'a Variants,
    pub replayer: Replayer<'a>,
    pub selection: &'a Selection,
}

impl FallbackSearch<'_> {
    fn image(&self) -> &Image {
        self.compiler.image
    }

    /// Returns the necessary fallbacks, and those hints that this app needs: without any one of them, one
    /// of its runs fails.
    pub fn necessary(
        &self,
        hints: Fallbacks,
        needed: &Fallbacks,
        baselines: &[Baseline],
    ) -> Result<Fallbacks> {
        let mut all: Fallbacks = hints
            .into_iter()
            .filter(|(path, _)| self.selection.is_eager(path) && !needed.contains_key(path))
            .chain(needed.clone())
            .collect();
        let hints: Vec<_> =
            all.keys().filter(|path| !needed.contains_key(*path)).cloned().collect();
        for path in hints {
            let Some(fallback) = all.remove(&path) else { continue };
            let forms = alternatives(self.compiler.python).iter().copied();
            if let Some(form) = forms.take_while(|form| *form < fallback.form).last() {
                all.insert(path.clone(), Fallback { form, why: String::new() });
            }
            let works = self.all_work(&all, baselines)?;
            all.remove(&path);
            if !works {
                all.insert(path, fallback);
            }
        }
        Ok(all)
    }

    fn all_work(&self, fallbacks: &Fallbacks, baselines: &[Baseline]) -> Result<bool> {
        for route in Route::ALL {
            for baseline in baselines {
                if !self.works(fallbacks, baseline, route)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Adds files with which this run matches the trace. Returns `None` if no form of the files achieves
    /// that.
    pub fn search(
        &self,
        difference: &Difference,
        known: &Fallbacks,
        baseline: &Baseline,
        route: Route,
    ) -> Result<Option<Fallbacks>> {
        if self.works(known, baseline, route)? {
            return Ok(None);
        }
        let eager = self.image().files.keys();
        let eager: Vec<_> =
            eager.filter(|path| is_python(path) && self.selection.is_eager(path)).collect();
        let candidates = Candidates {
            image: self.image(),
            forms: alternatives(self.compiler.python),
            known,
            likely: self.likely(&eager, difference)?,
            files: eager,
            why: difference.why.clone(),
        };
        candidates.search(|fallbacks| self.works(fallbacks, baseline, route))
    }

    /// Returns the files that the traceback names. Files that mention docstrings and a module that only one
    /// side imported follow.
    fn likely<'f>(&self, files: &[&'f String], difference: &Difference) -> Result<Vec<&'f String>> {
        let modules = difference.modules.iter().filter_map(|module| module.rsplit('.').next());
        let modules: Vec<_> = modules.collect();
        let mut likely = Vec::new();
        for path in files {
            let content = self.image().read(&self.image().files[*path])?;
            let mentions = std::str::from_utf8(&content).is_ok_and(|text| {
                modules.iter().any(|name| text.contains(name)) && text.contains("__doc__")
            });
            if mentions || difference.traceback.contains(&format!("\"{path}\"")) {
                likely.push(*path);
            }
        }
        Ok(likely)
    }

    /// Returns whether a run with these fallbacks matches the trace.
    fn works(&self, fallbacks: &Fallbacks, baseline: &Baseline, route: Route) -> Result<bool> {
        self.variants.add(&self.compiler, fallbacks)?;
        let layout = Layout::new(self.image(), self.selection, self.variants, fallbacks);
        match route {
            Route::Loader => self.works_mounted(&layout, baseline),
            Route::Plain => self.works_plain(layout, baseline),
        }
    }

    fn works_mounted(&self, layout: &Layout, baseline: &Baseline) -> Result<bool> {
        let recorder = &self.replayer.recorder;
        let mounted = layout.for_run(recorder.host())?;
        let conditions = Conditions::of(recorder.config);
        let ran = recorder.run("fallbacks", baseline.scenario, mounted, conditions)?;
        let Ok(trace) = ran else { return Ok(false) };
        Ok(self.replayer.compare(baseline, &trace.run, Route::Loader)?.is_none())
    }

    fn works_plain(&self, mut layout: Layout, baseline: &Baseline) -> Result<bool> {
        layout.files.retain(|file| file.eager);
        let packed = pack(self.image(), &layout, self.selection, None)?;
        let outputs = files::temp_dir_in(self.compiler.engine.work())?;
        packed.write_plain(outputs.path())?;
        let core = &self.compiler.runtime.dir;
        let cores = Cores { plain: core, noting: None };
        let outcome = self.replayer.replay(outputs.path(), cores, baseline, Route::Plain)?;
        Ok(matches!(outcome, Outcome::Same(_)))
    }
}
