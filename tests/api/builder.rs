//! The effect of each setter of `Builder`.

use std::io::{Read, Write};
use std::net::TcpListener;

use pyodide_pack::{ErrorKind, Loading, Report};
use support::app::SOURCES;
use support::files::{assert_same, read_all};
use support::wheels::{wheel, wheel_name};
use support::{App, Route, build, builder, run};

use super::says;

fn decision(report: &Report, path: &str) -> Option<(Loading, String)> {
    let found = report.files.iter().find(|file| file.path.ends_with(path));
    found.map(|file| (file.loading, file.reason()))
}

#[test]
fn eager_brings_files_into_the_bundle_and_exclude_removes_them() {
    let app = App::new(
        "try:\n    import colorsys\n    print('there')\nexcept ModuleNotFoundError:\n    print('gone')\n",
    );
    app.file("app/notes/readme.md", "for us only");
    let builder = app.builder();
    let builder = builder.eager("tomllib/*.py").exclude("colorsys.py").exclude("notes/**");
    let report = build(builder.eager("no/such/file").eager("colorsys.py"));

    let eager = |reason: &str| Some((Loading::Eager, reason.to_owned()));
    assert_eq!(decision(&report, "/tomllib/_parser.py"), eager("eager \"tomllib/*.py\""));
    let excluded = |reason: &str| Some((Loading::Excluded, reason.to_owned()));
    assert_eq!(decision(&report, "/colorsys.py"), excluded("exclude \"colorsys.py\""));
    assert_eq!(decision(&report, "/readme.md"), excluded("exclude \"notes/**\""));
    assert_eq!(decision(&report, "/wave.py"), Some((Loading::Lazy, "not opened".to_owned())));
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
    says(&error, ErrorKind::Trace, &["AttributeError", ".prelude("]);
    let prelude = app.file("dom.mjs", "globalThis.document = { title: 'Seite 4711' };\n");
    let report = build(app.builder().prelude(prelude));
    assert!(decision(&report, "dom.mjs").is_none());
    let outputs = read_all(&app.out());
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
    says(&error, ErrorKind::Trace, &["the network is off", ".trace_network(true) in build.rs"]);

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
fn find_links_adds_local_wheels() {
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
    // `python::versions` tests other versions of the bytecode.
    let report = build(app.builder().pyodide_version("0.29.5").python_files(SOURCES));
    assert_eq!(report.pyodide, "0.29.5");
    let ran =
        run(&app.out(), Route::Loader, "import app, wave, pyodide; print(pyodide.__version__)");
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "(3, 13)\n0.29.5\n"));
}

#[test]
fn a_single_file_is_an_app() {
    let app = App::new("");
    let file = app.file("single/tool.py", "print(__file__)\n");
    app.file("single/other.py", "raise RuntimeError\n");
    let report = build(builder(&file, app.out()));
    assert_eq!(decision(&report, "/tool.py"), Some((Loading::Eager, "app".to_owned())));
    assert_eq!(decision(&report, "/other.py"), None);
}

#[test]
fn the_folder_to_serve_is_exported_and_nothing_else_is_left_in_it() {
    let app = App::new("print(1)\n");
    let kept = app.file("site/index.html", "mine");
    let stale = app.file("site/pyodide-pack/lazy/stale.zip", "old");
    build(app.builder().export_dir(app.dir("site")));
    assert!(kept.exists() && !stale.exists());
    let exported = read_all(&app.dir("site/pyodide-pack"));
    assert!(exported.contains_key("loader.js"), "{:?}", exported.keys());
    assert_same(&read_all(&app.out().join("pyodide-pack")), &exported, "the exported folder");
}
