//! Writes `pyodide_pack.rs`: the outputs as constants, for a crate to include.

use std::fmt::Write;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::base::error::Result;
use crate::base::files;
use crate::bundle::names::{BUNDLE, LAZY_ZIP, LOADER, MANIFEST, SERVED, STDLIB_ZIP};
use crate::settings::compression::Encoding;
use crate::settings::lazy::Lazy;

/// The included form of one served file.
pub(crate) struct Included {
    /// Path relative to the served folder.
    pub path: String,
    /// SHA-256 of the uncompressed file, in hexadecimal.
    pub sha256: String,
    /// The file itself, or its copy with this encoding.
    pub encoding: Encoding,
    pub immutable: bool,
    pub eager: bool,
}

/// The types of the module with the files to serve.
const ASSETS: &str = r"
/// The files to serve.
#[allow(dead_code)]
pub mod assets {
    use std::borrow::Cow;

    /// One file to serve, in one encoding.
    #[derive(Clone, Copy)]
    pub struct Asset {
        /// Relative to the folder `pyodide-pack`.
        pub path: &'static str,
        /// Value for the header `Content-Type`.
        pub content_type: &'static str,
        /// Value for the header `Content-Encoding`; `identity` if the bytes are not compressed.
        pub encoding: &'static str,
        /// Digest of the decoded bytes, as in `<script integrity>`.
        pub integrity: &'static str,
        /// Whether the path changes with the content, so that caches may keep the file for ever.
        pub immutable: bool,
        /// Whether a page waits for the file at the start.
        pub eager: bool,
        content: &'static [u8],
    }

    impl Asset {
        /// The bytes to send, in this encoding.
        pub fn bytes(&self) -> Cow<'static, [u8]> {
            Cow::Borrowed(self.content)
        }
    }

    /// Returns the file at a path relative to the folder `pyodide-pack`. A query after the path is ignored.
    pub fn get(path: &str) -> Option<&'static Asset> {
        let path = path.split('?').next()?;
        ALL.iter().find(|asset| asset.path == path)
    }

    /// All files, sorted by path.
    pub static ALL: &[Asset] = &[
";

/// The values of the constants.
pub(crate) struct Constants<'a> {
    /// The version of Pyodide.
    pub version: &'a str,
    /// The size table of the report.
    pub table: &'a str,
    /// The encoding of the zips.
    pub encoding: Encoding,
    pub lazy: Lazy,
    pub assets: &'a [Included],
}

/// Writes the constants for the outputs in `out_dir`.
pub(crate) fn write(constants: &Constants, out_dir: &Path) -> Result<()> {
    let Constants { version, table, encoding, lazy, assets } = *constants;
    let mut code = String::from("// Made by pyodide-pack. Include it in a module of its own.\n");
    let mut item = |doc: &str, signature: &str, value: &str| {
        let _ = writeln!(code, "/// {doc}\n#[allow(dead_code)]\npub {signature} = {value};");
    };
    let bytes = |path: &str, encoding: Encoding| {
        format!("include_bytes!({:?})", format!("{path}{}", encoding.suffix()))
    };
    let text = |path: &str| format!("include_str!({path:?})");
    item(
        "The version of Pyodide that the bundle is made for.",
        "const PYODIDE_VERSION: &str",
        &format!("{version:?}"),
    );
    item(
        "Eager packages and the app, to be unpacked into `/`.",
        "static BUNDLE: &[u8]",
        &bytes(BUNDLE, encoding),
    );
    item("The eager standard library.", "static STDLIB: &[u8]", &bytes(STDLIB_ZIP, encoding));
    if lazy == Lazy::Embedded {
        item("All lazy files.", "static LAZY: &[u8]", &bytes(LAZY_ZIP, encoding));
    }
    item(
        "How `BUNDLE` and `STDLIB` are compressed: `identity`, `gzip` or `br`.",
        "const BUNDLE_ENCODING: &str",
        &format!("{:?}", encoding.name()),
    );
    item("The JavaScript module with `loadBundle`.", "const LOADER_JS: &str", &text(LOADER));
    item("The content of `manifest.json`.", "const MANIFEST_JSON: &str", &text(MANIFEST));
    item("The size table of the build.", "const REPORT: &str", &format!("{table:?}"));
    code += ASSETS;
    for Included { path, sha256, encoding, immutable, eager } in assets {
        let content = bytes(&format!("{SERVED}/{path}"), *encoding);
        let integrity = format!("sha256-{}", BASE64_STANDARD.encode(files::unhex(sha256)));
        let (content_type, encoding) = (content_type(path), encoding.name());
        let _ = writeln!(
            code,
            "        Asset {{ path: {path:?}, content_type: {content_type:?}, encoding: {encoding:?}, \
             integrity: {integrity:?}, immutable: {immutable}, eager: {eager}, content: {content} }},",
        );
    }
    code += "    ];\n}\n";
    files::write_if_changed(&out_dir.join("pyodide_pack.rs"), code.as_bytes())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("mjs" | "js") => "text/javascript",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("zip") => "application/zip",
        Some("ts") => "text/plain",
        _ => "application/octet-stream",
    }
}
