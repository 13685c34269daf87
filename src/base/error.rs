//! One error type for the whole pipeline. It says what happened, where, why, and what to do next.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The stage of the pipeline that an [`Error`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings of the builder, an environment variable or the app's folder.
    Config,
    /// Node, npm, Python or pip: not found, too old, or failed.
    Tool,
    /// The Pyodide runtime: not found, not supported, or damaged.
    Runtime,
    /// A requirement for which no wheels can be found.
    Resolve,
    /// A wheel or another archive that is damaged or hostile.
    Archive,
    /// The app failed, or did not end, in a trace.
    Trace,
    /// The packed bundle does not behave like the traced app.
    Verify,
    /// The files that a page waits for exceed [`Builder::budget`](crate::Builder::budget).
    Budget,
    /// Reading or writing a file.
    Io,
}

/// Says what happened, where, why, and what to do next.
///
/// `Display` and `Debug` print the same lines. A `build.rs` whose `main` returns [`Result`] therefore
/// prints a readable error:
///
/// ```text
/// app.py raised ValueError: no such table
///   where: python/app.py
///   cause: Traceback (most recent call last): ...
///   hint: ...
/// ```
///
/// ```
/// let error = pyodide_pack::Builder::new("no/such/app").out_dir("out").build().unwrap_err();
/// assert_eq!(error.kind(), pyodide_pack::ErrorKind::Config);
/// assert!(error.to_string().contains("hint:"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    what: String,
    place: Option<String>,
    causes: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    hints: Vec<String>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            place: None,
            causes: Vec::new(),
            source: None,
            hints: Vec::new(),
        }))
    }

    /// An I/O error at `path`. `doing` completes "could not ...".
    pub(crate) fn io(doing: &str, path: &Path, source: std::io::Error) -> Self {
        let error = Self::new(ErrorKind::Io, format!("could not {doing}"));
        error.at(path.display()).because_of(source)
    }

    /// JSON that could not be read from `path`, or written to it.
    pub(crate) fn json(doing: &str, path: &Path, source: serde_json::Error) -> Self {
        Self::io(doing, path, std::io::Error::other(source))
    }

    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.place = Some(place.to_string());
        self
    }

    pub(crate) fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds a cause that is an error itself, for [`source`](std::error::Error::source).
    pub(crate) fn because_of(self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let cause = cause.into();
        let mut error = self.because(&cause);
        error.0.source.get_or_insert(cause);
        error
    }

    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.0.hints.push(hint.to_string());
        self
    }

    /// The stage that failed.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)?;
        if let Some(place) = &self.0.place {
            write!(f, "\n  where: {place}")?;
        }
        for cause in &self.0.causes {
            write!(f, "\n  cause: {}", indented(cause))?;
        }
        for hint in &self.0.hints {
            write!(f, "\n  hint: {}", indented(hint))?;
        }
        Ok(())
    }
}

/// Indents all lines of the text except the first.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n    ")
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    /// Returns the error that caused this one, if any. `Display` lists its text among the causes.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_a_chain() {
        let inner = std::io::Error::from(std::io::ErrorKind::NotFound);
        let error = Error::io("read the file", Path::new("x"), inner);
        let source = StdError::source(&error).and_then(|e| e.downcast_ref::<std::io::Error>());
        assert_eq!(source.unwrap().kind(), std::io::ErrorKind::NotFound);
        let outer = Error::new(ErrorKind::Config, "outer").because_of(error);
        let second = StdError::source(&outer).and_then(StdError::source);
        assert!(second.is_some_and(<dyn StdError>::is::<std::io::Error>));
        assert!(StdError::source(&Error::new(ErrorKind::Config, "x").because("text")).is_none());
    }

    #[test]
    fn says_what_where_why_and_what_next() {
        let error = Error::new(ErrorKind::Tool, "Node.js was not found")
            .at("PATH")
            .because("one\ntwo")
            .hint("install Node.js");
        let expected =
            "Node.js was not found\n  where: PATH\n  cause: one\n    two\n  hint: install Node.js";
        assert_eq!(error.to_string(), expected);
        assert_eq!(format!("{error:?}"), expected);
    }
}
