//! The functions that `tests/browser/rust.mjs` calls. Each returns its checks.

mod checks;
mod ends;
mod errors;
mod loads;
mod values;

use js_sys::{Array, Promise};
use pyodide_pack_web::{Error, Loader};
use wasm_bindgen::prelude::*;

use checks::Checks;

/// The address of the bundle, for pages at any level.
const BASE: &str = "/pyodide-pack/";
/// The functions of Python that the checks call, as a module `api`.
const API: &str = include_str!("api.py");

type Checked = Result<Array, JsError>;

/// Arguments, results and errors.
#[wasm_bindgen]
pub async fn calls() -> Checked {
    let mut checks = Checks::default();
    let (uncaught, heard) = errors::listener();
    let misses = values::Misses::default();
    let loader = Loader::new(BASE).on_error(uncaught).on_miss(misses.listener());
    let python = loader.on_progress(checks.progress()).load().await?;
    checks.progressed();
    python.run::<()>(API).await?;
    values::arguments(&python, &mut checks).await?;
    values::results(&python, &mut checks).await?;
    misses.check(&python, &mut checks).await?;
    errors::exceptions(&python, &mut checks).await?;
    errors::callbacks(&python, heard, &mut checks).await?;
    ends::terminate(&python, &mut checks).await?;
    Ok(checks.finish())
}

/// Workers that end by themselves.
#[wasm_bindgen]
pub async fn ends() -> Checked {
    let mut checks = Checks::default();
    ends::by_themselves(&mut checks).await?;
    Ok(checks.finish())
}

/// Addresses that do not exist, on a page at this address, and what the error says about them.
#[wasm_bindgen]
pub async fn addresses(page: String, problem: String) -> Checked {
    let mut checks = Checks::default();
    loads::addresses(&page, &problem, &mut checks).await?;
    Ok(checks.finish())
}

/// Drops the future of a load when a promise resolves.
#[wasm_bindgen]
pub async fn dropped(requested: Promise) -> Checked {
    let mut checks = Checks::default();
    loads::dropped(requested, &mut checks).await?;
    Ok(checks.finish())
}

/// Keeps the page, with a network.
#[wasm_bindgen]
pub async fn keep() -> Result<(), JsError> {
    pyodide_pack_web::keep_offline(BASE).await?;
    Ok(())
}

/// Starts Python, with or without a network, and imports a module that no scenario traced.
#[wasm_bindgen]
pub async fn untraced() -> Checked {
    let mut checks = Checks::default();
    let python = Loader::new(BASE).load().await?;
    let release: Result<i32, Error> = python.call("app.release", ()).await;
    checks.same("Rust calls the app", release, Ok::<_, Error>(1));
    let size: usize = python.call("app.size", ("wave",)).await?;
    checks.same("and imports an untraced module", size > 5, true);
    Ok(checks.finish())
}
