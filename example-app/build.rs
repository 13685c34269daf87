//! Packs `python/` and its requirements. `src/server.rs` includes the result.

fn main() -> pyodide_pack::Result<()> {
    pyodide_pack::Builder::new("python").build()?;
    Ok(())
}
