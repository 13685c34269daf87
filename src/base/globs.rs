//! Globs over installed paths, for `eager` and `exclude`.

use std::collections::BTreeSet;

use glob::{MatchOptions, Pattern};
use serde::{Serialize, Serializer};

use crate::base::error::{Error, ErrorKind, Result};

/// Globs in which `*` stays within a folder and `**` does not. Letter case is significant.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

#[derive(Debug, Default)]
pub(crate) struct Globs(Vec<Pattern>);

impl Globs {
    /// Parses globs; `setting` names their source in errors.
    pub fn parse(globs: &[String], setting: &str) -> Result<Self> {
        let parse = |text: &String| {
            Pattern::new(text).map_err(|e| {
                Error::new(ErrorKind::Config, format!("{text:?} is not a glob"))
                    .at(setting)
                    .because(e)
                    .hint("`*` matches within a folder; write `**` as a whole component to match any folders")
            })
        };
        globs.iter().map(parse).collect::<Result<_>>().map(Self)
    }

    /// Returns the index of the first glob that matches one of the file's names.
    pub fn position(&self, names: &[&str]) -> Option<usize> {
        self.0.iter().position(|glob| names.iter().any(|name| glob.matches_with(name, OPTIONS)))
    }

    /// Returns whether a glob names something below this folder. Wildcards for the folder do not count.
    pub fn reach(&self, dir: &str) -> bool {
        let below = |glob: &Pattern| {
            glob.as_str().strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
        };
        self.0.iter().any(below)
    }

    pub fn text(&self, index: usize) -> &str {
        self.0[index].as_str()
    }

    /// Returns warnings for globs that matched nothing: they are probably misspelt.
    pub fn unused(&self, used: &BTreeSet<usize>, setting: &str) -> Vec<String> {
        let unused = self.0.iter().enumerate().filter(|(index, _)| !used.contains(index));
        unused
            .map(|(_, glob)| {
                format!("{setting}({:?}) matches no file of the installation", glob.as_str())
            })
            .collect()
    }
}

impl Serialize for Globs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Pattern::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_in_the_folder() {
        let globs =
            Globs::parse(&["pandas/*.py".into(), "pandas/io/**".into()], "include").unwrap();
        assert_eq!(globs.position(&["pandas/x.py"]), Some(0));
        assert_eq!(globs.position(&["pandas/io/formats/x.py"]), Some(1));
        assert_eq!(globs.position(&["pandas/core/x.py"]), None);
        assert_eq!(globs.position(&["/abs/pandas/x.py", "pandas/x.py"]), Some(0));
    }

    #[test]
    fn a_bad_glob_is_named() {
        let error = Globs::parse(&["a***".into()], "Builder::exclude").unwrap_err().to_string();
        assert!(error.contains("a***") && error.contains("Builder::exclude"), "{error}");
    }
}
