//! How Python files are shipped.

use serde::Serialize;

/// How Python files are shipped; for [`Builder::python`](crate::Builder::python). `true` keeps what
/// the field names.
///
/// Lines in tracebacks are those of the original sources either way. The app's own docstrings are
/// always kept, and so are those that a distribution turns out to need when the bundle is tried;
/// the report names these.
///
/// ```no_run
/// use pyodide_pack::{Builder, Python};
///
/// # fn main() -> pyodide_pack::Result<()> {
/// // Smallest: sources without comments and docstrings, compiled when they are imported.
/// let python = Python::Source { docstrings: false, comments: false };
/// Builder::new("python").python(python).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Python {
    /// As source: less to fetch, more to do at the start.
    Source {
        /// Docstrings of distributions and of the standard library.
        docstrings: bool,
        /// Comments.
        comments: bool,
    },
    /// Compiled by the bundle's own Python: starts fastest. Sources stay beside the bundle as cold
    /// files, for tracebacks and `inspect.getsource`.
    Bytecode {
        /// Docstrings of distributions and of the standard library.
        docstrings: bool,
        /// `assert` statements; without them `__debug__` is false, as with `python -O`.
        asserts: bool,
        /// Line numbers in tracebacks.
        line_numbers: bool,
    },
}

impl Default for Python {
    /// Bytecode with asserts and line numbers, without docstrings.
    fn default() -> Self {
        Self::Bytecode { docstrings: false, asserts: true, line_numbers: true }
    }
}
