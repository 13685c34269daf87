//! The gzip size of each file, the unit of the report: made by Node's zlib, because build scripts
//! are not optimised, and kept beside the unpacked archive.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::cache::{self, Cache};
use crate::error::{Error, ErrorKind, Result};
use crate::image::Image;
use crate::runner::{Failure, Runner};

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

pub(crate) fn gzip_sizes(image: &Image, runner: &Runner, cache: &Cache) -> Result<Sizes> {
    let mut wanted = vec![BTreeSet::new(); image.parts.len()];
    let files = image.files.values().map(|f| (f.part, f.offset, f.size));
    for (part, offset, size) in
        files.chain(image.dropped.iter().map(|d| (d.part, d.offset, d.size)))
    {
        wanted[part].insert((offset, size));
    }
    let mut sizes = Sizes::new();
    let mut missing = Vec::new();
    for (part, ranges) in wanted.into_iter().enumerate() {
        let memo = image.parts[part].with_file_name("gzip.json");
        let known: Known = cache::read_sealed(&memo).unwrap_or_default();
        let known: HashMap<_, _> = known.into_iter().map(|(o, s, gzip)| ((o, s), gzip)).collect();
        let found =
            ranges.iter().map(|range| known.get(range).map(|gzip| ((part, range.0), *gzip)));
        match found.collect::<Option<Vec<_>>>() {
            Some(found) => sizes.extend(found),
            None => missing.push((part, ranges.into_iter().collect::<Vec<_>>())),
        }
    }
    if missing.is_empty() {
        return Ok(sizes);
    }
    let job = SizesJob {
        files: missing
            .iter()
            .map(|(part, ranges)| PartRanges {
                content: &image.parts[*part],
                ranges: ranges.clone(),
            })
            .collect(),
        result: runner.result_path("sizes"),
    };
    let limit = Duration::from_secs(600);
    let result: Vec<Vec<u64>> =
        runner.run("gzip_sizes.mjs", "sizes", &job, limit).map_err(|failure| match failure {
            Failure::Other(error) => error,
            Failure::Timeout(_, stderr) | Failure::Ended(_, stderr) => {
                Error::new(ErrorKind::Io, "the sizes for the report could not be measured")
                    .because(stderr)
            }
        })?;
    for ((part, ranges), found) in missing.into_iter().zip(result) {
        let known: Known =
            ranges.iter().zip(&found).map(|((o, s), gzip)| (*o, *s, *gzip)).collect();
        sizes.extend(known.iter().map(|(offset, _, gzip)| ((part, *offset), *gzip)));
        let content = &image.parts[part];
        if content.starts_with(cache.bucket("unpacked-v1")) {
            cache::write_sealed(&content.with_file_name("gzip.json"), &known)?;
        }
    }
    Ok(sizes)
}
