//! The forms of a Python file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::python_files::{Docstrings, PythonFiles};

/// How a Python file is transformed. Trials find the files that need their docstrings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    /// As requested with [`PythonFiles`].
    Requested,
    /// As requested with [`PythonFiles`], but with docstrings.
    WithDocstrings,
    /// Unchanged.
    Original,
}

/// Files that are not in the requested form.
pub(crate) type Fallbacks = BTreeMap<String, Fallback>;

/// A form that a file must have, and what happens in the requested form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fallback {
    pub form: Form,
    pub why: String,
}

/// Returns the forms that can replace the requested one, the smaller change first.
pub(crate) fn alternatives(python: PythonFiles) -> &'static [Form] {
    if python.keeps_all() {
        &[]
    } else if python.docstrings == Docstrings::All {
        &[Form::Original]
    } else {
        &[Form::WithDocstrings, Form::Original]
    }
}
