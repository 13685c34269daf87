//! The reasons for and against bundling a file.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a file is, or is not, in the bundle.
///
/// `Display` summarises it: `opened by app.py`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[non_exhaustive]
pub enum Reason {
    /// It is one of the app's own files.
    App,
    /// Python opened it before any scenario started.
    Boot,
    /// This scenario opened it.
    Opened {
        /// The scenario's file, relative to the app.
        scenario: String,
    },
    /// Plain `loadPyodide` opens it when it unpacks a bundle.
    PlainLoader,
    /// This side module needs it.
    NeededBy {
        /// Absolute path of the side module in Pyodide's file system.
        module: String,
    },
    /// A scenario opened it in the bundle, but not in the trace.
    Bundle,
    /// This glob of [`Builder::eager`](crate::Builder::eager) matches it.
    Eager {
        /// The glob, as written.
        glob: String,
    },
    /// This glob of [`Builder::exclude`](crate::Builder::exclude) matches it.
    Exclude {
        /// The glob, as written.
        glob: String,
    },
    /// Nothing opened it.
    NotOpened,
}

impl Reason {
    /// Returns whether the reason makes a file eager.
    pub(crate) fn is_eager(&self) -> bool {
        !matches!(self, Self::NotOpened | Self::Exclude { .. })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App => write!(f, "app"),
            Self::Boot => write!(f, "boot"),
            Self::Opened { scenario } => write!(f, "opened by {scenario}"),
            Self::PlainLoader => write!(f, "opened by plain loadPyodide"),
            Self::NeededBy { module } => write!(f, "needed by {module}"),
            Self::Bundle => write!(f, "opened in the bundle only"),
            Self::Eager { glob } => write!(f, "eager {glob:?}"),
            Self::Exclude { glob } => write!(f, "exclude {glob:?}"),
            Self::NotOpened => write!(f, "not opened"),
        }
    }
}
