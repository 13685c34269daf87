//! Runs scripts in Node.js.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::parallel::threads;
use crate::engine::scripts::FILES;
use crate::engine::tools::Node;
use crate::engine::{Engine, Failure, Limit, Task};

pub(crate) struct NodeEngine<'a> {
    node: &'a Node,
    work: &'a Path,
    /// Whether scripts inherit the host's environment. Without it, runs are repeatable.
    inherit_env: bool,
    cancelled: AtomicBool,
}

impl<'a> NodeEngine<'a> {
    /// Writes the scripts into `work`.
    pub fn new(node: &'a Node, work: &'a Path, inherit_env: bool) -> Result<Self> {
        for (name, content) in FILES {
            files::write_atomic(&work.join(name), content.as_bytes())?;
        }
        Ok(Self { node, work, inherit_env, cancelled: AtomicBool::new(false) })
    }

    /// Returns the path for the standard error of a running job.
    pub fn stderr_path(&self, name: &str) -> PathBuf {
        self.work.join(format!("{name}.stderr.txt"))
    }

    fn command(&self, task: Task, job: &Path) -> Command {
        let mut command = Command::new(&self.node.program);
        if !self.inherit_env {
            command.env_clear().env("TZ", "UTC").envs(self.node.env.iter().cloned());
            // Node compresses in this many threads; its default is four.
            command.env("UV_THREADPOOL_SIZE", threads().to_string());
            // Windows starts no program without this variable.
            #[cfg(windows)]
            command.env("SystemRoot", r"C:\Windows");
        }
        command
            .args(self.node.options)
            .arg(self.work.join(task.script.path()))
            .arg(job)
            .arg(std::process::id().to_string())
            .current_dir(self.work);
        command
    }

    /// Returns `None` if the script had to be cancelled.
    fn wait(
        &self,
        command: &mut Command,
        stderr: &Path,
        limit: Limit,
    ) -> Result<Option<ExitStatus>> {
        let failed = |e: std::io::Error| {
            Error::new(ErrorKind::Tool, "Node.js could not be started")
                .at(self.node.program.display())
                .because_of(e)
        };
        let mut child = command.spawn().map_err(failed)?;
        let (mut since, mut printed) = (Instant::now(), 0);
        loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                return Ok(Some(status));
            }
            if matches!(limit, Limit::Silence(_)) {
                let length = fs::metadata(stderr).map_or(0, |meta| meta.len());
                if length != printed {
                    (since, printed) = (Instant::now(), length);
                }
            }
            let (Limit::Total(time) | Limit::Silence(time)) = limit;
            if since.elapsed() > time || self.cancelled.load(Ordering::Relaxed) {
                child.kill().and_then(|()| child.wait()).map_err(failed)?;
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Engine for NodeEngine<'_> {
    fn work(&self) -> &Path {
        self.work
    }

    fn execute(&self, task: Task, job: &[u8]) -> Result<Result<Vec<u8>, Failure>> {
        let job_path = self.work.join(format!("{}.job.json", task.name));
        files::write_atomic(&job_path, job)?;
        let result_path = (self as &dyn Engine).result_path(task.name);
        // An earlier run of the same name may have left a result.
        let _ = fs::remove_file(&result_path);
        let stderr_path = self.stderr_path(task.name);
        let log = File::create(&stderr_path)
            .map_err(|e| Error::io("create the file", &stderr_path, e))?;
        let mut command = self.command(task, &job_path);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let status = self.wait(&mut command, &stderr_path, task.limit)?;
        let stderr = || {
            let bytes = fs::read(&stderr_path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let Some(status) = status else {
            let (Limit::Total(time) | Limit::Silence(time)) = task.limit;
            return Ok(Err(Failure::Timeout(time, stderr())));
        };
        Ok(fs::read(&result_path).map_err(|_| Failure::Ended(status.to_string(), stderr())))
    }

    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}
