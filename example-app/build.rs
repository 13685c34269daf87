//! Packs `python/` and the one package it needs: the bundle, the files fetched on demand and the
//! constants that `src/main.rs` includes.

fn main() -> pyodide_pack::Result<()> {
    pyodide_pack::Builder::new("python").requires(["sqlglot==30.30.0"]).build()?;
    Ok(())
}
