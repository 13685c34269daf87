//! The ways to load a bundle.

use serde::Serialize;

/// How a bundle is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Route {
    /// `loadBundle`.
    Loader,
    /// `loadPyodide`, `unpackArchive`, `pyodide_pack_loader.setup()`.
    Plain,
}

impl Route {
    pub const ALL: [Self; 2] = [Self::Loader, Self::Plain];

    pub fn name(self) -> &'static str {
        match self {
            Self::Loader => "loadBundle",
            Self::Plain => "the plain three lines",
        }
    }
}
