//! The versions of Node that a build supports, as npm has them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use support::{assert_says, tmp};

use crate::cargo::child;
use crate::cargo::project::{Project, fail, succeed};

/// Waits for promises in all ways that need JavaScript Promise Integration.
const WAITS: &str = "
import asyncio
from pyodide.ffi import run_sync

async def main():
    await asyncio.sleep(0.01)
    return 'done'

if __name__ == '__main__':
    print(asyncio.run(main()), run_sync(main()))
    print(asyncio.get_event_loop().run_until_complete(main()))
";

/// Returns the program of a version of Node, which npm installs once.
fn node(major: u32) -> PathBuf {
    let dir = tmp().join("nodes").join(major.to_string());
    let program = dir.join("node_modules/node/bin/node");
    if !program.is_file() {
        fs::create_dir_all(&dir).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]).arg(&dir);
        succeed(npm.arg(format!("node@{major}")));
    }
    program
}

#[test]
#[ignore = "long: run by .ci/run"]
fn apps_that_wait_run_from_node_22_on() {
    for major in [22, 24] {
        let project = Project::new(WAITS);
        let text = succeed(child::build(&project).env("PYODIDE_PACK_NODE", node(major)));
        assert!(!text.contains("cargo::warning"), "{text}");
    }
    let project = Project::new(WAITS);
    let text = fail(child::build(&project).env("PYODIDE_PACK_NODE", node(20)));
    assert_says(&text, &["RuntimeError", "Node.js 22 or newer", "`await main()`"]);
    project.write("python/app.py", "async def main():\n    return 1\n\nprint(await main())\n");
    succeed(child::build(&project).env("PYODIDE_PACK_NODE", node(20)));
}

#[test]
#[cfg(unix)]
fn a_script_that_starts_node_keeps_its_environment() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new("print('ready')\n");
    let script = project.dir().join("my-node");
    let log = project.dir().join("log.txt");
    // Not with exec: Node has another parent than the build.
    let text =
        format!("#!/bin/sh\nset -e\necho \"$HOME $1\" >> '{}'\nnode \"$@\"\n", log.display());
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut build = child::build(&project);
    succeed(build.env("PYODIDE_PACK_NODE", &script).env("HOME", project.dir()));
    let lines = fs::read_to_string(log).unwrap();
    let home = project.dir().display().to_string();
    assert!(lines.lines().all(|line| line.starts_with(&home)), "{lines}");
    assert_says(&lines, &["-p", "trace.mjs", "replay.mjs"]);
}
