//! Trunk, which knows no `OUT_DIR`: the hook of `docs/frameworks.md`, and of the pages that use it.
//!
//! Only the tests by hand need `trunk` on `PATH`, and a `wasm-bindgen` of the version in `Cargo.lock`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::files::{assert_same, read_all};

use crate::cargo::project::{APP, Project, succeed};

/// The folder in which Trunk runs.
fn client() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("example-app/client")
}

/// Returns the only hook of a `Trunk.toml`.
fn hook_in(text: &str) -> toml::Value {
    let settings: toml::Table = toml::from_str(text).unwrap();
    let [hook] = &settings["hooks"].as_array().unwrap()[..] else { panic!("{text}") };
    hook.clone()
}

/// Returns the hook, as Trunk runs it.
fn hook() -> Command {
    let hook = hook_in(&fs::read_to_string(client().join("Trunk.toml")).unwrap());
    // Trunk starts its copies and the Rust build at the same time, and this stage after both.
    assert_eq!(hook["stage"].as_str(), Some("post_build"));
    let mut command = Command::new(hook["command"].as_str().unwrap());
    command.args(hook["command_arguments"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()));
    command
}

#[test]
fn the_manual_and_the_page_with_yew_have_the_hook_of_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let manual = read("docs/frameworks.md");
    let block = manual.split("```toml\n# Trunk.toml\n").nth(1).unwrap();
    let expected = hook_in(&read("example-app/client/Trunk.toml"));
    assert_eq!(hook_in(block.split("```").next().unwrap()), expected);
    assert_eq!(hook_in(&read("tests/frameworks/yew/Trunk.toml")), expected);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_page_of_trunk_gets_the_export_of_the_profile_that_was_built_last() {
    let project = Project::new(APP);
    project.fill_compressed();
    let build_rs = fs::read_to_string(project.folder().join("build.rs")).unwrap();
    project.write("build.rs", &build_rs.replace(".build()", ".export_dir(\".\").build()"));
    // As in `trunk build`, `trunk build --release`, and both once more.
    for (round, profile) in ["debug", "release", "debug", "release"].into_iter().enumerate() {
        let is_release = profile == "release";
        succeed(&mut if is_release { project.cargo_release() } else { project.cargo() });
        let staging = project.dir().join(format!("dist {round}/.stage"));
        fs::create_dir_all(&staging).unwrap();
        succeed(hook().current_dir(project.folder()).env("TRUNK_STAGING_DIR", &staging));

        let copied = read_all(&staging.join("pyodide-pack"));
        let served = read_all(&project.program(profile).out_dir.join("pyodide-pack"));
        assert_same(&served, &copied, profile);
        for copy in ["loader.js.br", "loader.js.gz", "manifest.json.br"] {
            assert_eq!(copied.contains_key(copy), is_release, "{profile}: {copy}");
        }
    }
}

mod by_hand {
    use support::files::Files;
    use support::tmp;

    use super::*;

    /// Returns the files of the page that Trunk makes of the example with these arguments.
    fn trunk(arguments: &[&str]) -> Files {
        let dist = tmp().join("trunk/dist");
        let mut trunk = Command::new("trunk");
        trunk.current_dir(client()).args(["build", "--offline", "--dist"]).arg(&dist);
        succeed(trunk.args(arguments));
        read_all(&dist)
    }

    #[test]
    #[ignore = "needs Trunk, and takes minutes: run by hand"]
    fn the_example_is_complete_in_both_profiles_and_below_a_path() {
        let exported = || read_all(&client().join("pyodide-pack"));
        for arguments in [&["--release", "--public-url", "/sub/"][..], &[], &["--release"]] {
            let files = trunk(arguments);
            let page = std::str::from_utf8(&files["index.html"]).unwrap();
            let base = if arguments.contains(&"/sub/") { "/sub/" } else { "/" };
            assert!(page.contains(&format!("'{base}example-client-")), "{page}");
            let packed = files.into_iter().filter_map(|(name, bytes)| {
                Some((name.strip_prefix("pyodide-pack/")?.to_owned(), bytes))
            });
            let packed: Files = packed.collect();
            assert_same(&exported(), &packed, "the folder in dist");
            assert_eq!(packed.contains_key("loader.js.br"), arguments.contains(&"--release"));
        }
    }
}
