//! Runs a script of `build-support` in Node: a job goes in as JSON, a result comes out as JSON.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::parallel::threads;
use crate::engine::Failure;
use crate::engine::scripts::SCRIPTS;
use crate::engine::tools::{Node, tail};

/// How much of a script's standard error goes into an error.
const STDERR_LINES: usize = 30;

pub(crate) struct Runner<'a> {
    node: &'a Node,
    /// Jobs, results and scripts lie here while the build runs.
    pub work: &'a Path,
    /// Whether scripts get the host's environment; without it a run can be repeated.
    inherit_env: bool,
    cancelled: AtomicBool,
}

impl<'a> Runner<'a> {
    pub fn new(node: &'a Node, work: &'a Path, inherit_env: bool) -> Result<Self> {
        for (name, content) in SCRIPTS {
            files::write_atomic(&work.join(name), content.as_bytes())?;
        }
        Ok(Self { node, work, inherit_env, cancelled: AtomicBool::new(false) })
    }

    /// Ends the scripts that other threads run, as [`Failure::Timeout`], because the build has failed.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Where a job named so must put its result.
    pub fn result_path(&self, name: &str) -> PathBuf {
        self.work.join(format!("{name}.result.json"))
    }

    pub fn run<J: Serialize, R: DeserializeOwned>(
        &self,
        script: &str,
        name: &str,
        job: &J,
        limit: Duration,
    ) -> Result<R, Failure> {
        let job_path = self.work.join(format!("{name}.job.json"));
        let text = serde_json::to_vec(job).map_err(|e| Failure::Other(not_json(&job_path, &e)))?;
        files::write_atomic(&job_path, &text).map_err(Failure::Other)?;
        let stderr_path = self.work.join(format!("{name}.stderr.txt"));
        let status = self.spawn_and_wait(script, &job_path, &stderr_path, limit);
        let stderr = tail(&fs::read(&stderr_path).unwrap_or_default(), STDERR_LINES);
        let Some(status) = status.map_err(Failure::Other)? else {
            return Err(Failure::Timeout(limit, stderr));
        };
        let result_path = self.result_path(name);
        let Ok(result) = fs::read(&result_path) else {
            return Err(Failure::Ended(status.to_string(), stderr));
        };
        serde_json::from_slice(&result).map_err(|e| Failure::Other(not_json(&result_path, &e)))
    }

    /// `None` if it had to be ended.
    fn spawn_and_wait(
        &self,
        script: &str,
        job: &Path,
        stderr: &Path,
        limit: Duration,
    ) -> Result<Option<std::process::ExitStatus>> {
        let log = File::create(stderr).map_err(|e| Error::io("create the file", stderr, &e))?;
        let mut command = Command::new(&self.node.program);
        if !self.inherit_env {
            command.env_clear().env("TZ", "UTC");
            // Node compresses in this many threads, and in four by default.
            command.env("UV_THREADPOOL_SIZE", threads().to_string());
            // Windows starts no program without it.
            #[cfg(windows)]
            command.env("SystemRoot", r"C:\Windows");
        }
        command
            .arg(self.work.join("scripts").join(script))
            .arg(job)
            .arg(std::process::id().to_string())
            .current_dir(self.work);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let failed = |e: &std::io::Error| {
            Error::new(ErrorKind::Tool, "Node.js could not be started")
                .at(self.node.program.display())
                .because(e)
        };
        let mut child = command.spawn().map_err(|e| failed(&e))?;
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(|e| failed(&e))? {
                return Ok(Some(status));
            }
            if started.elapsed() > limit || self.cancelled.load(Ordering::Relaxed) {
                child.kill().and_then(|()| child.wait()).map_err(|e| failed(&e))?;
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[derive(Serialize)]
struct DigestsJob<'a> {
    files: &'a [PathBuf],
    result: PathBuf,
}

impl Runner<'_> {
    /// SHA-256 of files, in hexadecimal; build scripts are not optimised, and Node is.
    pub fn digests(&self, files: &[PathBuf]) -> Result<Vec<String>> {
        let job = DigestsJob { files, result: self.result_path("digests") };
        let limit = Duration::from_secs(600);
        self.run("digests.mjs", "digests", &job, limit)
            .map_err(|f| f.into_error(ErrorKind::Io, "the outputs could not be read back"))
    }
}

fn not_json(path: &Path, source: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Io, "a script's job or result is not as expected")
        .at(path.display())
        .because(source)
}
