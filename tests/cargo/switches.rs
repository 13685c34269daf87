//! The switches in the environment that end a build early.

use std::io::Cursor;

use crate::child;
use crate::files::{names, read_all};
use crate::project::{APP, Project, fail, succeed};

/// Builds with no tool to be found, and returns the project.
fn skipped(variable: &str) -> Project {
    let project = Project::new(APP);
    let nowhere = project.dir().join("nowhere");
    let unusable = ["PYODIDE_PACK_NODE", "PYODIDE_PACK_NPM", "PYODIDE_PACK_CACHE_DIR"];
    let unusable = unusable.map(|name| (name, &nowhere));
    succeed(project.cargo().env(variable, "1").envs(unusable));
    assert!(!nowhere.exists());
    let printed = project.program("debug");
    assert_eq!(printed.version, "");
    let outputs = read_all(&printed.out_dir);
    for zip in ["pyodide-package-bundle.zip", "python_stdlib_stripped.zip"] {
        assert!(zip::ZipArchive::new(Cursor::new(&outputs[zip])).unwrap().is_empty());
    }
    let manifest = &outputs["pyodide-pack/manifest.json"];
    assert!(serde_json::from_slice::<serde_json::Value>(manifest).unwrap().is_object());

    let out = child::out_dir(&project);
    succeed(child::build(&project).env(variable, "1").env("PATH", ""));
    assert_eq!(names(&out).len(), outputs.len());
    project
}

#[test]
fn docs_rs_gets_empty_outputs_without_any_tool() {
    skipped("DOCS_RS");
}

#[test]
fn skipped_builds_get_empty_outputs_without_any_tool_and_full_ones_later() {
    let project = skipped("PYODIDE_PACK_SKIP");
    assert_eq!(project.runs(), 1);
    succeed(&mut project.cargo());
    assert_eq!(project.runs(), 2);
    let printed = project.program("debug");
    assert_eq!(printed.version, pyodide_pack::DEFAULT_PYODIDE_VERSION);
    assert!(printed.sizes.iter().all(|size| *size > 2), "{:?}", printed.sizes);
}

#[test]
fn the_configuration_is_printed_and_nothing_is_built() {
    let project = Project::without_runtime("project-", APP);
    let text = fail(project.cargo().env("PYODIDE_PACK_PRINT_CONFIG", "1"));
    let json = text.split("cause: ").nth(1).unwrap().split("hint: ").next().unwrap();
    let config: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(config["app"]["entry"], "app.py");
    assert_eq!(config["trace_timeout"]["secs"], 300);
    assert_eq!(config["cache_dir"], project.cache().to_str().unwrap());
    assert!(text.contains("unset PYODIDE_PACK_PRINT_CONFIG"), "{text}");
    assert!(!project.cache().exists());
    assert!(project.runs() == 1 && !text.contains("panicked"));
}
