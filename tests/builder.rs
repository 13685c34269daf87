//! What each setter of `Builder` does, and what is said when a setting is wrong.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use crate::support::{self, App, Route, cache, run, tmp, wheel, wheel_name};
use pyodide_pack::{Builder, Encoding, Error, ErrorKind, Heat, Report};

fn decision(report: &Report, path: &str) -> Option<(Heat, String)> {
    let found = report.files.iter().find(|file| file.path.ends_with(path));
    found.map(|file| (file.heat, file.reason.clone()))
}

fn build(builder: Builder) -> Report {
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

fn says(error: &Error, kind: ErrorKind, parts: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    assert!(text.contains("where:") && text.contains("hint:"), "{text}");
}

#[test]
fn include_makes_hot_and_exclude_makes_go_away() {
    let app = App::new(
        "try:\n    import colorsys\n    print('there')\nexcept ModuleNotFoundError:\n    print('gone')\n",
    );
    app.file("app/notes/readme.md", "for us only");
    let builder = app.builder();
    let builder = builder.include("tomllib/*.py").exclude("colorsys.py").exclude("notes/**");
    let report = build(builder.include("no/such/file").include("colorsys.py"));

    let hot = |reason: &str| Some((Heat::Hot, reason.to_owned()));
    assert_eq!(decision(&report, "/tomllib/_parser.py"), hot("include \"tomllib/*.py\""));
    let dropped = |reason: &str| Some((Heat::Dropped, reason.to_owned()));
    assert_eq!(decision(&report, "/colorsys.py"), dropped("exclude \"colorsys.py\""));
    assert_eq!(decision(&report, "/readme.md"), dropped("exclude \"notes/**\""));
    assert_eq!(decision(&report, "/wave.py"), Some((Heat::Cold, "not opened".to_owned())));
    let unused = |glob: &str| report.warnings.iter().any(|warning| warning.contains(glob));
    assert!(unused("no/such/file") && unused("colorsys.py"), "{:?}", report.warnings);

    let code = "import tomllib\nimport app\nimport wave\nimport os\nprint(os.listdir())";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "gone\n['app.py']\n"));
    assert!(ran.misses.iter().any(|path| path.contains("/wave.")));
    assert!(!ran.misses.iter().any(|path| path.contains("tomllib")), "{:?}", ran.misses);
}

#[test]
fn prelude_comes_before_each_scenario_and_not_into_the_bundle() {
    let app = App::new("import js\nprint(js.document.title)\n");
    let error = app.builder().build().unwrap_err();
    says(&error, ErrorKind::Trace, &["AttributeError", "Builder::prelude"]);
    let prelude = app.file("dom.mjs", "globalThis.document = { title: 'Seite 4711' };\n");
    let report = build(app.builder().prelude(prelude));
    assert!(decision(&report, "dom.mjs").is_none());
    let outputs = support::snapshot(&app.out());
    let has = |bytes: &Vec<u8>| bytes.windows(10).any(|window| window == b"Seite 4711");
    assert!(!outputs.values().any(has), "the prelude is in the outputs");
}

#[test]
fn the_network_is_off_unless_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = App::new(&format!(
        "from js import fetch\nresponse = await fetch('http://127.0.0.1:{port}/')\n\
         print(await response.text())\n"
    ));
    let error = app.builder().build().unwrap_err();
    says(&error, ErrorKind::Trace, &["the network is off", "Builder::trace_network(true)"]);

    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    build(app.builder().trace_network(true));
}

#[test]
fn the_environment_of_the_host_is_hidden_unless_allowed() {
    let code = "import js\nprint(getattr(js.process.env, 'PATH', None) is None)\n\
                assert getattr(js.process.env, 'PATH', None) is None\n";
    let app = App::new(code);
    build(app.builder());
    let error = app.builder().trace_network(true).build().unwrap_err();
    says(&error, ErrorKind::Trace, &["AssertionError"]);
}

#[test]
fn find_links_brings_wheels_of_ones_own() {
    let app = App::new("import local_tools\nprint(local_tools.ANSWER)\n");
    let name = "pyodide_pack_local_tools";
    let files = [
        ("local_tools/__init__.py", "ANSWER = 42\n"),
        ("local_tools/later.py", "ANSWER = 43\n"),
        (&format!("{name}-1.0.data/data/share/local/x.txt"), "installed in /share\n"),
    ];
    let wheel = app.file(&format!("wheels/{}", wheel_name(name)), wheel(name, "", "", &files));

    let builder = app.builder().requires(["pyodide-pack-local-tools"]);
    let report = build(builder.find_links(wheel.parent().unwrap()));
    assert!(
        report.packages.iter().any(|p| p.name == "pyodide-pack-local-tools" && p.version == "1.0")
    );
    let code =
        "from local_tools import later\nprint(later.ANSWER, open('/share/local/x.txt').read())";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "43 installed in /share\n\n"));
    let ran = run(&app.out(), Route::Strict, code);
    let error = ran.error.unwrap();
    assert!(error.contains("OSError") && error.contains("local_tools/later.py"), "{error}");
}

#[test]
fn pyodide_version_is_the_one_that_runs() {
    let app = App::new(
        "import sys\nprint(sys.version_info[:2])\nassert sys.version_info[:2] == (3, 13)\n",
    );
    let report = build(app.builder().pyodide_version("0.29.5"));
    assert_eq!(report.pyodide, "0.29.5");
    let ran =
        run(&app.out(), Route::Loader, "import app, wave, pyodide; print(pyodide.__version__)");
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "(3, 13)\n0.29.5\n"));
}

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
    says(
        &there().requires(["-r x.txt"]).build().unwrap_err(),
        ErrorKind::Config,
        &["\"-r x.txt\""],
    );
    says(
        &there().scenario("none.py").build().unwrap_err(),
        ErrorKind::Config,
        &["none.py", "Builder::scenario"],
    );
    says(
        &there().prelude("none.mjs").build().unwrap_err(),
        ErrorKind::Config,
        &["none.mjs", "Builder::prelude"],
    );
    says(
        &there().find_links("none").build().unwrap_err(),
        ErrorKind::Config,
        &["Builder::find_links"],
    );
    says(
        &there().pyodide_dir("none").build().unwrap_err(),
        ErrorKind::Config,
        &["Builder::pyodide_dir"],
    );
    says(
        &there().include("a***").build().unwrap_err(),
        ErrorKind::Config,
        &["a***", "Builder::include"],
    );
    let empty = tempfile::tempdir_in(tmp()).unwrap();
    let error = support::builder(empty.path(), app.out()).build().unwrap_err();
    says(&error, ErrorKind::Config, &["no app.py"]);
    let error = support::builder(Path::new("nowhere"), app.out()).build().unwrap_err();
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
fn one_file_is_an_app() {
    let app = App::new("");
    let file = app.file("single/tool.py", "print(__file__)\n");
    app.file("single/other.py", "raise RuntimeError\n");
    let report = build(support::builder(&file, app.out()));
    assert_eq!(decision(&report, "/tool.py"), Some((Heat::Hot, "app".to_owned())));
    assert_eq!(decision(&report, "/other.py"), None);
}

#[test]
fn the_folder_to_serve_is_exported_and_nothing_else_is_left_in_it() {
    let app = App::new("print(1)\n");
    let kept = app.file("site/index.html", "mine");
    let stale = app.file("site/pyodide-pack/cold/stale.zip", "old");
    build(app.builder().export_dir(app.dir("site")));
    assert!(kept.exists() && !stale.exists());
    let exported = support::snapshot(&app.dir("site/pyodide-pack"));
    assert!(exported == support::snapshot(&app.out().join("pyodide-pack")));
    assert!(exported.contains_key("loader.mjs"), "{:?}", exported.keys());
}

#[test]
fn a_damaged_cache_is_made_again() {
    let app = App::new("print('damaged?')\n");
    let builder = || app.builder().embed(Encoding::Gzip);
    build(builder());
    let first = support::snapshot(&app.out());
    let own = tempfile::tempdir_in(tmp()).unwrap();
    let copy = own.path().join("cache");
    fs::create_dir_all(&copy).unwrap();
    let options = fs_extra::dir::CopyOptions::new();
    fs_extra::dir::copy(cache().join("runtimes-v1"), &copy, &options).unwrap();
    build(builder().cache_dir(&copy));
    for bucket in ["unpacked-v1", "runtimes-v1", "builds-v1", "digests-v1", "compressed-v1"] {
        let files = support::snapshot(&copy.join(bucket));
        assert!(!files.is_empty(), "{bucket}");
        for (name, bytes) in files {
            // Half of it, and a flipped bit in what is left.
            let mut half = bytes[..bytes.len() / 2].to_vec();
            if let Some(last) = half.last_mut() {
                *last ^= 1;
            }
            fs::write(copy.join(bucket).join(name), half).unwrap();
        }
    }
    fs::remove_dir_all(app.out()).unwrap();
    build(builder().cache_dir(&copy));
    let again = support::snapshot(&app.out());
    for name in first.keys().filter(|name| !name.starts_with("pyodide-pack-report")) {
        assert!(first[name] == again[name], "{name} differs");
    }
}

#[test]
fn a_wheel_whose_record_is_wrong_is_refused() {
    let app = App::new("");
    let name = "pyodide_pack_wrong";
    let bytes = wheel(name, "", "wrong.py,sha256=x,7\n", &[("wrong.py", "A = 1\n")]);
    let wheel = app.file(&format!("wheels/{}", wheel_name(name)), bytes);
    let builder = app.builder().requires(["pyodide-pack-wrong"]);
    let error = builder.find_links(wheel.parent().unwrap()).build().unwrap_err();
    says(&error, ErrorKind::Archive, &["RECORD", "\"wrong.py\" has 6 bytes and not 7"]);
}
