//! The stages of a build: their names, how long each took, and who wants to hear of them.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::base::error::Result;

/// How long one stage of the build took.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stage {
    /// `resolve`, `unpack`, `trace and transform`, `bundle and verify` ...
    pub name: String,
    /// Seconds on the clock.
    pub seconds: f64,
}

/// Hears of each stage when it starts. The core prints nothing itself.
pub(crate) trait Progress {
    fn started(&self, stage: &str);
}

/// Prints to standard error, where Cargo shows it on demand.
pub(crate) struct Log {
    pub enabled: bool,
}

impl Progress for Log {
    fn started(&self, stage: &str) {
        if self.enabled {
            eprintln!("pyodide-pack: {stage}");
        }
    }
}

pub(crate) struct Stages<'a> {
    pub progress: &'a dyn Progress,
    pub done: Vec<Stage>,
}

impl<'a> Stages<'a> {
    pub fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, done: Vec::new() }
    }

    /// Something worth saying that is no stage.
    pub fn say(&self, text: &str) {
        self.progress.started(text);
    }

    pub fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.progress.started(name);
        let started = Instant::now();
        let result = work();
        self.done.push(Stage { name: name.to_owned(), seconds: started.elapsed().as_secs_f64() });
        result
    }
}
