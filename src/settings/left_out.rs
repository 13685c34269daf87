//! What does not belong to an app although it is in its folder: environments, caches, tests, build output.
//!
//! The list is documented in `docs/app.md`. It does not include `.gitignore`: that would leave out generated
//! models and data without a word, and a published crate may lack the file.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::paths::{is_wheel, parent};

/// A file or folder of the app's folder that is not in the installation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Its path, relative to the app's folder.
    pub path: String,
    /// Why it is left out: `a virtual environment`.
    pub why: String,
}

impl LeftOut {
    pub(super) fn new(path: &str, why: impl Into<String>) -> Self {
        Self { path: path.to_owned(), why: why.into() }
    }
}

/// Why something is left out, and whether reports list it.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub why: &'static str,
    /// Programs that run beside the build make these all the time.
    pub is_common: bool,
}

const fn listed(why: &'static str) -> Rule {
    Rule { why, is_common: false }
}

const fn common(why: &'static str) -> Rule {
    Rule { why, is_common: true }
}

/// Returns why a folder is left out, by its relative path and its content.
pub(super) fn folder(relative: &str, path: &Path) -> Option<Rule> {
    let name = name_of(relative);
    let has = |child: &str| path.join(child).exists();
    let has_any = |wanted: &dyn Fn(&str) -> bool| {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_str().is_some_and(wanted))
    };
    let built = |wanted: &dyn Fn(&str) -> bool| has_any(wanted) && !has("__init__.py");
    Some(match name {
        _ if name.starts_with('.') => common("its name starts with a dot"),
        "__pycache__" => common("Python's cache"),
        "node_modules" => listed("packages of Node.js"),
        "site-packages" | "dist-packages" => listed("installed packages"),
        "test" | "tests" => listed("tests"),
        _ if has("pyvenv.cfg") => listed("a virtual environment"),
        _ if has("conda-meta") => listed("a conda environment"),
        _ if has("CACHEDIR.TAG") => listed("a cache"),
        _ if is_worktree(path) => listed("a worktree of Git"),
        _ if name.ends_with(".egg-info") => listed("metadata of a development installation"),
        "build" if built(&|child| child == "lib" || child.starts_with("bdist.")) => {
            listed("build output")
        }
        "dist" if built(&|child| is_wheel(child) || child.ends_with(".tar.gz")) => {
            listed("build output")
        }
        _ => return None,
    })
}

/// Returns why a file is left out, by its relative path. Its folder belongs to the app.
pub(super) fn file(relative: &str) -> Option<Rule> {
    let name = name_of(relative);
    let is_test =
        |stem: &str| stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest";
    Some(match name {
        _ if name.starts_with('.') => common("its name starts with a dot"),
        _ if name.ends_with('~') || name.starts_with('#') && name.ends_with('#') => {
            common("an editor's backup")
        }
        _ if name.strip_suffix(".py").is_some_and(is_test) => listed("a test"),
        _ => return None,
    })
}

/// Returns why a path is left out, by the rules for its folders and for itself.
pub(super) fn by_path(relative: &str, root: &Path) -> Option<Rule> {
    let above = parent(relative);
    if !above.is_empty()
        && let Some(rule) = by_path(above, root)
    {
        return Some(rule);
    }
    let path = root.join(relative);
    if path.is_dir() { folder(relative, &path) } else { file(relative) }
}

fn name_of(relative: &str) -> &str {
    relative.rsplit('/').next().unwrap_or_default()
}

/// A worktree has a file `.git` that refers to the repository. So has a submodule, which may be a library.
fn is_worktree(path: &Path) -> bool {
    let file = path.join(".git");
    file.is_file() && fs::read_to_string(file).is_ok_and(|text| text.contains("/worktrees/"))
}
