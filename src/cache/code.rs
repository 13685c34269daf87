//! The crate's own code, floor by floor, for keys. A result depends on the code of the floor that makes it
//! and of all floors below. A test compares the list with the folders.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::base::files;

macro_rules! floors {
    ($($floor:ident: $($file:literal)*;)*) => {
        /// A folder of `src`, which imports only from itself and from the floors before it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Floor { $($floor),* }

        /// Path in `src` and content of every file that can affect a result.
        const FILES: &[(Floor, &str, &str)] =
            &[$($((Floor::$floor, $file, include_str!(concat!("../", $file))),)*)*];
        const FLOORS: usize = [$(Floor::$floor),*].len();
    };
}

floors! {
    Base: "base/error.rs" "base/files.rs" "base/globs.rs" "base/mod.rs" "base/parallel.rs" "base/paths.rs" "base/progress.rs" "base/zip.rs";
    Cache: "cache/age.rs" "cache/bucket.rs" "cache/build.rs" "cache/checked.rs" "cache/code.rs" "cache/folder.rs" "cache/key.rs" "cache/limit.rs" "cache/lock.rs" "cache/mod.rs";
    Settings: "settings/app.rs" "settings/budget.rs" "settings/builder.rs" "settings/cargo.rs" "settings/compression.rs" "settings/config.rs" "settings/declared.rs" "settings/env.rs" "settings/lazy.rs" "settings/left_out.rs" "settings/mod.rs" "settings/python_files.rs" "settings/remote_cache.rs" "settings/requirement.rs" "settings/requirements_txt.rs" "settings/snapshot.rs" "settings/split.rs" "settings/text.rs" "settings/verify.rs";
    Engine: "engine/border.rs" "engine/mod.rs" "engine/node.rs" "engine/request.rs" "engine/scripts.rs" "engine/table.rs" "engine/tools.rs";
    Remote: "remote/entry.rs" "remote/job.rs" "remote/mod.rs" "remote/problem.rs";
    Pyodide: "pyodide/lock.rs" "pyodide/mod.rs" "pyodide/runtime.rs" "pyodide/session.rs";
    Packages: "packages/archive.rs" "packages/conflict.rs" "packages/directory.rs" "packages/fetch.rs" "packages/find.rs" "packages/lockfile.rs" "packages/mod.rs" "packages/names.rs" "packages/pip.rs" "packages/repack.rs" "packages/resolve.rs" "packages/wheel.rs";
    Image: "image/content.rs" "image/file.rs" "image/mod.rs" "image/mount.rs";
    Run: "run/hint.rs" "run/mod.rs" "run/mount.rs" "run/record.rs" "run/recorder.rs" "run/scenario.rs" "run/startup.rs";
    Transform: "transform/form.rs" "transform/mod.rs" "transform/needs.rs" "transform/noting.rs" "transform/python.rs" "transform/split/bytes.rs" "transform/split/chunk.rs" "transform/split/coverage.rs" "transform/split/mod.rs" "transform/split/module.rs" "transform/split/plan.rs" "transform/split/primary.rs" "transform/split/sections.rs" "transform/split/stub.rs" "transform/uses.rs" "transform/wasm.rs";
    Bundle: "bundle/asset.rs" "bundle/chunks.rs" "bundle/index.rs" "bundle/layout.rs" "bundle/loader.rs" "bundle/manifest.rs" "bundle/mod.rs" "bundle/names.rs" "bundle/omitted.rs" "bundle/pack.rs" "bundle/parts.rs" "bundle/plain.rs" "bundle/reason.rs" "bundle/select.rs" "bundle/served.rs" "bundle/snapshot.rs";
    Verify: "verify/bisect.rs" "verify/compare.rs" "verify/fallbacks.rs" "verify/imports.rs" "verify/memo.rs" "verify/mod.rs" "verify/raised.rs" "verify/replay.rs" "verify/route.rs" "verify/split.rs" "verify/verifier.rs";
    Snapshot: "snapshot/maker.rs" "snapshot/mod.rs" "snapshot/modules.rs";
    Report: "report/benchmark.rs" "report/collect.rs" "report/file.rs" "report/mod.rs" "report/sizes.rs" "report/snapshot.rs" "report/split.rs";
    Development: "development/edit.rs" "development/imports.rs" "development/manifest.rs" "development/mod.rs" "development/recordings.rs" "development/summary.rs";
    Output: "output/budget.rs" "output/constants.rs" "output/folder.rs" "output/included.rs" "output/index.rs" "output/mod.rs" "output/precompressed.rs" "output/shared.rs";
    Pipeline: "pipeline/development.rs" "pipeline/keys.rs" "pipeline/make.rs" "pipeline/mod.rs" "pipeline/sources.rs" "pipeline/workshop.rs";
}

/// Returns a digest of the code up to and including a floor: 64 hexadecimal digits.
pub(crate) fn digest(floor: Floor) -> &'static str {
    static DIGESTS: [OnceLock<String>; FLOORS] = [const { OnceLock::new() }; FLOORS];
    DIGESTS[floor as usize].get_or_init(|| {
        let mut digest = Sha256::new();
        for (_, path, content) in FILES.iter().filter(|(own, ..)| *own <= floor) {
            digest.update(format!("{path} {}\n", content.len()));
            digest.update(content);
        }
        files::hex(&digest.finalize())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_listed_on_its_floor() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let on_disk = files::walk(&src, |_| true).unwrap().into_iter().map(|(name, _)| name);
        // The public interface and tests cannot affect a result.
        let no_part = |name: &String| {
            ["lib.rs", "fuzz.rs"].contains(&name.as_str()) || name.contains("tests")
        };
        let on_disk: BTreeSet<_> = on_disk.filter(|name| !no_part(name)).collect();
        let listed = FILES.iter().map(|(_, path, _)| (*path).to_owned()).collect();
        assert_eq!(on_disk, listed);
        for (floor, path, _) in FILES {
            let folder = path.split(['/', '.']).next().unwrap();
            assert_eq!(format!("{floor:?}").to_lowercase(), folder);
        }
    }

    #[test]
    fn digests_grow_with_the_floors() {
        assert_eq!(digest(Floor::Base).len(), 64);
        assert_ne!(digest(Floor::Base), digest(Floor::Pipeline));
    }
}
