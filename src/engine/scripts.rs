//! The scripts of a build, and their imports.

/// A script that an engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Benchmark,
    Compile,
    Compress,
    Digests,
    Fetch,
    Remote,
    Repack,
    Replay,
    Sizes,
    Snapshot,
    Startup,
    Trace,
    Uses,
}

impl Script {
    /// Path in the work folder.
    pub fn path(self) -> &'static str {
        match self {
            Self::Benchmark => "scripts/benchmark.mjs",
            Self::Compile => "scripts/compile.mjs",
            Self::Compress => "scripts/compress.mjs",
            Self::Digests => "scripts/digests.mjs",
            Self::Fetch => "scripts/fetch.mjs",
            Self::Remote => "scripts/remote.mjs",
            Self::Repack => "scripts/repack.mjs",
            Self::Replay => "scripts/replay.mjs",
            Self::Sizes => "scripts/sizes.mjs",
            Self::Snapshot => "scripts/snapshot.mjs",
            Self::Startup => "scripts/startup.mjs",
            Self::Trace => "scripts/trace.mjs",
            Self::Uses => "scripts/uses.mjs",
        }
    }
}

macro_rules! files {
    ($($name:literal)*) => {
        /// All scripts and the runtime modules that they import: path in the work folder, and content.
        pub(crate) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../build-support/", $name)))),*];
    };
}

files! {
    "runtime/bytes.mjs"
    "runtime/emscripten.mjs"
    "runtime/gil.mjs"
    "runtime/packfs.mjs"
    "runtime/snapshot/file.mjs"
    "runtime/snapshot/refresh.py"
    "runtime/snapshot/surroundings.mjs"
    "scripts/benchmark.mjs"
    "scripts/compile.mjs"
    "scripts/compile.py"
    "scripts/compress.mjs"
    "scripts/digests.mjs"
    "scripts/fetch.mjs"
    "scripts/imports.py"
    "scripts/lib/action.mjs"
    "scripts/lib/bytecode.mjs"
    "scripts/lib/job.mjs"
    "scripts/lib/noting.mjs"
    "scripts/lib/opener.mjs"
    "scripts/lib/process.mjs"
    "scripts/lib/pyodide.mjs"
    "scripts/lib/repeatable.mjs"
    "scripts/lib/request.mjs"
    "scripts/lib/scenario.mjs"
    "scripts/lib/scenario.py"
    "scripts/lib/snapshot.mjs"
    "scripts/lib/traced.mjs"
    "scripts/pip_driver.py"
    "scripts/remote.mjs"
    "scripts/repack.mjs"
    "scripts/repack.py"
    "scripts/replay.mjs"
    "scripts/sizes.mjs"
    "scripts/snapshot.mjs"
    "scripts/snapshot.py"
    "scripts/startup.mjs"
    "scripts/trace.mjs"
    "scripts/uses.mjs"
    "scripts/uses.py"
}

/// The script that imports modules one after the other. A list of modules replaces `NAMES`.
pub(crate) const IMPORTS: &str = "scripts/imports.py";
/// The script that makes pip resolve for Pyodide.
pub(crate) const PIP_DRIVER: &str = "scripts/pip_driver.py";

/// Returns the content of one of the files; empty if it does not exist.
pub(crate) fn content(path: &str) -> &'static str {
    FILES.iter().find(|(name, _)| *name == path).map_or("", |(_, content)| content)
}

/// Returns the contents of a script and of its dependencies, for keys. A file is a dependency if the
/// script, or another dependency, mentions its name in quotes.
pub(crate) fn with_imports(path: &str) -> Vec<&'static str> {
    let mut needed = vec![path];
    let mut next = 0;
    while let Some(one) = needed.get(next) {
        let text = content(one);
        for (name, _) in FILES {
            let file = name.rsplit('/').next().unwrap_or(name);
            let mentioned = [format!("\"{file}\""), format!("/{file}\"")];
            if !needed.contains(name) && mentioned.iter().any(|part| text.contains(part)) {
                needed.push(name);
            }
        }
        next += 1;
    }
    needed.sort_unstable();
    needed.into_iter().map(content).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::base::files;

    #[test]
    fn every_script_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-support/scripts");
        let on_disk = files::walk(&folder, |name| !name.starts_with('_')).unwrap().into_iter();
        let on_disk = on_disk.map(|(name, _)| format!("scripts/{name}"));
        let on_disk = on_disk.filter(|name| !name.ends_with(".d.ts"));
        let listed = FILES.iter().map(|(name, _)| (*name).to_owned());
        let listed = listed.filter(|name| name.starts_with("scripts/"));
        assert_eq!(listed.collect::<BTreeSet<_>>(), on_disk.collect());
    }

    #[test]
    fn imports_are_followed() {
        let has = |script: Script, name: &str| with_imports(script.path()).contains(&content(name));
        for name in ["scripts/startup.mjs", "scripts/lib/scenario.py", "runtime/packfs.mjs"] {
            assert!(!content(name).is_empty() && has(Script::Startup, name), "{name}");
        }
        assert!(!has(Script::Startup, "scripts/lib/request.mjs"));
        assert!(has(Script::Fetch, "scripts/lib/request.mjs"));
    }
}
