//! The functions that `tests/browser/rust.mjs` calls. Each returns its checks.

mod checks;
mod ends;
mod errors;
mod loads;
mod reloads;
mod values;

use js_sys::{Array, Promise};
use pyodide_pack_web::{Error, Loader, keep_offline};
use wasm_bindgen::prelude::*;

use checks::Checks;

/// The address of the bundle, for pages at any level.
const BASE: &str = "/pyodide-pack/";
/// The functions of Python that the checks call, as a module `api`.
const API: &str = include_str!("api.py");

/// Arguments, results and errors.
#[wasm_bindgen]
pub async fn calls() -> Array {
    checked(async |checks| {
        let (uncaught, heard) = errors::listener();
        let misses = values::Misses::default();
        let loader = Loader::new(BASE).on_error(uncaught).on_miss(misses.listener());
        let python = loader.on_progress(checks.progress()).load().await?;
        checks.progressed();
        python.run::<()>(API).await?;
        values::arguments(&python, checks).await?;
        values::results(&python, checks).await?;
        misses.check(&python, checks).await?;
        errors::exceptions(&python, checks).await?;
        errors::callbacks(&python, heard, checks).await?;
        ends::terminate(&python, checks).await
    })
    .await
}

/// Workers that end by themselves.
#[wasm_bindgen]
pub async fn ends() -> Array {
    checked(ends::by_themselves).await
}

/// Addresses that do not exist, on a page at this address, and what the error says about them.
#[wasm_bindgen]
pub async fn addresses(page: String, problem: String) -> Array {
    checked(async |checks| loads::addresses(&page, &problem, checks).await).await
}

/// Edits of the app, which the server makes.
#[wasm_bindgen]
pub async fn reloads() -> Array {
    checked(reloads::edits).await
}

/// Drops the future of a load when a promise resolves.
#[wasm_bindgen]
pub async fn dropped(requested: Promise) -> Array {
    checked(async |checks| loads::dropped(requested, checks).await).await
}

/// Keeps the page, with a network.
#[wasm_bindgen]
pub async fn keep() -> Array {
    checked(async |_| keep_offline(BASE).await).await
}

/// Starts Python, with or without a network, and imports a module that no scenario traced.
#[wasm_bindgen]
pub async fn untraced() -> Array {
    checked(async |checks| {
        let python = Loader::new(BASE).load().await?;
        let release: Result<i32, Error> = python.call("app.release", ()).await;
        checks.same("Rust calls the app", release, Ok::<_, Error>(1));
        let size: Result<usize, Error> = python.call("app.size", ("wave",)).await;
        checks.same("and imports an untraced module", size.is_ok_and(|size| size > 5), true);
        Ok(())
    })
    .await
}

/// Returns the checks that a function makes, and one that it has come to its end.
async fn checked(function: impl AsyncFnOnce(&mut Checks) -> Result<(), Error>) -> Array {
    let mut checks = Checks::default();
    let ended = function(&mut checks).await;
    checks.same("all checks were made", ended, Ok::<_, Error>(()));
    checks.finish()
}
