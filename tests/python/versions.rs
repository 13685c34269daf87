//! The same app on every supported series of Pyodide. `cargo test python::versions:: -- --include-ignored
//! --nocapture` prints the table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyodide_pack::Split;
use support::app::SOURCES;
use support::distribution::distribution_027;
use support::wheels::{wheel, wheel_name};
use support::{App, Route, build, run};

/// One version of each series, including the oldest supported and the newest one.
const VERSIONS: &[&str] = &["0.27.5", "0.28.3", "0.29.5", "314.0.7", "315.0.0-alpha.2"];

const APP: &str = "\
import json, sys
import sqlglot, documented, assigned
print(json.dumps(sys.version_info[:2]))
print(sqlglot.transpile('SELECT 1', write='duckdb')[0])
";

/// Untraced code, and its output.
const LATER: &[(&str, &str)] = &[
    (
        "import wave, zipfile, encodings.cp437\nprint('a'.encode('cp437'), wave.__name__)\n",
        "b'a' wave\n",
    ),
    (
        "import sqlglot\nfrom importlib import metadata\n\
         print(sqlglot.transpile('SELECT a FROM t LIMIT 1', write='tsql')[0], \
         metadata.version('sqlglot'))\n",
        "SELECT TOP 1 a FROM t 30.30.0\n",
    ),
    (
        "import documented as d, assigned\n\
         print([x.__doc__ for x in (d, d.plain, d.shared, d.later, d.A, d.A.f, d.A().f(), d.text)])\n\
         print(d.plain(), d.shared(), d.A.value, d.text(), list(d.letters()), assigned.A.__doc__)\n\
         try:\n    d.fail()\nexcept AssertionError as error:\n    print(error)\n",
        "[None, None, None, None, None, None, None, None]\n\
         1 Shared. Class. Text. ['a'] Assigned.\nno\n",
    ),
];

/// Code that opens a lazy file where none may be fetched, and a part of its output.
const REFUSED: (&str, &str) = (
    "try:\n    import wave\nexcept OSError as error:\n    print(*error.__notes__)\n",
    "wave.py of stdlib is not in this bundle: add .eager(\"wave.py\") to build.rs",
);

/// A docstring in every possible place, in a file with an assert, and strings that are no docstrings.
const DOCUMENTED: &str = r#""""Module."""
def plain():
    """Plain."""
    return 1
def shared():
    """Shared."""
    return "Shared."
async def later():
    """Later."""
class A:
    """Class."""
    value = "Class."
    def f(self):
        """Method."""
        def inner():
            """Inner."""
        return inner
def text():
    return "Text."
def letters():
    return ("a" for _ in "b")
def fail():
    """Fails."""
    assert plain.__doc__, "no"
"#;
const ASSIGNED: &str = "class A:\n    __doc__ = 'Assigned.'\n    assert __doc__\n";

/// Returns a folder with a wheel of the two modules, in `wheels`.
fn with_wheel() -> App {
    let app = App::new("");
    let files = [("documented.py", DOCUMENTED), ("assigned.py", ASSIGNED)];
    let record = "documented.py,,\nassigned.py,,\ndocumented-1.0.dist-info/METADATA,,\n\
                  documented-1.0.dist-info/WHEEL,,\ndocumented-1.0.dist-info/RECORD,,\n";
    let name = format!("wheels/{}", wheel_name("documented"));
    app.file(&name, wheel("documented", "", record, &files));
    app
}

#[test]
fn another_series_runs_the_same_app() {
    let wheels = with_wheel();
    assert_eq!(check(&App::new(APP), "0.29.5", &wheels.dir("wheels")), "");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn every_series_runs_the_same_app() {
    let wheels = with_wheel();
    let links = wheels.dir("wheels");
    let next = AtomicUsize::new(0);
    let lines = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(version) = VERSIONS.get(next.fetch_add(1, Ordering::SeqCst)) {
                    // The browser tests start them, too.
                    let app = App::shared(&format!("version-{version}"), APP);
                    let outcome = check(&app, version, &links);
                    lines.lock().unwrap().insert(*version, outcome);
                }
            });
        }
    });
    let mut table = String::from("\n");
    let lines = lines.into_inner().unwrap();
    for (version, outcome) in &lines {
        let word = if outcome.is_empty() { "ok" } else { "FAILED" };
        let _ = writeln!(table, "{version:<16} {word} {outcome}");
    }
    println!("{table}");
    let right = lines.values().filter(|outcome| outcome.is_empty()).count();
    assert_eq!(right, VERSIONS.len(), "{table}");
}

/// Returns what went wrong, if anything did.
fn check(app: &App, version: &str, links: &Path) -> String {
    let built = app.builder().pyodide_version(version).split(Split::Always);
    match built.requires(["sqlglot==30.30.0", "documented"]).find_links(links).build() {
        Err(error) => error.to_string(),
        Ok(report) if report.pyodide != version => format!("it ran {}", report.pyodide),
        // Before 314, `loadPyodide` takes no module but its own.
        Ok(report) if report.core.whole.is_empty() == version.starts_with("0.") => {
            format!("{:?}", report.core)
        }
        Ok(_) => {
            let start = run(&app.out(), Route::Loader, APP);
            if start.error.is_some() || !start.misses.is_empty() {
                return format!("{start:?}");
            }
            let code: String = LATER.iter().map(|(code, _)| *code).collect();
            let expected: String = LATER.iter().map(|(_, printed)| *printed).collect();
            let ran = run(&app.out(), Route::Loader, &code);
            if ran.error.is_some() || ran.stdout != expected {
                return format!("{ran:?}");
            }
            let (code, expected) = REFUSED;
            let refused = run(&app.out(), Route::Strict, code);
            let is_explained = refused.stdout.contains(expected);
            if is_explained { String::new() } else { format!("{refused:?}") }
        }
    }
}

#[test]
#[ignore = "long: run by .ci/run"]
fn shared_libraries_of_the_oldest_series() {
    let app = App::new(
        "import pandas as pd\nimport scipy.linalg\n\
         from sklearn.tree import DecisionTreeClassifier\n\
         print(DecisionTreeClassifier().fit([[0], [1]], [0, 1]).predict([[1]]))\n\
         print(scipy.linalg.det([[1, 2], [3, 4]]))\nprint(pd.DataFrame(range(3)))\n",
    );
    let builder = app.builder().pyodide_dir(distribution_027()).python_files(SOURCES);
    let report = build(builder.requires(["pandas", "scikit-learn", "scipy"]));
    println!("{}", report.text());
    assert_eq!(report.pyodide, "0.27.7");
    let openblas = report.packages.iter().find(|row| row.name == "openblas").unwrap();
    assert_eq!(openblas.eager_side_modules, 1);
    let code = "import pandas as pd, scipy.stats\n\
                print(pd.DataFrame({'a': [1, 2, 2]}).groupby('a').size().to_dict())\n\
                print(round(scipy.stats.norm.cdf(0), 2))\n";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "{1: 1, 2: 2}\n0.5\n"));
}
