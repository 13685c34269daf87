//! Finds files that must keep their docstrings although no scenario shows it: untraced code may read
//! docstrings when it is imported. Every module that mentions docstrings is therefore imported once without
//! them. The result does not depend on the app.

use std::collections::BTreeSet;

use crate::base::error::Result;
use crate::base::paths::is_python;
use crate::bundle::layout::Layout;
use crate::bundle::select::Selection;
use crate::cache::bucket::Bucket;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::engine::scripts::{self, Script};
use crate::image::Image;
use crate::image::file::PackageKind;
use crate::packages::wheel::Wheel;
use crate::run::record::Trace;
use crate::transform::form::{Fallback, Fallbacks, Form, alternatives};
use crate::transform::python::Compiler;
use crate::verify::bisect::Candidates;
use crate::verify::raised::{Importer, Raised, raised_in};

pub(crate) struct Imports<'a> {
    pub importer: Importer<'a>,
    pub wheels: &'a [Wheel],
}

impl Imports<'_> {
    fn image(&self) -> &Image {
        self.importer.compiler.image
    }

    /// Returns the files that must keep their docstrings, or their original source. With them, every module
    /// can be imported that can be imported as installed. The cache keeps the result for these wheels.
    pub fn needed(&self) -> Result<Fallbacks> {
        let Importer { compiler, variants, .. } = self.importer;
        if variants.needs.all_docstrings()
            || !alternatives(compiler.python).contains(&Form::WithDocstrings)
        {
            return Ok(Fallbacks::new());
        }
        // The standard library imports no wheels, so its result is the same for all of them.
        let stdlib = self.known(&[], || {
            self.find(self.modules(|kind| kind == PackageKind::Stdlib)?, Fallbacks::new())
        })?;
        if self.wheels.is_empty() {
            return Ok(stdlib);
        }
        self.known(self.wheels, || {
            let of_wheels = |kind| !matches!(kind, PackageKind::Stdlib | PackageKind::App);
            self.find(self.modules(of_wheels)?, stdlib)
        })
    }

    fn known(
        &self,
        wheels: &[Wheel],
        find: impl FnOnce() -> Result<Fallbacks>,
    ) -> Result<Fallbacks> {
        let mut key = Key::new("imports", Floor::Verify);
        key.list(scripts::with_imports(Script::Trace.path()));
        key.field(scripts::content(scripts::IMPORTS));
        let Compiler { runtime, python, cache, startup, .. } = self.importer.compiler;
        key.field(&startup.key);
        key.list([&runtime.version, &runtime.fingerprint, &format!("{python:?}")]);
        key.list(wheels.iter().map(|wheel| format!("{wheel:?}")));
        key.field(format!("{:?}", self.importer.recorder.config.exclude));
        cache.known(Bucket::Imports, &key.finish(), find)
    }

    /// Adds the fallbacks that these modules need.
    fn find(&self, modules: Vec<String>, mut fallbacks: Fallbacks) -> Result<Fallbacks> {
        if modules.is_empty() {
            return Ok(fallbacks);
        }
        let mut broken = self.importer.raised(modules, Some(&fallbacks))?;
        if broken.is_empty() {
            return Ok(fallbacks);
        }
        let installed = self.importer.raised(names(&broken), None)?;
        retain_different(&mut broken, &installed);
        while !broken.is_empty() {
            let guessed = self.guess(&broken, &fallbacks);
            if guessed.len() > fallbacks.len() {
                let mut still = self.importer.raised(names(&broken), Some(&guessed))?;
                retain_different(&mut still, &installed);
                if still != broken {
                    (fallbacks, broken) = (guessed, still);
                    continue;
                }
            }
            let Some((name, (raised, suspects))) = broken.pop_first() else { break };
            let fails = |trace: &Trace| -> Result<bool> {
                Ok(kind(&raised_in(trace)?, &name) != kind(&installed, &name))
            };
            if let Some(more) = self.search(&name, why(&name, &raised), fails, &fallbacks)? {
                fallbacks = more;
                broken.insert(name, (raised, suspects));
                broken = self.importer.raised(names(&broken), Some(&fallbacks))?;
                retain_different(&mut broken, &installed);
            }
        }
        Ok(fallbacks)
    }

    /// Adds docstrings to all files whose docstrings the failing code may have read.
    fn guess(&self, broken: &Raised, fallbacks: &Fallbacks) -> Fallbacks {
        let mut guessed = fallbacks.clone();
        for (name, (raised, suspects)) in broken {
            for path in suspects.iter().filter(|path| self.image().files.contains_key(*path)) {
                let fallback = Fallback { form: Form::WithDocstrings, why: why(name, raised) };
                guessed.entry(path.clone()).or_insert(fallback);
            }
        }
        guessed
    }

    /// Returns modules of these packages whose code mentions docstrings, without tests.
    fn modules(&self, of: impl Fn(PackageKind) -> bool) -> Result<Vec<String>> {
        let image = self.image();
        let mut modules = BTreeSet::new();
        for (path, file) in &image.files {
            if !is_python(path) || !of(image.package(file).kind) {
                continue;
            }
            let Some(name) = self.module(path) else { continue };
            let content = image.read(file)?;
            let mentions = |text: &[u8]| content.windows(text.len()).any(|part| part == text);
            if mentions(b"__doc__") || mentions(b"getdoc") {
                modules.insert(name);
            }
        }
        Ok(modules.into_iter().collect())
    }

    fn module(&self, path: &str) -> Option<String> {
        let name = self.image().names(path).pop()?.strip_suffix(".py")?;
        let name = name.strip_suffix("/__init__").unwrap_or(name);
        let parts: Vec<_> = name.split('/').collect();
        let is_name = |part: &&str| {
            part.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !["", "tests", "test", "conftest", "__main__"].contains(part)
        };
        parts.iter().all(is_name).then(|| parts.join("."))
    }

    /// Adds files with which this module can be imported to the fallbacks. Returns `None` if forms are not
    /// the cause.
    fn search(
        &self,
        name: &str,
        why: String,
        fails: impl Fn(&Trace) -> Result<bool>,
        known: &Fallbacks,
    ) -> Result<Option<Fallbacks>> {
        let alone = [name.to_owned()];
        let Ok(trace) = self.importer.import(&alone, Some(known))? else { return Ok(None) };
        if !fails(&trace)? {
            return Ok(None);
        }
        // Code that reads a docstring has imported its module before.
        let (image, variants) = (self.image(), self.importer.variants);
        let layout = Layout::new(image, &Selection::default(), variants, known);
        let opened: BTreeSet<_> = trace.opened.iter().map(|(path, ..)| path).collect();
        let opened = layout.files.iter().filter(|file| opened.contains(&file.path));
        let origins: BTreeSet<_> = opened.map(|file| file.origin.clone()).collect();
        let candidates = Candidates {
            image,
            forms: alternatives(self.importer.compiler.python),
            known,
            files: origins.iter().filter(|path| is_python(path)).collect(),
            likely: Vec::new(),
            why,
        };
        candidates.search(|fallbacks| match self.importer.import(&alone, Some(fallbacks))? {
            Ok(trace) => Ok(!fails(&trace)?),
            Err(_) => Ok(false),
        })
    }
}

fn why(module: &str, raised: &str) -> String {
    format!("import {module} raises {raised}")
}

/// Returns the type of the exception that a module raises, if any.
fn kind<'r>(raised: &'r Raised, name: &str) -> Option<&'r str> {
    raised.get(name).map(|(kind, _)| kind.as_str())
}

/// Removes modules that raise the same exception as installed.
fn retain_different(broken: &mut Raised, installed: &Raised) {
    broken.retain(|name, (raised, _)| kind(installed, name) != Some(raised.as_str()));
}

fn names(raised: &Raised) -> Vec<String> {
    raised.keys().cloned().collect()
}
