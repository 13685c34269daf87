//! Finds Node, npm and pip through a variable or `PATH`, probes their versions, and explains how to install
//! a missing one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::base::error::{Error, ErrorKind, Result};
use crate::settings::env::{self, Env};

/// The oldest tested version of Node.js that has all features that the scripts use.
const OLDEST_NODE: u32 = 20;

struct Wanted {
    /// The usual name.
    title: &'static str,
    commands: &'static [&'static str],
    variable: &'static str,
    install: &'static str,
}

const NODE: Wanted = Wanted {
    title: "Node.js",
    commands: &["node"],
    variable: env::NODE,
    install: "install Node.js 20 or newer (Debian: apt-get install nodejs npm; macOS: brew install node; \
              Windows: winget install OpenJS.NodeJS)",
};
const NPM: Wanted = Wanted {
    title: "npm",
    commands: &["npm"],
    variable: env::NPM,
    install: "install npm, which comes with Node.js (Debian: apt-get install npm; macOS: brew install node; \
              Windows: winget install OpenJS.NodeJS)",
};
const PYTHON: Wanted = Wanted {
    title: "Python",
    commands: &["python3", "python", "py"],
    variable: env::PYTHON,
    install: "install Python 3 with pip (Debian: apt-get install python3-pip; macOS: brew install python; \
              Windows: winget install Python.Python.3.13)",
};

impl Wanted {
    /// Returns the path in the variable, or the first command on `PATH`.
    fn find(&self, env: &Env, wanted_for: &str) -> Result<PathBuf> {
        Ok(self.find_all(env, wanted_for)?.swap_remove(0))
    }

    /// Returns the path in the variable alone, or all paths of all commands on `PATH`, at least one.
    fn find_all(&self, env: &Env, wanted_for: &str) -> Result<Vec<PathBuf>> {
        let missing = |place: String, cause: &str| {
            Error::new(
                ErrorKind::Tool,
                format!("{} was not found; it is needed to {wanted_for}", self.title),
            )
            .at(place)
            .because(cause)
            .hint(format!("{}, or set {} to its path", self.install, self.variable))
        };
        if let Some(value) = env.own(self.variable) {
            return which::which(&value).map(|path| vec![path]).map_err(|e| {
                missing(format!("{}={}", self.variable, value.to_string_lossy()), &e.to_string())
            });
        }
        let path = env.foreign("PATH");
        let all = |command| which::which_in_global(command, path.as_ref()).into_iter().flatten();
        let mut found: Vec<PathBuf> = Vec::new();
        for path in self.commands.iter().flat_map(all) {
            if !found.contains(&path) {
                found.push(path);
            }
        }
        if found.is_empty() {
            let names = self.commands.join(" or ");
            let cause = format!("no folder of PATH has {names}, and {} is not set", self.variable);
            return Err(missing("PATH".into(), &cause));
        }
        Ok(found)
    }
}

/// Node.js, which runs the scripts of `build-support`.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The program itself. The launcher of a version manager would need the environment.
    pub program: PathBuf,
    pub version: String,
}

impl Node {
    pub fn find(env: &Env) -> Result<Self> {
        let path = NODE.find(env, "trace the app and compress its files")?;
        let mut command = Command::new(&path);
        command.args(["-p", "process.version + '\\n' + process.execPath"]);
        let text = stdout_of(&mut command, &NODE)?;
        let (version, program) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        let version = version.trim().trim_start_matches('v').to_owned();
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < OLDEST_NODE) {
            return Err(Error::new(ErrorKind::Tool, format!("Node.js {version} is too old"))
                .at(path.display())
                .hint(format!(
                    "{}, or set {} to the path of a newer one",
                    NODE.install, NODE.variable
                )));
        }
        Ok(Self { program: PathBuf::from(program.trim()), version })
    }
}

/// npm, which downloads the Pyodide runtime from the user's registry.
pub(crate) struct Npm(PathBuf);

impl Npm {
    pub fn find(env: &Env) -> Result<Self> {
        NPM.find(env, "fetch the Pyodide runtime").map(Self)
    }

    /// Downloads a package's archive into `dir` and returns npm's JSON output.
    pub fn pack(&self, spec: &str, dir: &Path) -> Result<Vec<u8>> {
        let mut command = Command::new(&self.0);
        command.args(["pack", spec, "--json", "--pack-destination"]).arg(dir).current_dir(dir);
        let mut output = output_of(&mut command, &NPM)?;
        let said = String::from_utf8_lossy(&output.stderr);
        if ["syscall mkdir", "syscall open"].iter().any(|part| said.contains(part)) {
            // The user's folder for npm's own cache can't be written.
            command.arg("--cache").arg(dir.join("npm"));
            output = output_of(&mut command, &NPM)?;
        }
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(Error::new(ErrorKind::Runtime, format!("npm could not fetch {spec}"))
            .at(self.0.display())
            .because(tail(&output.stderr, 20))
            .hint("check the version, the network and npm's registry and proxy settings, or use Builder::pyodide_dir \
                   with an unpacked Pyodide distribution"))
    }
}

/// Python with pip, which finds wheels on the user's package index.
pub(crate) struct HostPython(PathBuf);

impl HostPython {
    /// Finds the first Python that runs pip. `PATH` may start with a virtual environment without pip, or
    /// with a stub that only advertises Python.
    pub fn find(env: &Env) -> Result<Self> {
        let mut tried = Vec::new();
        for path in PYTHON.find_all(env, "find wheels on the package index")? {
            match output_of(Command::new(&path).args(["-m", "pip", "--version"]), &PYTHON) {
                Ok(output) if output.status.success() => return Ok(Self(path)),
                Ok(output) => {
                    let last = tail(&output.stderr, 1);
                    let why = if last.is_empty() { output.status.to_string() } else { last };
                    tried.push(format!("{}: {why}", path.display()));
                }
                Err(error) => tried.push(format!("{}: {error}", path.display())),
            }
        }
        Err(Error::new(ErrorKind::Tool, "pip was not found; it is needed to find wheels on the package index")
            .at(if env.own(PYTHON.variable).is_some() { PYTHON.variable } else { "PATH" })
            .because(tried.join("\n"))
            .hint(format!(
                "install pip (Debian: apt-get install python3-pip; others: python3 -m ensurepip), or set {} \
                 to a Python that has it",
                PYTHON.variable
            )))
    }

    /// Runs a script of `build-support`. Returns standard error whatever the outcome.
    pub fn run(&self, script: &Path, arguments: &[&Path]) -> Result<Output> {
        let mut command = Command::new(&self.0);
        command.arg(script).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
        output_of(&mut command, &PYTHON)
    }
}

fn output_of(command: &mut Command, tool: &Wanted) -> Result<Output> {
    command.stdin(Stdio::null()).output().map_err(|e| {
        Error::new(ErrorKind::Tool, format!("{} could not be started", tool.title))
            .at(command.get_program().to_string_lossy())
            .because(e)
            .hint(format!("{}, or set {} to its path", tool.install, tool.variable))
    })
}

fn stdout_of(command: &mut Command, tool: &Wanted) -> Result<String> {
    let output = output_of(command, tool)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::new(ErrorKind::Tool, format!("{} does not work: {}", tool.title, output.status))
        .at(command.get_program().to_string_lossy())
        .because(tail(&output.stderr, 20))
        .hint(format!("{}, or set {} to the path of another", tool.install, tool.variable)))
}

/// Returns the last lines of a tool's output.
pub(crate) fn tail(bytes: &[u8], lines: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let all: Vec<_> = text.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[test]
    fn missing_tools_say_what_variable_and_command() {
        let env = Env::from_values([("PATH".to_owned(), OsString::from("/nowhere"))]);
        for (error, variable) in [
            (Node::find(&env).unwrap_err(), env::NODE),
            (Npm::find(&env).err().unwrap(), env::NPM),
            (HostPython::find(&env).err().unwrap(), env::PYTHON),
        ] {
            let text = error.to_string();
            assert_eq!(error.kind(), ErrorKind::Tool);
            assert!(text.contains(variable) && text.contains("apt-get install"), "{text}");
        }
    }

    /// Writes a program by a shell: a file that this process has open for writing can't be executed.
    #[cfg(unix)]
    fn program(path: &Path, text: &str) -> PathBuf {
        let script =
            "mkdir -p \"${1%/*}\" && printf '#!/bin/sh\\n%s\\n' \"$2\" > \"$1\" && chmod +x \"$1\"";
        let mut shell = Command::new("sh");
        assert!(shell.args(["-c", script, "sh"]).arg(path).arg(text).status().unwrap().success());
        path.to_path_buf()
    }

    #[test]
    #[cfg(unix)]
    fn npm_gets_another_cache_if_its_own_can_not_be_written() {
        let dir = tempfile::tempdir().unwrap();
        let text = "case \"$*\" in (*--cache*) echo ok;; (*) echo npm error syscall mkdir >&2; exit 1;; esac";
        let npm = Npm(program(&dir.path().join("npm"), text));
        assert_eq!(npm.pack("pyodide@1", dir.path()).unwrap(), b"ok\n");
    }

    #[test]
    #[cfg(unix)]
    fn the_first_python_that_has_pip_is_used_and_all_others_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let program = |name: &str, text: &str| program(&dir.path().join(name), text);
        let without = program("venv/python3", "echo 'No module named pip' >&2; exit 1");
        let stub = program("stub/python3", "exit 9");
        let folders = ["venv", "stub", "good"].map(|name| dir.path().join(name));
        let path = std::env::join_paths(folders).unwrap();
        let env = Env::from_values([("PATH".to_owned(), path)]);
        let text = HostPython::find(&env).err().unwrap().to_string();
        for (path, why) in [(without, "No module named pip"), (stub, "exit status: 9")] {
            assert!(text.contains(&format!("{}: {why}", path.display())), "{text}");
        }
        assert!(text.contains("apt-get install python3-pip"), "{text}");
        let good = program("good/python", "echo pip 26");
        assert_eq!(HostPython::find(&env).unwrap().0, good);
    }

    #[test]
    fn tail_is_the_end() {
        assert_eq!(tail(b"a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail(b"", 2), "");
    }
}
