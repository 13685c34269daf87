//! Builds that are killed, and apps that do not end. Their remains do not harm the next build.

use std::fs::{self, read_to_string};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use support::files::{PROGRESS, assert_same, names, outputs, read_all, write};

use crate::cargo::child::{self, out_dir, undisturbed, wait_until};
use crate::cargo::processes::{EndedAtLast, runs, working_in};
use crate::cargo::project::{APP, Project, fail, succeed};

/// The output that takes longest to write.
const LARGEST: &str = "pyodide.asm.wasm";
/// The stage that only release builds have.
const COMPRESS: &str = "compress";
const RUNNING: &str = "running\n";
const ENDLESS: &str = "import sys\n\nprint('running', file=sys.stderr)\nwhile True:\n    pass\n";

/// Starts a build, and kills it at `stage` as soon as `busy` holds for its cache. Returns `false` if the
/// build ended before.
fn kill(project: &Project, stage: &str, busy: impl Fn(&Path) -> bool) -> bool {
    let mut command: Command = child::build(project);
    if stage == COMPRESS {
        command.env("PROFILE", "release");
    }
    command.env("PYODIDE_PACK_LOG", "1").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut build = command.spawn().unwrap();
    // Open until the end: a process that prints to a closed pipe is killed.
    let mut lines = BufReader::new(build.stderr.take().unwrap()).lines().map_while(Result::ok);
    let line = format!("pyodide-pack: {stage}");
    let mut said = Vec::new();
    while said.last() != Some(&line) {
        let next = lines.next();
        said.push(next.unwrap_or_else(|| panic!("the build was never at {stage:?}: {said:#?}")));
    }
    wait_until(stage, || busy(&project.cache()));
    build.kill().unwrap();
    !build.wait().unwrap().success()
}

/// Returns whether a work folder of the cache has a file with this in its path.
fn has_begun(cache: &Path, part: &str) -> bool {
    names(&cache.join("tmp")).iter().any(|name| name.contains(part))
}

/// Returns whether a folder has a file with this name.
fn has(dir: &Path, file: &str) -> bool {
    dir.exists() && names(dir).iter().any(|name| name.ends_with(&format!("/{file}")))
}

/// Checks that a killed build leaves no outputs and no processes, and that the next build succeeds.
fn recovers(project: &Project, stage: &str, busy: impl Fn(&Path) -> bool) {
    let cache = project.cache();
    let _guard = EndedAtLast(&cache);
    assert!(kill(project, stage, busy), "the build was at its end before it was killed");
    assert_eq!(names(&out_dir(project)), [PROGRESS], "half-written");
    succeed(&mut child::build(project));
    assert_same(undisturbed(), &outputs(&out_dir(project)), stage);
    wait_until("the processes of the killed build end", || working_in(&cache).is_empty());
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_fetches_the_runtime_does_no_harm() {
    let project = Project::without_runtime("project-", APP);
    recovers(&project, "find the runtime", |cache| runs(cache, "npm"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_resolves_does_no_harm() {
    recovers(&Project::new(APP), "resolve", |_| true);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_unpacks_does_no_harm() {
    let project = Project::without("unpacked-v1", APP);
    recovers(&project, "unpack", |cache| has_begun(cache, "/content.bin"));
}

#[test]
fn a_build_killed_while_it_traces_does_no_harm() {
    recovers(&Project::new(APP), "trace and transform", |cache| runs(cache, "trace.mjs"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_imports_modules_does_no_harm() {
    let project = Project::without("imports-v1", APP);
    recovers(&project, "import untraced modules", |cache| runs(cache, "imports.job.json"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_packs_does_no_harm() {
    recovers(&Project::new(APP), "bundle and verify", |cache| has_begun(cache, "/outputs/"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_measures_does_no_harm() {
    recovers(&Project::new(APP), "measure", |cache| has_begun(cache, "/sizes.job.json"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_verifies_does_no_harm() {
    recovers(&Project::new(APP), "bundle and verify", |cache| runs(cache, "replay.mjs"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_compresses_does_no_harm() {
    let project = Project::new(APP);
    project.fill_compressed();
    recovers(&project, COMPRESS, |cache| runs(cache, "compress.mjs"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_build_killed_while_it_copies_the_outputs_leaves_whole_files_and_is_repeated() {
    let project = Project::new(APP);
    succeed(&mut child::build(&project));
    let out = out_dir(&project);
    // Copying takes a fraction of a second, so it may end before the build is killed.
    let in_the_middle = (0..20).any(|_| {
        fs::remove_dir_all(&out).unwrap();
        let killed = kill(&project, "resolve", |_| has(&out, LARGEST));
        let left = read_all(&out);
        for (name, bytes) in &left {
            let whole = undisturbed().get(name).is_none_or(|expected| expected == bytes);
            assert!(whole, "half-written: {name}");
        }
        killed && undisturbed().keys().any(|name| !left.contains_key(name))
    });
    assert!(in_the_middle, "copying was always faster");
    write(&out.join("pyodide-pack/.tmp-left"), "half-written");
    succeed(&mut child::build(&project));
    // In the folder of the outputs, only files with known names belong to the build.
    let mut files = outputs(&out);
    files.retain(|name, _| !name.starts_with(".tmp-"));
    assert_same(undisturbed(), &files, "copy");
}

/// Kills a build of an app that does not end, once `busy` holds. All processes must end by themselves.
#[cfg(target_os = "linux")]
fn ends(busy: impl Fn(&Path) -> bool) {
    let project = Project::new(ENDLESS);
    let cache = project.cache();
    let _guard = EndedAtLast(&cache);
    assert!(kill(&project, "trace and transform", busy), "the build came to an end");
    wait_until("the processes of the killed build end", || working_in(&cache).is_empty());
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "long: run by .ci/run"]
fn an_app_that_does_not_end_ends_with_a_build_that_is_killed_while_it_runs() {
    ends(|cache| {
        let tmp = cache.join("tmp");
        let logs = names(&tmp).into_iter().filter(|name| name.ends_with("/trace-0.stderr.txt"));
        logs.map(|name| read_to_string(tmp.join(name)))
            .any(|log| log.is_ok_and(|log| log == RUNNING))
    });
}

/// The script must not watch whatever parent it has when it starts: the build may have ended by then.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "long: run by .ci/run"]
fn an_app_that_does_not_end_ends_with_a_build_that_is_killed_before_it_runs() {
    ends(|cache| runs(cache, "trace-0.job.json"));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn an_app_that_does_not_end_is_an_error_and_its_process_is_ended() {
    let project = Project::new(ENDLESS);
    let cache = project.cache();
    let _guard = EndedAtLast(&cache);
    let text = fail(&mut child::build_within(&project, 8));
    assert!(text.contains("app.py did not end within 8 seconds while it was traced"), "{text}");
    assert!(text.contains("hint: a scenario must end"), "{text}");
    assert!(text.contains("Builder::trace_timeout"), "{text}");
    assert!(working_in(&cache).is_empty(), "still there: {:?}", working_in(&cache));
    assert_eq!(names(&out_dir(&project)), [PROGRESS]);
}
