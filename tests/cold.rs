//! Cold files: a miss costs a chunk and not a distribution, what can't be fetched is explained and asked
//! for again, and what was missed is told in lines for `build.rs`; and budgets.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pyodide_pack::{Budget, Compression, ErrorKind};
use serde::Deserialize;
use support::{App, distribution, node};

/// What `cold.mjs` prints.
#[derive(Debug, Deserialize)]
struct Steps {
    /// What each piece of code printed.
    printed: Vec<String>,
    events: Vec<Event>,
    lines: Vec<String>,
    /// Cold chunks that were read, without those of sources.
    prefetched: usize,
}

#[derive(Debug, Deserialize)]
struct Event {
    path: String,
    distribution: String,
    chunk: String,
    bytes: u64,
    stack: Vec<String>,
    error: Option<String>,
}

/// Loads the bundle in `out` and does these steps: code to run, or chunks to damage (`damage:PATH` of a
/// mounted file) and to repair (`repair`).
fn steps(out: &Path, options: &str, steps: &[&str]) -> Steps {
    let mut arguments = vec![Path::new("cold.mjs"), out, Path::new(options)];
    arguments.extend(steps.iter().map(Path::new));
    node(&arguments)
}

const SITE: &str = "/lib/python3.14/site-packages";
const NOTES: &str = "except Exception as error:\n    \
                     print(type(error).__name__, *getattr(error, '__notes__', ['no note']))\n";

fn sympy() -> App {
    let app = App::new("from sympy import symbols\nx, y = symbols('x y')\nprint(x + 2 * y)\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(["sympy"]);
    builder.build().unwrap_or_else(|error| panic!("{error}"));
    app
}

#[test]
fn a_miss_costs_a_chunk_and_a_failed_one_is_explained_and_tried_again() {
    let app = sympy();
    let code =
        "def wanted():\n    import sympy.stats\n    return sympy.stats.__name__\nprint(wanted())";
    let ran = steps(&app.out(), "{}", &[code]);
    assert_eq!(ran.printed, ["sympy.stats\n"]);
    let first = &ran.events[0];
    assert!(first.path.starts_with(&format!("/pyc{SITE}/sympy/stats/__init__.")), "{first:?}");
    assert_eq!(first.distribution, "sympy");
    assert!(first.stack.iter().any(|frame| frame.ends_with(":2 in wanted")), "{:?}", first.stack);
    let mut fetched: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &ran.events {
        *fetched.entry(&event.chunk).or_default() += event.bytes;
        assert!(event.bytes < 1 << 20 && event.error.is_none(), "{event:?}");
    }
    println!("sympy.stats: {} files, {fetched:?}", ran.events.len());
    assert!(fetched.len() < 8, "{fetched:?}");
    assert!(ran.lines.iter().any(|line| line == ".include(\"sympy/stats/*\")"), "{:?}", ran.lines);

    // A module, and the same again when its chunk is what it was.
    let import = format!("try:\n    import sympy.stats\n    print('there')\n{NOTES}");
    let damaged = format!("damage:/pyc{SITE}/sympy/stats/__init__.cpython-314.pyc");
    let source = format!("damage:{SITE}/sympy/stats/__init__.py");
    let ran = steps(&app.out(), "{}", &[&damaged, &source, &import, "repair", &import]);
    let note = &ran.printed[0];
    for part in [
        "OSError /lib/python3.14/site-packages/sympy/stats/__init__.py of sympy could not be fetched",
        "/source/sympy.",
        "it is not what the manifest says",
    ] {
        assert!(note.contains(part), "{part:?} is not in {note}");
    }
    assert_eq!(ran.printed[1], "there\n");
    assert!(ran.events.iter().any(|event| event.error.is_some()));

    // One whose chunk is gone, in a strict bundle, and a data file.
    let open = format!(
        "try:\n    open('{SITE}/sympy/parsing/autolev/Autolev.g4').close()\n    print('opened')\n{NOTES}"
    );
    let ran = steps(&app.out(), r#"{"strict":true}"#, &[&import, &open]);
    for (printed, file) in
        ran.printed.iter().zip(["sympy/stats/__init__.py", "sympy/parsing/autolev/Autolev.g4"])
    {
        let line = format!("add .include(\"{file}\") to build.rs");
        assert!(printed.starts_with("OSError") && printed.contains(&line), "{printed}");
    }
    let ran = steps(&app.out(), "{}", &[&open, "import os\nprint(os.path.exists('/no/such'))"]);
    assert_eq!(ran.printed, ["opened\n", "False\n"]);
}

#[test]
fn what_is_prefetched_is_not_fetched_again() {
    let app = sympy();
    let code = "import sympy.stats\nprint(1)";
    let ran = steps(&app.out(), r#"{"prefetch":["sympy"]}"#, &["settle", code]);
    assert!(ran.prefetched > 1, "{ran:?}");
    let own = ran.events.iter().filter(|event| event.distribution == "sympy");
    assert!(own.clone().count() > 1 && own.map(|event| event.bytes).sum::<u64>() == 0);
}

#[test]
fn a_budget_that_is_exceeded_names_the_largest_files() {
    let app = App::new("import json\nprint(json.dumps(1))\n");
    let error = app.builder().budget(Budget::stored("10 kB")).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    let text = error.to_string();
    assert!(text.contains("its budget is 10 kB (10000 bytes)"), "{text}");
    assert_eq!(text.matches("(stdlib; ").count(), 10, "{text}");
    assert!(text.contains("hint:"), "{text}");
    // The wire is known where there are copies.
    let small = || app.builder().budget(Budget::wire("1 kB")).budget(Budget::stored("100 MB"));
    small().build().unwrap_or_else(|error| panic!("{error}"));
    let error = small().compression(Compression::Siblings).build().unwrap_err().to_string();
    assert!(error.contains("bytes with Brotli, and its budget is 1 kB"), "{error}");
    assert!(fs::read_dir(app.out()).is_ok());
}
