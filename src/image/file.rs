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

/// A file that `exclude` removed.
#[derive(Debug)]
pub(crate) struct Excluded {
    pub path: String,
    pub file: ImageFile,
    pub glob: String,
}
