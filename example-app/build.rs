//! Packs `python/` and its requirements, and builds the Leptos page in `client/`. `src/main.rs` includes
//! both.

#[path = "build/client.rs"]
mod client;
#[path = "build/wasm.rs"]
mod wasm;

use pyodide_pack::{Builder, Encoding};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Builder::new("python")
        // The server speaks plain HTTP, over which not all browsers accept Brotli.
        .embed_encoding(Encoding::Gzip)
        .build()?;
    client::build()
}
