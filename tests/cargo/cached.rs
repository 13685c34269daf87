//! Builds that share a cache, and builds that share nothing: which of them start Node. Their outputs have
//! the same bytes.

use std::fs;

use support::assert_says;
use support::files::{assert_same, outputs};

use crate::cargo::child::{self, undisturbed};
use crate::cargo::project::{APP, Project, fail, succeed};

#[test]
fn the_same_project_in_another_folder_has_the_same_bytes() {
    let project = Project::with_runtime("Projekt ü 1 ", APP);
    // A program of a development build has the address of its folder.
    succeed(project.cargo().env("PYODIDE_PACK_VERIFY", "always"));
    let printed = project.program("debug");
    assert!(printed.out_dir.to_str().unwrap().contains("Projekt ü 1 "));
    let outputs = outputs(&printed.out_dir);
    assert_same(undisturbed(), &outputs, "another folder");
    assert_eq!(printed.version, pyodide_pack::DEFAULT_PYODIDE_VERSION);
    let [bundle, stdlib, assets] = printed.sizes;
    assert_eq!(bundle, outputs["pyodide-package-bundle.zip"].len());
    assert_eq!(stdlib, outputs["python_stdlib_stripped.zip"].len());
    assert_eq!(assets, outputs.keys().filter(|name| name.starts_with("pyodide-pack/")).count());
}

/// Shell scripts replace Node and npm.
#[cfg(unix)]
mod tools {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::cargo::child;
    use crate::cargo::project::fail;
    use crate::cargo::tools::{ANSWER_AS_NODE, as_node, calls, calls_file, tool};

    #[test]
    #[ignore = "long: run by .ci/run"]
    fn another_profile_compresses_once_and_a_miss_names_the_tool() {
        let project = Project::new(APP);
        project.fill_compressed();
        let verified = [("PYODIDE_PACK_VERIFY", "always")];
        succeed(project.cargo().envs(verified));
        let (node, npm) =
            (tool(&project, "a-node", &as_node()), tool(&project, "an-npm", "exit 1"));
        let tools = [("PYODIDE_PACK_NODE", &node), ("PYODIDE_PACK_NPM", &npm)];
        succeed(project.cargo_release().envs(tools));
        assert_eq!(project.runs(), 2);
        assert_eq!(calls(&project), "a-node -p\na-node compress.mjs\n");
        let [one, other] = ["debug", "release"].map(|profile| project.program(profile).out_dir);
        assert_ne!(one, other);
        let (one, mut other) = (outputs(&one), outputs(&other));
        let all = other.clone();
        let is_copy = |name: &str| matches!(name.rsplit('.').next(), Some("br" | "gz" | "zst"));
        other.retain(|name, _| !is_copy(name));
        // The constants, the list of assets, the types, the package, the empty zip and two aliases have no
        // copies; two files have zstd copies.
        assert_eq!(all.len() - other.len(), 2 * (one.len() - 7) + 2);
        let different =
            ["pyodide_pack.rs", "pyodide-pack-assets.tsv", "pyodide-pack/manifest.json"];
        for name in different {
            assert_ne!(one[name], other.insert(name.to_owned(), one[name].clone()).unwrap());
        }
        assert_same(&one, &other, "another profile");

        let fake = tool(&project, "a-node", "exit 1");
        succeed(child::build(&project).envs(tools).env("PROFILE", "release"));
        assert_same(&all, &outputs(&child::out_dir(&project)), "another build of this profile");
        succeed(child::build(&project).envs(tools).envs(verified).env("PROFILE", "debug"));
        assert_same(
            &one,
            &outputs(&child::out_dir(&project)),
            "another build of the first profile",
        );
        assert_eq!(calls(&project).lines().count(), 2, "nothing else was called");

        fs::remove_file(calls_file(&project)).unwrap();
        project.write("python/app.py", "print('edited')\n");
        let text = fail(project.cargo().envs(tools).envs(verified));
        assert_eq!(calls(&project), "a-node -p\n");
        assert_names(&text, &fake, "PYODIDE_PACK_NODE");
    }

    #[test]
    fn npm_fetches_a_missing_runtime_and_is_named_if_it_fails() {
        let project = Project::without_runtime("project-", APP);
        let npm = tool(&project, "an-npm", "echo 'no such registry' >&2\nexit 1");
        let text = fail(project.cargo().env("PYODIDE_PACK_NPM", &npm));
        assert_eq!(calls(&project), "an-npm pack\n");
        assert_names(&text, &npm, "npm could not fetch pyodide@");
        assert!(text.contains("no such registry"), "{text}");
    }

    fn assert_names(text: &str, tool: &Path, more: &str) {
        assert!(text.contains(&format!("where: {}", tool.display())), "{text}");
        assert!(text.contains(more) && text.contains("hint: "), "{text}");
    }

    #[test]
    fn what_is_saved_while_a_build_runs_is_for_the_next_one() {
        let project = Project::new("import colorsys\n");
        let app = project.folder().join("python/app.py");
        let save = format!("printf 'import wave\\n' > '{}'", app.display());
        let node = which::which("node").unwrap();
        let then = format!(
            "case \"$1\" in */trace.mjs) {save} ;; esac\n{ANSWER_AS_NODE}\nexec '{}' \"$@\"",
            node.display()
        );
        let node = tool(&project, "a-node", &then);
        let loading = |module: &str| {
            let report = child::out_dir(&project).join("pyodide-pack-report.json");
            let report = fs::read(report).unwrap();
            let report: pyodide_pack::Report = serde_json::from_slice(&report).unwrap();
            let file = report.files.iter().find(|file| file.path.ends_with(module)).unwrap();
            file.loading
        };
        for [opened, other] in [["/colorsys.py", "/wave.py"], ["/wave.py", "/colorsys.py"]] {
            succeed(child::build(&project).env("PYODIDE_PACK_NODE", &node));
            assert_eq!(loading(opened), pyodide_pack::Loading::Eager, "{opened}");
            assert_eq!(loading(other), pyodide_pack::Loading::Lazy, "{other}");
        }
    }

    #[test]
    #[ignore = "long: run by .ci/run"]
    fn one_of_two_simultaneous_builds_makes_the_outputs_for_both() {
        let (one, other) = (Project::new(APP), Project::new(APP));
        // The first build waits in the probe of Node until the other's build script runs, too.
        let both_run = format!(
            "for wait in $(seq 300); do\n\
             [ -e '{}/runs.txt' ] && [ -e '{}/runs.txt' ] && break\nsleep 0.1\ndone\nexec node \"$@\"",
            one.dir().display(),
            other.dir().display()
        );
        let node = tool(&one, "a-node", &both_run);
        let cache = one.cache();
        let verify = Path::new("always").to_owned();
        let shared = [
            ("PYODIDE_PACK_NODE", &node),
            ("PYODIDE_PACK_CACHE_DIR", &cache),
            ("PYODIDE_PACK_VERIFY", &verify),
        ];
        std::thread::scope(|scope| {
            for project in [&one, &other] {
                scope.spawn(|| succeed(project.cargo().envs(shared)));
            }
        });
        let calls = calls(&one);
        assert_eq!(calls.matches("a-node -p\n").count(), 1, "one real build:\n{calls}");
        let [one, other] = [one, other].map(|project| outputs(&project.program("debug").out_dir));
        assert_same(&one, &other, "the other build");
    }
}

#[test]
#[cfg(unix)]
fn without_a_cache_folder_of_the_user_the_cache_is_below_target_which_is_said_once() {
    let project = Project::with_runtime("project-", APP);
    let runtimes = project.cache().join("runtimes-v1");
    let runtime = fs::read_dir(runtimes).unwrap().map(|entry| entry.unwrap().path());
    let runtime = runtime.filter(|path| path.is_dir()).collect::<Vec<_>>().remove(0);
    let target = project.folder().join("target");
    // Even root can't create a folder below a file.
    let home = project.folder().join("build.rs");
    let build = || {
        let mut command = child::build(&project);
        command.env_remove("PYODIDE_PACK_CACHE_DIR").env("PYODIDE_PACK_PYODIDE_DIR", &runtime);
        command.env_remove("CARGO_TARGET_DIR").env("OUT_DIR", target.join("debug/build/x/out"));
        command.env("HOME", &home).env("XDG_CACHE_HOME", "relative");
        command
    };
    let cache = target.join("pyodide-pack-cache");
    let unwritable = home.join(".cache/pyodide-pack");
    let warning = format!(
        "warning=the cache is in {}, because {} can't be written: `cargo clean` removes it; \
         set PYODIDE_PACK_CACHE_DIR to a folder that stays",
        cache.display(),
        unwritable.display()
    );
    let text = succeed(&mut build());
    assert!(text.contains(&warning), "{text}");
    assert!(cache.join("builds-v1").is_dir());
    assert!(!project.folder().join("relative").exists());
    let text = succeed(&mut build());
    assert!(!text.contains("the cache is in"), "{text}");

    let text = fail(build().env("PYODIDE_PACK_CACHE_DIR", &unwritable));
    assert_says(&text, &["could not create the folder", "set PYODIDE_PACK_CACHE_DIR or"]);
}
