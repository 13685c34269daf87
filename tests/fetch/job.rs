//! A job for `fetch.mjs`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::files::{Files, read_all};
use support::tmp;
use support::wheels::sha256;

use crate::fetch::distribution::{said, without_proxies};

pub const BODY: &[u8] = b"the bytes of a file";

/// A job for some files, each with the content [`BODY`], with short timeouts.
pub struct Job {
    pub dir: tempfile::TempDir,
    settings: Value,
    environment: Vec<(&'static str, String)>,
}

impl Job {
    pub fn new(base: &str, names: &[&str]) -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        let file = |name: &&str| {
            let path = dir.path().join("files").join(name).join(name);
            json!({ "name": name, "path": path, "sha256": sha256(BODY) })
        };
        let settings = json!({
            "schema": 1, "base": base, "files": names.iter().map(file).collect::<Vec<_>>(),
            "userAgent": "test", "parallel": 8, "tries": 3, "pauseMs": 10, "waitMs": 1500,
            "idleMs": 5000, "redirects": 5, "bytes": 100, "result": dir.path().join("result.json"),
        });
        Self { dir, settings, environment: Vec::new() }
    }

    pub fn set(mut self, name: &str, value: u64) -> Self {
        self.settings[name] = value.into();
        self
    }

    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Runs the job, and returns each file's failure, or an empty text.
    pub fn run(&self) -> Vec<String> {
        let path = self.dir.path().join("job.json");
        fs::write(&path, serde_json::to_vec(&self.settings).unwrap()).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-support/scripts/fetch.mjs");
        let mut command = Command::new("node");
        without_proxies(&mut command);
        command.arg(script).arg(path).arg(std::process::id().to_string());
        command.envs(self.environment.iter().map(|(k, v)| (k, v)));
        let (text, ok) = said(&command.output().unwrap());
        assert!(ok, "{text}");
        let result = fs::read(self.dir.path().join("result.json")).unwrap();
        let outcomes: Vec<Value> = serde_json::from_slice(&result).unwrap();
        let message =
            |outcome: &Value| outcome["failure"]["message"].as_str().unwrap_or_default().to_owned();
        outcomes.iter().map(message).collect()
    }

    /// Runs the job for one file, which must fail, and returns why.
    pub fn fails(&self) -> String {
        let [why] = &self.run()[..] else { panic!("one file") };
        assert!(!why.is_empty(), "it worked");
        why.clone()
    }

    pub fn works(&self) {
        let failures = self.run();
        assert!(failures.iter().all(String::is_empty), "{failures:?}");
        let files = self.files();
        assert_eq!(files.len(), failures.len(), "{files:?}");
        assert!(files.values().all(|bytes| bytes == BODY));
    }

    pub fn files(&self) -> Files {
        let dir = self.dir.path().join("files");
        read_all(&dir)
    }
}
