//! Which modules raise when they are imported one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::APP_DIR;
use crate::bundle::layout::Layout;
use crate::bundle::select::Selection;
use crate::engine::{Failure, scripts};
use crate::run::record::Trace;
use crate::run::recorder::{Conditions, Recorder};
use crate::settings::app::Scenario;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;

/// For all modules together.
const LIMIT: Duration = Duration::from_secs(600);
/// Modules that end the process or never end are left out, but no more than these.
const ENDINGS: usize = 5;

/// Module -> type of the exception that its import raises, and files whose docstrings may have been
/// wanted.
pub(super) type Raised = BTreeMap<String, (String, Vec<String>)>;

/// Imports modules in a fresh interpreter.
#[derive(Clone, Copy)]
pub(crate) struct Importer<'a> {
    pub compiler: Compiler<'a>,
    pub variants: &'a Variants,
    pub recorder: Recorder<'a>,
}

impl Importer<'_> {
    /// Which of the modules raise; as in [`import`](Self::import).
    pub(super) fn raised(
        &self,
        mut names: Vec<String>,
        fallbacks: Option<&Fallbacks>,
    ) -> Result<Raised> {
        for _ in 0..ENDINGS {
            let failure = match self.import(&names, fallbacks)? {
                Ok(trace) => return Ok(raised_in(&trace)),
                Err(failure) => failure,
            };
            let last = failure.stderr().lines().rev().find_map(|line| line.strip_prefix("import "));
            let Some(at) = names.iter().position(|name| Some(name.as_str()) == last) else { break };
            names.remove(at);
        }
        Ok(Raised::new())
    }

    /// Imports modules from the installation with all files as requested but for the fallbacks; without
    /// `fallbacks`, as it is.
    pub(super) fn import(
        &self,
        names: &[String],
        fallbacks: Option<&Fallbacks>,
    ) -> Result<Result<Trace, Failure>> {
        let Recorder { image, engine, .. } = self.recorder;
        let json = serde_json::to_string(names).unwrap_or_default();
        let source = engine.work().join("imports.py");
        let script = scripts::content(scripts::IMPORTS).replace("NAMES", &json);
        files::write_atomic(&source, script.as_bytes())?;
        let (name, filename) = ("imports.py".to_owned(), format!("{APP_DIR}/imports.py"));
        let scenario = Scenario { name, source, filename };
        let mounted = if let Some(fallbacks) = fallbacks {
            self.variants.add(&self.compiler, fallbacks)?;
            let nothing = Selection::default();
            Layout::new(image, &nothing, self.variants, fallbacks).for_run(self.recorder.host())?
        } else {
            self.recorder.installation()?
        };
        self.recorder.run("imports", &scenario, mounted, Conditions::without_app(LIMIT))
    }
}

/// What the script printed in its last line.
pub(super) fn raised_in(trace: &Trace) -> Raised {
    let last = trace.run.stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_default()
}
