//! Decides which files keep parts that bytecode does without: docstrings that code may use, and columns.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::base::error::Result;
use crate::base::paths::is_python;
use crate::image::Image;
use crate::image::file::{ImageFile, PackageKind};
use crate::settings::python_files::{Docstrings, PythonFiles};
use crate::transform::form::Form;
use crate::transform::python::Compiler;
use crate::transform::uses::{self, Uses};

/// Words of an app that may use docstrings of others.
const READS: [&str; 5] = [".__doc__", "\"__doc__\"", "'__doc__'", "getdoc", "pydoc"];
/// Words of an app that may read columns.
const COLUMNS: [&str; 3] = ["co_positions", "end_colno", "get_instructions"];

/// The parts of a file to keep, in the form that `compile.py` expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each on its own")]
pub(super) struct CompileOptions {
    bytecode: bool,
    docstrings: bool,
    comments: bool,
    asserts: bool,
    line_numbers: bool,
    columns: bool,
}

/// The files that keep docstrings and columns.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Why all files keep their docstrings, if so.
    all: Option<String>,
    /// Why all files of a package keep their docstrings, by its number.
    packages: BTreeMap<usize, String>,
    /// Paths of further files that keep their docstrings.
    files: BTreeSet<String>,
    /// Whether all files keep columns. The app's files always do.
    columns: bool,
}

impl Needs {
    pub(super) fn of(compiler: &Compiler) -> Result<Self> {
        let Compiler { image, python, .. } = *compiler;
        if python.keeps_all() {
            return Ok(Self::default());
        }
        let archives = uses::of_archives(compiler)?;
        let app = app_texts(image)?;
        let columns = reads_columns(image, &archives, &app);
        let mut needs = Self { columns, ..Self::default() };
        if python.docstrings == Docstrings::Used {
            needs.all = app_that_reads(&archives, &app);
            needs.add_packages(image, &archives);
            needs.add_files(image, &archives);
        }
        Ok(needs)
    }

    /// Adds packages that use docstrings, and packages that import a module that may use theirs.
    fn add_packages(&mut self, image: &Image, archives: &[(usize, Uses)]) {
        let mut sharing: BTreeSet<&str> = BTreeSet::new();
        for (_, uses) in archives {
            sharing.extend(uses.shares.iter().map(String::as_str));
        }
        let stdlib = |package: usize| image.packages[package].kind == PackageKind::Stdlib;
        let sharing_package =
            archives.iter().find(|(package, uses)| !stdlib(*package) && !uses.shares.is_empty());
        if let Some((package, _)) = sharing_package {
            let why = format!("{} may use them", image.packages[*package].name);
            let number =
                image.packages.iter().position(|package| package.kind == PackageKind::Stdlib);
            self.packages.extend(number.map(|number| (number, why)));
        }
        let packages = archives.iter().filter(|(package, _)| {
            !matches!(image.packages[*package].kind, PackageKind::Stdlib | PackageKind::App)
        });
        let packages: Vec<_> = packages.collect();
        loop {
            let before = self.packages.len();
            for (package, uses) in &packages {
                if self.packages.contains_key(package) {
                    continue;
                }
                let shared = uses.imports.iter().find(|name| sharing.contains(name.as_str()));
                let why = match (uses.readers.first(), shared) {
                    (Some(reader), _) => format!("{reader} uses docstrings"),
                    (None, Some(module)) => format!("{module}, which it imports, may use them"),
                    (None, None) => continue,
                };
                self.packages.insert(*package, why);
                if uses.readers.is_empty() {
                    // What it wraps reads the docstrings of its importers.
                    sharing.extend(modules(image, *package));
                }
            }
            if self.packages.len() == before {
                return;
            }
        }
    }

    fn add_files(&mut self, image: &Image, archives: &[(usize, Uses)]) {
        let own: BTreeSet<(usize, &str)> = archives
            .iter()
            .flat_map(|(package, uses)| uses.own.iter().map(|path| (*package, path.as_str())))
            .collect();
        let files = image
            .files
            .iter()
            .filter(|(path, file)| own.contains(&(file.package, uses::relative(image, path))));
        self.files = files.map(|(path, _)| path.clone()).collect();
    }

    /// Returns whether all docstrings stay.
    pub fn all_docstrings(&self) -> bool {
        self.all.is_some()
    }

    /// Returns each package whose docstrings stay, and why.
    pub fn reasons<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.all.iter().map(|why| ("all packages", why.as_str()));
        let packages = self.packages.iter().filter(|_| self.all.is_none());
        let name = |package: usize| image.packages[package].name.as_str();
        all.chain(packages.map(move |(package, why)| (name(*package), why.as_str())))
    }

    pub(super) fn options(
        &self,
        (path, file): (&str, &ImageFile),
        form: Form,
        compiler: &Compiler,
    ) -> CompileOptions {
        let PythonFiles { bytecode, docstrings, comments, asserts, line_numbers } = compiler.python;
        let app = compiler.image.package(file).kind == PackageKind::App;
        let needed = self.all.is_some()
            || self.packages.contains_key(&file.package)
            || self.files.contains(path);
        let docstrings =
            app || needed || docstrings == Docstrings::All || form == Form::WithDocstrings;
        let columns = bytecode && line_numbers && (app || self.columns);
        CompileOptions { bytecode, docstrings, comments, asserts, line_numbers, columns }
    }
}

/// Returns the top-level names of a package's modules.
fn modules(image: &Image, package: usize) -> impl Iterator<Item = &str> {
    let own =
        image.files.iter().filter(move |(path, file)| file.package == package && is_python(path));
    own.map(|(path, _)| uses::relative(image, path).split(['/', '.']).next().unwrap_or_default())
}

/// Returns whether code outside of the standard library reads columns, which the standard library itself
/// does to underline parts of a traceback.
fn reads_columns(image: &Image, archives: &[(usize, Uses)], app: &[(&str, String)]) -> bool {
    let by_package = archives.iter().any(|(package, uses)| {
        image.packages[*package].kind != PackageKind::Stdlib && !uses.columns.is_empty()
    });
    by_package || app.iter().any(|(_, text)| COLUMNS.iter().any(|word| text.contains(word)))
}

/// Returns why docstrings of any object may be used by the app, or by a module that it imports: it may pass
/// any object to such a module.
fn app_that_reads(archives: &[(usize, Uses)], app: &[(&str, String)]) -> Option<String> {
    let reads = |text: &str| READS.iter().any(|word| text.contains(word)) || helps(text);
    if let Some((path, _)) = app.iter().find(|(_, text)| reads(text)) {
        return Some(format!("{path} uses docstrings"));
    }
    archives.iter().flat_map(|(_, uses)| &uses.shares).find_map(|module| {
        let (path, _) = app.iter().find(|(_, text)| imports(text, module))?;
        Some(format!("{path} imports {module}, which may use them"))
    })
}

/// Returns whether a line imports a top-level module, or something of it.
fn imports(text: &str, module: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.lines().any(|line| {
        let line = line.trim_start();
        let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "));
        let after = rest.and_then(|rest| rest.trim_start().strip_prefix(module));
        after.is_some_and(|after| !after.starts_with(is_part))
    })
}

/// Returns whether code calls `help`.
fn helps(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    text.match_indices("help(").any(|(at, _)| !text[..at].ends_with(is_part))
}

/// Returns the Python files of the app: path relative to its folder, and text.
fn app_texts(image: &Image) -> Result<Vec<(&str, String)>> {
    let own = image
        .files
        .iter()
        .filter(|(path, file)| is_python(path) && image.package(file).kind == PackageKind::App);
    own.map(|(path, file)| {
        let text = String::from_utf8_lossy(&image.read(file)?).into_owned();
        Ok((uses::relative(image, path), text))
    })
    .collect()
}
