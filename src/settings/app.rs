//! The user's own Python files.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files::{self, Met};
use crate::base::globs::Globs;
use crate::base::paths::{APP_DIR, parent};
use crate::settings::left_out::{self, LeftOut, Rule};

/// The entry point of an app that is a folder.
const ENTRY: &str = "app.py";

#[derive(Debug, Serialize)]
pub(crate) struct App {
    /// The folder, or the one file's folder.
    pub root: PathBuf,
    /// The entry point, relative to `root`.
    pub entry: String,
    /// Each file: its path relative to `root` with `/`, and its path on disk.
    pub files: Vec<(String, PathBuf)>,
    /// What is in the folder but not in `files`, without what other programs make all the time.
    pub left_out: Vec<LeftOut>,
    pub warnings: Vec<String>,
}

/// Code to trace: its file, and its path in Pyodide.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Scenario {
    pub name: String,
    /// The user's file; errors name it.
    pub source: PathBuf,
    /// The file that runs: the same, or the copy that the build made when it read the file.
    pub script: PathBuf,
    pub filename: String,
}

impl App {
    /// Finds the files of the app at `path`, which is a folder or one `.py` file.
    pub fn scan(path: &Path, scenarios: &[PathBuf], include: &Globs) -> Result<Self> {
        let missing = |what: String, hint: &str| {
            Err(Error::new(ErrorKind::Config, what).at(path.display()).hint(hint))
        };
        if path.is_file() {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_python = Path::new(name).extension().is_some_and(|e| e == "py");
            if !is_python {
                return missing(
                    format!("{name} is not a Python file"),
                    "Builder::new takes a folder with app.py, or one .py file",
                );
            }
            let root = path.parent().unwrap_or(Path::new("/")).to_path_buf();
            return Ok(Self {
                root,
                entry: name.to_owned(),
                files: vec![(name.to_owned(), path.to_path_buf())],
                left_out: Vec::new(),
                warnings: Vec::new(),
            });
        }
        if !path.is_dir() {
            return missing(
                "the app does not exist".into(),
                "Builder::new takes a folder with app.py, or one .py file; relative paths start at the crate's folder",
            );
        }
        let entry = path.join(ENTRY);
        if !entry.is_file() {
            return missing(
                format!("the app has no {ENTRY}"),
                "add an app.py: it is the entry point, and the first scenario that is traced",
            );
        }
        let mut scan = Scan {
            include,
            scenarios,
            left_out: Vec::new(),
            warnings: Vec::new(),
            entered: BTreeMap::new(),
        };
        let mut files = files::walk_past(path, |name, path, met| {
            let why = match met {
                Met::Folder => return Ok(scan.enters(name, path)),
                Met::Special => "neither a file nor a folder".to_owned(),
                Met::ForeignName => "a name that is not Unicode".to_owned(),
                // Without the app's own folder, there is no app.
                Met::Unreadable(error) if name.is_empty() => return Err(error),
                Met::Unreadable(error) => error.to_string(),
            };
            scan.pass_over(name, &why);
            Ok(false)
        })?;
        files.retain(|(name, path)| scan.keeps(name, path));
        let Scan { mut left_out, warnings, .. } = scan;
        left_out.sort();
        let root = path.to_path_buf();
        Ok(Self { root, entry: ENTRY.to_owned(), files, left_out, warnings })
    }

    /// Returns why a path of the app's folder is left out although it exists.
    pub fn why_left_out(&self, name: &str) -> Option<&'static str> {
        if self.files.iter().any(|(file, _)| file == name) || !self.root.join(name).exists() {
            return None;
        }
        left_out::by_path(name, &self.root).map(|rule| rule.why)
    }

    /// Returns the code to trace: the entry point, then the given files.
    pub fn scenarios(&self, sources: &[PathBuf]) -> Vec<Scenario> {
        let entry = (self.entry.clone(), self.root.join(&self.entry));
        let named = sources.iter().map(|path| {
            let inside = path.strip_prefix(&self.root).ok();
            let name = inside.map_or_else(
                || path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                |relative| {
                    relative
                        .components()
                        .map(|c| c.as_os_str().to_string_lossy())
                        .collect::<Vec<_>>()
                        .join("/")
                },
            );
            (name, path.clone())
        });
        std::iter::once(entry)
            .chain(named)
            .map(|(name, source)| Scenario {
                filename: format!("{APP_DIR}/{name}"),
                name,
                script: source.clone(),
                source,
            })
            .collect()
    }
}

/// One look at the app's folder.
struct Scan<'a> {
    include: &'a Globs,
    scenarios: &'a [PathBuf],
    left_out: Vec<LeftOut>,
    warnings: Vec<String>,
    /// Folders that a glob reaches although a rule leaves them out.
    entered: BTreeMap<String, Rule>,
}

impl Scan<'_> {
    fn enters(&mut self, name: &str, path: &Path) -> bool {
        let inherited = self.entered.get(parent(name)).copied();
        let Some(rule) = inherited.or_else(|| left_out::folder(name, path)) else { return true };
        let reached = self.include.reach(name);
        if reached {
            self.entered.insert(name.to_owned(), rule);
        } else if inherited.is_none() {
            self.leave_out(name, rule);
        }
        reached
    }

    fn keeps(&mut self, name: &str, path: &PathBuf) -> bool {
        let inherited = self.entered.get(parent(name)).copied();
        let rule = inherited.or_else(|| left_out::file(name));
        let wanted = self.include.position(&[name]).is_some();
        if !wanted && let Some(rule) = rule {
            if inherited.is_none() {
                self.leave_out(name, rule);
            }
            return false;
        }
        if let Err(error) = File::open(path) {
            self.pass_over(name, &format!("it can't be read: {error}"));
            return false;
        }
        wanted || !self.scenarios.contains(path)
    }

    /// Leaves out what is there but can't be used, with a warning.
    fn pass_over(&mut self, name: &str, why: &str) {
        self.warnings.push(format!("{name} of the app's folder is left out: {why}"));
        self.left_out.push(LeftOut::new(name, why));
    }

    fn leave_out(&mut self, name: &str, rule: Rule) {
        if !rule.is_common {
            self.left_out.push(LeftOut::new(name, rule.why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(files: &[&str], include: &[&str]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            files::write_atomic(&dir.path().join(file), b"").unwrap();
        }
        let include: Vec<_> = include.iter().map(|glob| (*glob).to_owned()).collect();
        let include = Globs::parse(&include, "include").unwrap();
        let scenarios = [dir.path().join("scenarios/one.py")];
        let app = App::scan(dir.path(), &scenarios, &include).unwrap();
        app.files.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn the_app_has_all_files_except_caches_hidden_files_tests_and_scenarios() {
        let files = [
            "app.py",
            "pkg/__init__.py",
            "pkg/data/x.csv",
            "latest.py",
            "contest.py",
            "pkg/__pycache__/x.pyc",
            ".git/config",
            "pkg/.env",
            "tests/test_app.py",
            "test_app.py",
            "app_test.py",
            "conftest.py",
            "scenarios/one.py",
            "scenarios/two.py",
        ];
        let expected = [
            "app.py",
            "contest.py",
            "latest.py",
            "pkg/__init__.py",
            "pkg/data/x.csv",
            "scenarios/two.py",
        ];
        assert_eq!(app(&files, &[]), expected);
    }

    #[test]
    fn include_brings_left_out_files_back() {
        let files = ["app.py", "tests/data.py", "tests/more/data.py"];
        assert_eq!(app(&files, &["tests/*"]), ["app.py", "tests/data.py"]);
    }
}
