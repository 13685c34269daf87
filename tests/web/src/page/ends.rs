//! Calls after the end of a worker.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use pyodide_pack_web::{Error, Loader, Python};

use crate::page::checks::Checks;
use crate::page::{API, BASE};

/// Awaits the second future, and polls the first one before and meanwhile.
async fn beside<T, U>(
    mut first: Pin<&mut impl Future<Output = T>>,
    second: impl Future<Output = U>,
) -> U {
    let mut second = pin!(second);
    std::future::poll_fn(|context| match first.as_mut().poll(context) {
        Poll::Pending => second.as_mut().poll(context),
        Poll::Ready(_) => panic!("the first future was ready too early"),
    })
    .await
}

pub(crate) async fn terminate(python: &Python, checks: &mut Checks) -> Result<(), Error> {
    let mut pending = pin!(python.call::<()>("api.wait_for_ever", ()));
    let answered = beside(pending.as_mut(), python.run::<i32>("6 * 7")).await;
    checks.same("a call beside one that waits", answered, Ok::<_, Error>(42));
    let clone = python.clone();
    clone.terminate();
    let reason = "the worker was terminated";
    checks.fails("terminate() rejects a call that waits", pending.await, &[reason]);
    checks.fails("and later calls", python.call::<()>("api.show", ()).await, &[reason]);
    checks.fails("and later code", python.run::<()>("None").await, &[reason]);
    Ok(())
}

pub(crate) async fn by_themselves(checks: &mut Checks) -> Result<(), Error> {
    for (code, reason) in [
        ("import os; os._exit(1)", "Python ended"),
        ("import js; js.close()", "the worker closed itself"),
    ] {
        let python = Loader::new(BASE).load().await?;
        python.run::<()>(API).await?;
        let mut pending = pin!(python.call::<()>("api.wait_for_ever", ()));
        beside(pending.as_mut(), python.run::<()>("None")).await?;
        let own = python.run::<()>(&format!("{code}; await wait_for_ever()")).await;
        checks.fails(&format!("{code}: the call itself"), own, &[""]);
        checks.fails(&format!("{code}: a call that waits"), pending.await, &[reason]);
        let later = python.call::<()>("api.show", ()).await;
        checks.fails(&format!("{code}: later calls"), later, &[reason]);
    }
    Ok(())
}
