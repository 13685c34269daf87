//! Errors from Python, and errors before Python runs.

use std::fmt;

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// An exception of Python, or a failure while loading or passing data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    exception: Option<String>,
    message: String,
    traceback: Option<String>,
}

impl Error {
    /// Returns the name of Python's exception, such as `ValueError`; `None` for other errors.
    #[must_use]
    pub fn exception(&self) -> Option<&str> {
        self.exception.as_deref()
    }

    /// Returns Python's traceback, from the outermost call to the exception.
    #[must_use]
    pub fn traceback(&self) -> Option<&str> {
        self.traceback.as_deref()
    }

    pub(crate) fn new(message: &str) -> Self {
        Self { exception: None, message: message.to_owned(), traceback: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Converts the reason of a rejected promise. The loader's errors have `type` and `traceback`.
impl From<JsValue> for Error {
    fn from(thrown: JsValue) -> Self {
        let text = |name: &str| {
            let value =
                Reflect::get(&thrown, &name.into()).ok().and_then(|value| value.as_string());
            value.filter(|text| !text.is_empty())
        };
        let message = text("message").unwrap_or_else(|| format!("{thrown:?}"));
        Self { exception: text("type"), message, traceback: text("traceback") }
    }
}
