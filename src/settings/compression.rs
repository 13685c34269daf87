//! The settings for compression, and the names of each encoding.

use serde::Serialize;

use crate::settings::env::Env;

/// Whether the build makes compressed copies, for [`Builder::precompress`](crate::Builder::precompress).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Precompress};
/// Builder::new("python").precompress(Precompress::Never).build()?; // the server compresses
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Precompress {
    /// [`Always`](Self::Always) in release builds, [`Never`](Self::Never) in all others.
    #[default]
    Release,
    /// Makes `X.br` and `X.gz` beside each file `X`. Chunks that a page waits for also get `X.zst`, if the
    /// runtime can decode it (Pyodide 314 and later).
    Always,
    /// Makes only the copies that [`Builder::embed_encoding`](crate::Builder::embed_encoding) needs.
    Never,
}

impl Precompress {
    /// Returns whether this build makes copies.
    pub(crate) fn copies(self, env: &Env) -> bool {
        match self {
            // Cargo sets `release` or `debug`, also for profiles that inherit from these.
            Self::Release => env.foreign("PROFILE").is_some_and(|name| name == "release"),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The compression of embedded bytes, for [`Builder::embed_encoding`](crate::Builder::embed_encoding).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Encoding};
/// Builder::new("python").embed_encoding(Encoding::Gzip).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Encoding {
    /// No compression.
    Identity,
    /// gzip, which every browser accepts.
    Gzip,
    /// Brotli, a third smaller than gzip. Browsers accept it as a content encoding over HTTPS, and some
    /// also from `localhost`. Page code, such as `loadBundle` with embedded bytes, can decode it in Firefox
    /// and Safari, but not in Chrome.
    Brotli,
}

impl Encoding {
    /// Returns the compressed copy that it needs, if any.
    pub(crate) fn coding(self) -> Option<Coding> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(Coding::Gzip),
            Self::Brotli => Some(Coding::Brotli),
        }
    }

    /// Returns its name in HTTP.
    pub(crate) fn name(self) -> &'static str {
        self.coding().map_or("identity", Coding::name)
    }

    /// Returns the suffix of a compressed file's name.
    pub(crate) fn suffix(self) -> &'static str {
        self.coding().map_or("", Coding::suffix)
    }
}

/// The compression of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    /// For the loader alone, if a host does not compress: a third smaller than gzip.
    Zstd,
}

impl Coding {
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstd];

    /// Returns its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the suffix of a copy's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}
