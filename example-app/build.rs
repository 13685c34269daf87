//! Packs `python/` and the one package it needs: the bundle, the files fetched on demand and the
//! constants that `src/main.rs` includes.

use pyodide_pack::{Builder, Encoding};

fn main() -> pyodide_pack::Result<()> {
    Builder::new("python")
        .requires(["sqlglot==30.30.0"])
        // The server speaks plain HTTP, over which not all browsers take Brotli.
        .embed(Encoding::Gzip)
        .build()?;
    Ok(())
}
