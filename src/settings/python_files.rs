//! The form of Python files in the outputs.

use serde::Serialize;

/// The form of Python files in the outputs; for [`Builder::python_files`](crate::Builder::python_files).
///
/// Both forms keep the line numbers of the original sources in tracebacks. The app's own docstrings always
/// stay. Docstrings also stay if a package needs them when the bundle is verified; the report names these
/// files.
///
/// ```no_run
/// use pyodide_pack::{Builder, PythonFiles};
///
/// # fn main() -> pyodide_pack::Result<()> {
/// // Smallest: sources without comments and docstrings, compiled when they are imported.
/// Builder::new("python").python_files(PythonFiles::source()).build()?;
/// // Fastest, with everything that `help` shows.
/// Builder::new("python").python_files(PythonFiles::bytecode().docstrings(true)).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "switches, each on its own")]
pub struct PythonFiles {
    pub(crate) bytecode: bool,
    pub(crate) docstrings: bool,
    pub(crate) comments: bool,
    pub(crate) asserts: bool,
    pub(crate) line_numbers: bool,
}

impl Default for PythonFiles {
    /// The default: [`bytecode`](Self::bytecode).
    fn default() -> Self {
        Self::bytecode()
    }
}

impl PythonFiles {
    /// Bytecode, compiled by the bundle's own Python, starts fastest. Sources are lazy files, for
    /// tracebacks and `inspect.getsource`. Docstrings of packages are removed; asserts and line numbers
    /// stay.
    pub const fn bytecode() -> Self {
        Self {
            bytecode: true,
            docstrings: false,
            comments: false,
            asserts: true,
            line_numbers: true,
        }
    }

    /// Source is smaller to fetch, but is compiled at each start. Docstrings of packages and all comments
    /// are removed.
    pub const fn source() -> Self {
        Self { bytecode: false, ..Self::bytecode() }
    }

    /// Sets whether packages and the standard library keep their docstrings.
    pub const fn docstrings(self, keep: bool) -> Self {
        Self { docstrings: keep, ..self }
    }

    /// Sets whether sources keep their comments. Bytecode has none.
    pub const fn comments(self, keep: bool) -> Self {
        Self { comments: keep && !self.bytecode, ..self }
    }

    /// Sets whether bytecode keeps `assert` statements. Without them `__debug__` is false, as with `python
    /// -O`. Sources always keep them.
    pub const fn asserts(self, keep: bool) -> Self {
        Self { asserts: keep || !self.bytecode, ..self }
    }

    /// Sets whether bytecode keeps the line numbers of tracebacks. Sources always have them.
    pub const fn line_numbers(self, keep: bool) -> Self {
        Self { line_numbers: keep || !self.bytecode, ..self }
    }

    /// Returns whether files stay unchanged.
    pub(crate) fn keeps_all(self) -> bool {
        !self.bytecode && self.docstrings && self.comments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_meaning_have_no_effect() {
        let source = PythonFiles::source();
        assert_eq!(source.asserts(false).line_numbers(false), source);
        assert_eq!(PythonFiles::bytecode().comments(true), PythonFiles::bytecode());
        assert!(source.docstrings(true).comments(true).keeps_all());
        assert!(!PythonFiles::bytecode().docstrings(true).keeps_all());
    }
}
