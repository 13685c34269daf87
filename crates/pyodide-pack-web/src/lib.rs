//! Calls Python from Rust in the browser, without a line of JavaScript.
//!
//! The build-dependency `pyodide-pack` packs a Python app in a build script. This crate loads the bundle in
//! a page made with a framework such as Leptos or Yew, and calls it. Python runs in a web worker, which
//! keeps the page responsive.
//!
//! ```no_run
//! # async fn example() -> Result<(), pyodide_pack_web::Error> {
//! use pyodide_pack_web::Loader;
//!
//! // The address of the folder `pyodide-pack` of the outputs, relative to the page.
//! let python = Loader::new("pyodide-pack/").load().await?;
//! // `def total(prices: list[float], tax: float) -> float` in `app.py`
//! let total: f64 = python.call("app.total", (vec![1.5, 2.0], 0.19)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Arguments and results are data: types that [`serde`] supports in Rust; numbers, strings, lists and
//! dicts in Python.

mod error;
mod events;
mod loader;
mod offline;
mod python;

pub use error::Error;
pub use events::{LoadPhase, Miss, Progress, Reload};
pub use loader::Loader;
pub use offline::keep_offline;
pub use python::Python;
