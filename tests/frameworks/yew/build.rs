//! Packs the Python app for Trunk, whose hook copies `pyodide-pack/` beside the page.

fn main() -> pyodide_pack::Result<()> {
    pyodide_pack::Builder::new("python").export_dir(".").build()?;
    Ok(())
}
