//! `loader.mjs`, put together from its modules.

const PACKFS_JS: &str = include_str!("../../build-support/runtime/packfs.mjs");
const HOSTS_JS: &str = include_str!("../../build-support/runtime/hosts.mjs");
const LOADER_JS: &str = include_str!("../../build-support/runtime/loader.mjs");
const ZSTD_JS: &str = include_str!("../../build-support/runtime/zstd.mjs");
const COLD_JS: &str = include_str!("../../build-support/runtime/cold.mjs");
const MISSES_JS: &str = include_str!("../../build-support/runtime/misses.mjs");
const NOTES_JS: &str = include_str!("../../build-support/runtime/notes.mjs");
const NOTES_PY: &str = include_str!("../../build-support/runtime/notes.py");
const REMOTE_JS: &str = include_str!("../../build-support/runtime/remote.mjs");
pub(super) const WORKER_JS: &str = include_str!("../../build-support/runtime/worker.mjs");
pub(super) const TYPES: &str = include_str!("../../build-support/runtime/loader.d.mts");
/// The modules of the loader, each behind those that it imports.
const MODULES: [&str; 8] =
    [ZSTD_JS, HOSTS_JS, PACKFS_JS, COLD_JS, NOTES_JS, MISSES_JS, REMOTE_JS, LOADER_JS];
/// The line of `notes.mjs` in whose place the content of `notes.py` comes.
const NOTES_LINE: &str = "const NOTES_PY = \"notes.py\";\n";

/// All that ships of the project's own files, for keys.
pub(crate) fn shipped() -> Vec<String> {
    vec![loader_js(), WORKER_JS.to_owned(), TYPES.to_owned(), super::plain::PLAIN_LOADER.to_owned()]
}

/// All modules as one.
pub(super) fn loader_js() -> String {
    let lines = MODULES.iter().flat_map(|module| module.split_inclusive('\n'));
    let js: String = lines.filter(|line| !is_import(line)).collect();
    let notes = serde_json::Value::from(NOTES_PY);
    js.replacen(NOTES_LINE, &format!("const NOTES_PY = {notes};\n"), 1)
}

/// Whether a line imports from another of the modules, or exports what is one of its exports then.
fn is_import(line: &str) -> bool {
    (line.starts_with("import {") || line.starts_with("export {")) && line.contains("} from \"./")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loader_is_one_module() {
        assert_eq!(NOTES_JS.matches(NOTES_LINE).count(), 1);
        let js = loader_js();
        assert!(!js.lines().any(|line| line.starts_with("import {")), "an import is left");
        assert!(!js.contains(NOTES_LINE) && js.contains("def arm() -> None:\\n"));
        for name in ["function loadBundle", "function mount", "class Cold"] {
            assert!(js.contains(&format!("export {name}")), "{name}");
        }
        // Names at the top of each module are those of one module now.
        let mut names = std::collections::BTreeSet::new();
        for line in js.lines() {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let line = line.strip_prefix("async ").unwrap_or(line);
            let kinds = ["function ", "class ", "const ", "let "];
            let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            assert!(names.insert(&rest[..end]), "{} is there twice", &rest[..end]);
        }
    }
}
