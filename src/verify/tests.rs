//! Verification without Node: an installation in memory, and an engine that answers from a function.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::error::{Error, Result};
use crate::bundle::select::Selection;
use crate::cache::Cache;
use crate::engine::scripts::Script;
use crate::engine::table::TableEngine;
use crate::engine::{Engine, Failure, Task};
use crate::image::Image;
use crate::pyodide::runtime::Runtime;
use crate::run::record::Trace;
use crate::run::recorder::Recorder;
use crate::run::startup::Startup;
use crate::settings::builder::Builder;
use crate::settings::cargo::Cargo;
use crate::settings::config::Config;
use crate::settings::env::Env;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;
use crate::verify::compare::Difference;
use crate::verify::fallbacks::FallbackSearch;
use crate::verify::imports::Imports;
use crate::verify::raised::Importer;
use crate::verify::replay::{Baseline, Replayer};
use crate::verify::route::Route;

const SITE: &str = "/lib/python3.14/site-packages";

/// Everything that a verification needs.
struct House {
    _dir: tempfile::TempDir,
    config: Config,
    cache: Cache,
    runtime: Runtime,
    startup: Startup,
    image: Image,
    engine: TableEngine,
}

/// A run that ended well, or with this exception.
fn ran(exception: Option<&str>, stdout: &str) -> Value {
    let exception =
        exception.map(|kind| json!({"type": kind, "message": "", "traceback": "Traceback\n"}));
    json!({"opened": [], "missed": [], "exception": exception, "stdout": stdout, "modules": {},
           "seconds": {"boot": 1.0, "run": 1.0}})
}

/// What `compile.mjs` does: the new content says in which form it is.
fn compile(job: &Value) -> Value {
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

/// The files of a job that are mounted with their docstrings.
fn with_docstrings(job: &Value) -> Vec<String> {
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
    fn new(
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
        let cache = Cache::open(&config.cache_dir).unwrap();
        let image = Image::in_memory(&[
            ("/lib/python3.14/os.py", "stdlib", "\"\"\"Doc.\"\"\"\nx = __doc__\n"),
            (&format!("{SITE}/pkg/__init__.py"), "pkg", "import pkg.a, pkg.b, pkg.c\n"),
            (&format!("{SITE}/pkg/a.py"), "pkg", "y = __doc__\n"),
            (&format!("{SITE}/pkg/b.py"), "pkg", ""),
            (&format!("{SITE}/pkg/c.py"), "pkg", ""),
            ("/home/pyodide/app.py", "app", "import pkg\n"),
        ]);
        let runtime = Runtime::without_files(dir.path());
        let startup = Startup::without_files();
        let engine = TableEngine::new(answer);
        Self { _dir: dir, config, cache, runtime, startup, image, engine }
    }

    fn compiler(&self) -> Compiler<'_> {
        let Self { runtime, startup, image, cache, .. } = self;
        Compiler {
            python: self.config.python,
            runtime,
            startup,
            image,
            engine: &self.engine,
            cache,
        }
    }

    fn recorder(&self) -> Recorder<'_> {
        let Self { config, runtime, startup, image, .. } = self;
        Recorder { config, runtime, startup, image, engine: &self.engine }
    }

    fn variants(&self) -> Variants {
        Variants::new(&self.compiler(), &Fallbacks::new(), self.engine.work()).unwrap()
    }

    /// Everything eager.
    fn selection(&self) -> Selection {
        let mut selection = Selection::default();
        self.image.files.keys().for_each(|path| selection.add_opened(path, false));
        selection
    }

    /// Searches for what a run needs that raised.
    fn search(&self, route: Route) -> Result<Option<Fallbacks>> {
        let trace: Trace = serde_json::from_value(ran(None, "")).unwrap();
        let baseline = Baseline::new(0, &self.config.scenarios[0], &trace);
        let (variants, selection) = (self.variants(), self.selection());
        let replayer = Replayer { recorder: self.recorder() };
        let (compiler, variants, selection) = (self.compiler(), &variants, &selection);
        let search = FallbackSearch { compiler, variants, replayer, selection };
        let error = std::io::Error::other("it raised");
        let error = Error::io("run", Path::new("app.py"), error);
        let difference = Difference::new("it raised TypeError".to_owned(), error);
        search.search(&difference, &Fallbacks::new(), &baseline, route)
    }
}

#[test]
fn the_files_that_need_their_docstrings_are_found() {
    let house = House::new(|task, job| {
        if task.script == Script::Compile {
            return Ok(Ok(compile(job)));
        }
        let kept = with_docstrings(job);
        let has = |name: &str| kept.iter().any(|file| file.starts_with(name));
        let works = has("b.") && has("c.");
        Ok(Ok(ran((!works).then_some("TypeError"), "")))
    });
    let found = house.search(Route::Loader).unwrap().unwrap();
    let names: Vec<_> = found.keys().map(|path| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["b.py", "c.py"]);
}

#[test]
fn an_error_of_the_machine_ends_a_search_on_both_routes() {
    for route in Route::ALL {
        let broken = Arc::new(AtomicBool::new(false));
        let disk = Arc::clone(&broken);
        let house = House::new(move |task, job| match task.script {
            Script::Compile => Ok(Ok(compile(job))),
            _ if disk.load(Ordering::Relaxed) => {
                let error = std::io::Error::other("no space left on device");
                Err(Error::io("write the file", Path::new("x"), error))
            }
            _ => Ok(Ok(ran(Some("TypeError"), ""))),
        });
        assert!(house.search(route).unwrap().is_none(), "{route:?}: nothing helps");
        broken.store(true, Ordering::Relaxed);
        let error = house.search(route).unwrap_err().to_string();
        assert!(error.contains("no space left"), "{route:?}: {error}");
    }
}

/// What the search for docstrings says if `imports.mjs` does this, and how often it is asked.
fn imports(
    answer: impl Fn(Task, &Value) -> Result<Result<Value, Failure>> + Sync + 'static,
) -> (Result<Fallbacks>, Result<Fallbacks>) {
    let house = House::new(answer);
    let variants = house.variants();
    let (compiler, recorder) = (house.compiler(), house.recorder());
    let importer = Importer { compiler, variants: &variants, recorder };
    let imports = Imports { importer, wheels: &[] };
    (imports.needed(), imports.needed())
}

#[test]
fn a_search_that_gets_no_answer_is_an_error_and_is_not_remembered() {
    let endings: [fn() -> Result<Value, Failure>; 3] = [
        || Err(Failure::Timeout(Duration::from_secs(600), "import os\n".to_owned())),
        || Err(Failure::Ended("signal: 9".to_owned(), "Aborted\n".to_owned())),
        || Ok(ran(None, "no JSON\n")),
    ];
    for ending in endings {
        let (first, second) = imports(move |task, job| match task.script {
            Script::Compile => Ok(Ok(compile(job))),
            _ => Ok(ending()),
        });
        for result in [first, second] {
            let error = result.unwrap_err().to_string();
            assert!(error.contains("hint:"), "{error}");
        }
    }
}

#[test]
fn modules_that_end_the_process_are_left_out_however_many_they_are() {
    // Behind the name, more than is shown of a script's standard error.
    let noise = "abort\n".repeat(100);
    let (found, _) = imports(move |task, job| {
        if task.script == Script::Compile {
            return Ok(Ok(compile(job)));
        }
        let source = std::fs::read_to_string(job["scenario"]["source"].as_str().unwrap());
        if source.unwrap().contains("\"os\"") {
            return Ok(Err(Failure::Ended("1".to_owned(), format!("import os\n{noise}"))));
        }
        Ok(Ok(ran(None, "odd\npyodide-pack-imports: {}\nodd\n")))
    });
    assert!(found.unwrap().is_empty());
}
