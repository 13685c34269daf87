//! Runs a build script's work in a separate process, without cargo: the tests' own program, which runs only
//! [`build_script`].

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use pyodide_pack::{Builder, Split};
use support::files::{Files, outputs};

use crate::cargo::project::{APP, Project, isolate, succeed};

/// A file with the seconds of `Builder::trace_timeout`. Without this file, nothing is built.
const LIMIT: &str = "trace-timeout.txt";

/// A file with the requirements, if there are any.
pub const REQUIRES: &str = "requires.txt";

/// A file that exists if the settings decide whether modules are split. Otherwise release builds of tests would each
/// compress a core of their own.
pub const SPLIT: &str = "split.txt";

/// Does the work of the process that [`build`] starts. In other processes it does nothing.
#[test]
#[ignore = "started by other tests"]
fn build_script() {
    let Ok(limit) = fs::read_to_string(LIMIT) else { return };
    let limit = Duration::from_secs(limit.parse().unwrap());
    let requires = fs::read_to_string(REQUIRES).unwrap_or_default();
    let split = if fs::exists(SPLIT).unwrap() { Split::Auto } else { Split::Never };
    let builder = Builder::new("python").requires(requires.lines()).split(split);
    let report = support::build(builder.trace_timeout(limit));
    let stages: Vec<_> = report.stages.into_iter().map(|stage| stage.name).collect();
    println!("cached: {}; stages: {}", report.cached, stages.join(", "));
}

/// Returns the folder of the process's outputs.
pub fn out_dir(project: &Project) -> PathBuf {
    project.dir().join("out")
}

/// Returns a process that builds the project's app into [`out_dir`].
pub fn build(project: &Project) -> Command {
    build_within(project, 300)
}

/// Returns the same process with a limit for each scenario, in seconds.
pub fn build_within(project: &Project, limit: u64) -> Command {
    project.write(LIMIT, &limit.to_string());
    let mut command = Command::new(std::env::current_exe().unwrap());
    isolate(&mut command, &project.cache());
    command.args(["cargo::child::build_script", "--exact", "--ignored", "--nocapture"]);
    command.current_dir(project.folder());
    command.env("CARGO_MANIFEST_DIR", project.folder()).env("OUT_DIR", out_dir(project));
    command
}

/// Returns the outputs of an undisturbed build of [`APP`].
pub fn undisturbed() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let project = Project::new(APP);
        succeed(&mut build(&project));
        outputs(&out_dir(&project))
    })
}

/// Runs `ready` repeatedly until it returns true.
///
/// # Panics
///
/// Panics if that takes longer than 30 seconds; `what` names the condition.
pub fn wait_until(what: &str, ready: impl Fn() -> bool) {
    let started = std::time::Instant::now();
    while !ready() {
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
