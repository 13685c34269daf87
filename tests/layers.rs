//! Checks the layers: a folder of `src` imports only from itself and from folders before it. A script of a
//! build may import the runtime, but not vice versa. No file exceeds its length limit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of `src`, from left to right in the order of the pipeline.
const FLOORS: [&str; 18] = [
    "base",
    "cache",
    "settings",
    "engine",
    "remote",
    "pyodide",
    "packages",
    "image",
    "run",
    "transform",
    "bundle",
    "verify",
    "snapshot",
    "report",
    "development",
    "output",
    "pipeline",
    "lib",
];
/// Modules that only fuzz targets call, and unit tests of several floors. They may import everything.
const FUZZ: [&str; 2] = ["fuzz", "tests"];
const LONGEST_FILE: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns path (relative to the folder, with `/`) and content of each file with one of these endings.
fn sources(folder: &str, endings: &[&str]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut pending: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let wanted = endings.iter().any(|end| path.extension().is_some_and(|own| own == *end));
            if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
                pending.push(path);
            } else if wanted {
                let name = path.strip_prefix(root().join(folder)).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

fn floor_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Returns the floor's number. A name without a number is a macro or another crate.
fn number(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|name| *name == floor)
}

/// Returns the words after `crate::` in code.
fn imported(source: &str) -> impl Iterator<Item = &str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let end = |c: char| !c.is_alphanumeric() && c != '_';
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(move |rest| rest.split(end).next().unwrap())
}

#[test]
fn no_folder_of_src_imports_from_its_right() {
    let files = sources("src", &["rs"]);
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for (file, source) in files.iter().filter(|(file, _)| !FUZZ.contains(&floor_of(file))) {
        let own = number(floor_of(file)).unwrap_or_else(|| panic!("{file} is on no floor"));
        for hidden in ["crate::{", "super::super"] {
            assert!(!source.contains(hidden), "{file} has {hidden}, which this test can't follow");
        }
        for name in imported(source) {
            let Some(other) = number(name) else { continue };
            arrows += 1;
            if other > own {
                wrong.push(format!("{file} imports crate::{name}"));
            }
        }
    }
    assert!(arrows > 200, "only {arrows} imports were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the imports of a JavaScript module, relative to `build-support`. Types in comments don't count.
fn js_imports(file: &str, source: &str) -> Vec<String> {
    let (first, rest) = source.split_once("/*").unwrap_or((source, ""));
    let code = rest.split("/*").filter_map(|rest| rest.split_once("*/"));
    let code: String = std::iter::once(first).chain(code.map(|(_, code)| code)).collect();
    let quoted = ["from \"", "import \"", "import(\""]
        .into_iter()
        .flat_map(|before| code.split(before).skip(1))
        .filter_map(|rest| rest.split('"').next());
    let relative = quoted.filter(|name| name.starts_with('.'));
    relative
        .map(|name| {
            let mut parts: Vec<&str> = file.split('/').collect();
            parts.pop();
            for part in name.split('/') {
                match part {
                    "." => {}
                    ".." => drop(parts.pop()),
                    part => parts.push(part),
                }
            }
            parts.join("/")
        })
        .collect()
}

#[test]
fn the_runtime_imports_no_script_and_no_module_imports_itself() {
    let files = sources("build-support", &["mjs"]);
    let graph: BTreeMap<_, _> =
        files.iter().map(|(file, source)| (file.clone(), js_imports(file, source))).collect();
    for (file, imports) in &graph {
        for import in imports {
            assert!(files.contains_key(import), "{file} imports {import}, which does not exist");
            let upwards = file.starts_with("runtime/") && !import.starts_with("runtime/");
            assert!(!upwards, "{file} ships and imports {import}, which does not");
        }
        // No import chain of a file may lead back to it.
        let mut pending = imports.clone();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(next) = pending.pop() {
            assert_ne!(&next, file, "{file} imports itself");
            if seen.insert(next.clone()) {
                pending.extend(graph[&next].clone());
            }
        }
    }
}

#[test]
fn no_file_exceeds_its_length_limit() {
    let mut long = Vec::new();
    for (folder, endings) in [
        ("src", ["rs", "rs"]),
        ("build-support", ["mjs", "py"]),
        ("crates", ["rs", "js"]),
        ("tests", ["rs", "mjs"]),
    ] {
        for (file, source) in sources(folder, &endings) {
            let lines = source.lines().count();
            if lines > LONGEST_FILE {
                long.push(format!("{folder}/{file}: {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}
