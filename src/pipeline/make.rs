//! Makes the outputs of a build, stage by stage, as in `ARCHITECTURE.md`. Each stage returns its result.

use std::path::{Path, PathBuf};

use crate::base::error::Result;
use crate::base::progress::Stages;
use crate::bundle::layout::{Bundled, Layout};
use crate::bundle::parts::Parts;
use crate::bundle::plain;
use crate::engine::Engine;
use crate::engine::node::NodeEngine;
use crate::engine::tools::Node;
use crate::image::{Image, Installation};
use crate::packages::archive::Unpacked;
use crate::packages::wheel::{self, Wheel};
use crate::packages::{fetch, repack, resolve};
use crate::pipeline::Inputs;
use crate::pipeline::workshop::Workshop;
use crate::pyodide::session::Session;
use crate::report::snapshot::SnapshotReport;
use crate::report::{Development, Report};
use crate::run::mount::Host;
use crate::run::record::Trace;
use crate::run::startup::Startup;
use crate::settings::app::Scenario;
use crate::settings::snapshot::Snapshot;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::noting::NotingModules;
use crate::verify::memo::FallbackMemo;
use crate::verify::replay::Baseline;
use crate::verify::verifier::Verified;

/// Makes verified outputs from the inputs alone.
pub(super) fn verified(inputs: &Inputs, stages: &mut Stages, outputs: &Path) -> Result<()> {
    in_workshop(inputs, stages, outputs, |workshop, stages| {
        let Inputs { keys, session, wheels, .. } = inputs;
        let memo = FallbackMemo::new(&keys.build, wheels, &workshop.compiler());
        let hints = memo.load();
        let (traces, variants) =
            stages.run("trace and transform", || workshop.record_and_compile(&hints.0))?;
        // Before the first bundle: this stage finds fallbacks that no trace shows.
        let needed = stages
            .run("import untraced modules", || workshop.imports(&variants, wheels).needed())?;
        let selection = workshop.select(&traces)?;
        let baselines = baselines(workshop.scenarios, &traces);
        let verified = stages.run("bundle and verify", || {
            workshop.verifier(&variants, &memo, &baselines).verify(selection, hints, &needed)
        })?;
        let Verified { bundled, parts, replays } = &verified;
        let mut report =
            stages.run("measure", || workshop.report(&variants, bundled, parts, replays))?;
        if session.config.snapshot != Snapshot::Never {
            let made = stages.run("snapshot", || workshop.snapshot(&verified, &baselines))?;
            report.snapshot = Some(SnapshotReport::new(&made));
        }
        if session.config.benchmark > 0 {
            report.benchmark = stages.run("benchmark", || workshop.benchmark(inputs))?;
        }
        Ok(report)
    })
}

/// Makes outputs for development builds: the scenarios run once, nothing else is compiled, and nothing is
/// verified.
pub(super) fn recorded(inputs: &Inputs, stages: &mut Stages, outputs: &Path) -> Result<()> {
    in_workshop(inputs, stages, outputs, |workshop, stages| {
        let traces = stages.run("trace", || workshop.record())?;
        let variants = Variants::recorded(&workshop.compiler(), &traces);
        let selection = workshop.select(&traces)?;
        let fallbacks = Fallbacks::new();
        let layout = Layout::new(workshop.image, &selection, &variants, &fallbacks);
        let lazy = inputs.session.config.lazy;
        stages.run("bundle", || workshop.bundler().bundle(&layout, &selection, lazy))?;
        let bundled = Bundled { layout, selection, fallbacks };
        let parts = Parts::whole(workshop.noting.err().unwrap_or_default());
        let mut report =
            stages.run("measure", || workshop.report(&variants, &bundled, &parts, &[]))?;
        report.development = Some(Development { from_verified: false, to_trace: Vec::new() });
        Ok(report)
    })
}

/// Installs the app, and calls `work` with everything that the other stages need. Writes the report that it
/// returns.
fn in_workshop(
    inputs: &Inputs,
    stages: &mut Stages,
    outputs: &Path,
    work: impl FnOnce(&Workshop, &mut Stages) -> Result<Report>,
) -> Result<()> {
    let Inputs { session, wheels, .. } = inputs;
    let node = Node::find(session.env)?;
    stages.say(&format!("Node.js {} at {}", node.version, node.program.display()));
    let folder = session.cache.work_dir()?;
    let engine = NodeEngine::new(&node, folder.path(), session.config.trace_network)?;
    let engine: &dyn Engine = &engine;

    let archives = &stages.run("fetch", || archives(wheels, *session))?;
    let image = &stages.run("unpack", || install(inputs, archives, folder.path()))?;
    let startup = &stages.run("learn how Python starts", || start(image, *session, engine))?;
    let scenarios = &inputs.sources.scenarios(session.config, folder.path())?;
    let noting = noting(*session, image, folder.path())?;
    let workshop = Workshop {
        session: *session,
        archives,
        scenarios,
        image,
        startup,
        engine,
        outputs,
        noting: noting.as_ref().map_err(String::as_str),
    };
    let mut report = work(&workshop, stages)?;
    inputs.sources.check_prelude(session.config)?;
    report.stages.clone_from(&stages.done);
    report.write(outputs)
}

/// Writes modules that note which of their functions run, or returns why no module is to be split.
fn noting(
    session: Session,
    image: &Image,
    work: &Path,
) -> Result<std::result::Result<NotingModules, String>> {
    let Session { config, runtime, .. } = session;
    if config.development {
        return Ok(Err("it is a development build".to_owned()));
    }
    if !config.split {
        return Ok(Err("the settings keep it so".to_owned()));
    }
    if !runtime.can_split() {
        return Ok(Err("this version of Pyodide takes no other module".to_owned()));
    }
    Ok(NotingModules::new(image, runtime, work)?.map_err(|why| why.to_string()))
}

/// Returns the paths of the wheels, in their order.
fn archives(wheels: &[Wheel], session: Session) -> Result<Vec<PathBuf>> {
    resolve::fetch_missing(wheels, session)?;
    fetch::locate_all(wheels, session)
}

/// Installs everything except the files that `exclude` removes.
fn install(inputs: &Inputs, archives: &[PathBuf], work: &Path) -> Result<Image> {
    let Session { config, runtime, cache, .. } = inputs.session;
    let stdlib = runtime.dir.join("python_stdlib.zip");
    let repack = |from: &Path, to: &Path| repack::repack(from, to, inputs.session);
    let stdlib = Unpacked::of(&stdlib, &cache.sha256_of(&stdlib)?, cache, &repack)?;
    let unpack = |(wheel, archive): (&Wheel, &PathBuf)| {
        let mut unpacked = Unpacked::of(archive, &wheel.sha256, cache, &repack)?;
        unpacked.index.warnings.extend(wheel::check_record(&unpacked)?);
        Ok((wheel.clone(), unpacked))
    };
    let wheels = inputs.wheels.iter().zip(archives).map(unpack).collect::<Result<_>>()?;
    let installation = Installation { stdlib, wheels, app: &inputs.sources.app };
    let mut image = Image::new(runtime, installation, work)?;
    image.exclude(&config.exclude);
    Ok(image)
}

fn start(image: &Image, session: Session, engine: &dyn Engine) -> Result<Startup> {
    let host = Host { runtime: session.runtime, contents: &image.contents, engine };
    Startup::of(image, &plain::empty_bundle(image)?, host, session.cache)
}

fn baselines<'a>(scenarios: &'a [Scenario], traces: &'a [Trace]) -> Vec<Baseline<'a>> {
    let numbered = scenarios.iter().zip(traces).enumerate();
    numbered.map(|(number, (scenario, trace))| Baseline::new(number, scenario, trace)).collect()
}
