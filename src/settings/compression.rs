//! What can be compressed, and how: the settings, and what each encoding is called where.

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
    /// `X.br` and `X.gz` beside each file `X`. Beside the chunks that a page waits for at the start also
    /// `X.zst`, if the runtime can decode it (Pyodide 314 and later).
    Always,
    /// No copies but those that [`Builder::embed_encoding`](crate::Builder::embed_encoding) needs.
    Never,
}

impl Precompress {
    /// Whether this build makes copies.
    pub(crate) fn copies(self, env: &Env) -> bool {
        match self {
            // Cargo says `release` or `debug`, also in profiles that inherit from these.
            Self::Release => env.foreign("PROFILE").is_some_and(|name| name == "release"),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// How embedded bytes are compressed, for
/// [`Builder::embed_encoding`](crate::Builder::embed_encoding).
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
    /// Not at all.
    Identity,
    /// gzip, which every browser accepts.
    Gzip,
    /// Brotli, a third smaller. Browsers accept it as a content encoding over HTTPS; some also from
    /// `localhost`. Page code, such as `loadBundle` with embedded bytes, can decode it in Firefox and
    /// Safari, but not in Chrome.
    Brotli,
}

impl Encoding {
    /// The compressed copy that it takes, if any.
    pub(crate) fn coding(self) -> Option<Coding> {
        match self {
            Self::Identity => None,
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
