//! An installation in memory, with the other inputs of the stages.

use serde_json::{Value, json};

use crate::base::error::Result;
use crate::base::progress::Log;
use crate::bundle::select::Selection;
use crate::cache::Cache;
use crate::engine::scripts::Script;
use crate::engine::table::TableEngine;
use crate::engine::{Engine, Failure, Task};
use crate::image::Image;
use crate::pyodide::runtime::Runtime;
use crate::remote::Remote;
use crate::run::recorder::Recorder;
use crate::run::startup::Startup;
use crate::settings::builder::Builder;
use crate::settings::cargo::Cargo;
use crate::settings::config::Config;
use crate::settings::env::Env;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;

pub const SITE: &str = "/lib/python3.14/site-packages";

/// The inputs of a verification.
pub struct House {
    pub dir: tempfile::TempDir,
    pub config: Config,
    pub cache: Cache,
    pub remote: Remote<'static>,
    pub log: Log,
    pub runtime: Runtime,
    pub startup: Startup,
    pub image: Image,
    pub engine: TableEngine,
}

/// Returns a run that ended well, or with this exception.
pub fn ran(task: Task, exception: Option<&str>, stdout: &str) -> Value {
    let exception =
        exception.map(|kind| json!({"type": kind, "message": "", "traceback": "Traceback\n"}));
    let mut ran = json!({"exception": exception, "stdout": stdout, "modules": {},
                         "seconds": {"boot": 1.0, "run": 1.0}});
    let lists: &[&str] = if task.script == Script::Replay {
        &["missed", "cold", "ran"]
    } else {
        &["opened", "compiled", "ran", "ranIn"]
    };
    for list in lists {
        ran[*list] = json!([]);
    }
    ran
}

/// Does the work of `compile.mjs`: the new content names its form.
pub fn compile(job: &Value) -> Value {
    let mut units = Vec::new();
    for unit in job["units"].as_array().unwrap() {
        let docstrings = unit["options"]["docstrings"].as_bool().unwrap();
        let content = if docstrings { "with" } else { "less" };
        let mut output = String::new();
        let mut places = Vec::new();
        for _ in unit["files"].as_array().unwrap() {
            places.push(json!({"done": [output.len(), content.len()]}));
            output += content;
        }
        std::fs::write(unit["output"].as_str().unwrap(), output).unwrap();
        units.push(places);
    }
    json!({"units": units})
}

/// Returns the files of a job that are mounted with their docstrings.
pub fn with_docstrings(job: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (dir, entries) in job["mounted"]["dirs"].as_object().unwrap() {
        for entry in entries.as_array().unwrap() {
            let place = |at: usize| usize::try_from(entry[at].as_u64().unwrap()).unwrap();
            let part = job["mounted"]["contents"][place(2)].as_str().unwrap();
            let content = std::fs::read(part).unwrap_or_default();
            let end = place(3) + place(1);
            if dir.starts_with("/pyc/") && content.get(place(3)..end) == Some(b"with") {
                found.push(entry[0].as_str().unwrap().to_owned());
            }
        }
    }
    found
}

impl House {
    /// Creates an installation whose scripts call this function. Compilation is built in.
    pub fn new(
        answer: impl Fn(Task, &Value) -> Result<Result<Value, Failure>> + Sync + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let app = dir.path().join("app");
        std::fs::create_dir(&app).unwrap();
        std::fs::write(app.join("app.py"), "import pkg\n").unwrap();
        let builder = Builder::new(&app).out_dir(dir.path().join("out"));
        let builder = builder.cache_dir(dir.path().join("cache"));
        let env = Env::from_values([]);
        let config = Config::resolve(builder, &env, &mut Cargo::default()).unwrap();
        let cache = config.open_cache(&mut Cargo::default()).unwrap();
        let image = Image::in_memory(&[
            ("/lib/python3.14/os.py", "stdlib", "\"\"\"Doc.\"\"\"\nx = __doc__\n"),
            (&format!("{SITE}/pkg/__init__.py"), "pkg", "import pkg.a, pkg.b, pkg.c\n"),
            (&format!("{SITE}/pkg/a.py"), "pkg", "y = __doc__\n"),
            (&format!("{SITE}/pkg/b.py"), "pkg", ""),
            (&format!("{SITE}/pkg/c.py"), "pkg", ""),
            ("/home/pyodide/app.py", "app", "import pkg\n"),
        ]);
        let runtime = Runtime::without_files(dir.path());
        for name in runtime.core_files() {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let startup = Startup::without_files();
        let engine = TableEngine::new(answer);
        let (remote, log) = (Remote::none(), Log::silent());
        Self { dir, config, cache, remote, log, runtime, startup, image, engine }
    }

    pub fn compiler(&self) -> Compiler<'_> {
        let Self { runtime, startup, image, cache, remote, .. } = self;
        Compiler {
            python: self.config.python,
            runtime,
            startup,
            image,
            engine: &self.engine,
            cache,
            remote,
            progress: &self.log,
        }
    }

    pub fn recorder(&self) -> Recorder<'_> {
        let Self { config, runtime, startup, image, .. } = self;
        Recorder { config, runtime, startup, image, engine: &self.engine, noting: None }
    }

    pub fn variants(&self) -> Variants {
        Variants::new(&self.compiler(), &Fallbacks::new(), self.engine.work()).unwrap()
    }

    /// Returns a selection in which every file is eager.
    pub fn selection(&self) -> Selection {
        let mut selection = Selection::default();
        self.image.files.keys().for_each(|path| selection.add_opened(&self.image, path, false));
        selection
    }
}
