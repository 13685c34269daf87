//! Python in a worker, seen from the page.

use std::rc::Rc;

use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::events::Listener;

#[wasm_bindgen(module = "/src/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn call(python: &JsValue, path: &str, args: &Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn run(python: &JsValue, code: &str) -> Result<JsValue, JsValue>;
    fn misses(python: &JsValue) -> Vec<String>;
    fn terminate(python: &JsValue);
}

/// Python in a worker. Clones share one Python. The worker ends when the last clone is dropped.
#[derive(Clone)]
pub struct Python(Rc<Worker>);

struct Worker {
    /// The object that `loadWorker` resolved to.
    python: JsValue,
    _listeners: Vec<Listener>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        terminate(&self.python);
    }
}

impl Python {
    pub(crate) fn new(python: JsValue, listeners: Vec<Listener>) -> Self {
        Self(Rc::new(Worker { python, _listeners: listeners }))
    }

    /// Calls a function, plain or `async`, of a module: `app.greet` is `greet` of `app.py`.
    ///
    /// `args` is a tuple with the positional arguments: `("Ada",)`, `(1, true)`, `()`. Structs and maps
    /// become dicts, whatever their keys are; sequences become lists, `None` and `()` become `None`. Integers
    /// may have any size. Calls start in order. While one waits, others run.
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
    /// Fails if Python raises, if `args` or the result can't be sent, if the result is not a `T`, or if the
    /// worker has ended.
    pub async fn call<T: DeserializeOwned>(
        &self,
        function: &str,
        args: impl Serialize,
    ) -> Result<T, Error> {
        // Maps stay maps, so that their keys may be numbers; both maps and objects are dicts in Python. A
        // `u64` may be too large for a number; both numbers and `BigInt`s are `int` in Python.
        let serializer = Serializer::new().serialize_large_number_types_as_bigints(true);
        let args = args.serialize(&serializer).map_err(JsValue::from)?;
        let args = match args.dyn_into::<Array>() {
            Ok(args) => args,
            Err(value) if value.is_null() || value.is_undefined() => Array::new(),
            Err(_) => return Err(Error::new("the arguments are no tuple: write `(argument,)`")),
        };
        decode(call(&self.0.python, function, &args).await?)
    }

    /// Runs code, which may use `await`, and returns the value of its last expression.
    ///
    /// # Errors
    ///
    /// Fails as [`Python::call`] does.
    pub async fn run<T: DeserializeOwned>(&self, code: &str) -> Result<T, Error> {
        decode(run(&self.0.python, code).await?)
    }

    /// Returns the files that were opened so far and are not in the bundle, as lines for `build.rs`:
    /// `.eager("pandas/io/formats/*")`.
    #[must_use]
    pub fn misses(&self) -> Vec<String> {
        misses(&self.0.python)
    }

    /// Ends the worker for all clones. Calls that are not answered yet fail, and so do later ones.
    pub fn terminate(&self) {
        terminate(&self.0.python);
    }
}

fn decode<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    Ok(serde_wasm_bindgen::from_value(value).map_err(JsValue::from)?)
}
