//! The pipeline, as in `ARCHITECTURE.md`: from the settings to the files of `OUT_DIR`.

mod development;
mod keys;
mod make;
mod sources;
mod workshop;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::progress::{Log, Progress, Stages};
use crate::bundle::names::MANIFEST;
use crate::development::recordings::Recordings;
use crate::output::{self, Outputs, shared};
use crate::packages::resolve;
use crate::packages::wheel::Wheel;
use crate::pipeline::keys::Keys;
use crate::pipeline::sources::Sources;
use crate::pyodide::runtime::Runtime;
use crate::pyodide::session::Session;
use crate::remote::Remote;
use crate::report::{REPORT_JSON, Report};
use crate::settings::builder::Builder;
use crate::settings::cargo::Cargo;
use crate::settings::config::Config;
use crate::settings::env::{self, Env};

/// The file for the resolved configuration, if a variable requests it.
const CONFIG_JSON: &str = "pyodide-pack-config.json";

/// The inputs of a build.
struct Inputs<'a> {
    keys: Keys,
    session: Session<'a>,
    sources: Sources,
    wheels: Vec<Wheel>,
}

impl Inputs<'_> {
    fn recordings(&self) -> Recordings<'_> {
        Recordings { cache: self.session.cache, key: &self.keys.recording }
    }
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
    let keys = Keys::new(&config, &sources, &runtime, &wheels);
    let inputs = Inputs { keys, session, sources, wheels };
    let report = if config.development {
        development::outputs(&inputs, &mut stages)
    } else {
        outputs(&inputs, &mut stages)
    };
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

/// Makes the outputs, or copies them from the cache into `OUT_DIR`.
fn outputs(inputs: &Inputs, stages: &mut Stages) -> Result<Report> {
    let Session { config, cache, .. } = inputs.session;
    // The outputs do not depend on the benchmark, but a cache hit would bring no times.
    let key = match config.benchmark {
        0 => inputs.keys.build.clone(),
        runs => format!("{}-benchmark-{runs}", inputs.keys.build),
    };
    let progress = stages.progress;
    let (done, before) = (stages.done.clone(), stages.done.len());
    let waiting = || progress.started("waiting for another build of the same inputs");
    let mut shared = false;
    let (build, cached) = cache.build(&key, waiting, |outputs| {
        shared = shared::read(&key, outputs, inputs.session, stages)?;
        let mut stages = Stages { progress, done };
        if shared { Ok(()) } else { make::verified(inputs, &mut stages, outputs) }
    })?;
    let made = !cached && !shared;
    if !cached {
        inputs.recordings().store(&key)?;
    }
    let mut report: Report = build.read(REPORT_JSON)?;
    // What is left out changes no output, so it is not in the key.
    report.left_out.clone_from(&config.app.left_out);
    let written = report.clone();
    report.cached = !made;
    report.stages.extend_from_slice(&stages.done[before..]);
    let outputs = Outputs { build: &build, edit: None };
    output::write(&outputs, &mut report, inputs.session, stages)?;
    // Last, as a build that is killed while it compresses must leave nothing.
    written.write(&config.out_dir)?;
    if made {
        shared::offer_build(&build, inputs.session);
    }
    shared::write(&mut report, inputs.session, stages)?;
    Ok(report)
}
