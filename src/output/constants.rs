//! `pyodide_pack.rs`: the outputs as constants, for a crate to include.

use std::fmt::Write;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::base::error::Result;
use crate::base::files;
use crate::bundle::names::{BUNDLE, LAZY_ZIP, LOADER, MANIFEST, SERVED, STDLIB_ZIP};
use crate::settings::compression::Encoding;
use crate::settings::lazy::Cold;

/// What is included of one file to serve.
pub(crate) struct Included {
    /// Relative to the served folder.
    pub path: String,
    /// Of the file itself, in hexadecimal.
    pub sha256: String,
    /// The file itself, or the copy with this encoding.
    pub encoding: Encoding,
}

/// What the constants say.
pub(crate) struct Constants<'a> {
    /// Of Pyodide.
    pub version: &'a str,
    /// The report's.
    pub table: &'a str,
    /// Of the zips.
    pub encoding: Encoding,
    pub lazy: Cold,
    pub assets: &'a [Included],
}

/// Writes them for the outputs in `out_dir`.
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
        "Hot packages and app, to be unpacked into `/`.",
        "static BUNDLE: &[u8]",
        &bytes(BUNDLE, encoding),
    );
    item("The hot standard library.", "static STDLIB: &[u8]", &bytes(STDLIB_ZIP, encoding));
    if lazy == Cold::Embedded {
        item("All cold files.", "static COLD: &[u8]", &bytes(LAZY_ZIP, encoding));
    }
    item(
        "How `BUNDLE` and `STDLIB` are compressed: `identity`, `gzip` or `br`.",
        "const BUNDLE_ENCODING: &str",
        &format!("{:?}", encoding.name()),
    );
    item("The JavaScript module with `loadBundle`.", "const LOADER_JS: &str", &text(LOADER));
    item("What `loadBundle` knows of the bundle.", "const MANIFEST_JSON: &str", &text(MANIFEST));
    item("The size table of the build.", "const REPORT: &str", &format!("{table:?}"));
    let mut list = String::from("&[\n");
    for Included { path, sha256, encoding } in assets {
        let included = bytes(&format!("{SERVED}/{path}"), *encoding);
        let sri = format!("sha256-{}", BASE64_STANDARD.encode(files::unhex(sha256)));
        let (mime, encoding) = (mime(path), encoding.name());
        let _ = writeln!(list, "    ({path:?}, {included}, {mime:?}, {encoding:?}, {sri:?}),");
    }
    list.push(']');
    item(
        "All files to serve: path, content, media type, content encoding, integrity of what was encoded.",
        "static ASSETS: &[(&str, &[u8], &str, &str, &str)]",
        &list,
    );
    files::write_if_changed(&out_dir.join("pyodide_pack.rs"), code.as_bytes())
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("mjs" | "js") => "text/javascript",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("zip") => "application/zip",
        Some("mts") => "text/plain",
        _ => "application/octet-stream",
    }
}
