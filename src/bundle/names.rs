//! Names of the outputs.

/// The eager packages and the app, for plain `loadPyodide`.
pub(crate) const BUNDLE: &str = "pyodide-package-bundle.zip";
/// The eager standard library, likewise.
pub(crate) const STDLIB_ZIP: &str = "python_stdlib_stripped.zip";
/// All lazy chunks, if they are embedded.
pub(crate) const LAZY_ZIP: &str = "pyodide-package-lazy.zip";
/// The folder of the outputs that a server serves.
pub(crate) const SERVED: &str = "pyodide-pack";
/// Where Pyodide's core is in it; `loader.mjs` knows it, too.
pub(crate) const CORE: &str = "pyodide/";
pub(crate) const LOADER: &str = "pyodide-pack/loader.mjs";
pub(crate) const WORKER: &str = "pyodide-pack/worker.mjs";
pub(crate) const MANIFEST: &str = "pyodide-pack/manifest.json";
pub(crate) const TYPES: &str = "pyodide-pack/loader.d.mts";
pub(crate) const EMPTY: &str = "pyodide-pack/empty.zip";
/// The manifest for a folder with precompressed copies. It takes the other's place then, so that a build
/// is cached once, however it will be compressed.
pub(crate) const MANIFEST_WITH_COPIES: &str = "internal/manifest.json";
/// Of a cached build: every [`Asset`](crate::bundle::asset::Asset).
pub(crate) const ASSETS: &str = "internal/assets.json";

/// A file name with the start of the content's SHA-256: `bundle.0123456789abcdef.zip`.
pub(super) fn hashed_name(stem: &str, sha256: &str) -> String {
    format!("{stem}.{}.zip", &sha256[..16])
}
