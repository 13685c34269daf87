//! Edits of the app while Python runs.

use std::cell::RefCell;
use std::rc::Rc;

use pyodide_pack_web::{Error, Loader, Python, Reload};

use crate::page::checks::Checks;

/// The address of a development build.
const BASE: &str = "/development/pyodide-pack/";

type Events = Rc<RefCell<Vec<Reload>>>;

pub(crate) async fn edits(checks: &mut Checks) -> Result<(), Error> {
    let events = Events::default();
    let heard = Rc::clone(&events);
    let loader = Loader::new(BASE).on_reload(move |reload| heard.borrow_mut().push(reload));
    let python = loader.load().await?;
    checks.same("before the edit", text(&python).await, Ok::<_, Error>("first".to_owned()));
    let reload = edit(&python, "second", &events).await?;
    checks.same("the modules", reload.modules, ["app"]);
    checks.same("no error", reload.error, None::<Error>);
    checks.same("a time", reload.milliseconds > 0.0, true);
    checks.same("after the edit", text(&python).await, Ok::<_, Error>("second".to_owned()));
    let reload = edit(&python, "wrong", &events).await?;
    let error = reload.error.unwrap_or_else(|| panic!("no error"));
    checks.same("the exception", error.exception(), Some("SyntaxError"));
    let names_file = error.traceback().is_some_and(|text| text.contains("/home/pyodide/app.py"));
    checks.same("its traceback", names_file, true);
    checks.same("the old code answers", text(&python).await, Ok::<_, Error>("second".to_owned()));
    checks.same("only a page can follow", reload.stale, false);
    Ok(())
}

async fn text(python: &Python) -> Result<String, Error> {
    python.call("app.text", ()).await
}

/// Edits the app, and returns the event.
async fn edit(python: &Python, version: &str, events: &Events) -> Result<Reload, Error> {
    python.run::<()>(&format!("import js\nawait js.fetch('/edit/{version}')\nNone")).await?;
    while events.borrow().is_empty() {
        python.run::<()>("import asyncio\nawait asyncio.sleep(0.02)").await?;
    }
    Ok(events.borrow_mut().remove(0))
}
