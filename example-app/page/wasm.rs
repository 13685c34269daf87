//! Compiles a program of this workspace for browsers, and makes its JavaScript as `wasm-bindgen` or Trunk
//! does. `tests/web` uses this file, too.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A program, and how it is compiled.
pub(crate) struct Program<'a> {
    /// The package, whose only program has the same name.
    pub package: &'a str,
    pub cargo: &'a Path,
    /// The target folder of this cargo.
    pub target_dir: &'a Path,
    pub is_release: bool,
}

impl Program<'_> {
    /// Writes `NAME.js`, its module of WebAssembly and its other scripts into a folder, which is new.
    pub(crate) fn write(&self, name: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        Bindgen::new()
            .input_path(self.compile()?)
            .out_name(name)
            .web(true)?
            .typescript(false)
            .remove_name_section(true)
            .omit_default_module_path(false)
            .generate(folder)?;
        Ok(())
    }

    fn compile(&self) -> Result<PathBuf, Box<dyn Error>> {
        let mut cargo = Command::new(self.cargo);
        cargo.args(["build", "--package", self.package, "--target", TARGET, "--target-dir"]);
        cargo.arg(self.target_dir);
        if self.is_release {
            cargo.arg("--release");
        }
        // These are for the host. Clippy's wrapper stays, so Clippy checks the program, too.
        cargo.env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
        // Debug information would make the program five times as large. It is rarely edited, too.
        cargo.env("CARGO_INCREMENTAL", "0");
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s");
        let said = cargo.output()?;
        if !said.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&said.stderr));
            return Err(format!("{cargo:?} failed: {}", said.status).into());
        }
        let profile = if self.is_release { "release" } else { "debug" };
        let built = self.target_dir.join(TARGET).join(profile);
        Ok(built.join(format!("{}.wasm", self.package)))
    }
}
