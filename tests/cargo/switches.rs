//! The environment variables that end a build early.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use support::files::{assert_same, names, outputs, read_all};

use crate::cargo::child::{self, undisturbed};
use crate::cargo::project::{APP, Project, fail, succeed};

/// Returns `cargo build` that finds neither Node nor npm.
fn cargo_without_tools(project: &Project) -> Command {
    let nowhere = project.dir().join("nowhere");
    let mut command = project.cargo();
    command.env("PYODIDE_PACK_NODE", &nowhere).env("PYODIDE_PACK_NPM", &nowhere);
    command
}

/// Builds without any tool, and checks the outputs.
fn is_skipped(project: &Project, variable: &str) {
    succeed(cargo_without_tools(project).env(variable, "1"));
    let printed = project.program("debug");
    assert_eq!(printed.version, "");
    let written = read_all(&printed.out_dir);
    for zip in ["pyodide-package-bundle.zip", "python_stdlib_stripped.zip"] {
        assert!(zip::ZipArchive::new(Cursor::new(&written[zip])).unwrap().is_empty());
    }
    let manifest = &written["pyodide-pack/manifest.json"];
    assert!(serde_json::from_slice::<serde_json::Value>(manifest).unwrap().is_object());

    let out = child::out_dir(project);
    succeed(child::build(project).env(variable, "1").env("PATH", ""));
    assert_eq!(names(&out).len(), written.len());
    assert!(!project.cache().exists());
}

#[test]
#[ignore = "long: run by .ci/run"]
fn documentation_builds_get_empty_outputs_without_any_tool_and_others_do_not() {
    only_while_set("DOCS_RS");
}

#[test]
fn skipped_builds_get_empty_outputs_without_any_tool_and_only_while_they_are_skipped() {
    only_while_set("PYODIDE_PACK_SKIP");
}

fn only_while_set(variable: &str) {
    let project = Project::without_runtime("project-", APP);
    is_skipped(&project, variable);
    let text = fail(&mut cargo_without_tools(&project));
    assert_eq!(project.runs(), 2);
    assert!(text.contains("npm was not found"), "{text}");
}

#[test]
fn the_configuration_is_printed_and_the_build_continues() {
    let project = Project::without_runtime("project-", APP);
    let variables = [("PYODIDE_PACK_PRINT_CONFIG", "1"), ("PYODIDE_PACK_SKIP", "1")];
    let text = succeed(cargo_without_tools(&project).envs(variables));
    let out_dir = project.program("debug").out_dir;
    let json = fs::read_to_string(out_dir.join("pyodide-pack-config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(config["app"]["entry"], "app.py");
    assert_eq!(config["trace_timeout"]["secs"], 300);
    assert_eq!(config["cache_dir"], project.cache().to_str().unwrap());
    let last = json.lines().nth(1).unwrap();
    assert!(text.contains("warning: ") && text.contains(last.trim()), "{text}");
    assert!(!project.cache().exists());
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_cache_that_may_not_grow_is_emptied_after_the_build() {
    let project = Project::new(APP);
    succeed(child::build(&project).env("PYODIDE_PACK_CACHE_LIMIT", "0"));
    assert_same(undisturbed(), &outputs(&child::out_dir(&project)), "without a cache");
    let left = names(&project.cache());
    assert!(
        left.iter().all(|name| Path::new(name).extension().is_some_and(|end| end == "lock")),
        "{left:?}"
    );
    let text = fail(child::build(&project).env("PYODIDE_PACK_CACHE_LIMIT", "much"));
    assert!(text.contains("PYODIDE_PACK_CACHE_LIMIT is \"much\""), "{text}");
}
