//! Exceptions, and errors that nobody caught.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use pyodide_pack_web::{Error, Python};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::page::checks::Checks;

/// Resolves when an error was heard.
pub(crate) struct Heard {
    error: Rc<RefCell<Option<Error>>>,
    told: JsFuture,
}

/// Returns a listener for uncaught errors, and what it will hear.
pub(crate) fn listener() -> (impl FnMut(Error) + 'static, Heard) {
    let error = Rc::new(RefCell::new(None));
    let mut resolve = None::<Function>;
    let told = Promise::new(&mut |done, _| resolve = Some(done)).into();
    let place = Rc::clone(&error);
    let listener = move |heard| {
        place.replace(Some(heard));
        if let Some(resolve) = &resolve {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    };
    (listener, Heard { error, told })
}

pub(crate) async fn exceptions(python: &Python, checks: &mut Checks) -> Result<(), Error> {
    let failed: Result<(), Error> = python.call("api.fail", ()).await;
    let error = failed.as_ref().err();
    checks.same("the exception's name", error.and_then(Error::exception), Some("ValueError"));
    let traceback = error.and_then(Error::traceback).unwrap_or_default();
    checks.same("its traceback", traceback.contains("in fail\n"), true);
    let expected = "ValueError: no such price\nask the shop";
    checks.same("its message with notes", error.map(Error::to_string), Some(expected));
    let other: Result<(), Error> = python.call("fail", ()).await;
    let error = other.as_ref().err();
    checks.same("no exception of Python", error.and_then(Error::exception), None::<&str>);
    checks.fails("but a message", other, &["`fail` names no module: write `app.fail`"]);
    Ok(())
}

pub(crate) async fn callbacks(
    python: &Python,
    heard: Heard,
    checks: &mut Checks,
) -> Result<(), Error> {
    let code = "
import js
from pyodide.ffi import create_proxy
def divide(*args): 1 / 0
js.setTimeout(create_proxy(divide), 0)
None";
    python.run::<()>(code).await?;
    heard.told.await?;
    let error = heard.error.take();
    let exception = error.as_ref().and_then(Error::exception);
    checks.same("on_error hears a callback's exception", exception, Some("ZeroDivisionError"));
    let traceback = error.as_ref().and_then(Error::traceback).unwrap_or_default();
    checks.same("with its traceback", traceback.contains("in divide"), true);
    let state: String = python.run("divide.__name__").await?;
    checks.same("and Python goes on", state, "divide");
    Ok(())
}
