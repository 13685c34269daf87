//! Python, as a page has it.

use std::rc::Rc;

use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::loader::{Listener, Loader};

#[wasm_bindgen(module = "/src/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn call(
        loaded: &JsValue,
        module: &str,
        name: &str,
        args: &Array,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn run(loaded: &JsValue, code: &str) -> Result<JsValue, JsValue>;
    fn terminate(loaded: &JsValue);
    fn misses(loaded: &JsValue) -> Vec<String>;
}

/// Python in a worker. Clones are the same Python; with the last one, the worker ends.
#[derive(Clone)]
pub struct Python(Rc<Worker>);

struct Worker {
    loaded: JsValue,
    _listeners: Vec<Listener>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        terminate(&self.loaded);
    }
}

impl Python {
    /// Begins to load the bundle in the folder at this address, relative to the page: the folder
    /// `pyodide-pack` of the build's outputs, as a server has it.
    pub fn at(base_url: &str) -> Loader {
        Loader::new(base_url)
    }

    pub(crate) fn new(loaded: JsValue, listeners: Vec<Listener>) -> Self {
        Self(Rc::new(Worker { loaded, _listeners: listeners }))
    }

    /// Calls a function, plain or `async`, of a module: `app.greet` is `greet` of `app.py`.
    ///
    /// `args` is a tuple with the positional arguments: `("Ada",)`, `(1, true)`, `()`. Structs and maps
    /// become dicts, sequences lists, `None` and `()` become `None`. Calls are answered one after the
    /// other.
    ///
    /// ```no_run
    /// # async fn example(python: pyodide_pack_web::Python) -> Result<(), pyodide_pack_web::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Summary {
    ///     mean: f64,
    ///     labels: Vec<String>,
    /// }
    ///
    /// let summary: Summary = python.call("app.summary", ([1, 2, 3],)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If Python raises, or if `args` can't be sent or the result is no `T`.
    pub async fn call<T: DeserializeOwned>(
        &self,
        function: &str,
        args: impl Serialize,
    ) -> Result<T, Error> {
        let (module, name) = function.rsplit_once('.').ok_or_else(|| {
            Error::data(format!("`{function}` names no module: write `app.{function}`"))
        })?;
        // Maps as objects, which become dicts; numbers as numbers.
        let args = args.serialize(&Serializer::json_compatible()).map_err(Error::data)?;
        let args = match args.dyn_into::<Array>() {
            Ok(args) => args,
            Err(value) if value.is_null() || value.is_undefined() => Array::new(),
            Err(_) => return Err(Error::data("the arguments are no tuple: write `(argument,)`")),
        };
        decode(call(&self.0.loaded, module, name, &args).await?)
    }

    /// Runs code, which may use `await`, and gives the value of its last expression.
    ///
    /// # Errors
    ///
    /// As for [`Python::call`].
    pub async fn run<T: DeserializeOwned>(&self, code: &str) -> Result<T, Error> {
        decode(run(&self.0.loaded, code).await?)
    }

    /// The files that were fetched on demand so far, as lines for `build.rs`.
    #[must_use]
    pub fn misses(&self) -> Vec<String> {
        misses(&self.0.loaded)
    }
}

fn decode<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value).map_err(Error::data)
}
