//! The stages after the installation, with their common inputs.

use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;

use crate::base::error::Result;
use crate::base::parallel;
use crate::bundle::layout::Bundled;
use crate::bundle::parts::Parts;
use crate::bundle::select::{self, Selection};
use crate::bundle::served::Bundler;
use crate::engine::Engine;
use crate::image::Image;
use crate::packages::wheel::Wheel;
use crate::pipeline::Inputs;
use crate::pyodide::session::Session;
use crate::report::Report;
use crate::report::benchmark::{Benchmark, Benchmarker};
use crate::report::collect::Findings;
use crate::report::sizes::{self, Measured};
use crate::run::record::Trace;
use crate::run::recorder::Recorder;
use crate::run::startup::Startup;
use crate::settings::app::Scenario;
use crate::snapshot::{Made, Snapshots};
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::noting::NotingModules;
use crate::transform::python::Compiler;
use crate::verify::imports::Imports;
use crate::verify::memo::FallbackMemo;
use crate::verify::raised::Importer;
use crate::verify::replay::{Baseline, Replay, Replayer};
use crate::verify::verifier::{Verified, Verifier};

/// The inputs of the stages after the installation.
#[derive(Clone, Copy)]
pub(super) struct Workshop<'a> {
    pub session: Session<'a>,
    pub archives: &'a [PathBuf],
    pub scenarios: &'a [Scenario],
    pub image: &'a Image,
    pub startup: &'a Startup,
    pub engine: &'a dyn Engine,
    pub outputs: &'a Path,
    /// Modules that note which of their functions the scenarios run, or why no module is to be split.
    pub noting: Result<&'a NotingModules, &'a str>,
}

impl<'a> Workshop<'a> {
    pub fn compiler(&self) -> Compiler<'a> {
        let Self { image, startup, engine, .. } = *self;
        let Session { config, runtime, cache, remote, progress, .. } = self.session;
        Compiler { python: config.python, runtime, startup, image, engine, cache, remote, progress }
    }

    fn recorder(&self) -> Recorder<'a> {
        let Self { image, startup, engine, .. } = *self;
        let Session { config, runtime, .. } = self.session;
        Recorder { config, runtime, startup, image, engine, noting: None }
    }

    /// Both keep a processor busy, and they are independent.
    pub fn record_and_compile(&self, hints: &Fallbacks) -> Result<(Vec<Trace>, Variants)> {
        std::thread::scope(|scope| {
            let (compiler, work) = (self.compiler(), self.engine.work().to_path_buf());
            let compiled = scope.spawn(move || Variants::new(&compiler, hints, &work));
            let traces = self.record().inspect_err(|_| self.engine.cancel())?;
            Ok((traces, join(compiled)?))
        })
    }

    pub fn record(&self) -> Result<Vec<Trace>> {
        let numbered: Vec<_> = self.scenarios.iter().enumerate().collect();
        let noting = self.noting.ok().map(NotingModules::for_traces);
        let recorder = Recorder { noting, ..self.recorder() };
        parallel::in_parallel(&numbered, |(number, scenario)| {
            recorder.record(&format!("trace-{number}"), scenario)
        })
    }

    pub fn imports<'s>(&self, variants: &'s Variants, wheels: &'s [Wheel]) -> Imports<'s>
    where
        'a: 's,
    {
        let (compiler, recorder) = (self.compiler(), self.recorder());
        Imports { importer: Importer { compiler, variants, recorder }, wheels }
    }

    pub fn select(&self, traces: &[Trace]) -> Result<Selection> {
        select::select(self.session.config, self.image, traces, &self.startup.plain.opened)
    }

    pub fn bundler(&self) -> Bundler<'a> {
        let Self { image, engine, outputs, .. } = *self;
        let Session { config, runtime, cache, .. } = self.session;
        let service_worker = config.service_worker;
        Bundler {
            image,
            runtime,
            engine,
            cache,
            outputs,
            service_worker,
            parts: None,
            snapshot: None,
        }
    }

    fn replayer(&self) -> Replayer<'a> {
        Replayer { recorder: self.recorder(), snapshot: None }
    }

    /// Makes the snapshot, and adds it to the outputs.
    pub fn snapshot(&self, verified: &Verified, baselines: &'a [Baseline<'a>]) -> Result<Made> {
        let Self { image, startup, outputs, .. } = *self;
        let Session { config, runtime, .. } = self.session;
        if !runtime.has_snapshots() {
            return Ok(Made::none("this version of Pyodide has none"));
        }
        let (replayer, usage) = (self.replayer(), config.snapshot);
        let snapshots =
            Snapshots { image, startup, replayer, outputs, runtime: &runtime.dir, usage };
        let made = snapshots.make(baselines)?;
        if made.file.is_some() {
            let Verified { bundled: Bundled { layout, selection, .. }, parts, .. } = verified;
            let parts = Some(parts);
            let bundler = Bundler { parts, snapshot: made.file.as_ref(), ..self.bundler() };
            bundler.bundle(layout, selection, config.lazy)?;
        }
        Ok(made)
    }

    pub fn verifier<'s>(
        &self,
        variants: &'s Variants,
        memo: &'s FallbackMemo<'a>,
        baselines: &'s [Baseline<'a>],
    ) -> Verifier<'s>
    where
        'a: 's,
    {
        Verifier {
            bundler: self.bundler(),
            compiler: self.compiler(),
            variants,
            replayer: self.replayer(),
            memo,
            baselines,
            lazy: self.session.config.lazy,
            noting: self.noting.map(|noting| noting.core.as_path()),
        }
    }

    pub fn report(
        &self,
        variants: &Variants,
        bundled: &Bundled,
        parts: &Parts,
        replays: &[Replay],
    ) -> Result<Report> {
        let Self { image, engine, .. } = *self;
        let Session { config, runtime, cache, .. } = self.session;
        let core = (&*runtime.wasm(), runtime.wasm_bytes());
        let measured = Measured { image, layout: &bundled.layout, parts, core };
        let sizes = &sizes::measure(measured, engine, cache)?;
        let lazy = config.lazy;
        let findings = Findings { lazy, image, variants, bundled, parts, replays, sizes };
        Ok(findings.report(&runtime.version, &config.scenarios))
    }

    pub fn benchmark(&self, inputs: &Inputs) -> Result<Option<Benchmark>> {
        let Self { engine, outputs, archives, .. } = *self;
        let Session { config, runtime, .. } = self.session;
        let Some(scenario) = self.scenarios.first() else { return Ok(None) };
        let (wheels, app) = (&inputs.wheels, &inputs.sources.app);
        let benchmarker = Benchmarker { config, runtime, engine, wheels, archives, app, outputs };
        benchmarker.run(scenario, config.benchmark).map(Some)
    }
}

/// Returns a thread's result, or resumes its panic.
fn join<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
