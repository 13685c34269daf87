//! Loads that fail, and loads that are cancelled.

use std::future::Future;
use std::task::Poll;

use js_sys::Promise;
use pyodide_pack_web::{Error, Loader, keep_offline};
use wasm_bindgen_futures::JsFuture;

use crate::page::BASE;
use crate::page::checks::Checks;

/// Starts Python as a page at the top would, on a page below.
pub(crate) async fn addresses(page: &str, problem: &str, checks: &mut Checks) -> Result<(), Error> {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let tried = format!("{folder}/pyodide-pack/loader.js could not be loaded: {problem}");
    let hint = "`pyodide-pack/` is relative to the page: for pages at several levels, write `/pyodide-pack/`";
    let parts = [tried.as_str(), hint];
    for base in ["pyodide-pack/", "pyodide-pack"] {
        let loaded = Loader::new(base).load().await.map(|_| ());
        checks.fails(&format!("a load of `{base}`, with what to write"), loaded, &parts);
    }
    let kept = keep_offline("pyodide-pack").await;
    checks.fails("keep_offline with the same address", kept, &parts);
    let script = format!("{folder}/service-worker.js could not be registered");
    let kept = keep_offline(BASE).await;
    checks.fails("keep_offline without a service worker", kept, &[&script]);
    let python = Loader::new(BASE).load().await?;
    checks.same("what the hint says works", python.run::<i32>("1").await, Ok::<_, Error>(1));
    Ok(())
}

/// Drops the future of a load that waits, when the server has its request.
pub(crate) async fn dropped(requested: Promise, checks: &mut Checks) -> Result<(), Error> {
    let mut load = Box::pin(Loader::new("/slow/pyodide-pack/").load());
    let mut requested = JsFuture::from(requested);
    let is_loaded = std::future::poll_fn(|context| match load.as_mut().poll(context) {
        Poll::Ready(loaded) => Poll::Ready(Ok(loaded.is_ok())),
        Poll::Pending => std::pin::Pin::new(&mut requested).poll(context).map_ok(|_| false),
    })
    .await?;
    drop(load);
    checks.same("a load waits for a file", is_loaded, false);
    Ok(())
}
