//! The app's folder as people have it: environments, caches, foreign files, files in other encodings.

use std::fs;
use std::process::Command;

use pyodide_pack::{ErrorKind, Loading, Report};
use support::app::SOURCES;
use support::{App, Route, assert_says, build, run};

use super::says;

fn names(report: &Report) -> Vec<&str> {
    let own = report.files.iter().filter(|file| file.package == "app");
    own.filter_map(|file| file.path.strip_prefix("/home/pyodide/")).collect()
}

#[test]
fn environments_tests_and_build_output_are_left_out_and_listed() {
    let app = App::new("import helper\n");
    app.file("app/helper.py", "");
    let venv = app.dir("app/venv");
    let made = Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(venv).status();
    assert!(made.unwrap().success());
    for name in [
        "env/conda-meta/history",
        "env/lib/x.py",
        "node_modules/left-pad/index.js",
        "vendor/site-packages/six.py",
        "target/CACHEDIR.TAG",
        "target/debug/big.bin",
        "x.egg-info/PKG-INFO",
        "sub/build/lib/x.py",
        "dist/x-1.0.tar.gz",
        "tests/data.csv",
        "pkg/test_x.py",
        // These are made all the time, and are not listed.
        "pkg/__pycache__/x.cpython-314.pyc",
        ".ruff_cache/x",
        ".app.py.swp",
        "app.py~",
    ] {
        app.file(&format!("app/{name}"), "x");
    }
    app.file("app/feature/.git", "gitdir: /repository/.git/worktrees/feature\n");
    app.file("app/feature/app.py", "");
    // These look similar, and belong to the app.
    let own = ["build/__init__.py", "build/lib/x.py", "lib/.git", "lib/x.py", "vendor/x.txt"];
    for name in own {
        app.file(&format!("app/{name}"), "x = 1\n");
    }
    let report = build(app.builder());
    assert_eq!(
        names(&report),
        ["app.py", "build/__init__.py", "build/lib/x.py", "helper.py", "lib/x.py", "vendor/x.txt"]
    );
    let left_out: Vec<_> =
        report.left_out.iter().map(|left| (left.path.as_str(), left.why.as_str())).collect();
    let expected = [
        ("dist", "build output"),
        ("env", "a conda environment"),
        ("feature", "a worktree of Git"),
        ("node_modules", "packages of Node.js"),
        ("pkg/test_x.py", "a test"),
        ("sub/build", "build output"),
        ("target", "a cache"),
        ("tests", "tests"),
        ("vendor/site-packages", "installed packages"),
        ("venv", "a virtual environment"),
        ("x.egg-info", "metadata of a development installation"),
    ];
    assert_eq!(left_out, expected);
    let text = fs::read_to_string(app.out().join("pyodide-pack-report.txt")).unwrap();
    assert_says(&text, &["left out of the app's folder: venv\n  a virtual environment"]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn files_that_are_left_out_are_named_with_the_line_that_brings_them_in() {
    for (code, file, why, line) in [
        ("import test_tools\n", "test_tools.py", "a test", "test_tools.py"),
        ("import tests.tools\n", "tests/tools.py", "tests", "tests/**"),
        ("open('tests/a.csv')\n", "tests/a.csv", "tests", "tests/a.csv"),
        ("open('.settings')\n", ".settings", "its name starts with a dot", ".settings"),
        ("open('/home/pyodide/x~')\n", "x~", "an editor's backup", "x~"),
    ] {
        let app = App::new(code);
        app.file(&format!("app/{file}"), "");
        let error = app.builder().build().unwrap_err();
        let line = format!(".eager(\"{line}\")");
        says(&error, ErrorKind::Trace, &["in the app's folder, but left out", why, &line]);
        let glob = line.split('"').nth(1).unwrap();
        let report = build(app.builder().eager(glob));
        assert!(names(&report).contains(&file), "{:?}", names(&report));
    }
}

#[test]
fn a_large_app_is_a_warning_and_its_unopened_files_are_lazy() {
    let app = App::new("open('opened.bin').close()\n");
    for (name, size) in [("opened.bin", 300_000), ("large.bin", 900_000), ("small.bin", 1_000)] {
        app.file(&format!("app/{name}"), vec![0; size]);
    }
    let report = build(app.builder());
    let warning = report.warnings.iter().find(|warning| warning.contains("own files have"));
    let parts = ["1.20 MB", "large.bin (0.90 MB), opened.bin (0.30 MB)", ".exclude(\"GLOB\")"];
    assert_says(warning.unwrap(), &parts);
    let lazy: Vec<_> = names(&report)
        .into_iter()
        .zip(report.files.iter().filter(|file| file.package == "app"))
        .filter(|(_, file)| file.loading == Loading::Lazy)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(lazy, ["large.bin"]);
    let ran = run(&app.out(), Route::Loader, "print(len(open('large.bin', 'rb').read()))");
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "900000\n"));

    let report = build(app.builder().exclude("large.bin"));
    assert!(!report.warnings.iter().any(|warning| warning.contains("own files have")));
}

#[test]
fn a_shared_object_of_another_system_is_data() {
    let app = App::new("print(open('data.so').read())\n");
    app.file("app/data.so", "hello");
    app.file("app/fast.cpython-312-x86_64-linux-gnu.so", b"\x7fELF\x02\x01\x01");
    let report = build(app.builder());
    let foreign: Vec<_> =
        report.warnings.iter().filter(|warning| warning.contains("side module")).collect();
    assert_eq!(foreign.len(), 1, "{foreign:?}");
    assert_says(foreign[0], &["/home/pyodide/data.so", "`import data`"]);
    assert_eq!(report.total.side_modules, 0);
    for route in [Route::Loader, Route::Plain] {
        let ran = run(&app.out(), route, "print(open('data.so').read())");
        assert_eq!((ran.error, ran.stdout.as_str()), (None, "hello\n"));
    }
}

#[test]
#[ignore = "long: run by .ci/run"]
fn sources_are_read_in_the_encoding_that_python_reads() {
    let print = "x = 'é'\nprint(ascii(x), __name__)\n";
    let latin: Vec<u8> = print.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let marked = [b"\xef\xbb\xbf", print.as_bytes()].concat();
    let declared = |name: &str| [format!("# -*- coding: {name} -*-\n").as_bytes(), &latin].concat();
    let windows = print.replace('\n', "\r\n").into_bytes();
    let feeds = format!("\x0c\n\x0c{print}").into_bytes();
    for source in [marked, declared("latin-1"), declared("cp1252"), windows, feeds] {
        let app = App::new("import module\n");
        app.file("app/module.py", &source);
        app.file("app/app.py", &source);
        let scenario = app.file("scenario.py", &source);
        let module = "import runpy, module\nrunpy.run_path('app.py')";
        build(app.builder().scenario(scenario));
        let ran = run(&app.out(), Route::Loader, module);
        assert_eq!(ran.error, None);
        assert_eq!(ran.stdout, "'\\xe9' module\n'\\xe9' <run_path>\n");
    }
    for (source, part) in
        [(&latin, "Non-UTF-8 code"), (&declared("klingon"), "unknown encoding: klingon")]
    {
        let app = App::new("");
        app.file("app/app.py", source);
        let error = app.builder().python_files(SOURCES).build().unwrap_err();
        says(&error, ErrorKind::Trace, &["SyntaxError", part]);
    }
}

#[test]
fn requirements_are_read_in_the_encoding_that_pip_reads() {
    let app = App::new("import six\n");
    let utf16: Vec<u8> = "\u{feff}six # ü\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [b"\xef\xbb\xbfsix\r\n".to_vec(), utf16, b"# coding: cp1252\nsix # \xfc".to_vec()]
    {
        app.file("app/requirements.txt", bytes);
        let report = build(app.builder().pyodide_dir(support::distribution()));
        assert!(report.packages.iter().any(|package| package.name == "six"));
    }
}
