//! Which files can't be in the form that was asked for, found by trying: a bundle that fails is run
//! with more and more files in a lesser form until the fewest are known that it needs. No package is
//! known by name.

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::is_python;
use crate::bundle::layout::Shipment;
use crate::bundle::select::Selection;
use crate::bundle::{pack, plain};
use crate::engine::Failure;
use crate::image::Image;
use crate::transform::Transformed;
use crate::transform::form::{Finding, Kept};
use crate::transform::python::Compiler;
use crate::verify::bisect::keep_fewest;
use crate::verify::replay::{Broken, Outcome, Traced, Validator};
use crate::verify::route::Route;

/// Tries forms without writing whole outputs.
pub(crate) struct Backoff<'a> {
    pub image: &'a Image,
    pub compiler: &'a Compiler<'a>,
    pub validator: &'a Validator<'a>,
    pub selection: &'a Selection,
}

impl Backoff<'_> {
    /// What is needed, and those of the hints that this app needs: without any one of them, one of its
    /// runs fails.
    pub fn necessary(
        &self,
        hints: Kept,
        needed: &Kept,
        transformed: &mut Transformed,
        traced: &[Traced],
    ) -> Result<Kept> {
        let mut kept: Kept = hints
            .into_iter()
            .filter(|(path, _)| self.selection.is_hot(path) && !needed.contains_key(path))
            .chain(needed.clone())
            .collect();
        let runs: Vec<_> =
            Route::ALL.iter().flat_map(|route| traced.iter().map(move |t| (*t, *route))).collect();
        let hints: Vec<_> =
            kept.keys().filter(|path| !needed.contains_key(*path)).cloned().collect();
        for path in hints {
            let Some(finding) = kept.remove(&path) else { continue };
            let fallbacks = self.compiler.python.fallbacks();
            let lesser = fallbacks.iter().copied().take_while(|form| *form < finding.form).last();
            if let Some(form) = lesser {
                kept.insert(path.clone(), Finding { form, why: String::new() });
            }
            let mut needed = false;
            for (traced, route) in &runs {
                needed = needed || !self.works(&kept, transformed, *traced, *route)?;
            }
            kept.remove(&path);
            if needed {
                kept.insert(path, finding);
            }
        }
        Ok(kept)
    }

    /// Adds to `kept` the fewest files with which this run does what the trace did; `None` if it
    /// does not even with all of them, or if forms are not why it was broken.
    pub fn search(
        &self,
        broken: &Broken,
        kept: &Kept,
        transformed: &mut Transformed,
        traced: Traced,
        route: Route,
    ) -> Result<Option<Kept>> {
        if self.works(kept, transformed, traced, route)? {
            return Ok(None);
        }
        let hot = self.image.files.keys();
        let hot: Vec<_> =
            hot.filter(|path| is_python(path) && self.selection.is_hot(path)).collect();
        let likely = self.likely(&hot, broken)?;
        let forms = self.compiler.python.fallbacks();
        keep_fewest(self.image, forms, kept, &broken.why, &hot, &likely, |kept| {
            self.works(kept, transformed, traced, route)
        })
    }

    /// The files that the traceback names, or that mention docstrings and a module which is imported
    /// only sometimes.
    fn likely<'f>(&self, files: &[&'f String], broken: &Broken) -> Result<Vec<&'f String>> {
        let contents = self.image.contents()?;
        let modules = broken.modules.iter().filter_map(|module| module.rsplit('.').next());
        let modules: Vec<_> = modules.collect();
        let is_likely = |path: &&&String| {
            let content = contents.get(&self.image.files[**path]);
            broken.traceback.contains(&format!("\"{path}\""))
                || std::str::from_utf8(content).is_ok_and(|text| {
                    modules.iter().any(|name| text.contains(name)) && text.contains("__doc__")
                })
        };
        Ok(files.iter().filter(is_likely).copied().collect())
    }

    /// Whether a run does what the trace did, with these files kept.
    fn works(
        &self,
        kept: &Kept,
        transformed: &mut Transformed,
        traced: Traced,
        route: Route,
    ) -> Result<bool> {
        let forms = kept.iter().map(|(path, finding)| (path, finding.form));
        transformed.add(self.image, self.compiler, forms)?;
        let mut shipment = Shipment::new(self.image, self.selection, transformed, kept);
        match route {
            Route::Loader => {
                let (image, compiler) = (self.image, self.compiler);
                let mounted = shipment.for_run(image, transformed, compiler)?;
                let limit = self.validator.config.trace_timeout;
                match self.validator.tracer.run("backoff", traced.scenario, mounted, limit) {
                    Ok(trace) => Ok(self.validator.judge(traced, &trace.run, route)?.is_none()),
                    Err(Failure::Other(error)) => Err(error),
                    Err(Failure::Timeout(..) | Failure::Ended(..)) => Ok(false),
                }
            }
            Route::Plain => {
                let contents = transformed.contents(self.image)?;
                shipment.files.retain(|shipped| shipped.hot);
                let packed = pack::pack(self.image, &shipment, self.selection, &contents)?;
                let outputs = files::temp_dir_in(self.compiler.runner.work)?;
                plain::write_plain(&packed, outputs.path())?;
                let core = &self.compiler.runtime.dir;
                let outcome = self.validator.validate(outputs.path(), core, traced, route);
                Ok(matches!(outcome, Ok(Outcome::Proven(_))))
            }
        }
    }
}
