//! What can be compressed, and how: the settings, and what each encoding is called where.

use serde::Serialize;

use crate::settings::env::Env;

/// Whether there are compressed copies beside the files to serve, for
/// [`Builder::compression`](crate::Builder::compression).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Compression};
/// Builder::new("python").compression(Compression::None).build()?; // the server compresses
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compression {
    /// [`Siblings`](Self::Siblings) in release builds, [`None`](Self::None) in all others.
    #[default]
    Auto,
    /// `X.br` and `X.gz` beside each file `X`; and `X.zst` beside those that a page waits for at the
    /// start, if the runtime can decode it (Pyodide 314 and later).
    Siblings,
    /// No copies but those that [`Builder::embed`](crate::Builder::embed) needs.
    None,
}

impl Compression {
    pub(crate) fn siblings(self, env: &Env) -> bool {
        match self {
            // Cargo says `release` or `debug`, also in profiles that inherit from these.
            Self::Auto => env.foreign("PROFILE").is_some_and(|name| name == "release"),
            Self::Siblings => true,
            Self::None => false,
        }
    }
}

/// How bytes are compressed, for [`Builder::embed`](crate::Builder::embed).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Encoding};
/// Builder::new("python").embed(Encoding::Gzip).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Encoding {
    /// Not at all.
    Stored,
    /// gzip, which every browser takes.
    Gzip,
    /// Brotli, smaller by a third. Browsers take it as a content encoding over HTTPS (some also from
    /// `localhost`); to a page's own code, such as `loadBundle` with embedded bytes, Firefox and
    /// Safari offer it and Chrome does not.
    Brotli,
}

impl Encoding {
    /// The compressed copy that it takes, if any.
    pub(crate) fn coding(self) -> Option<Coding> {
        match self {
            Self::Stored => None,
            Self::Gzip => Some(Coding::Gzip),
            Self::Brotli => Some(Coding::Brotli),
        }
    }

    /// As HTTP calls it.
    pub(crate) fn name(self) -> &'static str {
        self.coding().map_or("identity", Coding::name)
    }

    /// What the name of a file's copy ends in.
    pub(crate) fn suffix(self) -> &'static str {
        self.coding().map_or("", Coding::suffix)
    }
}

/// How a copy is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    /// For the loader alone, where a host compresses nothing: a third smaller than gzip.
    Zstd,
}

impl Coding {
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstd];

    /// As HTTP calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What the name of a copy ends in.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}
