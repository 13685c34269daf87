//! The ways to load a bundle.

use serde::Serialize;

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

    /// Returns the name that users know.
    pub fn title(self) -> &'static str {
        match self {
            Self::Loader => "loadBundle",
            Self::Plain => "plain loadPyodide",
        }
    }

    /// Returns its name in jobs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loader => "loader",
            Self::Plain => "plain",
        }
    }
}
