//! Which files have to keep their docstrings although no scenario shows it: code that nothing traced
//! may read the docstrings of what is hot while it is imported. So every module that mentions
//! docstrings is imported once without them, whatever the app does with the installation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::{APP_DIR, is_python};
use crate::bundle::layout::Shipment;
use crate::bundle::select::Selection;
use crate::cache::bucket::Bucket;
use crate::cache::key::Key;
use crate::engine::Failure;
use crate::engine::scripts::SCRIPTS;
use crate::image::{Image, OwnerKind};
use crate::packages::wheel::Wheel;
use crate::run::record::Trace;
use crate::run::scenario::Tracer;
use crate::settings::app::Scenario;
use crate::transform::Transformed;
use crate::transform::form::{Finding, Form, Kept};
use crate::transform::python::Compiler;
use crate::verify::bisect::keep_fewest;

pub(crate) const SCRIPT: &str = include_str!("../../build-support/scripts/imports.py");
/// For all modules together.
const LIMIT: Duration = Duration::from_secs(600);
/// Modules that end the process or never end are left out, but no more than these.
const ENDINGS: usize = 5;

/// Module -> type of the exception that its import raises, and files whose docstrings may have been
/// wanted.
type Raised = BTreeMap<String, (String, Vec<String>)>;

pub(crate) struct Imports<'a> {
    pub image: &'a Image,
    pub compiler: &'a Compiler<'a>,
    pub tracer: &'a Tracer<'a>,
    pub wheels: &'a [Wheel],
}

impl Imports<'_> {
    /// Files that need their docstrings, or to be untouched, so that every module of the
    /// installation can be imported that can be without this crate. Known after the first build with
    /// these wheels.
    pub fn needed(&self, transformed: &mut Transformed) -> Result<Kept> {
        if !self.compiler.python.fallbacks().contains(&Form::Docstrings) {
            return Ok(Kept::new());
        }
        // What the standard library needs is the same with all wheels, of which it imports none.
        let stdlib = self.known(&[], || {
            self.find(self.modules(|owner| owner == OwnerKind::Stdlib)?, Kept::new(), transformed)
        })?;
        if self.wheels.is_empty() {
            return Ok(stdlib);
        }
        self.known(self.wheels, || {
            let of_wheels = |owner| !matches!(owner, OwnerKind::Stdlib | OwnerKind::App);
            self.find(self.modules(of_wheels)?, stdlib, transformed)
        })
    }

    fn known(&self, wheels: &[Wheel], find: impl FnOnce() -> Result<Kept>) -> Result<Kept> {
        let mut key = Key::new("imports-2");
        key.list(SCRIPTS.iter().map(|(_, content)| content));
        key.list([SCRIPT, include_str!("imports.rs")]);
        let Compiler { runtime, python, cache, .. } = self.compiler;
        key.list([&runtime.version, &runtime.fingerprint, &format!("{python:?}")]);
        key.list(wheels.iter().map(|wheel| format!("{wheel:?}")));
        key.field(format!("{:?}", self.tracer.config.exclude));
        cache.known(Bucket::Imports, &key.finish(), find)
    }

    /// Adds to `kept` what these modules need.
    fn find(
        &self,
        modules: Vec<String>,
        mut kept: Kept,
        transformed: &mut Transformed,
    ) -> Result<Kept> {
        if modules.is_empty() {
            return Ok(kept);
        }
        let mut broken = self.raised(modules, transformed, Some(&kept))?;
        if broken.is_empty() {
            return Ok(kept);
        }
        let installed = self.raised(names(&broken), transformed, None)?;
        let kind = |raised: &Raised, name: &str| raised.get(name).map(|(kind, _)| kind.clone());
        let differs = |broken: &mut Raised| {
            broken.retain(|name, (raised, _)| kind(&installed, name).as_ref() != Some(raised));
        };
        differs(&mut broken);
        while !broken.is_empty() {
            let mut guessed = kept.clone();
            for (name, (raised, suspects)) in &broken {
                for path in suspects.iter().filter(|path| self.image.files.contains_key(*path)) {
                    let why = format!("import {name} raises {raised}");
                    let finding = Finding { form: Form::Docstrings, why };
                    guessed.entry(path.clone()).or_insert(finding);
                }
            }
            if guessed.len() > kept.len() {
                let mut still = self.raised(names(&broken), transformed, Some(&guessed))?;
                differs(&mut still);
                if still != broken {
                    (kept, broken) = (guessed, still);
                    continue;
                }
            }
            let Some((name, (raised, suspects))) = broken.pop_first() else { break };
            let why = format!("import {name} raises {raised}");
            let fails = |trace: &Trace| kind(&raised_in(trace), &name) != kind(&installed, &name);
            let found = self.search(&name, &why, fails, &kept, transformed)?;
            if let Some(more) = found {
                kept = more;
                broken.insert(name, (raised, suspects));
                broken = self.raised(names(&broken), transformed, Some(&kept))?;
                differs(&mut broken);
            }
        }
        Ok(kept)
    }

    /// Modules of these owners whose code mentions docstrings, without tests.
    fn modules(&self, of: impl Fn(OwnerKind) -> bool) -> Result<Vec<String>> {
        let contents = self.image.contents()?;
        let mut modules = BTreeSet::new();
        for (path, file) in &self.image.files {
            let content = contents.get(file);
            let mentions = |text: &[u8]| content.windows(text.len()).any(|part| part == text);
            if of(self.image.owner(file).kind)
                && is_python(path)
                && let Some(name) = self.module(path)
                && (mentions(b"__doc__") || mentions(b"getdoc"))
            {
                modules.insert(name);
            }
        }
        Ok(modules.into_iter().collect())
    }

    fn module(&self, path: &str) -> Option<String> {
        let name = self.image.names(path).pop()?.strip_suffix(".py")?;
        let name = name.strip_suffix("/__init__").unwrap_or(name);
        let parts: Vec<_> = name.split('/').collect();
        let is_name = |part: &&str| {
            part.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !["", "tests", "test", "conftest", "__main__"].contains(part)
        };
        parts.iter().all(is_name).then(|| parts.join("."))
    }

    /// The fewest files with which this module can be imported; `None` if they are not the cause.
    fn search(
        &self,
        name: &str,
        why: &str,
        fails: impl Fn(&Trace) -> bool,
        kept: &Kept,
        transformed: &mut Transformed,
    ) -> Result<Option<Kept>> {
        let alone = [name.to_owned()];
        let Ok(trace) = self.import(&alone, transformed, Some(kept))? else { return Ok(None) };
        if !fails(&trace) {
            return Ok(None);
        }
        // Whoever reads a docstring has imported the module that has it.
        let shipment = Shipment::new(self.image, &Selection::default(), transformed, kept);
        let opened: BTreeSet<_> = trace.opened.iter().map(|(path, _)| path).collect();
        let opened = shipment.files.iter().filter(|shipped| opened.contains(&shipped.path));
        let origins: BTreeSet<_> = opened.map(|shipped| shipped.origin.clone()).collect();
        let origins: Vec<_> = origins.iter().filter(|path| is_python(path)).collect();
        let forms = self.compiler.python.fallbacks();
        keep_fewest(self.image, forms, kept, why, &origins, &[], |kept| {
            let trace = self.import(&alone, transformed, Some(kept))?;
            Ok(trace.is_ok_and(|trace| !fails(&trace)))
        })
    }

    /// Which of the modules raise when they are imported one after the other.
    fn raised(
        &self,
        mut names: Vec<String>,
        transformed: &mut Transformed,
        kept: Option<&Kept>,
    ) -> Result<Raised> {
        for _ in 0..ENDINGS {
            let stderr = match self.import(&names, transformed, kept)? {
                Ok(trace) => return Ok(raised_in(&trace)),
                Err(stderr) => stderr,
            };
            let last = stderr.lines().rev().find_map(|line| line.strip_prefix("import "));
            let Some(at) = names.iter().position(|name| Some(name.as_str()) == last) else { break };
            names.remove(at);
        }
        Ok(Raised::new())
    }

    /// Imports modules from the installation with all files as asked for but for `kept`; without
    /// `kept`, as it is. The end of standard error if the process ended.
    fn import(
        &self,
        names: &[String],
        transformed: &mut Transformed,
        kept: Option<&Kept>,
    ) -> Result<Result<Trace, String>> {
        let runner = self.compiler.runner;
        let json = serde_json::to_string(names).unwrap_or_default();
        let source = runner.work.join("imports.py");
        files::write_atomic(&source, SCRIPT.replace("NAMES", &json).as_bytes())?;
        let (name, filename) = ("imports.py".to_owned(), format!("{APP_DIR}/imports.py"));
        let scenario = Scenario { name, source, filename };
        let mounted = if let Some(kept) = kept {
            let forms = kept.iter().map(|(path, finding)| (path, finding.form));
            transformed.add(self.image, self.compiler, forms)?;
            let shipment = Shipment::new(self.image, &Selection::default(), transformed, kept);
            shipment.for_run(self.image, transformed, self.compiler)?
        } else {
            self.tracer.installation()?
        };
        // Nothing of this app.
        let tracer = Tracer { prelude: None, network: false, ..*self.tracer };
        match tracer.run("imports", &scenario, mounted, LIMIT) {
            Ok(trace) => Ok(Ok(trace)),
            Err(Failure::Other(error)) => Err(error),
            Err(Failure::Timeout(_, stderr) | Failure::Ended(_, stderr)) => Ok(Err(stderr)),
        }
    }
}

fn names(raised: &Raised) -> Vec<String> {
    raised.keys().cloned().collect()
}

fn raised_in(trace: &Trace) -> Raised {
    let last = trace.run.stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_default()
}
