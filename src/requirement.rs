//! A requirement as the user wrote it, and normalised names.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// A dependency specifier. Only its name is read here; versions, extras and markers are pip's.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Requirement {
    pub text: String,
    pub name: Name,
    /// Nothing but a name.
    pub bare: bool,
}

impl Requirement {
    pub fn parse(text: &str) -> Result<Self> {
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
                .at("Builder::requires")
                .hint(
                    "write a name with an optional version: \"pandas\", \"sqlglot>=30\"; \
                       for a wheel of your own, put it in a folder and call Builder::find_links",
                ));
        }
        Ok(Self { text: text.to_owned(), name: Name::new(name), bare: rest.is_empty() })
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A distribution's name, [normalised]: lower case, each run of `-`, `_` and `.` one `-`.
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
        let bare = Requirement::parse(" pandas ").unwrap();
        assert!(bare.bare && bare.name.as_str() == "pandas");
        for text in
            ["pandas>=2", "pandas [excel]", "p.q_r; python_version<'4'", "a @ file:///x.whl"]
        {
            assert!(!Requirement::parse(text).unwrap().bare, "{text}");
        }
        for text in ["", "-r x.txt", "./x.whl", "two words", "ü", "a/b", "-e ."] {
            assert!(Requirement::parse(text).is_err(), "{text}");
        }
    }
}
