//! Makes a snapshot of the outputs, and proves that the scenarios run from it as they were traced.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::error::Result;
use crate::base::files;
use crate::bundle::names::SERVED;
use crate::bundle::snapshot::SnapshotContent;
use crate::engine::scripts::Script;
use crate::engine::{Limit, Task};
use crate::run::mount::packages_dir;
use crate::snapshot::modules::Module;
use crate::verify::replay::{Baseline, Cores, Outcome, Replayer};
use crate::verify::route::Route;

/// The job of `snapshot.mjs`.
#[derive(Serialize)]
struct SnapshotJob<'a> {
    served: PathBuf,
    core: String,
    packages: PathBuf,
    modules: Vec<&'a str>,
    prelude: Option<&'a Path>,
    network: bool,
    file: PathBuf,
    result: PathBuf,
}

#[derive(Debug, Deserialize)]
struct MadeSnapshot {
    #[serde(flatten)]
    content: SnapshotContent,
    /// The modules that asked for entropy, so that it would be the same at each start.
    random: Vec<String>,
}

pub(super) struct Maker<'a> {
    pub replayer: Replayer<'a>,
    pub outputs: &'a Path,
    pub runtime: &'a Path,
    pub baselines: &'a [Baseline<'a>],
}

impl Maker<'_> {
    /// Makes a snapshot with these modules, and runs every scenario from it. The inner error says why there is none.
    pub fn make(
        &self,
        modules: &[Module],
        file: &Path,
    ) -> Result<std::result::Result<SnapshotContent, String>> {
        let engine = self.replayer.recorder.engine;
        let name = "snapshot";
        let job = SnapshotJob {
            served: self.outputs.join(SERVED),
            core: files::with_separator(self.runtime),
            packages: packages_dir(engine.work())?,
            modules: modules.iter().map(|module| module.name.as_str()).collect(),
            prelude: self.replayer.recorder.config.prelude.as_deref(),
            network: false,
            file: file.to_path_buf(),
            result: engine.result_path(name),
        };
        let limit = Limit::Total(self.replayer.recorder.config.trace_timeout);
        let MadeSnapshot { content, random } =
            match engine.run(Task { script: Script::Snapshot, name, limit }, &job)? {
                Ok(made) => made,
                Err(failure) => return Ok(Err(last_line(&failure.stderr()))),
            };
        if let Some(module) = random.first() {
            return Ok(Err(format!("{module} asks for random numbers when it is imported")));
        }
        let replayer = Replayer { snapshot: Some(file), ..self.replayer };
        for baseline in self.baselines {
            let cores = Cores { plain: self.runtime, noting: None };
            match replayer.replay(self.outputs, cores, baseline, Route::Loader)? {
                Outcome::Differs(difference) => return Ok(Err(difference.why)),
                Outcome::Same(_) | Outcome::Missed { .. } => {}
            }
        }
        Ok(Ok(content))
    }
}

/// Returns the last line of an error that says something: those after it are places in scripts.
fn last_line(stderr: &str) -> String {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.starts_with("at "));
    let mut says = lines.filter(|line| line.contains("Error: "));
    says.next_back().map_or_else(|| "it ended without a result".to_owned(), str::to_owned)
}

#[test]
fn a_result_is_read_as_it_is_described() {
    let made = crate::engine::border::sample("MadeSnapshot");
    assert!(serde_json::from_value::<MadeSnapshot>(made).is_ok());
}
