//! The stages of a build: their names, their times, and the receivers of progress.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
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

/// The file in `OUT_DIR` that a running build writes. Cargo shows the output of a build script only at its end.
pub(crate) const PROGRESS_TXT: &str = "pyodide-pack-progress.txt";

/// Prints to standard error, which Cargo shows on demand, and writes to a file, which others can follow.
pub(crate) struct Log {
    print: bool,
    started: Instant,
    file: Option<File>,
}

impl Log {
    /// Starts a log with an empty file in `dir`. A file that can't be written fails no build.
    pub fn new(print: bool, dir: &Path) -> Self {
        let created = fs::create_dir_all(dir).and_then(|()| File::create(dir.join(PROGRESS_TXT)));
        Self { print, started: Instant::now(), file: created.ok() }
    }

    /// Creates a log that nobody reads.
    #[cfg(test)]
    pub fn silent() -> Self {
        Self { print: false, started: Instant::now(), file: None }
    }
}

impl Progress for Log {
    fn started(&self, stage: &str) {
        if self.print {
            eprintln!("pyodide-pack: {stage}");
        }
        if let Some(mut file) = self.file.as_ref() {
            let seconds = self.started.elapsed().as_secs_f64();
            // In one call, so that the lines of two threads do not mix.
            let _ = file.write_all(format!("{seconds:>8.2} s  {stage}\n").as_bytes());
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
