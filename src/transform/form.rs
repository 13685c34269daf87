//! The forms that a Python file may have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::python_files::PythonFiles;

/// How far a Python file is transformed. Which files need their docstrings is found by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    /// As [`PythonFiles`] says.
    Requested,
    /// As [`PythonFiles`] says, but with docstrings.
    WithDocstrings,
    /// Not at all.
    Original,
}

/// Files that are not in the requested form.
pub(crate) type Fallbacks = BTreeMap<String, Fallback>;

/// A form that a file has to have, and what happens otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fallback {
    pub form: Form,
    pub why: String,
}

/// The forms that a file may take instead of the requested one, the lesser change first.
pub(crate) fn alternatives(python: PythonFiles) -> &'static [Form] {
    if python.keeps_all() {
        &[]
    } else if python.docstrings {
        &[Form::Original]
    } else {
        &[Form::WithDocstrings, Form::Original]
    }
}

/// What a file in this form is made with; the app's own docstrings are always kept.
pub(super) fn options(python: PythonFiles, form: Form, app: bool) -> PythonFiles {
    python.docstrings(python.docstrings || app || form == Form::WithDocstrings)
}
