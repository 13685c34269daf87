//! Writes an odd archive again as Pyodide's own Python reads it, so nothing here decodes names or compression
//! that few archives have.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::engine::node::NodeEngine;
use crate::engine::scripts::Script;
use crate::engine::tools::Node;
use crate::engine::{Engine, Limit, Task};
use crate::pyodide::session::Session;

/// Unpacking 100 MB of LZMA takes less than a minute.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// The job of `repack.mjs`.
#[derive(Serialize)]
struct RepackJob<'a> {
    runtime: String,
    archive: &'a Path,
    output: &'a Path,
    result: PathBuf,
}

#[derive(Deserialize)]
struct Repacked {
    failure: Option<String>,
}

/// Writes the archive again without compression, with each name once and in UTF-8.
pub(crate) fn repack(archive: &Path, output: &Path, session: Session) -> Result<()> {
    let Session { runtime, env, cache, .. } = session;
    let node = Node::find(env)?;
    let work = cache.work_dir()?;
    let engine = NodeEngine::new(&node, work.path(), false)?;
    let engine: &dyn Engine = &engine;
    let task = Task { script: Script::Repack, name: "repack", limit: Limit::Total(LIMIT) };
    let result = engine.result_path(task.name);
    let runtime_dir = files::with_separator(&runtime.dir);
    let job = RepackJob { runtime: runtime_dir, archive, output, result };
    let ran: Result<Repacked, _> = engine.run(task, &job)?;
    let why = match ran {
        Ok(Repacked { failure: None }) => return Ok(()),
        Ok(Repacked { failure: Some(why) }) => why,
        Err(failure) => failure.stderr(),
    };
    let what = format!("an archive can't be unpacked by the Python of Pyodide {}", runtime.version);
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    Err(Error::new(ErrorKind::Archive, what).at(archive.display()).because(why).hint(format!(
        "pack it again with ordinary compression: `python -m wheel unpack {name}`, then \
         `python -m wheel pack` with the folder that this creates"
    )))
}

#[test]
fn jobs_and_results_are_as_they_are_described() {
    use crate::engine::border::{check, sample};
    let (runtime, result) = ("pyodide/".to_owned(), PathBuf::from("result"));
    let job = RepackJob { runtime, archive: Path::new("a"), output: Path::new("b"), result };
    check("RepackJob", &serde_json::to_value(job).unwrap());
    assert!(serde_json::from_value::<Repacked>(sample("Repacked")).is_ok());
}
