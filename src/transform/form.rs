//! The forms that a file may have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How far a Python file is transformed. Which files can't do without their docstrings is found by
/// trying (`backoff`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// As [`Python`] says.
    Asked,
    /// As [`Python`] says, but with docstrings.
    Docstrings,
    /// Not at all.
    Untouched,
}

/// Files that are not in the form that was asked for.
pub(crate) type Kept = BTreeMap<String, Finding>;

/// A form that a file has to have, and what happens otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub form: Form,
    pub why: String,
}
