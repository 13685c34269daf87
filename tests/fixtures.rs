//! Each folder of `fixtures` is an app with its expected result: the files that must be eager because of
//! the app, or the error. Every build verifies itself, through both routes.
//!
//! `PYODIDE_PACK_BLESS=1 cargo test fixtures::` rewrites the lists of eager files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pyodide_pack::{FileReport, Loading, Reason, Report};
use serde::{Deserialize, Serialize};
use support::files::{PROGRESS, names};
use support::{Route, assert_says, builder, run, tmp};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requires: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scenarios: Vec<String>,
    /// Parts of the error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    error: Vec<String>,
    /// The output of `import app` in a finished bundle, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stdout: Option<String>,
    /// Files that are eager because of the app.
    #[serde(default)]
    eager: BTreeSet<String>,
}

fn check(name: &str) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let expected_path = fixture.join("expected.json");
    let mut expected: Expected =
        serde_json::from_slice(&fs::read(&expected_path).unwrap()).unwrap();
    let out = tempfile::tempdir_in(tmp()).unwrap();
    let mut builder = builder(fixture.join("app"), out.path()).requires(&expected.requires);
    for scenario in &expected.scenarios {
        builder = builder.scenario(fixture.join(scenario));
    }
    let report = match builder.build() {
        Ok(report) => report,
        Err(error) => {
            let text = error.to_string();
            assert!(!expected.error.is_empty(), "{text}");
            let parts: Vec<_> = expected.error.iter().map(String::as_str).collect();
            assert_says(&text, &parts);
            assert_eq!(names(out.path()), [PROGRESS], "it left outputs");
            return;
        }
    };
    assert!(expected.error.is_empty(), "it did not fail");
    assert!(report.scenarios.iter().all(|s| s.stdout == "as traced"), "{:?}", report.scenarios);
    if let Some(stdout) = &expected.stdout {
        let code = "import runpy; runpy.run_path('app.py', run_name='__main__')";
        let ran = run(out.path(), Route::Loader, code);
        assert_eq!((ran.error, &ran.stdout), (None, stdout));
    }
    let eager = eager_files(&report);
    if bless() {
        expected.eager = eager;
        fs::write(&expected_path, serde_json::to_string_pretty(&expected).unwrap() + "\n").unwrap();
    } else {
        assert_eq!(eager, expected.eager);
    }
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
fn bless() -> bool {
    std::env::var_os("PYODIDE_PACK_BLESS").is_some()
}

fn eager_files(report: &Report) -> BTreeSet<String> {
    let by_app = |file: &&FileReport| {
        matches!(file.reasons.first(), Some(Reason::App | Reason::Opened { .. }))
    };
    let eager = report.files.iter().filter(|file| file.loading == Loading::Eager);
    eager.filter(by_app).map(|file| file.path.clone()).collect()
}

macro_rules! fixtures {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn every_folder_is_tested() {
            let tested = BTreeSet::from([$(stringify!($name).to_owned()),*]);
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
            let entries = fs::read_dir(folder).unwrap();
            let there = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
            assert_eq!(there.collect::<BTreeSet<_>>(), tested);
        }
    };
}

fixtures! {
    distribution_metadata
    dynamic_import
    modules_and_data
    quoting
    raises
    scenarios
    stdlib_only
    top_level_await
    unicode_paths
}
