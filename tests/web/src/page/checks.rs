//! Checks, as the test prints them.

use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

use js_sys::Array;
use pyodide_pack_web::LoadPhase::{Core, Fetch, Mount, Ready, Start};
use pyodide_pack_web::{Error, LoadPhase, Progress};

/// Checks with their actual and expected texts.
#[derive(Default)]
pub(crate) struct Checks {
    found: Array,
    phases: Rc<RefCell<Vec<LoadPhase>>>,
}

impl Checks {
    /// Compares two values, as Rust shows them.
    pub(crate) fn same(&mut self, name: &str, actual: impl Debug, expected: impl Debug) {
        self.add(name, &format!("{actual:?}"), &format!("{expected:?}"));
    }

    /// Checks that the text of an error has these parts.
    pub(crate) fn fails<T: Debug>(&mut self, name: &str, ended: Result<T, Error>, parts: &[&str]) {
        let text = match ended {
            Ok(value) => format!("no error, but {value:?}"),
            Err(error) => error.to_string(),
        };
        let missing = parts.iter().find(|part| !text.contains(**part));
        self.add(name, missing.map_or("", |_| &text), missing.unwrap_or(&""));
    }

    /// Returns a listener for the phases of a load.
    pub(crate) fn progress(&self) -> impl FnMut(Progress) + 'static {
        let phases = Rc::clone(&self.phases);
        move |progress| phases.borrow_mut().push(progress.phase)
    }

    /// Checks the phases after a load.
    pub(crate) fn progressed(&mut self) {
        let mut phases = self.phases.take();
        phases.dedup();
        self.same("the phases of a load", phases, [Core, Fetch, Mount, Start, Ready]);
    }

    pub(crate) fn finish(self) -> Array {
        self.found
    }

    fn add(&mut self, name: &str, actual: &str, expected: &str) {
        self.found.push(
            &[name, actual, expected]
                .map(wasm_bindgen::JsValue::from)
                .into_iter()
                .collect::<Array>(),
        );
    }
}
