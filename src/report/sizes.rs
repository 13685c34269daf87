//! The gzip size of each file, the unit of the report: made by Node's zlib, because build scripts
//! are not optimised, and kept beside the unpacked archive.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::base::error::{ErrorKind, Result};
use crate::bundle::layout::Shipment;
use crate::cache::bucket::Bucket;
use crate::cache::{Cache, checked};
use crate::engine::node::Runner;
use crate::image::Image;
use crate::transform::Transformed;

/// By part and offset.
pub(crate) type Sizes = HashMap<(usize, u64), u64>;

/// What `gzip_sizes.mjs` reads.
#[derive(Serialize)]
struct SizesJob<'a> {
    files: Vec<PartRanges<'a>>,
    result: PathBuf,
}

#[derive(Serialize)]
struct PartRanges<'a> {
    content: &'a Path,
    ranges: Vec<(u64, u64)>,
}

/// Offset, size, gzip size.
type Known = Vec<(u64, u64, u64)>;

pub(crate) fn gzip_sizes(
    image: &Image,
    transformed: &Transformed,
    shipment: &Shipment,
    runner: &Runner,
    cache: &Cache,
) -> Result<Sizes> {
    let parts = image.parts.iter().chain(&transformed.parts).map(|part| &part.path);
    let parts: Vec<_> = parts.collect();
    let mut wanted = vec![BTreeSet::new(); parts.len()];
    let hot = shipment.files.iter().filter(|shipped| shipped.hot).map(|shipped| &shipped.file);
    let files = image.files.values().chain(hot).map(|f| (f.part, f.offset, f.size));
    for (part, offset, size) in
        files.chain(image.dropped.iter().map(|d| (d.part, d.offset, d.size)))
    {
        wanted[part].insert((offset, size));
    }
    let mut sizes = Sizes::new();
    let mut missing = Vec::new();
    for (part, ranges) in wanted.into_iter().enumerate() {
        let known: Known = checked::read(&memo(parts[part])).unwrap_or_default();
        sizes.extend(known.iter().map(|(offset, _, gzip)| ((part, *offset), *gzip)));
        let measured: HashSet<_> = known.iter().map(|(o, s, _)| (*o, *s)).collect();
        let unknown: Vec<_> = ranges.into_iter().filter(|r| !measured.contains(r)).collect();
        if !unknown.is_empty() {
            missing.push((part, unknown, known));
        }
    }
    if missing.is_empty() {
        return Ok(sizes);
    }
    let job = SizesJob {
        files: missing
            .iter()
            .map(|(part, ranges, _)| PartRanges { content: parts[*part], ranges: ranges.clone() })
            .collect(),
        result: runner.result_path("sizes"),
    };
    let limit = Duration::from_secs(600);
    let result: Vec<Vec<u64>> =
        runner.run("gzip_sizes.mjs", "sizes", &job, limit).map_err(|f| {
            f.into_error(ErrorKind::Io, "the sizes for the report could not be measured")
        })?;
    for ((part, ranges, mut known), found) in missing.into_iter().zip(result) {
        sizes.extend(ranges.iter().zip(&found).map(|((o, _), gzip)| ((part, *o), *gzip)));
        known.extend(ranges.iter().zip(&found).map(|((o, s), gzip)| (*o, *s, *gzip)));
        let kept = [Bucket::Unpacked, Bucket::Transformed].map(|bucket| cache.bucket(bucket));
        if kept.iter().any(|bucket| parts[part].starts_with(bucket)) {
            checked::write(&memo(parts[part]), &known)?;
        }
    }
    Ok(sizes)
}

/// Where the sizes of a part's files are kept.
fn memo(content: &Path) -> PathBuf {
    content.with_file_name("gzip.json")
}
