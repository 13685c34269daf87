//! Limits for the size of a bundle.

use std::fs;

use pyodide_pack::{Budget, ErrorKind, Precompress};
use support::{App, assert_says, build};

#[test]
fn a_budget_that_is_exceeded_names_the_largest_files() {
    let app = App::new("import json\nprint(json.dumps(1))\n");
    let error = app.builder().budget(Budget::uncompressed(10_000)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    let text = error.to_string();
    assert_says(&text, &["bytes uncompressed, but the budget is 10000", "hint:"]);
    assert_eq!(text.matches("(stdlib; ").count(), 10, "{text}");
    assert_says(&text, &["  Pyodide's core"]);
}

#[test]
fn a_budget_counts_the_core() {
    let app = App::new("pass");
    let error = app.builder().budget(Budget::uncompressed(9_000_000)).build().unwrap_err();
    assert_says(&error.to_string(), &["but the budget is 9000000"]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_compressed_budget_needs_compressed_copies() {
    let app = App::new("import json\nprint(json.dumps(1))\n");
    let small = || {
        app.builder().budget(Budget::compressed(1_000)).budget(Budget::uncompressed(100_000_000))
    };
    build(small());
    let error = small().precompress(Precompress::Always).build().unwrap_err().to_string();
    assert_says(&error, &["bytes with Brotli, but the budget is 1000"]);
    assert!(fs::read_dir(app.out()).is_ok());
}
