//! A bundle that behaves differently from the trace fails the build. The report names output that can't be
//! compared.

use pyodide_pack::{Error, ErrorKind};
use support::files::{PROGRESS, names};
use support::{App, assert_says, build};

fn differs(error: &Error, parts: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Verify, "{text}");
    assert_says(&text, parts);
}

#[test]
fn a_bundle_that_behaves_differently_is_an_error_with_the_traceback() {
    // The archive of the standard library is empty in the trace, but not without the loader.
    let app = App::new(
        "import os, sys\n\
         def late():\n    import wave\n\
         if os.stat('/lib/python3%d.zip' % sys.version_info[1]).st_size > 1000:\n    late()\n",
    );
    let error = app.builder().build().unwrap_err();
    let parts = [
        "app.py: it raised ModuleNotFoundError from the bundle, through plain loadPyodide",
        "File \"/home/pyodide/app.py\", line 3, in late",
        "No module named 'wave'",
        "hint:",
    ];
    differs(&error, &parts);
    assert_eq!(names(&app.out()), [PROGRESS], "it left outputs");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn different_modules_are_an_error() {
    let app = App::new(
        "import os, sys\n\
         if os.stat('/lib/python3%d.zip' % sys.version_info[1]).st_size < 1000:\n    import wave\n",
    );
    let error = app.builder().build().unwrap_err();
    differs(&error, &["only in the trace: wave"]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn different_output_is_an_error() {
    let app = App::new(
        "import os, sys\nprint('same')\n\
         print(os.stat('/lib/python3%d.zip' % sys.version_info[1]).st_size)\n",
    );
    let error = app.builder().build().unwrap_err();
    differs(&error, &["it printed different output", "line 2"]);
}

#[test]
fn output_that_differs_between_traces_is_not_compared() {
    let app = App::new("import time\nprint(object())\nprint(time.time_ns())\n");
    let report = build(app.builder());
    let stdout = &report.scenarios[0].stdout;
    assert!(stdout.contains("two traces print different output: line 2"), "{stdout}");
    let app = App::new("import json\nprint(json.__file__, object(), hash('a'), {'a', 'b', 'c'})\n");
    let report = build(app.builder());
    assert_eq!(report.scenarios[0].stdout, "as traced");
}
