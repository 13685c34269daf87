//! Finds Node, npm and pip through a variable or `PATH`, probes their versions, and explains how to install
//! a missing one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::base::error::{Error, ErrorKind, Result};
use crate::settings::env::{self, Env};

/// The oldest tested version of Node.js that has all features that the scripts use. Apps that call
/// `asyncio.run` need 22.
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
    install: "install Node.js 22 or newer (Debian: apt-get install nodejs npm; macOS: brew install node; \
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
              Windows: winget install Python.Python.3.13), or uv",
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
    /// The program that the variable names, or else Node itself: the launcher of a version manager would need
    /// the environment.
    pub program: PathBuf,
    pub version: String,
    /// Options before the script.
    pub options: &'static [&'static str],
    /// Variables that the program may need, because it may be a script that starts Node.
    pub env: Vec<(&'static str, OsString)>,
}

/// Prints the version, the path of Node itself, and whether WebAssembly can wait for promises.
const PROBE: &str = "[process.version, process.execPath, \
                     'Suspending' in WebAssembly || 'Suspender' in WebAssembly].join('\\n')";
/// Switches on JavaScript Promise Integration, which `asyncio.run` needs, in Node 22 and 23.
const SUSPENDING: &[&str] = &["--experimental-wasm-jspi"];

impl Node {
    /// Returns a program for scripts that run in every version and inherit the environment. It is not started to
    /// find its version.
    pub fn unprobed(env: &Env) -> Result<Self> {
        let program = NODE.find(env, "use the shared cache")?;
        Ok(Self { program, version: String::new(), options: &[], env: Vec::new() })
    }

    pub fn find(env: &Env) -> Result<Self> {
        let path = NODE.find(env, "trace the app and compress its files")?;
        let probe = |options: &[&str]| {
            let mut command = Command::new(&path);
            command.args(options).args(["-p", PROBE]);
            stdout_of(&mut command, &NODE)
        };
        let mut probed = probe(&[])?;
        let mut options: &[&str] = &[];
        // An older Node refuses the option.
        if probed.trim().ends_with("false")
            && let Ok(with) = probe(SUSPENDING)
            && with.trim().ends_with("true")
        {
            (probed, options) = (with, SUSPENDING);
        }
        let mut lines = probed.lines().map(str::trim);
        let version = lines.next().unwrap_or_default().trim_start_matches('v').to_owned();
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < OLDEST_NODE) {
            return Err(Error::new(ErrorKind::Tool, format!("Node.js {version} is too old"))
                .at(path.display())
                .hint(format!(
                    "{}, or set {} to the path of a newer one",
                    NODE.install, NODE.variable
                )));
        }
        let itself = PathBuf::from(lines.next().unwrap_or_default());
        if env.own(NODE.variable).is_none() {
            return Ok(Self { program: itself, version, options, env: Vec::new() });
        }
        let inherited = ["PATH", "HOME"].map(|name| Some((name, env.foreign(name)?)));
        let env = inherited.into_iter().flatten().collect();
        Ok(Self { program: path, version, options, env })
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
#[derive(Debug, PartialEq)]
pub(crate) struct HostPython {
    program: PathBuf,
    /// The arguments before those of Python.
    arguments: Vec<&'static str>,
}

/// The arguments of uv that run the machine's Python, or one of uv's own, with the newest pip.
const UV_PYTHON: [&str; 6] = ["run", "--quiet", "--no-project", "--with", "pip", "python"];

impl HostPython {
    /// Finds the first Python that has pip. `PATH` may start with a virtual environment without pip, or
    /// with a stub that only advertises Python. If none has pip, uv provides it.
    pub fn find(env: &Env) -> Result<Self> {
        let path = env.foreign("PATH").filter(|_| env.own(PYTHON.variable).is_none());
        let uv = which::which_in_global("uv", path).ok().and_then(|mut found| found.next());
        let pythons = match PYTHON.find_all(env, "find wheels on the package index") {
            Err(error) if uv.is_none() => return Err(error),
            found => found.unwrap_or_default(),
        };
        let pythons = pythons.into_iter().map(|program| Self { program, arguments: Vec::new() });
        let offline = env.offline()?.then_some("--offline");
        let arguments = offline.into_iter().chain(UV_PYTHON).collect();
        let uv = uv.map(|program| Self { program, arguments });
        let mut tried = Vec::new();
        for python in pythons.chain(uv) {
            let name = python.program.display().to_string();
            // `-m pip --version` would read pip's settings, and some of them forbid it to run.
            match output_of(python.command().args(["-c", "import pip"]), &PYTHON) {
                Ok(output) if output.status.success() => return Ok(python),
                Ok(output) => {
                    let last = tail(&output.stderr, 1);
                    let why = if last.is_empty() { output.status.to_string() } else { last };
                    tried.push(format!("{name}: {why}"));
                }
                Err(error) => tried.push(format!("{name}: {error}")),
            }
        }
        Err(Error::new(ErrorKind::Tool, "pip was not found; it is needed to find wheels on the package index")
            .at(if env.own(PYTHON.variable).is_some() { PYTHON.variable } else { "PATH" })
            .because(tried.join("\n"))
            .hint(format!(
                "install pip (Debian: apt-get install python3-pip; others: python3 -m ensurepip) or uv, or \
                 set {} to a Python that has pip",
                PYTHON.variable
            )))
    }

    /// Runs a script of `build-support`. Returns standard error whatever the outcome.
    pub fn run(&self, script: &Path, arguments: &[&Path]) -> Result<Output> {
        let mut command = self.command();
        command.arg(script).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
        output_of(&mut command, &PYTHON)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
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
    fn the_first_python_that_has_pip_is_used_else_uv_and_all_others_are_named() {
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
        assert!(text.contains(" or uv, or set PYODIDE_PACK_PYTHON "), "{text}");

        // Only uv.
        let uv = program(
            "good/uv",
            "[ \"$*\" = 'run --quiet --no-project --with pip python -c import pip' ]",
        );
        let python = HostPython::find(&env).unwrap();
        assert_eq!(python, HostPython { program: uv, arguments: UV_PYTHON.to_vec() });
        let alone = dir.path().join("good").into_os_string();
        assert_eq!(
            python,
            HostPython::find(&Env::from_values([("PATH".to_owned(), alone)])).unwrap()
        );
        let uv = program("good/uv", "echo 'no network' >&2; exit 2");
        let text = HostPython::find(&env).unwrap_err().to_string();
        assert!(text.contains(&format!("{}: no network", uv.display())), "{text}");

        let program = program("good/python", "exit 0");
        assert_eq!(HostPython::find(&env).unwrap(), HostPython { program, arguments: Vec::new() });
    }

    #[test]
    fn tail_is_the_end() {
        assert_eq!(tail(b"a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail(b"", 2), "");
    }
}
