//! How large what a page waits for may get.

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};

/// A limit for [`Builder::budget`](crate::Builder::budget): of everything that `loadBundle` fetches
/// before the app starts, Pyodide's own core apart. That is the hot parts, the manifest and the loader.
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Budget, Builder};
/// Builder::new("python").budget(Budget::wire("4 MB")).budget(Budget::stored("20 MB")).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Budget {
    pub(crate) kind: Kind,
    pub(crate) limit: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    Wire,
    Stored,
}

impl Budget {
    /// Compressed with Brotli, as hosts send it. It is looked at in builds that make compressed
    /// copies: release builds, or those with [`Compression::Siblings`](crate::Compression::Siblings).
    ///
    /// The size is a number with a unit: `kB`, `MB` (powers of 1000), `KiB`, `MiB` (of 1024) or `B`.
    #[must_use]
    pub fn wire(size: impl Into<String>) -> Self {
        Self { kind: Kind::Wire, limit: size.into() }
    }

    /// As it is stored, uncompressed; the size as in [`wire`](Self::wire). It is looked at in every
    /// build.
    #[must_use]
    pub fn stored(size: impl Into<String>) -> Self {
        Self { kind: Kind::Stored, limit: size.into() }
    }

    /// The limit in bytes.
    pub(crate) fn bytes(&self) -> Result<u64> {
        parse(&self.limit).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("{:?} is no size", self.limit))
                .at("Builder::budget")
                .hint("write a number with a unit, such as \"4 MB\" or \"900 kB\"")
        })
    }
}

fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok().filter(|n: &f64| n.is_finite())?;
    let unit = match text[end..].trim() {
        "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    let bytes = (number * unit).round() as u64;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("4 MB", 4_000_000),
            ("1.5MB", 1_500_000),
            ("900 kB", 900_000),
            (" 2 MiB ", 2 << 20),
            ("3 KiB", 3 << 10),
            ("12 B", 12),
        ] {
            assert_eq!(Budget::wire(text).bytes().ok(), Some(bytes), "{text}");
        }
        for text in ["", "4", "MB", "4 mb", "-4 MB", "4 GB", "1.2.3 MB", "4 MB or so"] {
            let error = Budget::stored(text).bytes().unwrap_err().to_string();
            assert!(error.contains("is no size") && error.contains("hint:"), "{error}");
        }
    }
}
