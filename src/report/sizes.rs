//! The gzip size of each file, for the report. Node's zlib compresses, because build scripts are not
//! optimised. The cache keeps the sizes beside the unpacked archive.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::base::error::{ErrorKind, Result};
use crate::bundle::layout::{BundleFile, Layout};
use crate::bundle::parts::Parts;
use crate::cache::bucket::Bucket;
use crate::cache::{Cache, checked};
use crate::engine::scripts::Script;
use crate::engine::{Engine, Limit, Task};
use crate::image::Image;
use crate::image::content::{ContentId, Piece};
use crate::pyodide::runtime::CORE;

/// Gzip sizes in bytes, by piece of a content file.
pub(crate) struct Sizes {
    gzip: HashMap<(ContentId, u64), u64>,
    /// The parts of split modules that a page waits for, by path.
    parts: BTreeMap<String, Piece>,
    /// The whole core.
    core: Piece,
}

impl Sizes {
    pub fn get(&self, piece: Piece) -> u64 {
        self.gzip.get(&(piece.content, piece.offset)).copied().unwrap_or(0)
    }

    /// Returns what a page waits for of an eager file.
    pub fn waited_for(&self, file: &BundleFile) -> Piece {
        self.parts.get(&file.path).copied().unwrap_or(file.file.piece)
    }

    /// Returns the whole core, and what a page waits for of it.
    pub fn core(&self) -> (Piece, Piece) {
        (self.core, self.parts.get(CORE).copied().unwrap_or(self.core))
    }
}

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) struct Measured<'a> {
    pub image: &'a Image,
    pub layout: &'a Layout,
    pub parts: &'a Parts,
    /// Path and size of the whole core.
    pub core: (&'a Path, u64),
}

/// The job of `sizes.mjs`.
#[derive(Serialize)]
struct SizesJob {
    files: Vec<SizesFile>,
    result: PathBuf,
}

#[derive(Serialize)]
struct SizesFile {
    content: PathBuf,
    /// Offset and size.
    ranges: Vec<(u64, u64)>,
}

/// Offset, size, gzip size.
type Known = Vec<(u64, u64, u64)>;

impl Measured<'_> {
    /// Writes the parts that a page waits for into one file. Returns their places, by path.
    fn parts(&self, work: &Path) -> Result<BTreeMap<String, Piece>> {
        let mut modules = self.parts.modules().peekable();
        if modules.peek().is_none() {
            return Ok(BTreeMap::new());
        }
        let parts = modules.map(|(path, module)| (path.to_owned(), &module.split.primary));
        self.image.contents.add_parts(work.join("parts.bin"), parts)
    }
}

/// Returns the sizes of all installed and all eager files, and those of the core.
pub(crate) fn measure(measured: Measured, engine: &dyn Engine, cache: &Cache) -> Result<Sizes> {
    let Measured { image, layout, core: (core, size), .. } = measured;
    let parts = measured.parts(engine.work())?;
    let core = Piece { content: image.contents.add(core.to_owned()), offset: 0, size };
    let eager = layout.files.iter().filter(|file| file.eager).map(|file| file.file);
    let installed = image.files.values().copied().chain(image.excluded.iter().map(|e| e.file));
    let pieces = installed.chain(eager).map(|file| file.piece);
    let mut wanted: BTreeMap<ContentId, BTreeSet<(u64, u64)>> = BTreeMap::new();
    for Piece { content, offset, size } in pieces.chain(parts.values().copied()).chain([core]) {
        wanted.entry(content).or_default().insert((offset, size));
    }
    let mut sizes = Sizes { parts, core, gzip: HashMap::new() };
    let mut missing = Vec::new();
    for (content, ranges) in wanted {
        let path = image.contents.path(content);
        let known: Known = checked::read(&memo(&path)).unwrap_or_default();
        sizes.gzip.extend(known.iter().map(|(offset, _, gzip)| ((content, *offset), *gzip)));
        let measured: HashSet<_> = known.iter().map(|(o, s, _)| (*o, *s)).collect();
        let ranges: Vec<_> = ranges.into_iter().filter(|r| !measured.contains(r)).collect();
        if !ranges.is_empty() {
            missing.push((content, known, SizesFile { content: path, ranges }));
        }
    }
    if missing.is_empty() {
        return Ok(sizes);
    }
    let (ids, files): (Vec<_>, Vec<_>) =
        missing.into_iter().map(|(content, known, ranges)| ((content, known), ranges)).unzip();
    let task = Task {
        script: Script::Sizes,
        name: "sizes",
        limit: Limit::Total(Duration::from_secs(600)),
    };
    let job = SizesJob { files, result: engine.result_path(task.name) };
    let result: Vec<Vec<u64>> = engine.run(task, &job)?.map_err(|failure| {
        failure.into_error(ErrorKind::Tool, "the sizes for the report could not be measured")
    })?;
    let measured = ids.into_iter().zip(job.files).zip(result);
    for (((content, mut known), SizesFile { content: path, ranges }), found) in measured {
        sizes.gzip.extend(ranges.iter().zip(&found).map(|((o, _), gzip)| ((content, *o), *gzip)));
        known.extend(ranges.iter().zip(&found).map(|((o, s), gzip)| (*o, *s, *gzip)));
        let kept = [Bucket::Unpacked, Bucket::Transformed].map(|bucket| cache.bucket(bucket));
        if kept.iter().any(|bucket| path.starts_with(bucket)) {
            checked::write(&memo(&path), &known)?;
        }
    }
    Ok(sizes)
}

/// Returns the path for the sizes of a content file's pieces.
fn memo(content: &Path) -> PathBuf {
    content.with_file_name("gzip.json")
}
