//! The kinds of results that the cache keeps, and the layout of each.

/// A folder of the cache. Its name ends in the version of its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// `pyodide-VERSION/`: Pyodide's core files, and `index.json` with their sizes, times and checksums.
    Runtimes,
    /// `SHA256/NAME.whl`: fetched wheels. `NAME.whl.part` is an unfinished download.
    Wheels,
    /// `SHA256/`: the uncompressed files of an archive, as `content.bin` and `index.json`.
    Unpacked,
    /// `KEY.json`: what pip resolved.
    Resolved,
    /// `KEY.json`: SHA-256 of files outside the cache, by path, size and time.
    Digests,
    /// `KEY/`: bytecode or stripped sources, as `content.bin` and `index.json`.
    Transformed,
    /// `KEY/`: the files that Python reads at its start, compiled, as `content.bin` and `index.json`.
    Startup,
    /// `KEY.json`: fallbacks that an app needs, or that any app with this archive may need.
    Fallbacks,
    /// `KEY.json`: fallbacks that the modules of a set of wheels need for their import.
    Imports,
    /// `KEY.json`: what the code of an archive uses.
    Uses,
    /// `KEY.json`: the last build that recorded an app with these packages and settings.
    Recordings,
    /// `KEY/`: a finished build, as `outputs/` and `index.json`.
    Builds,
    /// `SHA256.br11`: a file of a build as Brotli (`.br11`, `.br9`), gzip (`.gz9`) or zstd (`.zst19`), by
    /// the SHA-256 of the uncompressed file.
    Precompressed,
}

impl Bucket {
    pub const ALL: [Self; 13] = [
        Self::Runtimes,
        Self::Wheels,
        Self::Unpacked,
        Self::Resolved,
        Self::Digests,
        Self::Transformed,
        Self::Startup,
        Self::Fallbacks,
        Self::Imports,
        Self::Uses,
        Self::Recordings,
        Self::Builds,
        Self::Precompressed,
    ];

    /// Returns the name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runtimes => "runtimes-v1",
            Self::Wheels => "wheels-v1",
            Self::Unpacked => "unpacked-v1",
            Self::Resolved => "resolved-v1",
            Self::Digests => "digests-v1",
            Self::Transformed => "transformed-v1",
            Self::Startup => "startup-v1",
            Self::Fallbacks => "fallbacks-v1",
            Self::Imports => "imports-v1",
            Self::Uses => "uses-v1",
            Self::Recordings => "recordings-v1",
            Self::Builds => "builds-v1",
            Self::Precompressed => "compressed-v1",
        }
    }
}
