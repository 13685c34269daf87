//! Packs `python/` and what it requires, and builds the Leptos page in `client/`, for `src/main.rs` to
//! include.

#[path = "build/client.rs"]
mod client;

use pyodide_pack::{Builder, Encoding};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Builder::new("python")
        // The server speaks plain HTTP, over which not all browsers take Brotli.
        .embed_encoding(Encoding::Gzip)
        .build()?;
    client::build()
}
