//! Limits for the size of a bundle.

use std::fs;

use pyodide_pack::{Budget, Compression, ErrorKind};
use support::{App, assert_says, build};

#[test]
fn a_budget_that_is_exceeded_names_the_largest_files() {
    let app = App::new("import json\nprint(json.dumps(1))\n");
    let error = app.builder().budget(Budget::stored("10 kB")).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    let text = error.to_string();
    assert_says(&text, &["its budget is 10 kB (10000 bytes)", "hint:"]);
    assert_eq!(text.matches("(stdlib; ").count(), 10, "{text}");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_budget_for_the_wire_needs_compressed_copies() {
    let app = App::new("import json\nprint(json.dumps(1))\n");
    let small = || app.builder().budget(Budget::wire("1 kB")).budget(Budget::stored("100 MB"));
    build(small());
    let error = small().compression(Compression::Siblings).build().unwrap_err().to_string();
    assert_says(&error, &["bytes with Brotli, and its budget is 1 kB"]);
    assert!(fs::read_dir(app.out()).is_ok());
}
