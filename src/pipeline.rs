//! The pipeline, stage by stage, as `ARCHITECTURE.md` draws it.

use std::path::{Path, PathBuf};

use crate::archive::Unpacked;
use crate::builder::Builder;
use crate::cache::{Cache, Key};
use crate::cargo::Cargo;
use crate::config::Config;
use crate::env::{self, Env};
use crate::error::{Error, ErrorKind, Result};
use crate::image::Image;
use crate::loader;
use crate::pack;
use crate::report::Report;
use crate::resolve::{self, Wheel};
use crate::runner::{self, Runner};
use crate::runtime::Runtime;
use crate::select;
use crate::sizes;
use crate::stages::{Log, Stages};
use crate::tool::Node;
use crate::trace::Tracer;
use crate::validate::{Route, Validator};
use crate::{fetch, fsutil, wheel};

const REPORT_JSON: &str = "pyodide-pack-report.json";
const REPORT_TXT: &str = "pyodide-pack-report.txt";

/// The code that decides the outputs: the version alone does not change while one works on it.
const CODE: &[&str] = &[
    include_str!("archive.rs"),
    include_str!("image.rs"),
    include_str!("loader.rs"),
    include_str!("pack.rs"),
    include_str!("pipeline.rs"),
    include_str!("report.rs"),
    include_str!("select.rs"),
    include_str!("trace.rs"),
    include_str!("transform/side_module.rs"),
    include_str!("validate.rs"),
    include_str!("wheel.rs"),
];

/// Files of the app, by name.
type Sources = Vec<(String, Vec<u8>)>;

pub(crate) fn build(builder: Builder, env: &Env, cargo: &mut Cargo) -> Result<Report> {
    let config = Config::resolve(builder, env, cargo)?;
    if env.flag(env::PRINT_CONFIG)? {
        let json = serde_json::to_string_pretty(&config).unwrap_or_else(|e| e.to_string());
        return Err(Error::new(ErrorKind::Config, "the resolved configuration, as asked for")
            .because(json)
            .hint(format!("unset {} to build", env::PRINT_CONFIG)));
    }
    if env.skip()? {
        loader::write_skipped(&config.out_dir)?;
        return Ok(Report::skipped());
    }
    let log = Log { enabled: config.log };
    let mut stages = Stages::new(&log);
    let cache = Cache::open(&config.cache_dir)?;
    let sources = stages.run("read the app", || read_sources(&config))?;
    let runtime = stages.run("find the runtime", || Runtime::find(&config, env, &cache))?;
    if !runtime.dir.starts_with(cache.bucket("")) {
        cargo.rerun_if_changed(&runtime.dir);
    }
    let wheels =
        stages.run("resolve", || resolve::resolve(&config, &runtime, env, &cache, cargo))?;

    let key = key(&config, &sources, &runtime, &wheels)?;
    let done = stages.done.clone();
    let waiting = || stages.say("waiting for another build of the same inputs");
    let (stored, cached) = cache.build(&key, waiting, |outputs| {
        let mut stages = Stages { progress: &log, done };
        make(&config, &sources, &runtime, &wheels, env, &cache, &mut stages, outputs)
    })?;
    stored.copy_to(&config.out_dir, loader::SERVED)?;
    let json = stored.read(REPORT_JSON)?;
    let mut report: Report = serde_json::from_slice(&json)
        .map_err(|e| Error::io("read the report in", &config.out_dir, &std::io::Error::other(e)))?;
    report.cached = cached;
    for warning in &report.warnings {
        cargo.warn(warning);
    }
    Ok(report)
}

fn read_sources(config: &Config) -> Result<Sources> {
    let files = &config.app.files;
    files.iter().map(|(name, path)| Ok((name.clone(), fsutil::read(path)?))).collect()
}

/// Everything that decides the outputs.
fn key(config: &Config, sources: &Sources, runtime: &Runtime, wheels: &[Wheel]) -> Result<String> {
    let mut key = Key::new("build-1");
    key.list(runner::SCRIPTS.iter().map(|(_, content)| content));
    key.list(loader::SCRIPTS);
    key.list(CODE);
    key.list([&runtime.version, &runtime.fingerprint]);
    key.list(wheels.iter().map(|wheel| format!("{wheel:?}")));
    for (name, bytes) in sources {
        key.list([name.as_bytes(), bytes]);
    }
    for scenario in &config.scenarios {
        key.list([scenario.filename.as_bytes(), &fsutil::read(&scenario.source)?]);
    }
    key.list(config.prelude.iter().map(|path| fsutil::read(path)).collect::<Result<Vec<_>>>()?);
    key.field(format!("{:?} {:?} {}", config.include, config.exclude, config.trace_network));
    Ok(key.finish())
}

/// Makes the outputs from nothing but the inputs.
#[expect(clippy::too_many_arguments, reason = "the inputs of a build, each once")]
fn make(
    config: &Config,
    sources: &Sources,
    runtime: &Runtime,
    wheels: &[Wheel],
    env: &Env,
    cache: &Cache,
    stages: &mut Stages,
    outputs: &Path,
) -> Result<()> {
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

    let (traces, plain) = stages.run("trace", || {
        let tracer = Tracer { config, runtime, image: &image, runner: &runner };
        let numbered: Vec<_> =
            config.scenarios.iter().enumerate().map(Some).chain([None]).collect();
        let mut traced = runner::in_parallel(&numbered, |job| match job {
            Some((number, scenario)) => tracer.scenario(&format!("trace-{number}"), scenario),
            None => tracer.plain_lines(),
        })?;
        let plain = traced.pop();
        let names = config.scenarios.iter().map(|scenario| scenario.name.clone());
        Ok((names.zip(traced).collect::<Vec<_>>(), plain))
    })?;
    let plain = plain.ok_or_else(|| Error::new(ErrorKind::Trace, "nothing was traced"))?;

    let contents = image.contents()?;
    let selection = select::select(config, &mut image, &contents, &traces, &plain);
    stages.run("pack", || {
        let packed = pack::pack(&image, &contents, &selection)?;
        pack::write_plain(&packed, outputs)?;
        loader::write_served(runtime, &image, &selection, &packed, outputs)
    })?;

    let sizes = stages.run("measure", || sizes::gzip_sizes(&image, &runner, cache))?;
    let mut report = Report::new(&runtime.version, &image, &selection, &sizes);

    stages.run("validate", || {
        let tracer = Tracer { config, runtime, image: &image, runner: &runner };
        let validator =
            Validator { config, runner: &runner, tracer: &tracer, outputs, plain: &plain };
        let numbered = config.scenarios.iter().zip(&traces).enumerate();
        let jobs: Vec<_> = numbered.flat_map(|job| Route::ALL.map(|route| (job, route))).collect();
        let verdicts = runner::in_parallel(&jobs, |((number, (scenario, (_, trace))), route)| {
            validator.validate(*number, scenario, trace, *route)
        })?;
        // Both routes of a scenario lie side by side, loadBundle first.
        for (scenario, routes) in config.scenarios.iter().zip(verdicts.chunks(Route::ALL.len())) {
            let unstable = routes.iter().find_map(|verdict| verdict.unstable.clone());
            let seconds = routes.first().map(|verdict| verdict.run.seconds);
            report.add_scenario(&scenario.name, seconds, unstable);
        }
        Ok(())
    })?;

    loader::write_rust(&runtime.version, &report.table(), outputs)?;
    report.stages.clone_from(&stages.done);
    let json = serde_json::to_vec_pretty(&report)
        .map_err(|e| Error::io("write the report in", outputs, &std::io::Error::other(e)))?;
    fsutil::write_atomic(&outputs.join(REPORT_JSON), &json)?;
    fsutil::write_atomic(&outputs.join(REPORT_TXT), report.text().as_bytes())
}
