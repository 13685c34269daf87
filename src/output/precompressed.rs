//! Compressed copies of a build's files, from the cache by content, or made by Node's zlib and Pyodide's
//! zstd. Build scripts are not optimised, so they don't compress.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::base::error::{ErrorKind, Result};
use crate::base::files;
use crate::base::progress::Stages;
use crate::bundle::asset::Asset;
use crate::cache::bucket::Bucket;
use crate::cache::build::CachedBuild;
use crate::cache::{Cache, age, checked};
use crate::engine::node::NodeEngine;
use crate::engine::scripts::Script;
use crate::engine::tools::Node;
use crate::engine::{Engine, Failure, Limit, Task};
use crate::output::shared;
use crate::pyodide::session::Session;
use crate::settings::compression::Coding;

/// Brotli's highest quality compresses half a megabyte per second.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// A copy to make.
pub(crate) struct CopySpec<'a> {
    pub asset: &'a Asset,
    pub coding: Coding,
    /// Whether to use the highest quality: ten times slower, about a seventh smaller.
    pub best: bool,
}

/// Copies by path of the file.
pub(super) type Copies<'a> = HashMap<(&'a str, Coding), Vec<u8>>;

impl CopySpec<'_> {
    fn level(&self) -> u32 {
        match self.coding {
            Coding::Brotli if self.best => 11,
            Coding::Zstd => 19,
            Coding::Brotli | Coding::Gzip => 9,
        }
    }

    /// Returns its name in the cache.
    pub fn name(&self) -> String {
        format!("{}{}{}", self.asset.sha256, self.coding.suffix(), self.level())
    }
}

/// The job of `compress.mjs`.
#[derive(Serialize)]
struct CompressJob {
    /// The folder of Pyodide, for zstd.
    runtime: String,
    files: Vec<CompressFile>,
    result: PathBuf,
}

#[derive(Serialize)]
struct CompressFile {
    source: PathBuf,
    target: PathBuf,
    encoding: &'static str,
    level: u32,
}

/// Returns all copies, and starts Node only if one is neither in the cache nor in the shared one.
pub(crate) fn copies<'a>(
    wanted: &[CopySpec<'a>],
    build: &CachedBuild,
    session: Session,
    stages: &mut Stages,
) -> Result<Copies<'a>> {
    let cache = session.cache;
    let (mut copies, mut missing) = look_up(wanted, cache);
    if !missing.is_empty() && shared::read_copies(build, session, stages)? {
        (copies, missing) = look_up(wanted, cache);
    }
    if missing.is_empty() {
        return Ok(copies);
    }
    // The slowest copies start first, so that none runs alone at the end.
    missing.sort_by_key(|copy| Reverse((copy.level(), copy.asset.bytes, copy.name())));
    stages.run("compress", || {
        session.progress.started(&format!("make {} compressed copies", missing.len()));
        let work = cache.work_dir()?;
        compress(&missing, build, session, work.path())?;
        for copy in missing {
            let bytes = files::read(&work.path().join(copy.name()))?;
            let kept = cache.bucket(Bucket::Precompressed).join(copy.name());
            checked::write_bytes(&kept, &bytes)?;
            copies.insert((&copy.asset.path, copy.coding), bytes);
        }
        Ok(())
    })?;
    shared::offer_copies(wanted, build, session);
    Ok(copies)
}

/// Returns the copies of the cache, and the others.
fn look_up<'c, 'a>(
    wanted: &'c [CopySpec<'a>],
    cache: &Cache,
) -> (Copies<'a>, Vec<&'c CopySpec<'a>>) {
    let mut copies = Copies::new();
    let mut missing = Vec::new();
    for copy in wanted {
        let kept = cache.bucket(Bucket::Precompressed).join(copy.name());
        if let Some(bytes) = checked::read_bytes(&kept) {
            age::touch(&kept);
            copies.insert((&copy.asset.path, copy.coding), bytes);
        } else {
            missing.push(copy);
        }
    }
    (copies, missing)
}

/// Makes copies of a sorted list in `work`.
fn compress(
    copies: &[&CopySpec],
    build: &CachedBuild,
    session: Session,
    work: &Path,
) -> Result<()> {
    let node = Node::find(session.env)?;
    let engine = NodeEngine::new(&node, work, false)?;
    let engine: &dyn Engine = &engine;
    let mut once = copies.to_vec();
    once.dedup_by_key(|copy| copy.name());
    let files = once.iter().map(|copy| CompressFile {
        source: build.path(&copy.asset.path),
        target: work.join(copy.name()),
        encoding: copy.coding.name(),
        level: copy.level(),
    });
    let task = Task { script: Script::Compress, name: "compress", limit: Limit::Total(LIMIT) };
    let job = CompressJob {
        runtime: files::with_separator(&session.runtime.dir),
        files: files.collect(),
        result: engine.result_path(task.name),
    };
    let done: Result<bool, Failure> = engine.run(task, &job)?;
    let done =
        done.map_err(|f| f.into_error(ErrorKind::Tool, "the outputs could not be compressed"));
    done.map(drop)
}

#[test]
fn a_job_is_as_it_is_described() {
    for coding in Coding::ALL {
        let asset = Asset::new("x", b"", true);
        let level = CopySpec { asset: &asset, coding, best: true }.level();
        let (source, target) = (PathBuf::from("x"), PathBuf::from("x.br"));
        let file = CompressFile { source, target, encoding: coding.name(), level };
        let (runtime, result) = ("pyodide/".to_owned(), PathBuf::from("result"));
        let job = CompressJob { runtime, files: vec![file], result };
        crate::engine::border::check("CompressJob", &serde_json::to_value(job).unwrap());
    }
}
