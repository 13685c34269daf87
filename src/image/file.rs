//! A file of the installation, and the package that brings it.

use crate::image::content::{ContentId, Piece};
use crate::image::mount::MountFile;

/// The name that the standard library has as a package.
pub(crate) const STDLIB: &str = "stdlib";
/// The name that the app has as a package.
pub(crate) const APP: &str = "app";

/// What brings files.
#[derive(Debug)]
pub(crate) struct Package {
    pub name: String,
    pub version: String,
    pub kind: PackageKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackageKind {
    Stdlib,
    /// Of the Pyodide distribution.
    Distribution,
    /// Of the package index.
    Index,
    App,
}

impl PackageKind {
    /// What Pyodide calls the place that a package came from.
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
    /// The file as a run mounts it at this path.
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
