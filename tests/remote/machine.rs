//! Machines: projects with caches of their own, whose Node notes its calls.

use std::process::Command;

use support::files::{Files, outputs};

use crate::cargo::child;
use crate::cargo::project::{Project, succeed};
use crate::cargo::tools::{as_node, calls, tool};
use crate::fetch::distribution::without_proxies;

pub struct Machine {
    pub project: Project,
    pub command: Command,
}

impl Machine {
    /// A machine that uses the shared cache at an address.
    pub fn new(project: Project, address: &str) -> Self {
        let node = tool(&project, "a-node", &as_node());
        let mut command = child::build(&project);
        without_proxies(&mut command);
        command.env("PYODIDE_PACK_REMOTE_CACHE", address).env("PYODIDE_PACK_NODE", node);
        Self { project, command }
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// A machine that also writes.
    pub fn writing(self) -> Self {
        self.env("PYODIDE_PACK_REMOTE_CACHE_WRITE", "1")
    }

    /// Builds, and returns everything that the build printed.
    pub fn build(&mut self) -> String {
        succeed(&mut self.command)
    }

    pub fn outputs(&self) -> Files {
        outputs(&child::out_dir(&self.project))
    }

    /// Returns the scripts that Node ran, without the questions for its version.
    pub fn scripts(&self) -> Vec<String> {
        let calls = calls(&self.project);
        let scripts = calls.lines().filter_map(|line| line.strip_prefix("a-node "));
        scripts.filter(|script| *script != "-p").map(str::to_owned).collect()
    }

    /// Returns every call of Node.
    pub fn calls(&self) -> String {
        calls(&self.project)
    }
}

/// Returns the warnings about the shared cache.
pub fn warnings(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains("warning=") && line.contains("shared cache")).collect()
}
