//! A file of the installation, and its package.

use crate::image::content::{ContentId, Piece};
use crate::image::mount::MountFile;

/// The package name of the standard library.
pub(crate) const STDLIB: &str = "stdlib";
/// The package name of the app.
pub(crate) const APP: &str = "app";

/// The origin of a package.
#[derive(Debug)]
pub(crate) struct Package {
    pub name: String,
    pub version: String,
    pub kind: PackageKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackageKind {
    Stdlib,
    /// From the Pyodide distribution.
    Distribution,
    /// From the package index.
    Index,
    App,
}

impl PackageKind {
    /// Returns Pyodide's name for the origin of a package.
    pub fn channel(self) -> &'static str {
        match self {
            Self::Distribution => "pyodide",
            Self::Stdlib | Self::Index | Self::App => "pypi",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageFile {
    /// The number of its package.
    pub package: usize,
    pub piece: Piece,
}

impl ImageFile {
    /// Returns the file as a run mounts it at this path.
    pub fn at<'a>(&self, path: &'a str) -> MountFile<'a, ContentId> {
        let Piece { content, offset, size } = self.piece;
        MountFile { path, size, place: content, offset }
    }
}

/// Returns whether bytes are a WebAssembly side module: its first section is `dylink.0`.
///
/// Format: <https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md>
pub(super) fn is_side_module(bytes: &[u8]) -> bool {
    const CUSTOM_SECTION: &[u8] = b"\0asm\x01\0\0\0\0";
    const NAME: &[u8] = b"\x08dylink.0";
    // The section's length, between the two, has one to five bytes.
    let section = bytes.strip_prefix(CUSTOM_SECTION).unwrap_or_default();
    (1..=5).any(|length| section.get(length..).is_some_and(|rest| rest.starts_with(NAME)))
}

/// A file that `exclude` removed.
#[derive(Debug)]
pub(crate) struct Excluded {
    pub path: String,
    pub file: ImageFile,
    pub glob: String,
}

#[test]
fn side_modules_are_told_by_their_first_section() {
    let module = |start: &[u8]| is_side_module(&[start, b"\x08dylink.0\x01\x02"].concat());
    assert!(module(b"\0asm\x01\0\0\0\0\x0f"));
    assert!(module(b"\0asm\x01\0\0\0\0\x8f\x80\0"));
    assert!(!module(b"\0asm\x01\0\0\0\x01\x0f"), "another section comes first");
    assert!(!module(b"\x7fELF\x02\x01\x01\0\0\0"));
    assert!(!is_side_module(b"hello"));
    assert!(!is_side_module(b"\0asm\x01\0\0\0\0"));
}
