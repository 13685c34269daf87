//! Settings outside of `build.rs`: `requirements.txt`, `pyproject.toml` and inline script metadata (PEP
//! 723) beside the app, and `[package.metadata.pyodide-pack]` of the crate.
//!
//! Requirements and globs of all places add up. Two different values for any other setting are an error
//! that names both places.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::base::error::{Error, ErrorKind, Result};
use crate::settings::app::App;
use crate::settings::cargo::Cargo;
use crate::settings::env::Env;
use crate::settings::python_files::PythonFiles;
use crate::settings::requirement::{Constraint, Requirement};
use crate::settings::requirements_txt::RequirementsTxt;
use crate::settings::text;

/// The name of the crate's table of settings in error messages.
const METADATA: &str = "[package.metadata.pyodide-pack] of Cargo.toml";

#[derive(Debug, Default)]
pub(super) struct Declared {
    pub requirements: Vec<Requirement>,
    /// Lines for pip's constraints file.
    pub constraints: Vec<Constraint>,
    pub eager: Vec<String>,
    pub exclude: Vec<String>,
    /// The version of Pyodide, and the place that sets it.
    pub pyodide_version: Option<(String, String)>,
    /// The form of Python files, and the place that sets it.
    pub python_files: Option<(PythonFiles, String)>,
    /// Files whose change must rerun the build script.
    pub files: Vec<PathBuf>,
    pub warnings: Vec<String>,
}

/// `[package.metadata.pyodide-pack]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct CrateMetadata {
    requires: Vec<String>,
    eager: Vec<String>,
    exclude: Vec<String>,
    pyodide_version: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pyproject {
    project: Project,
    tool: Tool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Project {
    dependencies: Vec<String>,
}

/// The metadata of PEP 723. Only the dependencies matter here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Script {
    dependencies: Vec<String>,
    tool: Tool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tool {
    pyodide_pack: PyodidePack,
}

/// `[tool.pyodide_pack]`, as documented by the Python tool of that name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PyodidePack {
    requires: Vec<String>,
    include_paths: Vec<String>,
    py: Py,
    so: So,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Py {
    strip_docstrings: Option<bool>,
    strip_module_docstrings: Option<bool>,
    #[serde(rename = "py_compile")]
    compile: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct So {
    drop_unused_so: Option<bool>,
}

impl Declared {
    /// Reads all declarations; `metadata` is the crate's `[package.metadata.pyodide-pack]`.
    pub fn read(app: &App, metadata: Option<&toml::Value>, env: &Env) -> Result<Self> {
        let mut declared = Self::default();
        if let Some(metadata) = metadata {
            let table = CrateMetadata::deserialize(metadata.clone())
                .map_err(|e| malformed(METADATA, &e))?;
            declared.add_requirements(&table.requires, METADATA)?;
            declared.eager.extend(table.eager);
            declared.exclude.extend(table.exclude);
            declared.pyodide_version = table.pyodide_version.map(|v| (v, METADATA.to_owned()));
        }
        let path = app.root.join("requirements.txt");
        if path.is_file() {
            let read = RequirementsTxt::read(&path, env)?;
            declared.requirements.extend(read.requirements);
            declared.constraints.extend(read.constraints);
            declared.files.extend(read.files);
        }
        let path = app.root.join("pyproject.toml");
        if path.is_file() {
            let place = path.display().to_string();
            let pyproject: Pyproject = from_toml(&text::read(&path)?, &place)?;
            declared.add_requirements(&pyproject.project.dependencies, &place)?;
            declared.add_tool(pyproject.tool.pyodide_pack, &place)?;
            declared.files.push(path);
        }
        let path = app.root.join(&app.entry);
        if let Some(block) = script_metadata(&text::read_lossy(&path)?) {
            let place = format!("the script metadata of {}", path.display());
            let script: Script = from_toml(&block, &place)?;
            declared.add_requirements(&script.dependencies, &place)?;
            declared.add_tool(script.tool.pyodide_pack, &place)?;
        }
        Ok(declared)
    }

    /// Registers the files and the warnings with Cargo.
    pub fn announce(&self, cargo: &mut Cargo) {
        for file in &self.files {
            cargo.rerun_if_changed(file);
        }
        for warning in &self.warnings {
            cargo.warn(warning);
        }
    }

    fn add_requirements(&mut self, texts: &[String], place: &str) -> Result<()> {
        for text in texts {
            self.requirements.push(Requirement::parse(text, place)?);
        }
        Ok(())
    }

    fn add_tool(&mut self, table: PyodidePack, place: &str) -> Result<()> {
        self.add_requirements(&table.requires, place)?;
        self.eager.extend(table.include_paths);
        if table.so.drop_unused_so == Some(false) {
            self.eager.push("**/*.so".to_owned());
        }
        let Py { strip_docstrings, strip_module_docstrings, compile } = table.py;
        if let (Some(all), Some(modules)) = (strip_docstrings, strip_module_docstrings)
            && all != modules
        {
            self.warnings.push(format!(
                "py.strip_module_docstrings of {place} has no effect beside py.strip_docstrings: \
                 docstrings of modules are treated like all others"
            ));
        }
        let strip = strip_docstrings.or(strip_module_docstrings);
        if strip.is_none() && compile.is_none() {
            return Ok(());
        }
        let python = match compile {
            Some(false) => PythonFiles::source().comments(true),
            _ => PythonFiles::bytecode(),
        };
        let python = strip.map_or(python, |strip| python.docstrings(!strip));
        match &self.python_files {
            Some((other, first)) if *other != python => {
                Err(Error::new(ErrorKind::Config, "the form of Python files is set twice")
                    .at(format!("{first}\n{place}"))
                    .hint("keep one of them"))
            }
            _ => {
                self.python_files = Some((python, format!("[tool.pyodide_pack] py of {place}")));
                Ok(())
            }
        }
    }
}

fn from_toml<T: DeserializeOwned>(text: &str, place: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| malformed(place, &e))
}

fn malformed(place: &str, why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Config, "a table of settings is invalid")
        .at(place)
        .because(why)
        .hint("correct the table; docs/requirements.md lists the settings and their places")
}

/// Returns the TOML of a `# /// script` block.
///
/// Format: <https://packaging.python.org/en/latest/specifications/inline-script-metadata/>
pub(crate) fn script_metadata(source: &str) -> Option<String> {
    let mut lines = source.lines().skip_while(|line| line.trim_end() != "# /// script").skip(1);
    let mut block = String::new();
    loop {
        let line = lines.next()?;
        if line.trim_end() == "# ///" {
            return Some(block);
        }
        let content = line.strip_prefix("# ").or_else(|| line.strip_prefix('#'))?;
        block.push_str(content);
        block.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::base::globs::Globs;

    fn declared(files: &[(&str, &str)], metadata: Option<&toml::Value>) -> Result<Declared> {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            files::write_atomic(&dir.path().join(name), content.as_bytes()).unwrap();
        }
        let app = App::scan(dir.path(), &[], &Globs::default()).unwrap();
        Declared::read(&app, metadata, &Env::from_values([]))
    }

    #[test]
    fn all_places_add_up() {
        let script = "\"\"\"Doc.\"\"\"\n# /// script\n# dependencies = [\n#   \"rich\",\n# ]\n# ///\nimport rich\n";
        let pyproject = "[project]\nname = 'x'\ndependencies = ['pandas>=2']\n\
                         [tool.pyodide_pack]\nrequires = ['numpy']\ninclude_paths = ['numpy/x.py']\n\
                         py.strip_docstrings = true\nso.drop_unused_so = false\n[tool.other]\na = 1\n";
        let files =
            [("app.py", script), ("requirements.txt", "six\n"), ("pyproject.toml", pyproject)];
        let metadata = toml::Value::try_from(serde_json::json!({"requires": ["click"], "exclude": ["x"], "pyodide-version": "314.0.3"})).unwrap();
        let declared = declared(&files, Some(&metadata)).unwrap();
        let names: Vec<_> = declared.requirements.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["click", "six", "pandas", "numpy", "rich"]);
        assert_eq!(declared.eager, ["numpy/x.py", "**/*.so"]);
        assert_eq!(declared.exclude, ["x"]);
        assert_eq!(declared.pyodide_version.unwrap().0, "314.0.3");
        assert_eq!(declared.files.len(), 2);
        let python = PythonFiles::bytecode().docstrings(false);
        assert_eq!(declared.python_files.unwrap().0, python);
        assert!(declared.requirements[4].origin.contains("app.py"));
    }

    #[test]
    fn unknown_settings_are_named() {
        let pyproject = "[tool.pyodide_pack]\nrequire = []\n";
        let error = declared(&[("app.py", ""), ("pyproject.toml", pyproject)], None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("pyproject.toml") && error.contains("require"), "{error}");
        let metadata = toml::Value::try_from(serde_json::json!({"requirez": []})).unwrap();
        let error = declared(&[("app.py", "")], Some(&metadata)).unwrap_err().to_string();
        assert!(error.contains("package.metadata") && error.contains("requirez"), "{error}");
    }

    #[test]
    fn unfinished_script_metadata_is_a_comment() {
        assert_eq!(script_metadata("# /// script\n# a = 1\nimport x\n# ///\n"), None);
        assert_eq!(script_metadata("# /// script\n#\n# a = 1\n# ///\n").unwrap(), "\na = 1\n");
    }
}
