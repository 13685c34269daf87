//! The pipeline, stage by stage, as in `ARCHITECTURE.md`. Each stage returns its result.

use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::paths::APP_DIR;
use crate::base::progress::{Log, Progress, Stages};
use crate::base::{files, parallel};
use crate::bundle::names::MANIFEST;
use crate::bundle::select::{self, Selection};
use crate::bundle::served::Bundler;
use crate::bundle::{loader, plain};
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::engine::node::NodeEngine;
use crate::engine::tools::Node;
use crate::engine::{Engine, scripts};
use crate::image::{Image, Installation};
use crate::output::{self, shared};
use crate::packages::archive::Unpacked;
use crate::packages::wheel::{self, Wheel};
use crate::packages::{fetch, repack, resolve};
use crate::pyodide::runtime::Runtime;
use crate::pyodide::session::Session;
use crate::remote::Remote;
use crate::report::benchmark::{Benchmark, Benchmarker};
use crate::report::collect::Findings;
use crate::report::{REPORT_JSON, Report, sizes};
use crate::run::mount::Host;
use crate::run::record::Trace;
use crate::run::recorder::Recorder;
use crate::run::startup::Startup;
use crate::settings::app::Scenario;
use crate::settings::builder::Builder;
use crate::settings::cargo::Cargo;
use crate::settings::config::Config;
use crate::settings::env::{self, Env};
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;
use crate::verify::imports::Imports;
use crate::verify::memo::FallbackMemo;
use crate::verify::raised::Importer;
use crate::verify::replay::{Baseline, Replayer};
use crate::verify::verifier::{Verified, Verifier};

/// The file for the resolved configuration, if a variable requests it.
const CONFIG_JSON: &str = "pyodide-pack-config.json";

/// The user's files. Each is read once, so a change during the build counts for the next build only.
struct Sources {
    /// Name and content of each file of the app.
    app: Vec<(String, Vec<u8>)>,
    /// The contents, in the order of the configuration.
    scenarios: Vec<Vec<u8>>,
    prelude: Option<Vec<u8>>,
}

impl Sources {
    fn read(config: &Config) -> Result<Self> {
        let app = config.app.files.iter();
        // Excluded files are not read: they may be large, and must not count as changes.
        let excluded =
            |name: &str| config.exclude.position(&[name, &format!("{APP_DIR}/{name}")]).is_some();
        let app = app.map(|(name, path)| {
            let content = if excluded(name) { Vec::new() } else { files::read(path)? };
            Ok((name.clone(), content))
        });
        let scenarios = config.scenarios.iter().map(|scenario| files::read(&scenario.source));
        Ok(Self {
            app: app.collect::<Result<_>>()?,
            scenarios: scenarios.collect::<Result<_>>()?,
            prelude: config.prelude.as_deref().map(files::read).transpose()?,
        })
    }

    /// The scenarios, with copies of their files in `work`.
    fn scenarios(&self, config: &Config, work: &Path) -> Result<Vec<Scenario>> {
        let numbered = config.scenarios.iter().zip(&self.scenarios).enumerate();
        let copy = |(number, (scenario, bytes)): (usize, (&Scenario, &Vec<u8>))| {
            let script = work.join(format!("scenario-{number}.py"));
            files::write_atomic(&script, bytes)?;
            Ok(Scenario { script, ..scenario.clone() })
        };
        numbered.map(copy).collect()
    }

    /// A prelude runs in its own folder, because it may import files beside it. So it must not change.
    fn check_prelude(&self, config: &Config) -> Result<()> {
        let Some(path) = &config.prelude else { return Ok(()) };
        if files::read(path).ok() == self.prelude {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Config, "the prelude changed while the build ran")
            .at(path.display())
            .hint("build again"))
    }
}

/// The inputs of a build.
struct Inputs<'a> {
    /// A digest of everything that decides the outputs.
    key: String,
    session: Session<'a>,
    sources: Sources,
    wheels: Vec<Wheel>,
}

pub(crate) fn build(builder: Builder, env: &Env, cargo: &mut Cargo) -> Result<Report> {
    let config = Config::resolve(builder, env, cargo)?;
    if env.flag(env::PRINT_CONFIG)? {
        print_config(&config, cargo)?;
    }
    if env.skip()? {
        output::write_skipped(&config.out_dir)?;
        return Ok(Report::skipped());
    }
    let log = Log::new(config.log, &config.out_dir);
    let mut stages = Stages::new(&log);
    let cache = config.open_cache(cargo)?;
    let sources = stages.run("read the app", || Sources::read(&config))?;
    let runtime = stages.run("find the runtime", || Runtime::find(&config, env, &cache))?;
    if !cache.contains(&runtime.dir) {
        cargo.rerun_if_changed(&runtime.dir);
    }
    let remote = &Remote::new(&config, env, &cache, &log);
    let session =
        Session { config: &config, env, cache: &cache, runtime: &runtime, remote, progress: &log };
    let wheels = stages.run("resolve", || resolve::resolve(session, cargo))?;
    let key = key(&config, &sources, &runtime, &wheels);
    let report = outputs(&Inputs { key, session, sources, wheels }, &mut stages);
    if let Some(warning) = remote.warning() {
        cargo.warn(warning);
    }
    let report = report?;
    if !report.cached || remote.is_used() {
        cache.finish(env.cache_limit()?);
    }
    log.started("done");
    if let Some(dir) = &config.export_dir {
        cargo.rerun_if_removed(&dir.join(MANIFEST), env);
    }
    for warning in &report.warnings {
        cargo.warn(warning);
    }
    Ok(report)
}

/// Prints the resolved configuration as warnings, and writes it to a file.
fn print_config(config: &Config, cargo: &mut Cargo) -> Result<()> {
    let path = config.out_dir.join(CONFIG_JSON);
    let json = serde_json::to_string_pretty(config)
        .map_err(|e| Error::json("write the configuration to", &path, e))?;
    files::write_if_changed(&path, json.as_bytes())?;
    cargo.warn(format!("the configuration, also in {}:\n{json}", path.display()));
    Ok(())
}

/// Returns the key over everything that decides the outputs.
fn key(config: &Config, sources: &Sources, runtime: &Runtime, wheels: &[Wheel]) -> String {
    let mut key = Key::new("build", Floor::Pipeline);
    key.list(scripts::FILES.iter().map(|(_, content)| content));
    key.list(loader::shipped());
    key.list([&runtime.version, &runtime.fingerprint]);
    key.list(wheels.iter().map(|wheel| format!("{wheel:?}")));
    for (name, bytes) in &sources.app {
        key.list([name.as_bytes(), bytes]);
    }
    for (scenario, bytes) in config.scenarios.iter().zip(&sources.scenarios) {
        key.list([scenario.filename.as_bytes(), bytes]);
    }
    key.list(&sources.prelude);
    key.field(format!("{:?} {:?}", config.eager, config.eager_sources));
    key.field(format!("{:?} {}", config.exclude, config.trace_network));
    key.field(format!("{:?} {:?} {}", config.python, config.lazy, config.service_worker));
    key.finish()
}

/// Makes the outputs, or copies them from the cache into `OUT_DIR`.
fn outputs(inputs: &Inputs, stages: &mut Stages) -> Result<Report> {
    let Session { config, cache, .. } = inputs.session;
    // The outputs do not depend on the benchmark, but a cache hit would bring no times.
    let key = match config.benchmark {
        0 => inputs.key.clone(),
        runs => format!("{}-benchmark-{runs}", inputs.key),
    };
    let progress = stages.progress;
    let (done, before) = (stages.done.clone(), stages.done.len());
    let waiting = || progress.started("waiting for another build of the same inputs");
    let mut shared = false;
    let (build, cached) = cache.build(&key, waiting, |outputs| {
        shared = shared::read(&key, outputs, inputs.session, stages)?;
        let mut stages = Stages { progress, done };
        if shared { Ok(()) } else { make(inputs, &mut stages, outputs) }
    })?;
    let made = !cached && !shared;
    let mut report: Report = build.read(REPORT_JSON)?;
    // What is left out changes no output, so it is not in the key.
    report.left_out.clone_from(&config.app.left_out);
    let written = report.clone();
    report.cached = !made;
    report.stages.extend_from_slice(&stages.done[before..]);
    output::write(&build, &mut report, inputs.session, stages)?;
    // Last, as a build that is killed while it compresses must leave nothing.
    written.write(&config.out_dir)?;
    if made {
        shared::offer_build(&build, inputs.session);
    }
    shared::write(&mut report, inputs.session, stages)?;
    Ok(report)
}

/// Makes the outputs from the inputs alone.
fn make(inputs: &Inputs, stages: &mut Stages, outputs: &Path) -> Result<()> {
    let Inputs { session, wheels, .. } = inputs;
    let node = Node::find(session.env)?;
    stages.say(&format!("Node.js {} at {}", node.version, node.program.display()));
    let work = session.cache.work_dir()?;
    let engine = NodeEngine::new(&node, work.path(), session.config.trace_network)?;
    let engine: &dyn Engine = &engine;

    let archives = stages.run("fetch", || archives(wheels, *session))?;
    let image = stages.run("unpack", || install(inputs, &archives, work.path()))?;
    let image = &image;
    let startup = stages.run("learn how Python starts", || start(image, *session, engine))?;
    let scenarios = &inputs.sources.scenarios(session.config, work.path())?;
    let startup = &startup;
    let workshop = Workshop { session: *session, scenarios, image, startup, engine, outputs };
    let memo = FallbackMemo::new(&inputs.key, wheels, &workshop.compiler());
    let hints = memo.load();
    let (traces, variants) =
        stages.run("trace and transform", || workshop.record_and_compile(&hints.0))?;
    // Before the first bundle: this stage finds fallbacks that no trace shows.
    let needed =
        stages.run("import untraced modules", || workshop.imports(&variants, wheels).needed())?;
    let selection = workshop.select(&traces)?;
    let baselines = baselines(scenarios, &traces);
    let verified = stages.run("bundle and verify", || {
        workshop.verifier(&variants, &memo, &baselines).verify(selection, hints, &needed)
    })?;
    let mut report = stages.run("measure", || workshop.report(&variants, &verified))?;
    if session.config.benchmark > 0 {
        report.benchmark = stages.run("benchmark", || workshop.benchmark(inputs, &archives))?;
    }
    inputs.sources.check_prelude(session.config)?;
    report.stages.clone_from(&stages.done);
    report.write(outputs)
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

/// The inputs of the stages after the installation.
#[derive(Clone, Copy)]
struct Workshop<'a> {
    session: Session<'a>,
    scenarios: &'a [Scenario],
    image: &'a Image,
    startup: &'a Startup,
    engine: &'a dyn Engine,
    outputs: &'a Path,
}

impl<'a> Workshop<'a> {
    fn compiler(&self) -> Compiler<'a> {
        let Self { image, startup, engine, .. } = *self;
        let Session { config, runtime, cache, remote, progress, .. } = self.session;
        Compiler { python: config.python, runtime, startup, image, engine, cache, remote, progress }
    }

    fn recorder(&self) -> Recorder<'a> {
        let Self { image, startup, engine, .. } = *self;
        let Session { config, runtime, .. } = self.session;
        Recorder { config, runtime, startup, image, engine }
    }

    /// Both keep a processor busy, and they are independent.
    fn record_and_compile(&self, hints: &Fallbacks) -> Result<(Vec<Trace>, Variants)> {
        std::thread::scope(|scope| {
            let (compiler, work) = (self.compiler(), self.engine.work().to_path_buf());
            let compiled = scope.spawn(move || Variants::new(&compiler, hints, &work));
            let traces = self.record().inspect_err(|_| self.engine.cancel())?;
            Ok((traces, join(compiled)?))
        })
    }

    fn record(&self) -> Result<Vec<Trace>> {
        let numbered: Vec<_> = self.scenarios.iter().enumerate().collect();
        let recorder = self.recorder();
        parallel::in_parallel(&numbered, |(number, scenario)| {
            recorder.record(&format!("trace-{number}"), scenario)
        })
    }

    fn imports<'s>(&self, variants: &'s Variants, wheels: &'s [Wheel]) -> Imports<'s>
    where
        'a: 's,
    {
        let (compiler, recorder) = (self.compiler(), self.recorder());
        Imports { importer: Importer { compiler, variants, recorder }, wheels }
    }

    fn select(&self, traces: &[Trace]) -> Result<Selection> {
        select::select(self.session.config, self.image, traces, &self.startup.plain.opened)
    }

    fn verifier<'s>(
        &self,
        variants: &'s Variants,
        memo: &'s FallbackMemo<'a>,
        baselines: &'s [Baseline<'a>],
    ) -> Verifier<'s>
    where
        'a: 's,
    {
        let Self { image, engine, outputs, .. } = *self;
        let Session { config, runtime, cache, .. } = self.session;
        Verifier {
            bundler: Bundler {
                image,
                runtime,
                engine,
                cache,
                outputs,
                service_worker: config.service_worker,
            },
            compiler: self.compiler(),
            variants,
            replayer: Replayer { recorder: self.recorder() },
            memo,
            baselines,
            lazy: config.lazy,
        }
    }

    fn report(&self, variants: &Variants, verified: &Verified) -> Result<Report> {
        let Self { image, engine, .. } = *self;
        let Session { config, runtime, cache, .. } = self.session;
        let sizes = &sizes::measure(image, &verified.layout, engine, cache)?;
        let findings = Findings { lazy: config.lazy, image, variants, verified, sizes };
        Ok(findings.report(&runtime.version, &config.scenarios))
    }

    fn benchmark(&self, inputs: &Inputs, archives: &[PathBuf]) -> Result<Option<Benchmark>> {
        let Self { engine, outputs, .. } = *self;
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
