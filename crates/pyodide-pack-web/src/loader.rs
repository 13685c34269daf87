//! Loading a bundle, with what is to be heard of it.

use js_sys::{Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use crate::error::Error;
use crate::events::{Miss, Progress};
use crate::python::Python;

#[wasm_bindgen(module = "/src/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(base: &str, options: &Object) -> Result<JsValue, JsValue>;
}

/// A callback that JavaScript has a reference to as long as this lives.
pub(crate) type Listener = Closure<dyn FnMut(JsValue)>;

/// A load that has not begun; see [`Python::at`].
#[must_use = "nothing is loaded before `load` is awaited"]
pub struct Loader {
    base: String,
    options: Object,
    listeners: Vec<Listener>,
}

impl Loader {
    pub(crate) fn new(base: &str) -> Self {
        let base = if base.ends_with('/') { base.to_owned() } else { format!("{base}/") };
        Self { base, options: Object::new(), listeners: Vec::new() }
    }

    /// Hears how far the load is.
    pub fn on_progress(self, hear: impl FnMut(Progress) + 'static) -> Self {
        self.listen("onProgress", hear)
    }

    /// Hears of every file that was not in the bundle and was fetched when Python opened it.
    pub fn on_miss(self, hear: impl FnMut(Miss) + 'static) -> Self {
        self.listen("onMiss", hear)
    }

    /// Takes the bundle from bytes that the program embeds, instead of fetching it: `BUNDLE`, `STDLIB`
    /// and `MANIFEST_JSON` of `pyodide_pack.rs`. Pyodide itself, and what is fetched on demand, still
    /// come from the address.
    pub fn embedded(self, bundle: &[u8], stdlib: &[u8], manifest: &str) -> Self {
        self.set("bundle", &Uint8Array::from(bundle));
        self.set("stdlib", &Uint8Array::from(stdlib));
        self.set("manifest", &manifest.into());
        self
    }

    /// What `manifest.json`, and with it every part of the bundle, must be: the fifth field of its row in
    /// `ASSETS` of `pyodide_pack.rs`.
    pub fn integrity(self, digest: &str) -> Self {
        self.set("integrity", &digest.into());
        self
    }

    /// Starts Python in a worker. Where the future is dropped before its end, the load is given up and
    /// the worker ended.
    ///
    /// # Errors
    ///
    /// If a file can't be fetched or is not what the manifest says, or if a module raises that Python
    /// imports at its start.
    pub async fn load(self) -> Result<Python, Error> {
        let abort = Abort(AbortController::new()?);
        self.set("signal", &abort.0.signal());
        let loaded = load(&self.base, &self.options).await?;
        Ok(Python::new(loaded, self.listeners))
    }

    fn listen<T: DeserializeOwned>(
        mut self,
        name: &str,
        mut hear: impl FnMut(T) + 'static,
    ) -> Self {
        let listener: Listener = Closure::new(move |event| {
            // Of a loader of another version, it may be something else.
            if let Ok(event) = serde_wasm_bindgen::from_value(event) {
                hear(event);
            }
        });
        self.set(name, listener.as_ref());
        self.listeners.push(listener);
        self
    }

    fn set(&self, name: &str, value: &JsValue) {
        // It fails for objects that are sealed; this one is our own.
        let _ = Reflect::set(&self.options, &name.into(), value);
    }
}

/// Aborts when dropped; after the end of a load, that has no effect.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}
