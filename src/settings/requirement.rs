//! A requirement with its source, and normalised names.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::paths::is_wheel;

/// A line of a constraints file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Constraint {
    /// The text for pip. It may contain secrets of the environment.
    #[serde(skip)]
    pub text: String,
    /// The text as written, with `${NAME}` for variables.
    pub written: String,
}

/// A dependency specifier. Only its name is parsed here; pip parses versions, extras and markers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Requirement {
    /// The text for pip, without hashes. It may contain secrets of the environment.
    #[serde(skip)]
    pub text: String,
    /// The same text as written, with `${NAME}` for variables.
    pub written: String,
    pub name: Name,
    /// Whether it is only a name.
    pub bare: bool,
    /// SHA-256 digests, one of which the wheel must match. An empty list allows any wheel.
    pub sha256: Vec<String>,
    /// The file and line, or the call, that states it.
    pub origin: String,
}

impl Requirement {
    /// Parses a [dependency specifier]: a name with an optional version, extras, marker or address.
    ///
    /// [dependency specifier]: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !is_name_char(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let starts = |c: char| c.is_ascii_alphanumeric();
        let valid = name.starts_with(starts) && name.ends_with(starts);
        let follows =
            rest.is_empty() || rest.starts_with(['<', '>', '=', '!', '~', '[', ';', '(', '@']);
        if !valid || !follows {
            return Err(Error::new(ErrorKind::Config, format!("{text:?} is not a requirement"))
                .at(origin)
                .hint(
                    "write a name with an optional version: \"pandas\", \"sqlglot>=30\"; for a \
                     wheel of your own, put it in a folder and call Builder::find_links",
                ));
        }
        Ok(Self {
            text: text.to_owned(),
            written: text.to_owned(),
            name: Name::new(name),
            bare: rest.is_empty(),
            sha256: Vec::new(),
            origin: origin.to_owned(),
        })
    }

    /// Parses the path or address of a wheel. Its name is in the file name.
    pub fn wheel(location: &str, origin: &str) -> Result<Self> {
        let file = location.split(['?', '#']).next().unwrap_or_default();
        let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = file.split('-').next().unwrap_or_default();
        if !is_wheel(file) || file.matches('-').count() < 4 || !name.chars().all(is_name_char) {
            return Err(Error::new(ErrorKind::Config, format!("{location:?} is not a wheel"))
                .at(origin)
                .hint("only wheels can be installed in Pyodide: name-version-tags.whl"));
        }
        Ok(Self {
            text: location.to_owned(),
            written: location.to_owned(),
            name: Name::new(name),
            bare: false,
            sha256: Vec::new(),
            origin: origin.to_owned(),
        })
    }
}

impl Requirement {
    /// Returns whether it states the location of its wheel.
    pub fn is_located(&self) -> bool {
        self.text.contains(" @ ") || self.text.contains("://") || self.local_wheel().is_some()
    }

    /// Returns the wheel's path, if the requirement is a path.
    pub fn local_wheel(&self) -> Option<&Path> {
        Some(Path::new(&self.text)).filter(|path| path.is_absolute())
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Returns a package's name, [normalised]: lower case, each run of `-`, `_` and `.` becomes one `-`.
///
/// [normalised]: https://packaging.python.org/en/latest/specifications/name-normalization/
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct Name(String);

impl Name {
    pub fn new(name: &str) -> Self {
        let mut normalised = String::with_capacity(name.len());
        for c in name.chars() {
            if !matches!(c, '-' | '_' | '.') {
                normalised.push(c.to_ascii_lowercase());
            } else if !normalised.ends_with('-') {
                normalised.push('-');
            }
        }
        Self(normalised)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        for name in ["Ruamel.Yaml", "ruamel-yaml", "ruamel__yaml", "RUAMEL.-yaml"] {
            assert_eq!(Name::new(name).as_str(), "ruamel-yaml");
        }
    }

    #[test]
    fn requirements_are_split_at_the_name() {
        let bare = Requirement::parse(" pandas ", "here").unwrap();
        assert!(bare.bare && bare.name.as_str() == "pandas");
        for text in
            ["pandas>=2", "pandas [excel]", "p.q_r; python_version<'4'", "a @ file:///x.whl"]
        {
            assert!(!Requirement::parse(text, "here").unwrap().bare, "{text}");
        }
        for text in ["", "-r x.txt", "./x.whl", "two words", "ü", "a/b", "-e ."] {
            let error = Requirement::parse(text, "here").unwrap_err().to_string();
            assert!(error.contains("where: here"), "{error}");
        }
    }

    #[test]
    fn wheels_have_their_name_in_the_file_name() {
        let wheel = Requirement::wheel("./w/Foo_bar-1.0-py3-none-any.whl", "here").unwrap();
        assert_eq!((wheel.name.as_str(), wheel.bare), ("foo-bar", false));
        for text in ["x.tar.gz", "./x.whl", "./dir"] {
            assert!(Requirement::wheel(text, "here").is_err(), "{text}");
        }
    }
}
