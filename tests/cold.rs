//! Cold files: a miss costs a chunk and not a distribution, what can't be fetched is explained and asked
//! for again, and what was missed is told in lines for `build.rs`; and budgets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{App, PACKAGES, distribution, node};
use pyodide_pack::{Budget, Cold, Compression, ErrorKind, Heat, Report};
use serde::Deserialize;

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
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES);
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

/// An app that opens little of numpy, and the module `numpy.fft` without its side module.
fn numpy(cold: Cold) -> (App, Report) {
    let app = App::new("import numpy as np\nprint(np.arange(3))\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES).cold(cold);
    let report = builder.include("numpy/fft/*.py").build();
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    println!("{cold:?}: {} bytes hot, {} not", report.hot_bytes, report.cold_bytes);
    (app, report)
}

const FFT: &str =
    "import numpy.ma, numpy.fft\nprint(numpy.fft.fft([1, 1]).real.tolist(), numpy.ma.masked)";

#[test]
fn dropped_files_are_explained() {
    let (app, report) = numpy(Cold::Dropped);
    let row = report.packages.iter().find(|row| row.name == "numpy").unwrap();
    assert!(row.hot_files > 80 && row.hot_files + row.dropped_files == row.files, "{row:?}");
    assert!(report.files.iter().all(|file| file.heat != Heat::Cold));
    for folder in ["cold", "source"] {
        assert!(!app.out().join("pyodide-pack").join(folder).exists(), "{folder}");
    }
    let attempt = |code: &str| format!("try:\n    {code}\n{NOTES}");
    let data = format!("{SITE}/numpy/__init__.pyi");
    let source = format!("{SITE}/numpy/__init__.py");
    let module = attempt("import numpy.polynomial.chebyshev");
    let import_from = attempt("from numpy import polynomial");
    let ran = steps(
        &app.out(),
        "{}",
        &[
            &module,
            &import_from,
            &attempt("import numpy.fft"),
            &attempt(&format!("open({data:?})")),
            &attempt(&format!("open({source:?})")),
            &attempt("import no_such_module"),
            &attempt("open('/no/such/file')"),
            "import os, numpy\nprint(os.path.exists(numpy.__file__), os.path.exists('/lib/python3.14/wave.py'))",
        ],
    );
    println!("{}", ran.printed.concat());
    let note = |kind: &str, path: &str| {
        let line = path.strip_prefix(&format!("{SITE}/")).unwrap();
        format!(
            "{kind} {path} of numpy is not in this bundle: add .include(\"{line}\") to build.rs\n"
        )
    };
    let fft = format!("{SITE}/numpy/fft/_pocketfft_umath.cpython-314-wasm32-emscripten.so");
    let polynomial = format!("{SITE}/numpy/polynomial/__init__.py");
    let expected = [
        note("ModuleNotFoundError", &polynomial),
        note("ModuleNotFoundError", &polynomial),
        note("ImportError", &fft),
        note("FileNotFoundError", &data),
        note("FileNotFoundError", &source),
        "ModuleNotFoundError no note\n".to_owned(),
        "FileNotFoundError no note\n".to_owned(),
        "True False\n".to_owned(),
    ];
    assert_eq!(ran.printed, expected);
    assert!(
        ran.lines.contains(&".include(\"numpy/polynomial/__init__.py\")".to_owned()),
        "{:?}",
        ran.lines
    );
}

#[test]
fn embedded_files_need_no_server() {
    let (app, _) = numpy(Cold::Embedded);
    assert!(!app.out().join("pyodide-pack/cold").exists());
    let constants = fs::read_to_string(app.out().join("pyodide_pack.rs")).unwrap();
    assert!(constants.contains("pub static COLD: &[u8]"));
    let ran = steps(&app.out(), r#"{"embedded":true}"#, &[FFT]);
    assert_eq!(ran.printed, ["[2.0, 0.0] --\n"]);
    assert!(ran.events.iter().all(|event| event.bytes == 0 && event.error.is_none()));
    // The same app with separate files takes the others away.
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES);
    builder.build().unwrap_or_else(|error| panic!("{error}"));
    assert!(!app.out().join("pyodide-package-cold.zip").exists());
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
