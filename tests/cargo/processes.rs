//! Finds the processes of a build by their working folder, which is in the build's cache. Linux only: other
//! systems find none.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

#[derive(Clone)]
pub struct Process {
    pid: u32,
    command_line: String,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pid, self.command_line)
    }
}

/// Returns all processes that work in a folder below `dir`, even if that folder was deleted.
pub fn working_in(dir: &Path) -> Vec<Process> {
    let dir = format!("{}/", dir.display());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid: u32| {
        let place = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let command_line = String::from_utf8_lossy(&bytes).replace('\0', " ");
        place.to_string_lossy().starts_with(&dir).then_some(Process { pid, command_line })
    })
    .collect()
}

/// Returns whether one of them runs `program`, the name of a script or a command.
pub fn runs(dir: &Path, program: &str) -> bool {
    cfg!(not(target_os = "linux"))
        || working_in(dir).iter().any(|process| process.command_line.contains(program))
}

/// Ends the remaining processes of a build when a test ends, however it ends.
pub struct EndedAtLast<'a>(pub &'a Path);

impl Drop for EndedAtLast<'_> {
    fn drop(&mut self) {
        for process in working_in(self.0) {
            let _ = Command::new("kill").args(["-9", &process.pid.to_string()]).status();
        }
    }
}
