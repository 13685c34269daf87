//! Shell scripts that replace Node and npm, and note their calls.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::cargo::project::Project;

/// Writes a program that appends its first argument to the project's `calls.txt`, and does `then`.
pub fn tool(project: &Project, name: &str, then: &str) -> PathBuf {
    let path = project.dir().join(name);
    let calls = calls_file(project);
    let script = format!(
        "#!/bin/sh\nprintf '%s %s\\n' {name} \"${{1##*/}}\" >> '{}'\n{then}\n",
        calls.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

/// Returns the path of `calls.txt`.
pub fn calls_file(project: &Project) -> PathBuf {
    project.dir().join("calls.txt")
}

/// Returns the lines of all calls so far.
pub fn calls(project: &Project) -> String {
    fs::read_to_string(calls_file(project)).unwrap_or_default()
}

/// Writes a wrapper of Node. It returns its own path when the build asks for the program, so
/// `calls.txt` lists all calls.
pub fn as_node() -> String {
    let node = which::which("node").unwrap();
    format!("{ANSWER_AS_NODE}\nexec '{}' \"$@\"", node.display())
}

/// The part that answers the build.
pub const ANSWER_AS_NODE: &str = "[ \"$1\" = -p ] && { printf 'v20.0.0\\n%s' \"$0\"; exit; }";
