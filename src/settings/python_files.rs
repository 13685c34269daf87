//! The form of Python files in the outputs.

use serde::Serialize;

/// The form of Python files in the outputs; for [`Builder::python_files`](crate::Builder::python_files).
///
/// Both forms keep the line numbers of the original sources in tracebacks. The app's own docstrings always
/// stay. Docstrings of a package stay if code of this or another package may use them; the report names these
/// packages and the code.
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
    pub(crate) docstrings: Docstrings,
    pub(crate) comments: bool,
    pub(crate) asserts: bool,
    pub(crate) line_numbers: bool,
}

/// Which docstrings of packages and of the standard library stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Docstrings {
    All,
    /// Those that code may use.
    Used,
    /// Only those without which a trace or an import fails.
    Fewest,
}

impl Default for PythonFiles {
    /// The default: [`bytecode`](Self::bytecode).
    fn default() -> Self {
        Self::bytecode()
    }
}

impl PythonFiles {
    /// Bytecode, compiled by the bundle's own Python, starts fastest. Sources are lazy files, for
    /// tracebacks and `inspect.getsource`. Docstrings that no code uses are removed; asserts and line numbers
    /// stay.
    pub const fn bytecode() -> Self {
        Self {
            bytecode: true,
            docstrings: Docstrings::Used,
            comments: false,
            asserts: true,
            line_numbers: true,
        }
    }

    /// Source is smaller to fetch, but is compiled at each start. Docstrings that no code uses and all
    /// comments are removed.
    pub const fn source() -> Self {
        Self { bytecode: false, ..Self::bytecode() }
    }

    /// Sets whether packages and the standard library keep all their docstrings, or as few as possible. By
    /// default they keep those that code may use.
    ///
    /// With `false`, code that no scenario runs and that uses docstrings may return something else, without
    /// an error: an empty help text, `None` in a message.
    pub const fn docstrings(self, keep: bool) -> Self {
        Self { docstrings: if keep { Docstrings::All } else { Docstrings::Fewest }, ..self }
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
        !self.bytecode && matches!(self.docstrings, Docstrings::All) && self.comments
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
