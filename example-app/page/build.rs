//! Lists the files of `web/`, and builds the Leptos page of `client/`, by a second cargo. Without the
//! WebAssembly target, the Leptos page is missing, and a note says how to install the target.

mod wasm;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wasm::{Program, TARGET};

/// Everything that decides the files.
const WATCHED: [&str; 8] = [
    "build.rs",
    "wasm.rs",
    "../web",
    "../client/src",
    "../client/index.html",
    "../client/Cargo.toml",
    "../../crates/pyodide-pack-web",
    "../../Cargo.lock",
];

/// The server's policy forbids inline scripts.
const START: &str = "import init from \"./client.js\";\n\ninit();\n";
/// Replaces the first of Trunk's own elements in `index.html`.
const HEAD: &str = r#"    <link rel="icon" href="favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="style.css">
    <link rel="modulepreload" href="client.js">
    <script type="module" src="start.js"></script>
"#;

/// Writes `files.rs`: all files, and why the Leptos page is missing.
fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    for watched in WATCHED {
        println!("cargo::rerun-if-changed={watched}");
    }
    let mut files = plain_page(&out)?;
    let hint = if has_target()? {
        files.extend(leptos_page(&out)?);
        None
    } else {
        files.push(("index.html".to_owned(), Path::new("../web/index.html").canonicalize()?));
        let hint = format!("for the Leptos page: rustup target add {TARGET}");
        println!("cargo::warning=the plain page is served; {hint}");
        Some(hint)
    };
    let mut code = String::from("/// Why the Leptos page is missing.\n");
    writeln!(code, "pub const HINT: Option<&str> = {hint:?};")?;
    writeln!(code, "/// All files.\npub static FILES: &[File] = &[")?;
    for (path, file) in &files {
        let (content_type, file) = (content_type(path), file.display().to_string());
        writeln!(
            code,
            "    File {{ path: {path:?}, content_type: {content_type:?}, bytes: include_bytes!({file:?}) }},"
        )?;
    }
    writeln!(code, "];")?;
    fs::write(out.join("files.rs"), code)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "Cargo's, for this build script")]
fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}

/// Returns whether rustc has the standard library of the target.
fn has_target() -> Result<bool, Box<dyn Error>> {
    let mut rustc = Command::new(variable("RUSTC")?);
    let said = rustc.args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let folder = String::from_utf8(said.stdout)?;
    // As long as the folder is missing, cargo runs this script again each time.
    println!("cargo::rerun-if-changed={}", folder.trim());
    Ok(said.status.success() && Path::new(folder.trim()).is_dir())
}

/// The files of `web/`, and `mode.js`: in a debug build, the page shows developers more.
fn plain_page(out: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let is_debug = variable("PROFILE")? == "debug";
    let mode = out.join("mode.js");
    fs::write(&mode, format!("export const DEVELOPMENT = {is_debug};\n"))?;
    let mut files = vec![("mode.js".to_owned(), mode)];
    collect(&Path::new("../web").canonicalize()?, "", &mut files)?;
    // The Leptos page has this name.
    for (path, _) in files.iter_mut().filter(|(path, _)| path == "index.html") {
        "plain.html".clone_into(path);
    }
    Ok(files)
}

/// Every file of the Leptos page, by its path on the server.
fn leptos_page(out: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let folder = out.join("client");
    Program {
        package: "example-client",
        cargo: Path::new(&variable("CARGO")?),
        target_dir: &target_dir(out),
        is_release: variable("PROFILE")? == "release",
    }
    .write("client", &folder)?;
    fs::write(folder.join("start.js"), START)?;
    fs::write(folder.join("index.html"), index()?)?;
    let mut files = Vec::new();
    collect(&folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

/// The target folder of the second cargo. The cargo that waits for this build script has locked its own. A
/// subfolder of that lets `cargo clippy` and `cargo build`, whose `OUT_DIR`s differ, compile Leptos once.
fn target_dir(out: &Path) -> PathBuf {
    // target/PROFILE/build/NAME/out
    out.ancestors().nth(3).unwrap_or(out).join("client")
}

/// Fills in Trunk's page as Trunk would.
fn index() -> Result<String, Box<dyn Error>> {
    let source = fs::read_to_string("../client/index.html")?;
    let mut head = Some(HEAD);
    let mut page = String::new();
    for line in source.lines() {
        if line.contains("data-trunk") {
            page += head.take().unwrap_or_default();
        } else {
            page += line;
            page += "\n";
        }
    }
    Ok(page)
}

fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
