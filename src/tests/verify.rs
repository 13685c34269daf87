//! What searches find, and which failures they must not take for an answer.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::base::error::{Error, Result};
use crate::engine::scripts::Script;
use crate::engine::{Failure, Task};
use crate::run::record::Trace;
use crate::tests::house::{House, compile, ran, with_docstrings};
use crate::transform::form::Fallbacks;
use crate::verify::compare::Difference;
use crate::verify::fallbacks::FallbackSearch;
use crate::verify::imports::Imports;
use crate::verify::raised::Importer;
use crate::verify::replay::{Baseline, Replayer};
use crate::verify::route::Route;

/// Returns a trace that opened no files.
fn trace() -> Value {
    let mut trace = crate::engine::border::sample("Trace");
    trace["exception"] = Value::Null;
    trace["stdout"] = "".into();
    trace["modules"] = serde_json::json!({});
    trace
}

impl House {
    /// Searches for the fallbacks of a run that raised.
    fn search(&self, route: Route) -> Result<Option<Fallbacks>> {
        let trace: Trace = serde_json::from_value(trace()).unwrap();
        let baseline = Baseline::new(0, &self.config.scenarios[0], &trace);
        let (variants, selection) = (self.variants(), self.selection());
        let replayer = Replayer { recorder: self.recorder(), snapshot: None };
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
        Ok(Ok(ran(task, (!works).then_some("TypeError"), "")))
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
            _ => Ok(Ok(ran(task, Some("TypeError"), ""))),
        });
        assert!(house.search(route).unwrap().is_none(), "{route:?}: no form helps");
        broken.store(true, Ordering::Relaxed);
        let error = house.search(route).unwrap_err().to_string();
        assert!(error.contains("no space left"), "{route:?}: {error}");
    }
}

/// Returns the result of the search for docstrings if `imports.mjs` behaves like this, and the number of
/// its runs.
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
    let endings: [fn(Task) -> Result<Value, Failure>; 3] = [
        |_| Err(Failure::Timeout(Duration::from_secs(600), "import os\n".to_owned())),
        |_| Err(Failure::Ended("signal: 9".to_owned(), "Aborted\n".to_owned())),
        |task| Ok(ran(task, None, "no JSON\n")),
    ];
    for ending in endings {
        let (first, second) = imports(move |task, job| match task.script {
            Script::Compile => Ok(Ok(compile(job))),
            _ => Ok(ending(task)),
        });
        for result in [first, second] {
            let error = result.unwrap_err().to_string();
            assert!(error.contains("hint:"), "{error}");
        }
    }
}

#[test]
fn modules_that_end_the_process_are_left_out_however_many_they_are() {
    // The result comes after more text than errors show of a script's standard error.
    let noise = "abort\n".repeat(100);
    let (found, _) = imports(move |task, job| {
        if task.script == Script::Compile {
            return Ok(Ok(compile(job)));
        }
        let source = std::fs::read_to_string(job["scenario"]["source"].as_str().unwrap());
        if source.unwrap().contains("\"os\"") {
            return Ok(Err(Failure::Ended("1".to_owned(), format!("import os\n{noise}"))));
        }
        Ok(Ok(ran(task, None, "odd\npyodide-pack-imports: {}\nodd\n")))
    });
    assert!(found.unwrap().is_empty());
}
