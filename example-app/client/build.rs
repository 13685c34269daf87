//! Packs the Python app for Trunk, whose hook copies `pyodide-pack/` beside the page.

fn main() -> pyodide_pack::Result<()> {
    pyodide_pack::Builder::new("../python")
        .lock_file("../pyodide-pack.lock")
        .export_dir(".")
        .build()?;
    Ok(())
}
