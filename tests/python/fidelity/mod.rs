//! A program sees the installation of a bundle as a full one: folders, sizes, contents, metadata, modules,
//! sources and code. It can also write to it.
//!
//! `cargo test python::fidelity:: -- --include-ignored` looks in every form.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use pyodide_pack::{PythonFiles, Split};
use serde_json::Value;
use support::{App, PACKAGES, Ran, Route, build, distribution, run, run_plain};

/// Writes the modules beside `looks.py` into a folder, imports them, and prints their results.
const LOOK: &str = r#"
import json, pathlib, sys
folder = pathlib.Path("/tmp/looks")
folder.mkdir()
for name, content in json.loads(MODULES).items():
    (folder / name).write_text(content)
sys.path.append(str(folder))
import looks, look_files, look_imports, look_code, look_writing
print("\n" + looks.seen())
"#;

fn code() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/fidelity");
    let mut modules = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        modules.insert(name, fs::read_to_string(path).unwrap());
    }
    let literal = serde_json::to_string(&serde_json::to_string(&modules).unwrap()).unwrap();
    LOOK.replace("MODULES", &literal)
}

/// The result of each look.
type Seen = BTreeMap<String, Value>;
/// The results in plain Pyodide and in a bundle.
type Differences = BTreeMap<String, [Value; 2]>;

fn seen(ran: &Ran) -> Seen {
    assert_eq!(ran.error, None);
    serde_json::from_str(ran.stdout.lines().last().unwrap_or_default()).unwrap()
}

fn failed(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("Error: "))
}

/// Returns the results in plain Pyodide with [`PACKAGES`], which are the same for all tests.
fn seen_in_plain_pyodide() -> &'static Seen {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    SEEN.get_or_init(|| {
        let plain = seen(&run_plain(&PACKAGES, &code()));
        for (name, value) in &plain {
            assert!(!failed(value), "{name} can't look at plain Pyodide: {value}");
        }
        assert!(plain.len() > 40);
        plain
    })
}

/// Imports none of the packages.
const WITHOUT_PANDAS: &str = "import json\nprint(json.dumps([1]))\n";
/// Imports much of the packages.
const WITH_PANDAS: &str = "import pandas as pd\npd.DataFrame(range(10))\n\
                   from sklearn.tree import DecisionTreeClassifier\n\
                   print(DecisionTreeClassifier().fit([[0], [1]], [0, 1]).predict([[1]]))\n";

/// Returns the results in the bundle of an app with these packages.
fn seen_in_bundle(app: &str, packages: &[&str], python: PythonFiles) -> Seen {
    let app = App::new(app);
    build(
        app.builder()
            .pyodide_dir(distribution())
            .requires(packages.iter().copied())
            .python_files(python)
            .split(Split::Always),
    );
    seen(&run(&app.out(), Route::Loader, &code()))
}

/// Returns the looks with different results, with both values.
fn different(plain: &Seen, mut bundle: Seen) -> Differences {
    assert_eq!(plain.len(), bundle.len());
    let pairs = plain.iter().map(|(name, value)| {
        let other = bundle.remove(name).unwrap_or_default();
        (name.clone(), [value.clone(), other])
    });
    pairs.filter(|(_, [one, other])| one != other).collect()
}

/// Returns the looks that differ in the bundle of an app with [`PACKAGES`].
fn different_with_packages(app: &str, python: PythonFiles) -> Differences {
    std::thread::scope(|scope| {
        let plain = scope.spawn(seen_in_plain_pyodide);
        let bundle = seen_in_bundle(app, &PACKAGES, python);
        different(plain.join().unwrap(), bundle)
    })
}

/// Returns the innermost places at which two values differ.
fn places(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Array(these), Value::Array(those)) if these.len() == those.len() => {
            for (number, (one, other)) in these.iter().zip(those).enumerate() {
                places(one, other, &format!("{at}[{number}]"), found);
            }
        }
        (Value::Array(these), Value::Array(those)) => {
            let only = |these: &[Value], those: &[Value]| {
                these.iter().filter(|value| !those.contains(value)).cloned().collect::<Vec<_>>()
            };
            let (here, there) = (only(these, those), only(those, these));
            found.push(format!("{at}: {here:?} | {there:?}"));
        }
        (one, other) if one != other => found.push(format!("{at}: {one} | {other}")),
        _ => {}
    }
}

/// Formats all differences, one per line.
fn told(different: &Differences) -> Vec<String> {
    let mut found = Vec::new();
    for (name, [one, other]) in different {
        places(one, other, name, &mut found);
    }
    found
}

/// Uses small packages, and the looks that need no other.
#[test]
fn an_installation_of_small_packages_looks_the_same() {
    let packages = ["regex", "six"];
    let (mut plain, mut bundle) = std::thread::scope(|scope| {
        let plain = scope.spawn(|| seen(&run_plain(&packages, &code())));
        let bundle = seen_in_bundle(WITHOUT_PANDAS, &packages, PythonFiles::default());
        (plain.join().unwrap(), bundle)
    });
    plain.retain(|_, value| !failed(value));
    bundle.retain(|name, _| plain.contains_key(name));
    for name in ["walked_files", "every_content", "distributions", "top_level_modules"] {
        assert!(plain.contains_key(name), "{name} is not among {:?}", plain.keys());
    }
    assert_eq!(told(&different(&plain, bundle)), [""; 0]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn only_docstrings_differ_without_them() {
    only_docstrings_differ(WITH_PANDAS, &[]);
}

fn only_docstrings_differ(app: &str, modules: &[&str]) {
    let mut different = different_with_packages(app, PythonFiles::bytecode().docstrings(false));
    let docstrings = different.remove("documented").expect("docstrings are stripped");
    assert_eq!(docstrings[1][0], serde_json::json!([]));
    assert_eq!(told(&different), modules);
}

mod by_hand {
    use super::*;

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn only_docstrings_differ_in_an_app_without_pandas() {
        // numpy._typing imports the module that adds to its docstring only if it has a docstring. The docstring
        // therefore stays in a bundle whose app imports numpy._typing.
        let added = r#"imported[2]: [String("numpy._typing._add_docstring")] | []"#;
        only_docstrings_differ(WITHOUT_PANDAS, &[added]);
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn nothing_differs_with_docstrings() {
        let python = PythonFiles::bytecode().docstrings(true);
        assert_eq!(told(&different_with_packages(WITHOUT_PANDAS, python)), [""; 0]);
    }

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn nothing_differs_as_unchanged_sources() {
        let python = PythonFiles::source().docstrings(true).comments(true);
        assert_eq!(told(&different_with_packages(WITHOUT_PANDAS, python)), [""; 0]);
    }
}
