//! Measures development builds: the first one, and `cargo build` after an edit of one line of `app.py`.
//!
//! ```console
//! cargo bench --bench edits            # the table of docs/benchmarks.md
//! cargo bench --bench edits -- stdlib  # one of the apps
//! ```
//!
//! The crate's program includes `pyodide_pack.rs`. The seconds are elapsed time of the whole command; the
//! processor seconds are those of the build script, which runs once more by itself, with all that it starts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use support::distribution;
use support::subjects::{Subject, subject};

const NAMES: [&str; 2] = ["stdlib", "pandas"];
const EDITS: usize = 5;

const MAIN_RS: &str = "mod python { include!(concat!(env!(\"OUT_DIR\"), \"/pyodide_pack.rs\")); }\n\
                       fn main() { println!(\"{}\", python::assets::ALL.len()); }\n";

/// A crate in a temporary folder, and its cache.
struct Crate {
    dir: tempfile::TempDir,
    code: &'static str,
}

impl Crate {
    fn new(subject: &'static Subject) -> Self {
        let dir = tempfile::tempdir_in(support::tmp()).unwrap();
        let root = env!("CARGO_MANIFEST_DIR");
        let write = |name: &str, content: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write(
            "Cargo.toml",
            &format!(
                "[workspace]\n[package]\nname = \"edited\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                 [build-dependencies]\npyodide-pack = {{ path = '{root}' }}\n"
            ),
        );
        let requires = format!("{:?}", subject.requires);
        write(
            "build.rs",
            &format!(
                "fn main() -> pyodide_pack::Result<()> {{\n    let requires: &[&str] = &{requires};\n    \
                 pyodide_pack::Builder::new(\"python\").requires(requires.to_vec()).build()?;\n    Ok(())\n}}\n"
            ),
        );
        write("src/main.rs", MAIN_RS);
        fs::copy(Path::new(root).join("Cargo.lock"), dir.path().join("Cargo.lock")).unwrap();
        let made = Self { dir, code: subject.code };
        made.edit(0);
        made
    }

    fn edit(&self, number: usize) {
        let path = self.dir.path().join("python/app.py");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{}EDIT = {number}\n", self.code)).unwrap();
    }

    fn with_env<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env_remove("CI")
            .env("PYODIDE_PACK_VERIFY", "auto")
            .env("PYODIDE_PACK_CACHE_DIR", self.dir.path().join("cache"))
            .env("PYODIDE_PACK_PYODIDE_DIR", distribution())
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
    }

    /// Runs `cargo build`, and returns its elapsed time in seconds.
    fn build(&self, skip: bool) -> f64 {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--offline", "--target-dir"]).arg(target());
        cargo.env("PYODIDE_PACK_SKIP", if skip { "1" } else { "" });
        let started = Instant::now();
        let output = self.with_env(&mut cargo).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        started.elapsed().as_secs_f64()
    }

    /// Runs the build script alone, and returns the processor time of it and of what it starts, in seconds.
    fn script(&self) -> f64 {
        let found = fs::read_dir(target().join("debug/build")).unwrap().flatten();
        let scripts = found.map(|entry| entry.path().join("build-script-build"));
        let own = scripts.filter(|path| path.to_str().unwrap().contains("/edited-"));
        let script = own.max_by_key(|path| fs::metadata(path).and_then(|m| m.modified()).ok());
        let mut bash = Command::new("bash");
        bash.args(["-c", "TIMEFORMAT='%U %S'; time \"$0\" > /dev/null 2> /dev/null"]);
        bash.arg(script.unwrap());
        let out = self.dir.path().join("out");
        fs::create_dir_all(&out).unwrap();
        bash.env("OUT_DIR", &out).env("PROFILE", "debug").env("CARGO", env!("CARGO"));
        bash.env("CARGO_MANIFEST_DIR", self.dir.path());
        let output = self.with_env(&mut bash).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said.split_whitespace().map(|part| part.parse::<f64>().unwrap()).sum()
    }
}

/// The tests have compiled the dependencies there, if they ran.
fn target() -> PathBuf {
    support::tmp().join("cargo/seed/target")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let mut names: Vec<_> = std::env::args().skip(1).filter(|name| name != "--bench").collect();
    if names.is_empty() {
        names.extend(NAMES.map(str::to_owned));
    }
    println!("| app | first build, CPU s | edit, CPU s of the script | edit, s of `cargo build` |");
    println!("|---|---|---|---|");
    for name in &names {
        let edited = Crate::new(subject(name));
        edited.build(true); // compiles the crate
        let first = edited.script();
        edited.build(false);
        let (mut processor, mut elapsed) = (Vec::new(), Vec::new());
        for number in 1..=EDITS {
            edited.edit(number);
            elapsed.push(edited.build(false));
            edited.edit(number + EDITS);
            processor.push(edited.script());
        }
        let (processor, elapsed) = (median(processor), median(elapsed));
        println!("| {name} | {first:.1} | {processor:.2} | {elapsed:.2} |");
    }
}
