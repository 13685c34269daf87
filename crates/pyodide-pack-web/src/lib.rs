//! Calls Python from Rust in the browser, without a line of JavaScript.
//!
//! [`pyodide-pack`](https://crates.io/crates/pyodide-pack) packs a Python app in a build script; this
//! crate loads the bundle in a page made with Leptos, Yew or the like, and calls it. Python runs in a
//! web worker, so that the page stays responsive whatever Python does.
//!
//! ```no_run
//! # async fn example() -> Result<(), pyodide_pack_web::Error> {
//! use pyodide_pack_web::Python;
//!
//! // Where the page's server has the folder `pyodide-pack` of the outputs.
//! let python = Python::at("pyodide-pack/").load().await?;
//! // `def total(prices: list[float], tax: float) -> float` in `app.py`
//! let total: f64 = python.call("app.total", (vec![1.5, 2.0], 0.19)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Arguments and results are data: what [`serde`] knows on this side, and numbers, strings, lists and
//! dicts on Python's.

mod error;
mod events;
mod loader;
mod python;

pub use error::Error;
pub use events::{Miss, Progress, Step};
pub use loader::Loader;
pub use python::Python;
