//! The scripts of a build.

/// The scripts and what they import of the runtime, as they are laid out in the work folder.
pub(crate) const SCRIPTS: &[(&str, &str)] = &[
    ("runtime/packfs.mjs", include_str!("../../build-support/runtime/packfs.mjs")),
    ("scripts/scenario.mjs", include_str!("../../build-support/scripts/scenario.mjs")),
    ("scripts/scenario.py", include_str!("../../build-support/scripts/scenario.py")),
    ("scripts/traced.mjs", include_str!("../../build-support/scripts/traced.mjs")),
    ("scripts/startup.mjs", include_str!("../../build-support/scripts/startup.mjs")),
    ("scripts/trace.mjs", include_str!("../../build-support/scripts/trace.mjs")),
    ("scripts/compile.mjs", include_str!("../../build-support/scripts/compile.mjs")),
    ("scripts/compile.py", include_str!("../../build-support/scripts/compile.py")),
    ("scripts/validate.mjs", include_str!("../../build-support/scripts/validate.mjs")),
    ("scripts/benchmark.mjs", include_str!("../../build-support/scripts/benchmark.mjs")),
    ("scripts/gzip_sizes.mjs", include_str!("../../build-support/scripts/gzip_sizes.mjs")),
    ("scripts/compress.mjs", include_str!("../../build-support/scripts/compress.mjs")),
    ("scripts/digests.mjs", include_str!("../../build-support/scripts/digests.mjs")),
    ("scripts/fetch.mjs", include_str!("../../build-support/scripts/fetch.mjs")),
    ("scripts/request.mjs", include_str!("../../build-support/scripts/request.mjs")),
];
