//! One machine builds and writes; others read.

use std::path::Path;
use std::time::Instant;

use support::files::{self, assert_same};
use support::{assert_says, distribution};

use crate::cargo::child::REQUIRES;
use crate::cargo::project::{APP, Project};
use crate::remote::machine::{Machine, warnings};
use crate::remote::nginx::Nginx;

/// Builds on a machine that writes.
fn write(project: Project, nginx: &Nginx, profile: &str) -> Machine {
    let machine = Machine::new(project, &nginx.address()).writing().env("PROFILE", profile);
    let mut machine = machine.env("PYODIDE_PACK_VERIFY", "always");
    let text = machine.build();
    assert_eq!(warnings(&text), [""; 0]);
    assert_says(&text, &["cached: false; stages: read the app, ", ", write the shared cache\n"]);
    machine
}

/// Builds on a machine that has only the runtime.
fn read(nginx: &Nginx, profile: &str) -> Machine {
    let project = Project::with_runtime("project-", APP);
    let machine = Machine::new(project, &nginx.address()).env("PROFILE", profile);
    let mut machine = machine.env("PYODIDE_PACK_VERIFY", "always");
    let text = machine.build();
    assert_eq!(machine.calls(), "a-node remote.mjs\n");
    assert_eq!(warnings(&text), [""; 0]);
    assert_says(&text, &["cached: true; stages: read the app, ", ", read the shared cache\n"]);
    assert!(!machine.project.cache().join("unpacked-v1").exists(), "it unpacked something");
    machine
}

#[test]
fn a_machine_with_an_empty_cache_starts_node_once_for_what_another_has_built() {
    let nginx = Nginx::new();
    let writer = write(Project::new(APP), &nginx, "debug");
    let written = nginx.files();
    assert_eq!(written.keys().filter(|name| name.starts_with("ac/")).count(), 1);
    // A writer that is interrupted leaves no entry whose files are missing.
    let requests = nginx.requests();
    let puts: Vec<_> = requests.iter().filter(|line| line.starts_with("PUT")).collect();
    let first = puts.iter().position(|line| line.contains("/ac/")).unwrap();
    assert!(first > 0 && first == puts.len() - 1, "{puts:?}");

    let mut reader = read(&nginx, "debug");
    assert_same(&writer.outputs(), &reader.outputs(), "the build of the shared cache");

    // From now on, the local cache is enough.
    let before = nginx.requests().len();
    reader.build();
    assert_eq!(reader.calls(), "a-node remote.mjs\n");
    assert_eq!(nginx.requests().len(), before);
    assert_eq!(nginx.files(), written, "a reader wrote");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn compressed_copies_and_compiled_wheels_are_shared_too() {
    let nginx = Nginx::new();
    let project = Project::without("transformed-v1", APP);
    project.fill_compressed();
    let writer = write(project, &nginx, "release");
    assert_eq!(writer.scripts().iter().filter(|script| *script == "remote.mjs").count(), 3);
    let reader = read(&nginx, "release");
    assert_same(&writer.outputs(), &reader.outputs(), "the release of the shared cache");
    assert!(reader.outputs().contains_key("pyodide-pack/loader.js.br"));

    // Another app needs the same compiled standard library.
    let project = Project::with_runtime("project-", "import string\nprint(string.digits)\n");
    let mut other = Machine::new(project, &nginx.address()).env("PYODIDE_PACK_LOG", "1");
    let text = other.build();
    assert_says(&text, &["pyodide-pack: compile 1 Python file\n"]);
    assert_eq!(other.scripts().iter().filter(|script| *script == "remote.mjs").count(), 2);
    assert_eq!(warnings(&text), [""; 0]);
}

/// The release of an app with pandas, on a machine that has the runtime and nothing else: no wheels and no cache.
#[test]
#[ignore = "long: run by .ci/run"]
fn the_release_of_a_pandas_app_is_one_process_on_another_machine() {
    let nginx = Nginx::new();
    let app = "import pandas\n\nprint(pandas.DataFrame({'a': [1, 2]}).sum().to_dict())\n";
    let runtime = distribution();
    let machine = |runtime: &Path| {
        let project = Project::without_runtime("project-", app);
        project.write(REQUIRES, "pandas\n");
        let machine = Machine::new(project, &nginx.address()).env("PROFILE", "release");
        machine.env("PYODIDE_PACK_PYODIDE_DIR", runtime.to_str().unwrap())
    };
    let mut writer = machine(&runtime).writing();
    writer.build();

    let dir = tempfile::tempdir_in(support::tmp()).unwrap();
    let without_wheels = dir.path().join("pyodide");
    let is_wheel = |name: &str| Path::new(name).extension().is_some_and(|end| end == "whl");
    files::copy(&runtime, &without_wheels, is_wheel);
    let mut reader = machine(&without_wheels);
    // It is in the repository.
    let lock = writer.project.folder().join("pyodide-pack.lock");
    std::fs::copy(lock, reader.project.folder().join("pyodide-pack.lock")).unwrap();
    let started = Instant::now();
    let text = reader.build();
    let seconds = started.elapsed().as_secs_f64();
    println!("the other machine took {seconds:.2} s");
    assert_eq!(reader.calls(), "a-node remote.mjs\n");
    assert_eq!(warnings(&text), [""; 0]);
    assert_same(&writer.outputs(), &reader.outputs(), "the build of the shared cache");
    assert!(reader.outputs().contains_key("pyodide-pack/loader.js.br"));
}
