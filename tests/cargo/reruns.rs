//! When cargo runs the build script again, and when it does not.

use std::fs;

use support::assert_says;
use support::files::outputs;

use crate::cargo::project::{APP, Project, fail, succeed};

#[test]
fn the_build_script_runs_again_after_changes_of_the_app_and_only_then() {
    let project = Project::new(APP);
    let build = || succeed(&mut project.cargo());
    let bundle = || outputs(&project.program("debug").out_dir).remove(BUNDLE).unwrap();
    build();
    assert_eq!(project.runs(), 1);
    assert!(!contains(&bundle(), "edited"));
    build();
    assert_eq!(project.runs(), 1, "nothing changed");

    project.write("notes.txt", "not of the app");
    project.write("src/other.rs", "// not of the app");
    build();
    assert_eq!(project.runs(), 1, "other files changed");

    project.write("python/app.py", "print('edited')\n");
    build();
    assert_eq!(project.runs(), 2, "app.py was edited");
    assert!(contains(&bundle(), "edited"));
    build();
    assert_eq!(project.runs(), 2, "nothing changed since");

    project.write("python/pkg/added.txt", "added text");
    build();
    assert_eq!(project.runs(), 3, "a file was added");
    assert!(contains(&bundle(), "added text"));

    std::fs::remove_dir_all(project.folder().join("python/pkg")).unwrap();
    build();
    assert_eq!(project.runs(), 4, "a file was removed");
    assert!(!contains(&bundle(), "added text"));
    build();
    assert_eq!(project.runs(), 4, "nothing changed since");
}

#[test]
fn an_exported_folder_reruns_the_build_script_when_it_is_removed_and_only_then() {
    let project = Project::new(APP);
    let build_rs = std::fs::read_to_string(project.folder().join("build.rs")).unwrap();
    let exporting = build_rs.replace(".build()", ".export_dir(\"web\").build()");
    project.write("build.rs", &exporting);
    let build = || {
        succeed(&mut project.cargo());
        project.runs()
    };
    let served = project.folder().join("web/pyodide-pack");
    let manifest = served.join("manifest.json");
    let written = || std::fs::metadata(&manifest).unwrap().modified().unwrap();
    assert_eq!([build(), build()], [1, 1], "nothing changed");
    let first = written();

    project.write("python/app.py", "print('edited')\n");
    assert_eq!([build(), build()], [2, 2], "app.py was edited");
    assert!(written() > first, "a web server could not see that the manifest changed");

    std::fs::remove_file(&manifest).unwrap();
    assert_eq!([build(), build()], [3, 3], "the manifest was removed");
    std::fs::remove_dir_all(project.folder().join("web")).unwrap();
    assert_eq!([build(), build()], [4, 4], "the folder was removed");
    assert!(served.join("loader.js").is_file());
}

#[test]
fn files_of_other_programs_start_no_node_and_touch_no_output() {
    let project = Project::new(APP);
    succeed(&mut project.cargo());
    let out_dir = project.program("debug").out_dir;
    let times = || -> Vec<_> {
        let files = ["pyodide-package-bundle.zip", "pyodide_pack.rs", "pyodide-pack-report.txt"];
        let files = files.into_iter().chain(["pyodide-pack/manifest.json"]);
        files.map(|file| fs::metadata(out_dir.join(file)).unwrap().modified().unwrap()).collect()
    };
    let before = times();
    for name in ["__pycache__/app.cpython-311.pyc", ".app.py.swp", ".ruff_cache/x", "app.py~"] {
        project.write(&format!("python/{name}"), "x");
    }
    let mut cargo = project.cargo();
    // Without Node, nothing can be made anew.
    succeed(cargo.args(["-v"]).env("PYODIDE_PACK_NODE", project.dir().join("no-node")));
    assert_eq!(times(), before);
    succeed(project.cargo().env("PYODIDE_PACK_NODE", project.dir().join("no-node")));
    assert_eq!(project.runs(), 2, "nothing changed since");
}

const BUNDLE: &str = "pyodide-package-bundle.zip";

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
#[ignore = "long: run by .ci/run"]
fn an_app_that_raises_fails_the_build_with_its_traceback_until_it_is_corrected() {
    let project = Project::new("def load():\n    raise ValueError('no such table')\n\nload()\n");
    for run in 1..=2 {
        let text = fail(&mut project.cargo());
        assert_eq!(project.runs(), run);
        let lines = [
            "app.py raised ValueError while it was traced",
            "Traceback (most recent call last):",
            "File \"/home/pyodide/app.py\", line 4, in <module>",
            "File \"/home/pyodide/app.py\", line 2, in load",
            "ValueError: no such table",
            "hint: ",
        ];
        assert_says(&text, &lines);
    }
    project.write("python/app.py", "def load():\n    return 'a table'\n\nload()\n");
    succeed(&mut project.cargo());
    assert_eq!(project.runs(), 3);
    assert!(project.program("debug").sizes[0] > 0);
    succeed(&mut project.cargo());
    assert_eq!(project.runs(), 3, "nothing changed since");
}
