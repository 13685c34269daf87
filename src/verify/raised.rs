//! Finds modules that raise when they are imported one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::paths::APP_DIR;
use crate::bundle::layout::Layout;
use crate::bundle::select::Selection;
use crate::engine::tools::tail;
use crate::engine::{Failure, Limit, scripts};
use crate::run::record::Trace;
use crate::run::recorder::{Conditions, Recorder};
use crate::settings::app::Scenario;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;

/// The time limit for each module. Exceeding it is an error: leaving the module out would make the outputs
/// depend on the speed of the machine.
const LIMIT: Duration = Duration::from_secs(600);
/// The prefix of the line with the result; `imports.py` has the same constant.
pub(crate) const RESULT: &str = "pyodide-pack-imports: ";

/// Module -> type of the exception that its import raises, and files whose docstrings it may have read.
pub(super) type Raised = BTreeMap<String, (String, Vec<String>)>;

/// Imports modules in a fresh interpreter.
#[derive(Clone, Copy)]
pub(crate) struct Importer<'a> {
    pub compiler: Compiler<'a>,
    pub variants: &'a Variants,
    pub recorder: Recorder<'a>,
}

impl Importer<'_> {
    /// Returns the modules that raise; for the arguments see [`import`](Self::import). Modules that end the
    /// process are left out: they do so on every machine.
    pub(super) fn raised(
        &self,
        mut names: Vec<String>,
        fallbacks: Option<&Fallbacks>,
    ) -> Result<Raised> {
        loop {
            let failure = match self.import(&names, fallbacks)? {
                Ok(trace) => return raised_in(&trace),
                Err(failure) => failure,
            };
            let stderr = failure.whole_stderr();
            let last = stderr.lines().rev().find_map(|line| line.strip_prefix("import "));
            let last = last.and_then(|last| names.iter().position(|name| name == last));
            match (&failure, last) {
                (Failure::Ended(..), Some(at)) => drop(names.remove(at)),
                (_, at) => return Err(no_answer(&failure, at.map(|at| names[at].as_str()))),
            }
        }
    }

    /// Imports modules from the installation in the requested form, with these fallbacks. Without
    /// `fallbacks`, all files are as installed.
    pub(super) fn import(
        &self,
        names: &[String],
        fallbacks: Option<&Fallbacks>,
    ) -> Result<Result<Trace, Failure>> {
        let Recorder { image, engine, .. } = self.recorder;
        let json = serde_json::Value::from(names).to_string();
        let source = engine.work().join("imports.py");
        let script = scripts::content(scripts::IMPORTS).replace("NAMES", &json);
        files::write_atomic(&source, script.as_bytes())?;
        let (name, filename) = ("imports.py".to_owned(), format!("{APP_DIR}/imports.py"));
        let scenario = Scenario { name, script: source.clone(), source, filename };
        let mounted = if let Some(fallbacks) = fallbacks {
            self.variants.add(&self.compiler, fallbacks)?;
            let nothing = Selection::default();
            Layout::new(image, &nothing, self.variants, fallbacks).for_run(self.recorder.host())?
        } else {
            self.recorder.installation()?
        };
        self.recorder.run(
            "imports",
            &scenario,
            mounted,
            Conditions::without_app(Limit::Silence(LIMIT)),
        )
    }
}

/// Parses the result that the script printed.
pub(super) fn raised_in(trace: &Trace) -> Result<Raised> {
    let stdout = &trace.run.stdout;
    let result = stdout.lines().rev().find_map(|line| line.strip_prefix(RESULT));
    let parsed = result.and_then(|json| serde_json::from_str(json).ok());
    parsed.ok_or_else(|| {
        let error = unknown("the search printed no result");
        match &trace.run.exception {
            Some(exception) => error.because(&exception.traceback),
            None => error.because(tail(stdout.as_bytes(), 5)),
        }
    })
}

fn no_answer(failure: &Failure, module: Option<&str>) -> Error {
    let how = match failure {
        Failure::Timeout(limit, _) => format!("took more than {} seconds", limit.as_secs()),
        Failure::Ended(status, _) => format!("ended the process ({status})"),
    };
    let error = match module {
        Some(name) => unknown(&format!("`import {name}` {how}")),
        None => unknown(&format!("the search {how}")),
    };
    let error = error.because(failure.stderr());
    match module {
        Some(name) => {
            let file = name.replace('.', "/");
            error.hint(format!(
                "if the module never ends, leave it out: .exclude(\"{file}.py\") in build.rs"
            ))
        }
        None => error,
    }
}

/// Returns the error for a search that could not finish.
fn unknown(why: &str) -> Error {
    let what = "the search for modules that need their docstrings failed";
    Error::new(ErrorKind::Verify, what).because(why).hint(
        "build again on a less busy machine, or keep all docstrings: \
         .python_files(PythonFiles::bytecode().docstrings(true)) in build.rs",
    )
}
