//! Parts of code that are read while it runs: docstrings, columns of instructions, and what `site` would run.

use pyodide_pack::PythonFiles;
use support::wheels::{wheel, wheel_name};
use support::{App, Route, assert_says, build, distribution, run};

/// Writes wheels of these modules beside the app.
fn wheels(app: &App, wheels: &[(&str, &[(&str, &str)])]) {
    for (module, files) in wheels {
        let bytes = wheel(module, "", "", files);
        app.file(&format!("wheels/{}", wheel_name(module)), bytes);
    }
}

/// Reads docstrings of its own and of others, and copies one.
const READER: &str = r#"
"""A parser."""

def parse(function):
    "Documented."
    return function.__doc__.split()

def wraps(function):
    def wrapper():
        return function()
    wrapper.__doc__ = function.__doc__
    return wrapper
"#;
const GRAMMAR: &str = r#"
import readerlib

def rule():
    "expression : term PLUS term"

def build():
    return readerlib.parse(rule)
"#;
const COPIES: &str = r#"
def copied(function):
    "Copies documentation."
    def wrapper():
        return 1
    doc = function.__doc__
    if doc is not None:
        wrapper.__doc__ = doc.strip()
    return wrapper

def usage():
    "Usage: none"
"#;
const USAGE: &str = r#"
"""Usage: tool [--help]"""

def main():
    print(__doc__)

def other():
    "Nobody reads this."
"#;

#[test]
fn docstrings_stay_where_code_may_use_them() {
    let app = App::new("import grammarlib, copieslib, usagelib\n");
    wheels(
        &app,
        &[
            ("readerlib", &[("readerlib/__init__.py", READER)]),
            ("grammarlib", &[("grammarlib.py", GRAMMAR)]),
            ("copieslib", &[("copieslib.py", COPIES)]),
            ("usagelib", &[("usagelib/__init__.py", USAGE), ("usagelib/more.py", COPIES)]),
        ],
    );
    let names = ["readerlib", "grammarlib", "copieslib", "usagelib"];
    let builder = || app.builder().find_links(app.dir("wheels")).requires(names);
    let report = build(builder());
    let expected = [
        ("stdlib", "readerlib may use them"),
        ("grammarlib", "readerlib, which it imports, may use them"),
        ("readerlib", "readerlib/__init__.py uses docstrings"),
    ];
    let kept: Vec<_> =
        report.docstrings.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
    assert_eq!(kept, expected);
    assert_says(&report.text(), &["kept docstrings: grammarlib"]);
    let code = "
import cmd, copieslib, grammarlib, io, usagelib, usagelib.more
print(grammarlib.build())
usagelib.main()
print(copieslib.usage.__doc__, usagelib.more.usage.__doc__)
out = io.StringIO()
cmd.Cmd(stdout=out).onecmd('help help')
print(out.getvalue().strip())
";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!(ran.error, None);
    let rule = "['expression', ':', 'term', 'PLUS', 'term']\nUsage: tool [--help]\nNone None\n";
    let help = "List available commands with \"help\" or detailed help with \"help cmd\".\n";
    assert_eq!(ran.stdout, format!("{rule}{help}"));

    build(builder().python_files(PythonFiles::bytecode().docstrings(false)));
    let ran = run(&app.out(), Route::Loader, "import usagelib; usagelib.main()");
    assert_eq!(ran.stdout, "None\n", "the option removes them");
}

#[test]
fn an_app_that_uses_docstrings_of_others_keeps_all() {
    let app = App::new("import json\ndef about(value):\n    return value.__doc__\n");
    let report = build(app.builder());
    assert_eq!(report.docstrings[0].0, "all packages");
    let ran = run(&app.out(), Route::Loader, "import app, json; print(app.about(json.dumps)[:9])");
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "Serialize\n"));
    let report = build(App::new("import cmd\n").builder());
    assert_eq!(report.docstrings[0].1, "app.py imports cmd, which may use them");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn real_packages_print_what_their_docstrings_say() {
    let app = App::new("import fontTools, scipy, matplotlib\n");
    let names = ["fonttools", "scipy", "matplotlib"];
    build(app.builder().pyodide_dir(distribution()).requires(names));
    let code = r#"
from fontTools.varLib.errors import KeysDiffer
print(KeysDiffer(stack=[".x"]))
import io, contextlib
from scipy.optimize import show_options
print(len(show_options("minimize", "bfgs", disp=False)) > 500)
import matplotlib
matplotlib.use("agg")
from matplotlib import pyplot as plt
line, = plt.plot([1, 2])
with contextlib.redirect_stdout(io.StringIO()) as out:
    plt.setp(line, "linewidth")
print(out.getvalue().strip())
"#;
    let names = ["fonttools", "scipy", "matplotlib"];
    let plain = support::run_plain(&names, code);
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, &ran.stdout), (None, &plain.stdout));
    assert_says(&ran.stdout, &["because ", "linewidth: float", "True"]);
}

const CALLER: &str = "
def divide():
    values = [1, 0]
    return values[0] / values[1]
";
const POSITIONS: &str = "
import sys

def column():
    frame = sys._getframe(1)
    positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    return positions[2]
";

#[test]
fn columns_stay_in_the_app_and_where_code_reads_them() {
    let code = "
import traceback, app
try:
    app.fail()
except ZeroDivisionError:
    text = traceback.format_exc()
    print([line.strip() for line in text.splitlines() if '^' in line])
";
    let source = "import callerlib\n\ndef fail():\n    return (1 + 2) + callerlib.divide()\n";
    let app = App::new(source);
    wheels(
        &app,
        &[
            ("callerlib", &[("callerlib.py", CALLER)]),
            ("positionlib", &[("positionlib.py", POSITIONS)]),
        ],
    );
    let builder = || app.builder().find_links(app.dir("wheels"));
    build(builder().requires(["callerlib"]));
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "['~~~~~~~~~~~~~~~~^^']\n"));
    build(builder().requires(["callerlib", "positionlib"]));
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!(ran.stdout.matches('\'').count(), 4, "{}", ran.stdout);
}

#[test]
fn what_site_would_run_does_not_run() {
    let app =
        App::new("import pthlib, sys\nprint(hasattr(sys, 'pth_ran'), 'hidden' in sys.modules)\n");
    let files = [
        ("pthlib.py", "A = 1\n"),
        ("hidden.py", ""),
        ("pthlib.pth", "import sys, hidden; sys.pth_ran = True\n"),
        ("sitecustomize.py", "import sys; sys.pth_ran = True\n"),
        ("usercustomize.py", "import sys; sys.pth_ran = True\n"),
    ];
    wheels(&app, &[("pthlib", &files)]);
    app.file("app/sitecustomize.py", "import sys; sys.pth_ran = True\n");
    build(app.builder().find_links(app.dir("wheels")).requires(["pthlib"]));
    for route in [Route::Loader, Route::Embedded, Route::Plain] {
        let code = "import pthlib, sys; print(hasattr(sys, 'pth_ran'), 'hidden' in sys.modules)";
        let ran = run(&app.out(), route, code);
        assert_eq!((ran.error, ran.stdout.as_str()), (None, "False False\n"), "{route:?}");
    }
}

#[test]
fn a_namespace_package_exists_without_its_modules() {
    let source =
        "import importlib.util, spacelib\nprint(importlib.util.find_spec('spacelib.inner'))\n";
    let app = App::new(source);
    wheels(&app, &[("spacelib", &[("spacelib/inner/deep.py", "A = 1\n")])]);
    build(app.builder().find_links(app.dir("wheels")).requires(["spacelib"]));
    let code = "import spacelib, spacelib.inner\nprint(*spacelib.inner.__path__)";
    for route in [Route::Loader, Route::Plain] {
        let ran = run(&app.out(), route, code);
        assert_eq!(ran.error, None, "{route:?}");
    }
}

#[test]
fn a_traceback_through_a_package_needs_no_search() {
    let source = "
import traceback, callerlib
try:
    callerlib.divide()
except ZeroDivisionError:
    print(traceback.format_exc())
";
    let app = App::new(source);
    wheels(&app, &[("callerlib", &[("callerlib.py", CALLER)])]);
    let report = build(app.builder().find_links(app.dir("wheels")).requires(["callerlib"]));
    assert!(report.fallbacks.is_empty(), "{:?}", report.fallbacks);
}
