//! What became of one file.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bundle::reason::Reason;

/// Where a file went, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileReport {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// The package that it belongs to, `stdlib` or `app`.
    pub package: String,
    /// Installed, uncompressed.
    pub bytes: u64,
    /// Its size in the bundle, uncompressed; 0 unless it is eager.
    pub eager_bytes: u64,
    /// The same, compressed with gzip.
    pub eager_gzip: u64,
    /// The form that it has in the outputs.
    pub form: FileForm,
    /// When it is loaded.
    pub loading: Loading,
    /// Why; the first one decides.
    pub reasons: Vec<Reason>,
    /// Modules whose code opened it while it was traced, by importing it or with `open`. Empty where that
    /// is unknown: before Python runs, and with Pyodide before 314.
    pub parents: Vec<String>,
}

impl FileReport {
    /// The reason that decides, in a few words.
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
    /// When it is first opened.
    Lazy,
    /// Never: lazy files are left out, with [`Lazy::Omit`](crate::Lazy::Omit).
    Omitted,
    /// Never: [`Builder::exclude`](crate::Builder::exclude) removed it.
    Excluded,
}

/// The form that a file has in the outputs.
///
/// `Display` says it in a few words: `bytecode and source`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[non_exhaustive]
pub enum FileForm {
    /// As it is installed.
    Installed,
    /// As it is installed, although it is a Python file: it can't be compiled or stripped.
    Untransformable {
        /// Why it can't.
        why: String,
    },
    /// Compiled. Its source is a lazy file.
    Bytecode,
    /// Compiled, and its source is in the bundle too.
    BytecodeAndSource,
    /// Without what only readers need: comments, docstrings, sections for debuggers.
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

/// A Python file that is not in the requested form, because code fails otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FallbackReport {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// The package that it belongs to, `stdlib` or `app`.
    pub package: String,
    /// How it is kept.
    pub form: FallbackForm,
    /// What happens otherwise.
    pub reason: String,
}

/// How a file is kept that can't have the requested form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FallbackForm {
    /// As requested, but with its docstrings.
    WithDocstrings,
    /// As it is installed.
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
