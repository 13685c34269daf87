//! Builds the Leptos page, by a second cargo. Without the WebAssembly target, the page is missing, and a note
//! says how to install the target.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::wasm::{Program, TARGET};

/// The server's policy forbids inline scripts.
const START: &str = "import init from \"./client.js\";\n\ninit();\n";
/// Replaces the first of Trunk's own elements in `index.html`.
const HEAD: &str = r#"    <link rel="icon" href="favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="style.css">
    <link rel="modulepreload" href="client.js">
    <script type="module" src="start.js"></script>
"#;

/// Writes `client.rs`: the files of the page, or why they are missing.
pub(crate) fn build() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    for watched in ["build", "build.rs", "client/src", "client/index.html", "client/Cargo.toml"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    println!("cargo::rerun-if-changed=../crates/pyodide-pack-web");
    let (files, hint) = if has_target()? {
        (page(&out)?, None)
    } else {
        let hint = format!("for the Leptos page: rustup target add {TARGET}");
        println!("cargo::warning=the plain page is served; {hint}");
        (Vec::new(), Some(hint))
    };
    let mut code = String::new();
    writeln!(code, "pub(crate) const HINT: Option<&str> = {hint:?};")?;
    writeln!(code, "pub(crate) const FILES: &[(&str, &[u8], &str)] = &[")?;
    for (path, file) in &files {
        let file = file.display().to_string();
        writeln!(code, "    ({path:?}, include_bytes!({file:?}), {:?}),", mime(path))?;
    }
    writeln!(code, "];")?;
    fs::write(out.join("client.rs"), code)?;
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

/// Every file of the page, by its path on the server.
fn page(out: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
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
    let source = fs::read_to_string("client/index.html")?;
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

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
