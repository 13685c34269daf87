//! The pipeline, stage by stage, as `ARCHITECTURE.md` draws it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::ScopedJoinHandle;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::progress::{Log, Stages};
use crate::base::{files, parallel};
use crate::bundle::names::MANIFEST;
use crate::bundle::{plain, select, served};
use crate::cache::Cache;
use crate::cache::key::Key;
use crate::engine::node::Runner;
use crate::engine::scripts::SCRIPTS;
use crate::engine::tools::Node;
use crate::image::Image;
use crate::output;
use crate::packages::archive::Unpacked;
use crate::packages::wheel::Wheel;
use crate::packages::{fetch, resolve, wheel};
use crate::pyodide::runtime::Runtime;
use crate::report::benchmark::Benchmarker;
use crate::report::{Report, sizes};
use crate::run::record::Trace;
use crate::run::scenario::Tracer;
use crate::run::startup::Startup;
use crate::settings::builder::Builder;
use crate::settings::cargo::Cargo;
use crate::settings::config::Config;
use crate::settings::env::{self, Env};
use crate::transform::Transformed;
use crate::transform::python::Compiler;
use crate::verify::Prover;
use crate::verify::imports::Imports;
use crate::verify::memo::Findings;
use crate::verify::replay::{Traced, Validator};

const REPORT_JSON: &str = "pyodide-pack-report.json";
const REPORT_TXT: &str = "pyodide-pack-report.txt";

/// Files of the app, by name.
type Sources = Vec<(String, Vec<u8>)>;

/// What a build is made from.
struct Inputs<'a> {
    /// Over everything that decides the outputs.
    key: &'a str,
    config: &'a Config,
    sources: &'a Sources,
    runtime: &'a Runtime,
    wheels: &'a [Wheel],
    env: &'a Env,
    cache: &'a Cache,
}

pub(crate) fn build(builder: Builder, env: &Env, cargo: &mut Cargo) -> Result<Report> {
    let config = Config::resolve(builder, env, cargo)?;
    if env.flag(env::PRINT_CONFIG)? {
        let json = serde_json::to_string_pretty(&config).unwrap_or_else(|e| e.to_string());
        return Err(Error::new(ErrorKind::Config, "the resolved configuration, as asked for")
            .because(json)
            .hint(format!("unset {} to build", env::PRINT_CONFIG)));
    }
    if env.skip()? {
        output::write_skipped(&config.out_dir)?;
        return Ok(Report::skipped());
    }
    let log = Log { enabled: config.log };
    let mut stages = Stages::new(&log);
    let cache = Cache::open(&config.cache_dir)?;
    let sources = stages.run("read the app", || read_sources(&config))?;
    let runtime = stages.run("find the runtime", || Runtime::find(&config, env, &cache))?;
    if !cache.contains(&runtime.dir) {
        cargo.rerun_if_changed(&runtime.dir);
    }
    let wheels =
        stages.run("resolve", || resolve::resolve(&config, &runtime, env, &cache, cargo))?;

    let key = key(&config, &sources, &runtime, &wheels)?;
    let inputs = Inputs {
        key: &key,
        config: &config,
        sources: &sources,
        runtime: &runtime,
        wheels: &wheels,
        env,
        cache: &cache,
    };
    // The outputs are the same, but without it a hit would bring no times.
    let build_key = match config.benchmark {
        0 => key.clone(),
        runs => format!("{key}-benchmark-{runs}"),
    };
    let done = stages.done.clone();
    let waiting = || stages.say("waiting for another build of the same inputs");
    let (stored, cached) = cache.build(&build_key, waiting, |outputs| {
        let mut stages = Stages { progress: &log, done };
        make(&inputs, &mut stages, outputs)
    })?;
    let mut report: Report = stored.read(REPORT_JSON)?;
    report.cached = cached;
    output::write(&stored, &mut report, &config, &runtime, env, &cache, &mut stages)?;
    if let Some(dir) = &config.export_dir {
        // It was written before cargo notes the time, so that only its loss counts.
        cargo.rerun_if_changed(&dir.join(MANIFEST));
    }
    for warning in &report.warnings {
        cargo.warn(warning);
    }
    Ok(report)
}

fn read_sources(config: &Config) -> Result<Sources> {
    let files = &config.app.files;
    files.iter().map(|(name, path)| Ok((name.clone(), files::read(path)?))).collect()
}

/// Everything that decides the outputs.
fn key(config: &Config, sources: &Sources, runtime: &Runtime, wheels: &[Wheel]) -> Result<String> {
    let mut key = Key::new("build-1");
    key.list(SCRIPTS.iter().map(|(_, content)| content));
    key.list(served::SCRIPTS);
    key.list([&runtime.version, &runtime.fingerprint]);
    key.list(wheels.iter().map(|wheel| format!("{wheel:?}")));
    for (name, bytes) in sources {
        key.list([name.as_bytes(), bytes]);
    }
    for scenario in &config.scenarios {
        key.list([scenario.filename.as_bytes(), &files::read(&scenario.source)?]);
    }
    key.list(config.prelude.iter().map(|path| files::read(path)).collect::<Result<Vec<_>>>()?);
    key.field(format!("{:?} {:?} {}", config.include, config.exclude, config.trace_network));
    key.field(format!("{:?} {:?}", config.python, config.cold));
    Ok(key.finish())
}

/// Traces every scenario.
fn trace(tracer: &Tracer, config: &Config) -> Result<Vec<Trace>> {
    let numbered: Vec<_> = config.scenarios.iter().enumerate().collect();
    parallel::in_parallel(&numbered, |(number, scenario)| {
        tracer.scenario(&format!("trace-{number}"), scenario)
    })
}

/// A thread's result; its panic goes on here.
fn join<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Makes the outputs from nothing but the inputs.
fn make(inputs: &Inputs, stages: &mut Stages, outputs: &Path) -> Result<()> {
    let Inputs { key, config, sources, runtime, wheels, env, cache } = *inputs;
    let node = Node::find(env)?;
    stages.say(&format!("Node.js {} at {}", node.version, node.program.display()));
    let work = cache.work_dir()?;
    let runner = Runner::new(&node, work.path(), config.trace_network)?;

    let progress = stages.progress;
    let archives = stages.run("fetch", || {
        resolve::fetch_missing(wheels, config, runtime, env, cache)?;
        fetch::locate_all(wheels, config, runtime, env, cache, progress)
    })?;
    let mut image = stages.run("unpack", || {
        let stdlib = runtime.dir.join("python_stdlib.zip");
        let stdlib = Unpacked::of(&stdlib, &cache.sha256_of(&stdlib)?, cache)?;
        let unpack = |(wheel, archive): (&Wheel, &PathBuf)| {
            let unpacked = Unpacked::of(archive, &wheel.sha256, cache)?;
            wheel::check_record(archive, &unpacked)?;
            Ok((wheel.clone(), unpacked))
        };
        let wheels = wheels.iter().zip(&archives).map(unpack).collect::<Result<_>>()?;
        Image::new(runtime, stdlib, wheels, sources, work.path())
    })?;
    image.exclude(&config.exclude);

    let startup = stages.run("learn how Python starts", || {
        let plain_zip = plain::plain_loader_zip(&image)?;
        Startup::of(runtime, &image, &plain_zip, &runner, cache)
    })?;
    let (python, startup) = (config.python, &startup);
    let compiler = Compiler { python, runtime, startup, runner: &runner, cache };
    let findings = Findings::of(key, wheels, &compiler);
    let (hints, known) = findings.load();
    let tracer = Tracer::new(config, runtime, startup, &image, &runner);
    let (traces, mut transformed) = stages.run("trace and transform", || {
        // Both keep a processor busy, and neither needs the other.
        std::thread::scope(|scope| {
            let compiled = scope.spawn(|| Transformed::new(&image, &compiler, &hints, work.path()));
            let traces = trace(&tracer, config).inspect_err(|_| runner.cancel())?;
            Ok((traces, join(compiled)?))
        })
    })?;
    let imports = Imports { image: &image, compiler: &compiler, tracer: &tracer, wheels };
    let needed = stages.run("import untraced modules", || imports.needed(&mut transformed))?;
    let mut selection = select::select(config, &image, &traces, &startup.plain)?;
    let unstable = Mutex::default();
    let plain = &startup.plain;
    let validator = Validator { config, runner: &runner, tracer: &tracer, plain, unstable };
    let numbered = config.scenarios.iter().zip(&traces).enumerate();
    let traced: Vec<_> =
        numbered.map(|(number, (scenario, trace))| Traced { number, scenario, trace }).collect();
    let proof = stages.run("pack and validate", || {
        let (image, compiler, validator) = (&image, &compiler, &validator);
        let (findings, traced) = (&findings, traced.as_slice());
        let prover =
            Prover { image, compiler, validator, findings, traced, cold: config.cold, outputs };
        let kept = if known {
            hints
        } else {
            prover.backoff(&selection).necessary(hints, &needed, &mut transformed, traced)?
        };
        prover.prove(&mut selection, &mut transformed, kept)
    })?;

    let sizes = stages.run("measure", || {
        sizes::gzip_sizes(&image, &transformed, &proof.shipment, &runner, cache)
    })?;
    let mut report = Report::new(
        &runtime.version,
        config.cold,
        &image,
        &selection,
        &transformed,
        &proof,
        &sizes,
    );
    for (scenario, verdict) in config.scenarios.iter().zip(&proof.verdicts) {
        report.add_scenario(&scenario.name, verdict);
    }

    if let (1.., Some(scenario)) = (config.benchmark, config.scenarios.first()) {
        let archives = &archives;
        let benchmarker =
            Benchmarker { config, runtime, runner: &runner, wheels, archives, outputs };
        let run = || benchmarker.run(scenario, config.benchmark);
        report.benchmark = Some(stages.run("benchmark", run)?);
    }

    report.stages.clone_from(&stages.done);
    let json = serde_json::to_vec_pretty(&report)
        .map_err(|e| Error::json("write the report in", outputs, e))?;
    files::write_atomic(&outputs.join(REPORT_JSON), &json)?;
    files::write_atomic(&outputs.join(REPORT_TXT), report.text().as_bytes())
}
