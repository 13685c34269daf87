//! Writes `pyodide_pack.rs`: the outputs as constants, for a crate to include.

use std::fmt::Write;
use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::bundle::names::{ASSET_INDEX, BUNDLE, LAZY_ZIP, LOADER, MANIFEST, SERVED, STDLIB_ZIP};
use crate::output::included::Included;
use crate::settings::compression::Encoding;
use crate::settings::lazy::Lazy;

const NAME: &str = "pyodide_pack.rs";

/// The type of an asset, and what both versions of the module `assets` share.
const ASSET: &str = include_str!("../../build-support/rust/asset.rs");
/// Assets that are part of the program.
const EMBEDDED: &str = include_str!("../../build-support/rust/embedded.rs");
/// Assets that the program reads when it needs them. A server that runs already serves the next build, and
/// an edit of the app compiles less: 1.2 s of processor time for the example's server, and 1.9 s with 37 MB of
/// embedded assets.
const DISK: &str = include_str!("../../build-support/rust/disk.rs");

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
    /// Whether the program reads the assets from the folder of the outputs.
    pub from_disk: bool,
}

/// Writes the constants for the outputs in `out_dir`.
pub(crate) fn write(constants: &Constants, out_dir: &Path) -> Result<()> {
    let code = items(constants) + &module(constants, out_dir);
    files::write_if_changed(&out_dir.join(NAME), code.as_bytes())
}

/// The constants outside of the module `assets`.
///
/// Both zips are included in development builds, too, though the bundle changes with each edit. Unused
/// statics are not free: rustc 1.95 takes 15 ms for each MB of them in a program, and 37 ms in a library, where
/// one of two files of 22 MB changed. But only `&'static [u8]` fits everything that a program passes it to. A
/// type that reads the file when it is dereferenced does not compile as `Body::from(BUNDLE)`. A search for
/// `BUNDLE` in the crate's sources would have to run after each edit of them.
fn items(constants: &Constants) -> String {
    let Constants { version, table, encoding, lazy, .. } = *constants;
    let mut code = String::from("// Made by pyodide-pack. Include it in a module of its own.\n");
    let mut item = |doc: &str, signature: &str, value: &str| {
        let _ = writeln!(code, "/// {doc}\n#[allow(dead_code)]\npub {signature} = {value};");
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
    code
}

/// The module with the files to serve.
fn module(constants: &Constants, out_dir: &Path) -> String {
    let version = if constants.from_disk { DISK } else { EMBEDDED };
    let mut code = format!(
        "/// The files to serve.\n#[allow(dead_code)]\npub mod assets {{\n{ASSET}{version}"
    );
    if constants.from_disk {
        for (name, path) in [("FOLDER", SERVED), ("INDEX", ASSET_INDEX)] {
            let path = out_dir.join(path).display().to_string();
            let _ = writeln!(code, "const {name}: &str = {path:?};");
        }
    }
    code += "\n/// All files, sorted by path.\npub static ALL: &[Asset] = &[\n";
    for asset in constants.assets {
        let Included { path, immutable, eager, .. } = asset;
        let copies = asset.encodings.iter().map(|encoding| {
            let content = if constants.from_disk {
                format!("{path:?}")
            } else {
                bytes(&format!("{SERVED}/{path}"), *encoding)
            };
            format!("({:?}, {content})", encoding.name())
        });
        let copies = copies.collect::<Vec<_>>().join(", ");
        let (content_type, integrity) = (asset.content_type(), asset.integrity());
        let encoding = asset.encodings.first().map_or("identity", |encoding| encoding.name());
        let _ = writeln!(
            code,
            "    Asset {{ path: {path:?}, content_type: {content_type:?}, encoding: {encoding:?}, \
             integrity: {integrity:?}, immutable: {immutable}, eager: {eager}, copies: &[{copies}] }},",
        );
    }
    code += "];\n}\n";
    code
}

fn bytes(path: &str, encoding: Encoding) -> String {
    format!("include_bytes!({:?})", format!("{path}{}", encoding.suffix()))
}
