//! Divides lazy files into chunks, which are fetched on demand.
//!
//! Measured with ten untraced calls each of pandas, sympy and scikit-learn, one at a time. The bundles'
//! apps use the package in other ways (`cargo bench --bench misses`; MB with Brotli; seconds at 20 Mbit/s
//! and 40 ms, one request after the other):
//!
//! | size, kB | requests | most for one call | MB | s |
//! |---|---|---|---|---|
//! | 128 | 238 | 42 | 7.6 | 12.6 |
//! | 256 | 181 | 28 | 11.0 | 11.6 |
//! | 512 | 130 | 17 | 14.6 | 11.0 |
//! | 1024 | 113 | 15 | 23.3 | 13.8 |

use crate::base::paths::{is_shared_object, parent};
use crate::bundle::layout::BundleFile;

/// The target size of a chunk in bytes, uncompressed. Only a single larger file exceeds it.
const CHUNK_BYTES: u64 = 512 << 10;
/// Side modules from this size on, in bytes, get a chunk of their own: code that needs one rarely needs its
/// neighbours.
const ALONE_BYTES: u64 = 128 << 10;

/// Divides files into chunks. Files of a folder share few chunks, and neighbouring folders share one.
pub(super) fn cut_into_chunks<'a>(files: &[&'a BundleFile]) -> Vec<Vec<&'a BundleFile>> {
    let alone = |file: &&BundleFile| is_shared_object(&file.origin) && file.size() >= ALONE_BYTES;
    let (alone, mut rest): (Vec<_>, Vec<_>) = files.iter().copied().partition(alone);
    rest.sort_by(|a, b| a.in_index().cmp(&b.in_index()));
    let mut chunks = Vec::new();
    let mut open = Vec::new();
    cut(&rest, 0, &mut open, &mut chunks);
    close(&mut open, &mut chunks);
    chunks.extend(alone.into_iter().map(|file| vec![file]));
    chunks
}

/// Adds files whose folders share the first `depth` bytes to the open chunk. The chunk is closed before a
/// folder that fits into one chunk but not into the rest of this one.
fn cut<'a>(
    files: &[&'a BundleFile],
    depth: usize,
    open: &mut Vec<&'a BundleFile>,
    chunks: &mut Vec<Vec<&'a BundleFile>>,
) {
    let whole = size(files);
    if size(open) + whole <= CHUNK_BYTES {
        open.extend(files);
        return;
    }
    if whole <= CHUNK_BYTES || files.len() == 1 {
        close(open, chunks);
        open.extend(files);
        return;
    }
    let mut rest = files;
    while let Some(first) = rest.first() {
        // Files of this folder go one by one, files of a subfolder together.
        let below = parent(&first.origin).get(depth..).unwrap_or_default();
        let name = below.split_inclusive('/').next().unwrap_or_default();
        let end = depth + name.len();
        let same = |file: &&&BundleFile| {
            !name.is_empty()
                && parent(&file.origin).get(depth..end).is_some_and(|other| other == name)
        };
        let count = rest.iter().take_while(same).count().max(1);
        let (group, later) = rest.split_at(count);
        // The rest of the path becomes shorter with each step, so this ends.
        cut(group, end, open, chunks);
        rest = later;
    }
}

fn close<'a>(open: &mut Vec<&'a BundleFile>, chunks: &mut Vec<Vec<&'a BundleFile>>) {
    if !open.is_empty() {
        chunks.push(std::mem::take(open));
    }
}

fn size(files: &[&BundleFile]) -> u64 {
    files.iter().map(|file| file.size()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::content::{Contents, Piece};
    use crate::image::file::ImageFile;

    fn file(path: &str, kilobytes: u64) -> BundleFile {
        let content = Contents::default().add_bytes(Vec::new());
        let piece = Piece { content, offset: 0, size: kilobytes << 10 };
        let file = ImageFile { package: 0, piece };
        BundleFile {
            path: path.into(),
            origin: path.into(),
            zipped: path.trim_start_matches('/').into(),
            file,
            eager: false,
            has_bytecode: false,
        }
    }

    fn cut_paths(files: &[BundleFile]) -> Vec<Vec<&str>> {
        let files: Vec<_> = files.iter().collect();
        cut_into_chunks(&files)
            .into_iter()
            .map(|chunk| chunk.iter().map(|file| file.path.as_str()).collect())
            .collect()
    }

    #[test]
    fn folders_stay_together_and_large_side_modules_alone() {
        let files = [
            file("/s/p/__init__.py", 10),
            file("/s/p/a/one.py", 300),
            file("/s/p/a/two.py", 100),
            file("/s/p/b/one.py", 200),
            file("/s/p/b/c/deep.py", 200),
            file("/s/p/b/large.so", 2000),
            file("/s/p/b/small.so", 20),
            file("/s/q/huge.bin", 5000),
        ];
        let expected = [
            vec!["/s/p/__init__.py", "/s/p/a/one.py", "/s/p/a/two.py"],
            vec!["/s/p/b/one.py", "/s/p/b/small.so", "/s/p/b/c/deep.py"],
            vec!["/s/q/huge.bin"],
            vec!["/s/p/b/large.so"],
        ];
        assert_eq!(cut_paths(&files), expected);
    }

    #[test]
    fn a_folder_that_is_too_large_is_cut_in_order() {
        let files: Vec<_> = (0..9).map(|n| file(&format!("/s/p/{n}.py"), 200)).collect();
        let sizes: Vec<_> = cut_paths(&files).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 2, 2, 2, 1]);
    }
}
