//! Builds `loader.js` from the modules of the runtime.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::base::files;
use crate::bundle::manifest::First;
use crate::bundle::names::{core_folder, core_name};
use crate::bundle::plain::PLAIN_LOADER;
use crate::pyodide::runtime::Runtime;

macro_rules! modules {
    ($($name:literal)*) => {
        /// The modules of the loader: path in `build-support/runtime`, and content.
        const MODULES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../build-support/runtime/", $name)))),*];
    };
}

modules! {
    "address.mjs"
    "answers.mjs"
    "app-files.mjs"
    "bytes.mjs"
    "capi.mjs"
    "chunks.mjs"
    "core.mjs"
    "deployments.mjs"
    "eager.mjs"
    "embedded.mjs"
    "emscripten.mjs"
    "first.mjs"
    "gil.mjs"
    "hosts/ahead.mjs"
    "hosts/browser.mjs"
    "hosts/host.mjs"
    "hosts/node.mjs"
    "hosts/policy.mjs"
    "hosts/request.mjs"
    "hosts/scripts.mjs"
    "hosts/streams.mjs"
    "index.mjs"
    "instantiation.mjs"
    "integrity.mjs"
    "interpreter.mjs"
    "listeners.mjs"
    "loader.mjs"
    "manifests.mjs"
    "misses.mjs"
    "notes.mjs"
    "offline.mjs"
    "packages.mjs"
    "packfs.mjs"
    "platform.mjs"
    "prefetch.mjs"
    "progress.mjs"
    "python.mjs"
    "release.mjs"
    "reload.mjs"
    "side-modules.mjs"
    "snapshot/file.mjs"
    "snapshot/kept.mjs"
    "snapshot/ordered-start.mjs"
    "snapshot/snapshots.mjs"
    "snapshot/surroundings.mjs"
    "split.mjs"
    "worker/calls.mjs"
    "worker/connection.mjs"
    "worker/errors.mjs"
    "worker/page.mjs"
    "worker/script.mjs"
    "worker/worker-side.mjs"
    "zstd.mjs"
}

/// The module that imports all others.
const ENTRY: &str = "loader.mjs";
/// Files of Python that the loader contains: the name of a constant, which is set to the path of the file in
/// the modules, and the content that replaces the path.
const PYTHON: [(&str, &str, &str); 6] = [
    ("FINDER_PY", "finder.py", include_str!("../../build-support/runtime/finder.py")),
    ("RELOAD_PY", "reload.py", include_str!("../../build-support/runtime/reload.py")),
    (
        "REFRESH_PY",
        "snapshot/refresh.py",
        include_str!("../../build-support/runtime/snapshot/refresh.py"),
    ),
    ("CALLS_PY", "worker/calls.py", include_str!("../../build-support/runtime/worker/calls.py")),
    ("ERRORS_PY", "worker/errors.py", include_str!("../../build-support/runtime/worker/errors.py")),
    (
        "RESULTS_PY",
        "worker/results.py",
        include_str!("../../build-support/runtime/worker/results.py"),
    ),
];
const WORKER_MODULE: &str = include_str!("../../build-support/runtime/worker.mjs");
pub(super) const PACKAGE_JSON: &str = "{ \"type\": \"module\" }\n";
pub(super) const TYPES: &str = include_str!("../../build-support/runtime/loader.d.mts");
pub(super) const SERVICE_WORKER_JS: &str =
    include_str!("../../build-support/runtime/service-worker.js");
/// The line of `release.mjs` that [`release`] replaces.
const RELEASE_LINE: &str = "export const RELEASE = \"development\";\n";

/// The line of `first.mjs` that [`loader_js`] replaces.
const FIRST_LINE: &str = "export const FIRST = undefined;\n";

/// All files of this project that the outputs contain, for keys.
pub(crate) fn shipped() -> [String; 5] {
    let others = [SERVICE_WORKER_JS, TYPES, PLAIN_LOADER].map(str::to_owned);
    let [service_worker, types, plain] = others;
    [with_release(), worker_js(), service_worker, types, plain]
}

/// Returns the loader with its own release, and the first files of a bundle.
pub(super) fn loader_js(first: &First) -> String {
    let first = serde_json::to_string(first).unwrap_or_else(|_| "undefined".to_owned());
    with_release().replacen(FIRST_LINE, &format!("export const FIRST = {first};\n"), 1)
}

fn with_release() -> String {
    let line = format!("export const RELEASE = \"{}\";\n", release());
    JOINED.0.replacen(RELEASE_LINE, &line, 1)
}

/// Returns what tells a loader from all others: a digest of its modules.
pub(super) fn release() -> &'static str {
    &JOINED.1
}

/// The joined modules, and the start of their digest. Hashing is slow in a build script, and every bundle of
/// a build needs both.
static JOINED: LazyLock<(String, String)> = LazyLock::new(|| {
    let js = joined();
    let digest = files::hex(&Sha256::digest(&js))[..16].to_owned();
    (js, digest)
});

/// Joins all modules into one, each after those that it imports.
fn joined() -> String {
    let mut order = Vec::new();
    visit(ENTRY, &mut order);
    let lines = order.iter().flat_map(|name| content(name).split_inclusive('\n'));
    let js: String = lines.filter(|line| imported(line).is_none()).collect();
    PYTHON.iter().fold(js, |js, (name, path, content)| {
        let content = serde_json::Value::from(*content);
        js.replacen(&python_line(name, path), &format!("const {name} = {content};\n"), 1)
    })
}

/// Returns the line that the content of a file of Python replaces.
fn python_line(name: &str, path: &str) -> String {
    format!("const {name} = \"{path}\";\n")
}

/// Returns the script of the worker, which imports the loader under its served name.
pub(super) fn worker_js() -> String {
    WORKER_MODULE.replace("./loader.mjs", "./loader.js")
}

/// Returns the module that exports the functions of Pyodide's core.
pub(super) fn core_js(runtime: &Runtime) -> String {
    let folder = core_folder(&runtime.fingerprint);
    let asm = core_name(runtime.asm());
    let factory = if asm == runtime.asm() {
        // A script that sets a global.
        format!(
            "import \"./{folder}{asm}\";\n\
             export const createPyodideModule = globalThis._createPyodideModule;\n"
        )
    } else {
        format!("export {{ default as createPyodideModule }} from \"./{folder}{asm}\";\n")
    };
    format!("export {{ loadPyodide }} from \"./{folder}pyodide.js\";\n{factory}")
}

fn visit(name: &'static str, order: &mut Vec<&'static str>) {
    for line in content(name).lines() {
        let Some(path) = imported(line) else { continue };
        let path = resolved(name, path);
        let found = MODULES.iter().find(|(module, _)| *module == path);
        if let Some((module, _)) = found.filter(|(module, _)| !order.contains(module)) {
            visit(module, order);
        }
    }
    if !order.contains(&name) {
        order.push(name);
    }
}

fn content(name: &str) -> &'static str {
    MODULES.iter().find(|(module, _)| *module == name).map_or("", |(_, content)| content)
}

/// Returns the names that a line imports from other modules, or exports.
fn imported(line: &str) -> Option<&str> {
    let names = line.starts_with("import {") || line.starts_with("export {");
    let path = line.split_once("} from \"").filter(|_| names)?.1.split('"').next()?;
    path.starts_with('.').then_some(path)
}

/// Returns the path of a module that another one names relative to itself.
fn resolved(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_module_is_listed_and_part_of_the_loader() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-support/runtime");
        let on_disk = files::walk(&folder, |_| true).unwrap().into_iter().map(|(name, _)| name);
        let ends = |name: &String| Path::new(name).extension().is_some_and(|end| end == "mjs");
        let on_disk = on_disk.filter(|name| ends(name) && name != "worker.mjs");
        let listed: BTreeSet<_> = MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(listed, on_disk.collect());
        let mut order = Vec::new();
        visit(ENTRY, &mut order);
        assert_eq!(order.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), listed);
        assert_eq!(order.last(), Some(&ENTRY));
    }

    #[test]
    fn loader_is_one_module() {
        let all: String = MODULES.iter().map(|(_, content)| *content).collect();
        let js = with_release();
        for (name, path, content) in PYTHON {
            let line = python_line(name, path);
            assert_eq!(all.matches(&line).count(), 1, "{line}");
            assert!(
                !js.contains(&line) && js.contains(&serde_json::Value::from(content).to_string())
            );
        }
        assert!(!js.lines().any(|line| line.starts_with("import {")), "an import remains");
        assert!(!js.contains(RELEASE_LINE) && js.contains(release()) && js.contains(FIRST_LINE));
        for name in ["async function loadBundle", "function mount", "class Chunks"] {
            assert!(js.contains(&format!("export {name}")), "{name}");
        }
        // All modules share one scope now, so their top-level names must differ.
        let mut names = BTreeSet::new();
        for line in js.lines() {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let line = line.strip_prefix("async ").unwrap_or(line);
            let kinds = ["function ", "class ", "const ", "let "];
            let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            assert!(names.insert(&rest[..end]), "{} exists twice", &rest[..end]);
        }
    }
}
