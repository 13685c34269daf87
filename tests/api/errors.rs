//! The errors for wrong settings and requirements.

use std::path::Path;

use pyodide_pack::ErrorKind;
use support::{App, builder, distribution, tmp};

use super::says;

#[test]
fn unsupported_versions_are_refused() {
    let app = App::new("");
    let error = app.builder().pyodide_version("0.26.4").build().unwrap_err();
    says(&error, ErrorKind::Runtime, &["Pyodide 0.26.4 is not supported", "0.27.5 to 315"]);
    let package = app.file("old/package.json", r#"{"version": "0.27.4"}"#);
    let error = app.builder().pyodide_dir(package.parent().unwrap()).build().unwrap_err();
    says(&error, ErrorKind::Runtime, &["Pyodide 0.27.4 is not supported", "old"]);
    let error = app.builder().pyodide_version("0.29.999").build().unwrap_err();
    says(&error, ErrorKind::Runtime, &["npm could not fetch pyodide@0.29.999"]);
}

#[test]
fn wrong_settings_are_named() {
    let app = App::new("");
    let there = || app.builder();
    for (builder, parts) in [
        (there().requires(["-r x.txt"]), &["\"-r x.txt\""][..]),
        (there().scenario("none.py"), &["none.py", "Builder::scenario"]),
        (there().prelude("none.mjs"), &["none.mjs", "Builder::prelude"]),
        (there().find_links("none"), &["Builder::find_links"]),
        (there().pyodide_dir("none"), &["Builder::pyodide_dir"]),
        (there().eager("a***"), &["a***", "Builder::eager"]),
    ] {
        says(&builder.build().unwrap_err(), ErrorKind::Config, parts);
    }
    let empty = tempfile::tempdir_in(tmp()).unwrap();
    let error = builder(empty.path(), app.out()).build().unwrap_err();
    says(&error, ErrorKind::Config, &["no app.py"]);
    let error = builder(Path::new("nowhere"), app.out()).build().unwrap_err();
    says(&error, ErrorKind::Config, &["nowhere"]);
}

#[test]
fn a_requirement_that_does_not_exist() {
    let app = App::new("");
    let builder = app.builder().requires(["pyodide-pack-no-such-distribution==1.0"]);
    let error = builder.build().unwrap_err();
    let parts = [
        "pip found no wheels",
        "pyodide-pack-no-such-distribution==1.0",
        "No matching distribution",
    ];
    says(&error, ErrorKind::Resolve, &parts);
}

#[test]
fn a_missing_module_names_the_line_to_add() {
    let app = App::new("import sqlglot\n");
    let error = app.builder().build().unwrap_err();
    says(&error, ErrorKind::Trace, &["No module named 'sqlglot'", ".requires([\"sqlglot\"])"]);
}

#[test]
fn micropip_while_tracing_names_the_line_to_add() {
    let install = |arguments: &str| {
        App::new(&format!(
            "import micropip\nname = 'snowballstemmer'\nawait micropip.install({arguments})\n"
        ))
    };
    let off = "the network is off while tracing";
    let error = install("name").builder().build().unwrap_err();
    let parts = ["No module named 'micropip'", off, ".requires([\"PACKAGE\"])"];
    says(&error, ErrorKind::Trace, &parts);
    for (arguments, line) in [
        ("[\"six\", 'pytz==2025.2']", ".requires([\"six\", \"pytz==2025.2\"])"),
        ("name", ".requires([\"PACKAGE\"])"),
    ] {
        let app = install(arguments);
        let builder = app.builder().pyodide_dir(distribution()).requires(["micropip"]);
        says(&builder.build().unwrap_err(), ErrorKind::Trace, &[off, line]);
    }
}
