//! A bundle that does not do what was traced is no bundle; what can't be compared is said.

use crate::support::App;
use pyodide_pack::ErrorKind;

#[test]
fn a_bundle_that_behaves_differently_is_an_error_with_the_traceback() {
    // The archive of the standard library is empty in the trace, and is not without the loader.
    let app = App::new(
        "import os, sys\n\
         def late():\n    import wave\n\
         if os.stat('/lib/python3%d.zip' % sys.version_info[1]).st_size > 1000:\n    late()\n",
    );
    let error = app.builder().build().unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Validate, "{text}");
    for part in [
        "app.py: it raised ModuleNotFoundError from the bundle, through the plain three lines",
        "File \"/home/pyodide/app.py\", line 3, in late",
        "No module named 'wave'",
        "hint:",
    ] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    assert!(!app.out().exists(), "it left outputs");
}

#[test]
fn other_modules_are_an_error() {
    let app = App::new(
        "import os, sys\n\
         if os.stat('/lib/python3%d.zip' % sys.version_info[1]).st_size < 1000:\n    import wave\n",
    );
    let error = app.builder().build().unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Validate, "{text}");
    assert!(text.contains("only in the trace: wave"), "{text}");
}

#[test]
fn other_output_is_an_error() {
    let app = App::new(
        "import os, sys\nprint('same')\n\
         print(os.stat('/lib/python3%d.zip' % sys.version_info[1]).st_size)\n",
    );
    let error = app.builder().build().unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Validate, "{text}");
    assert!(text.contains("it printed something else") && text.contains("line 2"), "{text}");
}

#[test]
fn what_differs_from_itself_is_not_compared() {
    let app = App::new("import time\nprint(object())\nprint(time.time_ns())\n");
    let report = app.builder().build().unwrap_or_else(|error| panic!("{error}"));
    let stdout = &report.scenarios[0].stdout;
    assert!(stdout.contains("two traces print different things: line 2"), "{stdout}");
    let app = App::new("import json\nprint(json.__file__, object(), hash('a'), {'a', 'b', 'c'})\n");
    let report = app.builder().build().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.scenarios[0].stdout, "as traced");
}
