//! The effect of `Builder::lazy` on lazy files.

use std::fs;

use pyodide_pack::{Lazy, Loading, Report};
use support::{App, PACKAGES, build, distribution};

use super::{APP, NOTES, SITE, steps, with_shop};

/// Tries a statement, and prints the outcome.
fn attempt(statement: &str) -> String {
    format!("try:\n    {statement}\n{NOTES}")
}

/// Returns the expected output for an exception of this kind that a missing file caused; `method` of the
/// builder brings the file in.
fn note(kind: &str, path: &str, package: &str, method: &str) -> String {
    let line = path.strip_prefix(&format!("{SITE}/")).unwrap();
    format!(
        "{kind} {path} of {package} is not in this bundle: add .{method}(\"{line}\") to build.rs\n"
    )
}

#[test]
fn omitted_files_are_explained() {
    let app = with_shop(App::new(APP));
    let builder = app.builder().requires(["shop"]).find_links(app.dir("wheels"));
    let report = build(builder.lazy(Lazy::Omit));
    assert!(report.files.iter().all(|file| file.loading != Loading::Lazy));
    for folder in ["lazy", "source"] {
        assert!(!app.out().join("pyodide-pack").join(folder).exists(), "{folder}");
    }
    let (later, data) = (format!("{SITE}/shop/later.py"), format!("{SITE}/shop/data.txt"));
    let source = format!("{SITE}/shop/__init__.py");
    let code = [
        attempt("import shop.later"),
        attempt("from shop import later"),
        attempt(&format!("open({data:?})")),
        attempt(&format!("open({source:?})")),
        attempt("import no_such_module"),
        attempt("open('/no/such/file')"),
    ];
    let ran = steps(&app.out(), "{}", &code.each_ref().map(String::as_str));
    let expected = [
        note("ModuleNotFoundError", &later, "shop", "eager"),
        note("ImportError", &later, "shop", "eager"),
        note("FileNotFoundError", &data, "shop", "eager"),
        note("FileNotFoundError", &source, "shop", "eager_sources"),
        "ModuleNotFoundError no note\n".to_owned(),
        "FileNotFoundError no note\n".to_owned(),
    ];
    assert_eq!(ran.printed, expected);

    // With the lines of the notes, nothing is missing.
    let builder = app.builder().requires(["shop"]).find_links(app.dir("wheels"));
    let builder = builder.eager("shop/later.py").eager("shop/data.txt");
    build(builder.eager_sources("shop/__init__.py").lazy(Lazy::Omit));
    let ran = steps(&app.out(), "{}", &code.each_ref().map(String::as_str));
    assert!(ran.printed[..4].iter().all(|printed| !printed.contains("shop")), "{:?}", ran.printed);
}

#[test]
fn embedded_files_need_no_server() {
    let app = with_shop(App::new(APP));
    let builder = || app.builder().requires(["shop"]).find_links(app.dir("wheels"));
    build(builder().lazy(Lazy::Embedded));
    assert!(!app.out().join("pyodide-pack/lazy").exists());
    let constants = fs::read_to_string(app.out().join("pyodide_pack.rs")).unwrap();
    assert!(constants.contains("pub static LAZY: &[u8]"));
    let code = "import shop.later\nprint(shop.later.ANSWER)";
    let ran = steps(&app.out(), r#"{"embedded":true}"#, &[code]);
    assert_eq!(ran.printed, ["42\n"]);
    assert!(ran.events.iter().all(|event| event.bytes == 0 && event.error.is_none()));
    // The same app with separate files removes the embedded ones.
    build(builder());
    assert!(!app.out().join("pyodide-package-lazy.zip").exists());
}

/// An app that opens little of numpy, and the module `numpy.fft` without its side module.
fn numpy(lazy: Lazy) -> (App, Report) {
    let app = App::new("import numpy as np\nprint(np.arange(3))\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES).lazy(lazy);
    let report = build(builder.eager("numpy/fft/*.py"));
    println!("{lazy:?}: {} bytes in the bundle, {} not", report.eager_bytes, report.lazy_bytes);
    (app, report)
}

const FFT: &str =
    "import numpy.ma, numpy.fft\nprint(numpy.fft.fft([1, 1]).real.tolist(), numpy.ma.masked)";

#[test]
#[ignore = "long: run by .ci/run"]
fn omitted_files_of_a_large_package_are_explained() {
    let (app, report) = numpy(Lazy::Omit);
    let row = report.packages.iter().find(|row| row.name == "numpy").unwrap();
    assert!(row.eager_files > 80 && row.eager_files + row.omitted_files == row.files, "{row:?}");
    assert!(report.files.iter().all(|file| file.loading != Loading::Lazy));
    for folder in ["lazy", "source"] {
        assert!(!app.out().join("pyodide-pack").join(folder).exists(), "{folder}");
    }
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
    let note = |kind: &str, path: &str, method: &str| note(kind, path, "numpy", method);
    let fft = format!("{SITE}/numpy/fft/_pocketfft_umath.cpython-314-wasm32-emscripten.so");
    let polynomial = format!("{SITE}/numpy/polynomial/__init__.py");
    let expected = [
        note("ModuleNotFoundError", &polynomial, "eager"),
        note("ModuleNotFoundError", &polynomial, "eager"),
        note("ImportError", &fft, "eager"),
        note("FileNotFoundError", &data, "eager"),
        note("FileNotFoundError", &source, "eager_sources"),
        "ModuleNotFoundError no note\n".to_owned(),
        "FileNotFoundError no note\n".to_owned(),
        "True False\n".to_owned(),
    ];
    assert_eq!(ran.printed, expected);
    assert!(
        ran.lines.contains(&".eager(\"numpy/polynomial/__init__.py\")".to_owned()),
        "{:?}",
        ran.lines
    );
}

#[test]
#[ignore = "long: run by .ci/run"]
fn embedded_files_of_a_large_package_need_no_server() {
    let (app, _) = numpy(Lazy::Embedded);
    assert!(!app.out().join("pyodide-pack/lazy").exists());
    let constants = fs::read_to_string(app.out().join("pyodide_pack.rs")).unwrap();
    assert!(constants.contains("pub static LAZY: &[u8]"));
    let ran = steps(&app.out(), r#"{"embedded":true}"#, &[FFT]);
    assert_eq!(ran.printed, ["[2.0, 0.0] --\n"]);
    assert!(ran.events.iter().all(|event| event.bytes == 0 && event.error.is_none()));
    // The same app with separate files removes the embedded ones.
    build(app.builder().pyodide_dir(distribution()).requires(PACKAGES));
    assert!(!app.out().join("pyodide-package-lazy.zip").exists());
}
