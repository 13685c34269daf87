//! The decision about one file.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bundle::reason::Reason;

/// What happened to a file, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileReport {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// Its package: a name, `stdlib` or `app`.
    pub package: String,
    /// The installed size in bytes, uncompressed.
    pub bytes: u64,
    /// Its size in the bundle, uncompressed; 0 unless it is eager.
    pub eager_bytes: u64,
    /// The same size, compressed with gzip.
    pub eager_gzip: u64,
    /// Its form in the outputs.
    pub form: FileForm,
    /// When it is loaded.
    pub loading: Loading,
    /// All reasons; the first one decides.
    pub reasons: Vec<Reason>,
    /// Modules whose code imported or opened it in a trace. Empty if that is unknown: before Python runs,
    /// and with Pyodide before 314.
    pub parents: Vec<String>,
}

impl FileReport {
    /// Returns the reason that decides, as text.
    #[must_use]
    pub fn reason(&self) -> String {
        self.reasons.first().map(ToString::to_string).unwrap_or_default()
    }
}

/// When a file is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Loading {
    /// With the bundle, before the app starts.
    Eager,
    /// When Python first opens it.
    Lazy,
    /// Never: [`Lazy::Omit`](crate::Lazy::Omit) leaves lazy files out.
    Omitted,
    /// Never: [`Builder::exclude`](crate::Builder::exclude) removed it.
    Excluded,
}

/// The form of a file in the outputs.
///
/// `Display` summarises it: `bytecode and source`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[non_exhaustive]
pub enum FileForm {
    /// As installed.
    Installed,
    /// As installed: a Python file that can't be compiled or stripped.
    Untransformable {
        /// Why it can't be transformed.
        why: String,
    },
    /// Compiled. Its source is a lazy file.
    Bytecode,
    /// Compiled, and its source is in the bundle too.
    BytecodeAndSource,
    /// Without comments, docstrings and debug sections.
    Stripped,
    /// Not in the outputs.
    Absent,
}

impl fmt::Display for FileForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed => write!(f, "as installed"),
            Self::Untransformable { why } => write!(f, "as installed: {why}"),
            Self::Bytecode => write!(f, "bytecode"),
            Self::BytecodeAndSource => write!(f, "bytecode and source"),
            Self::Stripped => write!(f, "stripped"),
            Self::Absent => write!(f, "absent"),
        }
    }
}

/// A Python file that is not in the requested form, because other code fails with that form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FallbackReport {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// Its package: a name, `stdlib` or `app`.
    pub package: String,
    /// Its form in the bundle.
    pub form: FallbackForm,
    /// What happens with the requested form.
    pub reason: String,
}

/// The form of a file that can't have the requested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FallbackForm {
    /// As requested, but with docstrings.
    WithDocstrings,
    /// As installed.
    Original,
}

impl fmt::Display for FallbackForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WithDocstrings => "with docstrings",
            Self::Original => "as installed",
        })
    }
}
