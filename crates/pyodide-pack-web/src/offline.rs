//! Pages that work without a network.

use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(module = "/src/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = keepOffline)]
    async fn keep(base: &str) -> Result<JsValue, JsValue>;
}

/// Keeps this page and the whole bundle in the browser. After that, a reload works without a network, and
/// so does every import. The address is that of [`Loader::new`](crate::Loader::new).
///
/// Call it after each start: it fetches only what is new. It needs `Builder::service_worker(true)` in the
/// build script, and a file `service-worker.js` beside the page, which says
/// `importScripts("pyodide-pack/service-worker.js")`.
///
/// ```no_run
/// # async fn example() -> Result<(), pyodide_pack_web::Error> {
/// use pyodide_pack_web::{Loader, keep_offline};
///
/// let python = Loader::new("/pyodide-pack/").load().await?;
/// keep_offline("/pyodide-pack/").await?;
/// // From now on, the page works without a network.
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Fails if there are no service workers (they need HTTPS or `localhost`), if `service-worker.js` can't be
/// registered, or if a file can't be fetched. The error names the address. What was kept before stays.
pub async fn keep_offline(base_url: &str) -> Result<(), Error> {
    keep(base_url).await?;
    Ok(())
}
