//! Wheels that are not quite right: those that pip and Pyodide install are packed, with a warning.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use pyodide_pack::ErrorKind;
use support::{App, Route, build, run, run_plain, tmp};

use super::says;

const KINDS: [&str; 9] =
    ["backslash", "bzip2", "case", "cp437", "lzma", "missing", "size", "twice", "utf8"];

/// Shows every file that a package added, with its content.
const APP: &str = "\
import pathlib, sysconfig
site = pathlib.Path(sysconfig.get_path('purelib'))
for kind in 'backslash bzip2 case cp437 lzma missing size twice utf8'.split():
    assert __import__(f'odd_{kind}').ANSWER == 42
for path in sorted(site.glob('*.txt')):
    if path.name != 'README.txt':
        print(ascii(path.name), path.read_text())
";

/// Returns a folder with all wheels.
fn wheels() -> PathBuf {
    static WHEELS: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let folder = tmp().join("odd-wheels");
        let _ = std::fs::remove_dir_all(&folder);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/odd_wheels.py");
        let python = which::which("python3").expect("the tests need python3");
        assert!(Command::new(python).arg(script).arg(&folder).status().unwrap().success());
        folder
    };
    WHEELS.get_or_init(make).clone()
}

#[test]
fn wheels_that_are_not_quite_right_are_packed_as_pyodide_unpacks_them_with_warnings() {
    let wheels = wheels();
    let app = App::new(APP);
    let requires = KINDS.map(|kind| format!("odd-{kind}"));
    let report = build(app.builder().requires(requires).find_links(&wheels));
    let ran = run(&app.out(), Route::Loader, APP);
    let files = KINDS.map(|kind| wheels.join(format!("odd_{kind}-1.0-py3-none-any.whl")));
    let plain = run_plain(&files.each_ref().map(|file| file.to_str().unwrap()), APP);
    assert_eq!((ran.error, plain.error), (None, None));
    assert_eq!(ran.stdout, plain.stdout);
    let warnings = [
        (
            "backslash",
            "has backslashes in names, which do not separate folders in Pyodide: \"back\\\\slash.txt\"",
        ),
        ("case", "has names that differ only in letter case: \"case.txt\""),
        ("cp437", "has names without the mark of UTF-8, which Python reads as cp437: \"üä.txt\""),
        ("missing", "has a wrong RECORD: \"no.txt\" is not in the archive and 1 more"),
        ("size", "has a wrong RECORD: \"a.txt\" has 4 bytes instead of 5"),
        ("twice", "contains entries twice, with the same content: \"twice.txt\""),
        ("utf8", "has names without the mark of UTF-8, which Python reads as cp437: \"├ƒ.txt\""),
    ];
    let expected = warnings.map(|(kind, what)| format!("odd_{kind}-1.0-py3-none-any.whl {what}"));
    let mut found = report.warnings;
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn an_entry_that_is_there_twice_with_different_content_is_refused() {
    let app = App::new("");
    let error = app.builder().requires(["odd-differs"]).find_links(wheels()).build().unwrap_err();
    let parts = ["odd_differs", "\"twice.txt\" of an archive can't be unpacked", "with different"];
    says(&error, ErrorKind::Archive, &parts);
}

#[test]
fn a_compression_that_the_python_of_pyodide_lacks_is_named() {
    let app = App::new("");
    let builder = app.builder().requires(["odd-lzma"]).find_links(wheels());
    let error = builder.pyodide_version("0.29.5").build().unwrap_err();
    let parts = [
        "an archive can't be unpacked by the Python of Pyodide 0.29.5",
        "odd_lzma.py: ",
        "lzma",
        "`python -m wheel unpack odd_lzma-1.0-py3-none-any.whl`",
    ];
    says(&error, ErrorKind::Archive, &parts);
}
