//! Which files can't be in the form that was asked for, found by trying: a bundle that fails is run
//! with more and more files in a lesser form until the fewest are known that it needs. No package is
//! known by name.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::is_python;
use crate::cache::bucket::Bucket;
use crate::cache::key::Key;
use crate::cache::{Cache, checked};
use crate::image::Image;
use crate::pack;
use crate::resolve::Wheel;
use crate::runner::{Failure, SCRIPTS};
use crate::select::Selection;
use crate::shipment::Shipment;
use crate::trace::Mounted;
use crate::transform::python::Compiler;
use crate::transform::{Finding, Form, Kept, Transformed};
use crate::validate::{Broken, Outcome, Route, Traced, Validator};

/// What earlier searches found. For the same app it is known, in others it is a hint: a build
/// depends on its inputs, not on what was built before.
pub(crate) struct Findings<'a> {
    cache: &'a Cache,
    /// Of this app.
    known: String,
    /// By owner of files, of any app.
    hints: Vec<String>,
}

impl<'a> Findings<'a> {
    /// `build` is the key of the whole build; owners are the standard library and the wheels.
    pub fn of(build: &str, wheels: &[Wheel], compiler: &Compiler<'a>) -> Self {
        let hint = |archive: &str| {
            let mut key = Key::new("findings-1");
            key.list(SCRIPTS.iter().map(|(_, content)| content));
            key.list([&compiler.runtime.version, &compiler.runtime.fingerprint]);
            key.list([archive, &format!("{:?}", compiler.python)]);
            key.finish()
        };
        let archives = std::iter::once("").chain(wheels.iter().map(|w| w.sha256.as_str()));
        let hints = archives.map(hint).collect();
        Self { cache: compiler.cache, known: build.to_owned(), hints }
    }

    /// The findings, and whether they are those of this very app.
    pub fn load(&self) -> (Kept, bool) {
        if let Some(known) = checked::read(&self.path(&self.known)) {
            return (known, true);
        }
        let hints = self.hints.iter().filter_map(|key| checked::read(&self.path(key)));
        (hints.flat_map(|kept: Kept| kept).collect(), false)
    }

    pub fn store(&self, kept: &Kept, image: &Image) -> Result<()> {
        checked::write(&self.path(&self.known), kept)?;
        for (owner, key) in self.hints.iter().enumerate() {
            let own = |path: &String| image.files.get(path).is_some_and(|f| f.owner == owner);
            let own: Kept = kept.clone().into_iter().filter(|(path, _)| own(path)).collect();
            if !own.is_empty() {
                checked::write(&self.path(key), &own)?;
            }
        }
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.cache.bucket(Bucket::Fallbacks).join(key).with_extension("json")
    }
}

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
                let mounted = Mounted::shipment(&shipment, image, transformed, compiler)?;
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
                pack::write_plain(&packed, outputs.path())?;
                let core = &self.compiler.runtime.dir;
                let outcome = self.validator.validate(outputs.path(), core, traced, route);
                Ok(matches!(outcome, Ok(Outcome::Proven(_))))
            }
        }
    }
}

/// Adds to `kept` the fewest of these files, in the first of the forms with which that `works`;
/// `None` if it does not even with all of them. Those that are `likely` to be enough are tried first, and
/// then owners before files.
pub(crate) fn keep_fewest(
    image: &Image,
    forms: &[Form],
    kept: &Kept,
    why: &str,
    files: &[&String],
    likely: &[&String],
    mut works: impl FnMut(&Kept) -> Result<bool>,
) -> Result<Option<Kept>> {
    let owner_of = |path: &String| image.files[path].owner;
    for form in forms {
        let lesser = |path: &&String| kept.get(*path).is_none_or(|finding| finding.form < *form);
        let candidates: Vec<_> = files.iter().copied().filter(lesser).collect();
        let with = |paths: &[&String]| {
            let finding = Finding { form: *form, why: why.to_owned() };
            let mut kept = kept.clone();
            kept.extend(paths.iter().map(|path| ((*path).clone(), finding.clone())));
            kept
        };
        let likely: Vec<_> = likely.iter().copied().filter(lesser).collect();
        if !likely.is_empty() && works(&with(&likely))? {
            let files = fewest(&likely, |files| works(&with(files)))?;
            return Ok(Some(with(&files)));
        }
        if candidates.is_empty() || !works(&with(&candidates))? {
            continue;
        }
        let of = |owners: &[usize]| -> Vec<&String> {
            candidates.iter().filter(|path| owners.contains(&owner_of(path))).copied().collect()
        };
        let owners: BTreeSet<_> = candidates.iter().map(|path| owner_of(path)).collect();
        let owners: Vec<_> = owners.into_iter().collect();
        let owners = fewest(&owners, |owners| works(&with(&of(owners))))?;
        let files = fewest(&of(&owners), |files| works(&with(files)))?;
        return Ok(Some(with(&files)));
    }
    Ok(None)
}

/// The fewest items that pass, provided that all of them do, that none of them does not, and that
/// what passes also passes with more. An item among them takes about log2 of their number tests.
pub(crate) fn fewest<T: Clone>(
    items: &[T],
    mut passes: impl FnMut(&[T]) -> Result<bool>,
) -> Result<Vec<T>> {
    let mut found: Vec<T> = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        // Some first ones of the rest pass together with what was found, and fewer don't.
        let (mut fails, mut enough) = (0, rest.len());
        while enough - fails > 1 {
            let middle = usize::midpoint(fails, enough);
            let tried: Vec<T> = found.iter().chain(&rest[..middle]).cloned().collect();
            if passes(&tried)? {
                enough = middle;
            } else {
                fails = middle;
            }
        }
        found.push(rest[enough - 1].clone());
        rest = &rest[..enough - 1];
        if rest.is_empty() || passes(&found)? {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_are_found() {
        for wanted in [vec![3], vec![0], vec![99], vec![2, 50], vec![97, 98, 99], vec![0, 40, 99]] {
            let mut tests = 0;
            let items: Vec<usize> = (0..100).collect();
            let found = fewest(&items, |items| {
                tests += 1;
                Ok(wanted.iter().all(|item| items.contains(item)))
            });
            let mut found = found.unwrap();
            found.sort_unstable();
            assert_eq!(found, wanted);
            assert!(tests <= 9 * wanted.len(), "{tests} tests for {wanted:?}");
        }
    }
}
