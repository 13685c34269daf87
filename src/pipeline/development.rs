//! Development builds: an edit of the app reuses what an earlier build recorded.

use crate::base::error::Result;
use crate::base::progress::Stages;
use crate::cache::build::CachedBuild;
use crate::development::edit::{AppFile, Edit};
use crate::development::summary::summarise;
use crate::output::{self, Outputs};
use crate::pipeline::sources::is_excluded;
use crate::pipeline::{Inputs, make};
use crate::pyodide::session::Session;
use crate::report::{REPORT_JSON, Report};

/// Writes the outputs of the last build that recorded, with the app's present files. Records only if there is
/// no such build.
pub(super) fn outputs(inputs: &Inputs, stages: &mut Stages) -> Result<Report> {
    let Session { config, .. } = inputs.session;
    let recordings = inputs.recordings();
    let found = recordings.find(&inputs.keys.build)?;
    let cached = found.is_some();
    let build = found.map_or_else(|| record(inputs, stages), Ok)?;
    let excluded = |name: &str| is_excluded(config, name);
    let app = inputs.sources.app.iter().filter(|(name, _)| !excluded(name));
    let app: Vec<AppFile> = app.map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let edit = stages.run("replace the app", || Edit::new(&build, &app))?;
    let mut report = summarise(build.read::<Report>(REPORT_JSON)?, &app);
    report.left_out.clone_from(&config.app.left_out);
    // Its times are those of the build that recorded: the same files give the same report.
    let written = report.clone();
    report.stages.clone_from(&stages.done);
    report.cached = cached;
    output::write(
        &Outputs { build: &build, edit: Some(&edit) },
        &mut report,
        inputs.session,
        stages,
    )?;
    written.write(&config.out_dir)?;
    Ok(report)
}

fn record(inputs: &Inputs, stages: &mut Stages) -> Result<CachedBuild> {
    // Verified builds have the key without an addition, so no development build becomes one.
    let key = format!("{}-development", inputs.keys.build);
    let progress = stages.progress;
    let waiting = || progress.started("waiting for another build of the same inputs");
    let (build, _) = inputs
        .session
        .cache
        .build(&key, waiting, |outputs| make::recorded(inputs, stages, outputs))?;
    inputs.recordings().store(&key)?;
    Ok(build)
}
