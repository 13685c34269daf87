//! The forms that a Python file may have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::python::Python;

/// How far a Python file is transformed. Which files need their docstrings is found by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    /// As [`Python`] says.
    Requested,
    /// As [`Python`] says, but with docstrings.
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
pub(crate) fn alternatives(python: Python) -> &'static [Form] {
    match python {
        Python::Source { docstrings: false, .. } | Python::Bytecode { docstrings: false, .. } => {
            &[Form::WithDocstrings, Form::Original]
        }
        _ if keeps_all(python) => &[],
        _ => &[Form::Original],
    }
}

/// Whether files stay as they are.
pub(crate) fn keeps_all(python: Python) -> bool {
    python == Python::Source { docstrings: true, comments: true }
}

pub(crate) fn is_bytecode(python: Python) -> bool {
    matches!(python, Python::Bytecode { .. })
}

/// As `compile.py` takes them.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each on its own")]
pub(super) struct Options {
    bytecode: bool,
    docstrings: bool,
    comments: bool,
    asserts: bool,
    line_numbers: bool,
}

impl Options {
    /// The app's own docstrings are always kept.
    pub fn of(python: Python, form: Form, app: bool) -> Self {
        let mut options = match python {
            Python::Source { docstrings, comments } => {
                Self { bytecode: false, docstrings, comments, asserts: true, line_numbers: true }
            }
            Python::Bytecode { docstrings, asserts, line_numbers } => {
                Self { bytecode: true, docstrings, comments: false, asserts, line_numbers }
            }
        };
        options.docstrings |= app || form == Form::WithDocstrings;
        options
    }
}
