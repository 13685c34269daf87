//! The stages of a build: their names, their times, and the receivers of progress.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::base::error::Result;

/// How long one stage of the build took.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stage {
    /// `resolve`, `unpack`, `trace and transform`, `bundle and verify` ...
    pub name: String,
    /// Elapsed time in seconds.
    pub seconds: f64,
}

/// Receives the name of each stage when it starts. The core itself prints nothing.
pub(crate) trait Progress: Sync {
    fn started(&self, stage: &str);
}

/// Prints to standard error, which Cargo shows on demand.
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

    /// Reports a message that is no stage.
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
