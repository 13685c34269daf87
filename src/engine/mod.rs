//! Runs the scripts of a build. Jobs and results are JSON.

#[cfg(test)]
pub(crate) mod border;
pub(crate) mod node;
pub(crate) mod request;
pub(crate) mod scripts;
#[cfg(test)]
pub(crate) mod table;
pub(crate) mod tools;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::scripts::Script;
use crate::engine::tools::tail;

/// The maximum length of a script's standard error in an error message.
const STDERR_LINES: usize = 30;

/// Runs scripts. Node.js is the only implementation outside of tests; a browser is possible.
pub(crate) trait Engine: Sync {
    /// Returns the folder for jobs, results and other files. It exists as long as the engine.
    fn work(&self) -> &Path;

    /// Runs a script to its end and returns its result. The outer error means that the script could not
    /// start. The inner error is the script's own.
    fn execute(&self, task: Task, job: &[u8]) -> Result<Result<Vec<u8>, Failure>>;

    /// Cancels the scripts of other threads, because the build has failed.
    fn cancel(&self);
}

/// One run of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'a> {
    pub script: Script,
    /// Distinguishes the files of this run from those of others.
    pub name: &'a str,
    pub limit: Limit,
}

/// When a script is cancelled.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// After this time in total.
    Total(Duration),
    /// After this time without output on standard error.
    Silence(Duration),
}

/// Why a script returned no result, with its standard error.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was still running after this time, or it was cancelled.
    Timeout(Duration, String),
    /// It exited with this status and without a result.
    Ended(String, String),
}

impl Failure {
    /// Returns the end of its standard error, for an error message.
    pub fn stderr(&self) -> String {
        tail(self.whole_stderr().as_bytes(), STDERR_LINES)
    }

    pub fn whole_stderr(&self) -> &str {
        match self {
            Self::Timeout(_, stderr) | Self::Ended(_, stderr) => stderr,
        }
    }

    /// Converts to an error with the script's output; `what` says what could not be done.
    pub fn into_error(self, kind: ErrorKind, what: &str) -> Error {
        Error::new(kind, what).because(self.stderr())
    }
}

impl dyn Engine + '_ {
    /// Returns the path for the result of a job with this name.
    pub fn result_path(&self, name: &str) -> PathBuf {
        self.work().join(format!("{name}.result.json"))
    }

    /// Runs a script. The outer error is the build's, the inner error the script's.
    pub fn run<J: Serialize, R: DeserializeOwned>(
        &self,
        task: Task,
        job: &J,
    ) -> Result<Result<R, Failure>> {
        let not_json = |path: &Path, source: serde_json::Error| {
            Error::new(ErrorKind::Io, "a script's job or result has the wrong form")
                .at(path.display())
                .because_of(source)
        };
        let job = serde_json::to_vec(job).map_err(|e| not_json(self.work(), e))?;
        let result = match self.execute(task, &job)? {
            Ok(result) => result,
            Err(failure) => return Ok(Err(failure)),
        };
        let parsed = serde_json::from_slice(&result);
        parsed.map(Ok).map_err(|e| not_json(&self.result_path(task.name), e))
    }

    /// Returns the SHA-256 of files, in hexadecimal. Node hashes them, because build scripts are not
    /// optimised.
    pub fn digests(&self, files: &[PathBuf]) -> Result<Vec<String>> {
        #[derive(Serialize)]
        struct DigestsJob<'a> {
            files: &'a [PathBuf],
            result: PathBuf,
        }
        let name = "digests";
        let job = DigestsJob { files, result: self.result_path(name) };
        let task =
            Task { script: Script::Digests, name, limit: Limit::Total(Duration::from_secs(600)) };
        self.run(task, &job)?
            .map_err(|f| f.into_error(ErrorKind::Io, "the outputs could not be read back"))
    }
}
