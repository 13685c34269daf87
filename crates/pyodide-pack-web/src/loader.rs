//! Loads a bundle.

use js_sys::{Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use crate::error::Error;
use crate::events::{Listener, Miss, Progress, Reload};
use crate::python::Python;

#[wasm_bindgen(module = "/src/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(base: &str, options: &Object) -> Result<JsValue, JsValue>;
}

/// Loads a bundle, from an address and with options.
#[must_use = "nothing is loaded before `load` is awaited"]
pub struct Loader {
    base: String,
    options: Object,
    listeners: Vec<Listener>,
}

impl Loader {
    /// Creates a loader for the folder at this address, relative to the page. It is the folder
    /// `pyodide-pack` of the build's outputs, as a server serves it. An app with pages at several levels
    /// writes `/pyodide-pack/`, with a slash at the start.
    pub fn new(base_url: &str) -> Self {
        Self { base: base_url.to_owned(), options: Object::new(), listeners: Vec::new() }
    }

    /// Sets a callback for the progress of loading.
    pub fn on_progress(self, hear: impl FnMut(Progress) + 'static) -> Self {
        self.listen("onProgress", hear)
    }

    /// Sets a callback for every file that is not in the bundle, when Python first opens it.
    pub fn on_miss(self, hear: impl FnMut(Miss) + 'static) -> Self {
        self.listen("onMiss", hear)
    }

    /// Sets a callback for errors that nobody caught in Python's worker, such as one in a callback of
    /// `setTimeout`. The console has them, too. The worker goes on.
    pub fn on_error(self, mut hear: impl FnMut(Error) + 'static) -> Self {
        self.listen_raw("onError", Closure::new(move |error| hear(Error::from(error))))
    }

    /// Follows edits of the app, if the bundle is a development build, and sets a callback for them. Changed
    /// files are replaced, and the app's modules are imported again. Packages and the page keep their state. In
    /// other builds, and with [`Loader::embedded`], this does nothing.
    pub fn on_reload(self, mut hear: impl FnMut(Reload) + 'static) -> Self {
        self.set("reload", &true.into());
        self.listen_raw(
            "onReload",
            Closure::new(move |event| {
                let error = Reflect::get(&event, &"error".into()).ok();
                let error = error.filter(|error| !error.is_undefined()).map(Error::from);
                if let Ok(event) = serde_wasm_bindgen::from_value::<Reload>(event) {
                    hear(Reload { error, ..event });
                }
            }),
        )
    }

    /// Uses bytes that the program embeds, instead of fetching the bundle: `BUNDLE`, `STDLIB` and
    /// `MANIFEST_JSON` of `pyodide_pack.rs`. Pyodide itself and lazy files are still fetched.
    pub fn embedded(self, bundle: &[u8], stdlib: &[u8], manifest: &str) -> Self {
        self.set("bundle", &Uint8Array::from(bundle));
        self.set("stdlib", &Uint8Array::from(stdlib));
        self.set("manifest", &manifest.into());
        self
    }

    /// Sets the digest of `manifest.json`, which contains the digests of all chunks: `integrity` of its
    /// asset in `pyodide_pack.rs`.
    pub fn integrity(self, digest: &str) -> Self {
        self.set("integrity", &digest.into());
        self
    }

    /// Starts Python in a worker. Dropping the future cancels loading and ends the worker.
    ///
    /// # Errors
    ///
    /// Fails if a file can't be fetched or does not match the manifest, or if Python can't start.
    pub async fn load(self) -> Result<Python, Error> {
        let abort = Abort(AbortController::new()?);
        self.set("signal", &abort.0.signal());
        let loaded = load(&self.base, &self.options).await?;
        Ok(Python::new(loaded, self.listeners))
    }

    fn listen<T: DeserializeOwned>(self, name: &str, mut hear: impl FnMut(T) + 'static) -> Self {
        let listener: Listener = Closure::new(move |event| {
            // A loader of another version may send other events.
            if let Ok(event) = serde_wasm_bindgen::from_value(event) {
                hear(event);
            }
        });
        self.listen_raw(name, listener)
    }

    fn listen_raw(mut self, name: &str, listener: Listener) -> Self {
        self.set(name, listener.as_ref());
        self.listeners.push(listener);
        self
    }

    fn set(&self, name: &str, value: &JsValue) {
        // This fails only for sealed objects, and this one is not sealed.
        let _ = Reflect::set(&self.options, &name.into(), value);
    }
}

/// Aborts when it is dropped. After the end of loading, that has no effect.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}
