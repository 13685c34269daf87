//! The names in an archive: which are refused, and which are only unusual.

use std::collections::BTreeSet;

/// The names of earlier entries.
#[derive(Default)]
pub(super) struct Names {
    files: BTreeSet<String>,
    dirs: BTreeSet<String>,
    lower_case: BTreeSet<String>,
    /// Names that differ from earlier ones only in letter case.
    similar: Vec<String>,
    with_backslash: Vec<String>,
}

impl Names {
    /// Adds a name, or returns why it is refused.
    pub fn check(&mut self, name: &str) -> Result<(), String> {
        let path = name.strip_suffix('/').unwrap_or(name);
        let drive = path.as_bytes().get(1) == Some(&b':');
        if path.is_empty() || path.starts_with('\\') || path.contains('\0') || drive {
            return Err("its name is not a relative path".to_owned());
        }
        let leaves = path.split(['/', '\\']).any(|part| part == "..");
        if leaves || path.split('/').any(|part| matches!(part, "" | ".")) {
            return Err("its name leaves the archive or is not normal".to_owned());
        }
        let is_dir = path.len() < name.len();
        if !is_dir && !self.files.insert(path.to_owned()) {
            return Err("the archive contains it twice".to_owned());
        }
        if !is_dir && !self.lower_case.insert(path.to_lowercase()) {
            self.similar.push(format!("{path:?}"));
        }
        if path.contains('\\') {
            self.with_backslash.push(format!("{path:?}"));
        }
        let mut dir = if is_dir { Some(path) } else { parent(path) };
        while let Some(path) = dir {
            if !self.dirs.insert(path.to_owned()) {
                break;
            }
            dir = parent(path);
        }
        let clash = if is_dir { self.files.contains(path) } else { self.dirs.contains(path) };
        let mut above = parent(path);
        let mut below_file = false;
        while let Some(dir) = above {
            below_file |= self.files.contains(dir);
            above = parent(dir);
        }
        if clash || below_file {
            Err("the archive contains it as a file and as a folder".to_owned())
        } else {
            Ok(())
        }
    }

    /// Returns what is unusual about the names, as Pyodide reads them.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let similar = listed("has names that differ only in letter case", &self.similar);
        let what = "has backslashes in names, which do not separate folders in Pyodide";
        similar.into_iter().chain(listed(what, &self.with_backslash))
    }
}

/// Says something with the first example, or nothing without examples.
pub(super) fn listed(what: &str, examples: &[String]) -> Option<String> {
    let (first, rest) = examples.split_first()?;
    let others = match rest.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    Some(format!("{what}: {first}{others}"))
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}
