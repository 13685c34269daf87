//! What a program can see of the installation is as in a full one: folders, sizes, contents, metadata,
//! modules, sources, code, and what happens when it writes to it.
//!
//! `cargo test fidelity:: -- --include-ignored` looks in every mode.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::support::{App, PACKAGES, Ran, Route, distribution, run, run_plain};
use pyodide_pack::Python;
use serde_json::Value;

/// Writes the modules beside `looks.py` into a folder, imports them, and prints what they see.
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fidelity");
    let mut modules = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        modules.insert(name, fs::read_to_string(path).unwrap());
    }
    let literal = serde_json::to_string(&serde_json::to_string(&modules).unwrap()).unwrap();
    LOOK.replace("MODULES", &literal)
}

/// What each look saw.
fn seen(ran: &Ran) -> BTreeMap<String, Value> {
    assert_eq!(ran.error, None);
    serde_json::from_str(ran.stdout.lines().last().unwrap_or_default()).unwrap()
}

/// What they see in plain Pyodide, which is the same for all tests.
fn seen_in_plain_pyodide() -> &'static BTreeMap<String, Value> {
    static SEEN: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    SEEN.get_or_init(|| {
        let plain = seen(&run_plain(&PACKAGES, &code()));
        for (name, value) in &plain {
            let failed = value.as_str().is_some_and(|text| text.contains("Error: "));
            assert!(!failed, "{name} can't look at plain Pyodide: {value}");
        }
        plain
    })
}

/// Imports none of the packages.
const COLD: &str = "import json\nprint(json.dumps([1]))\n";
/// Has much of them in its bundle.
const HOT: &str = "import pandas as pd\npd.DataFrame(range(10))\n\
                   from sklearn.tree import DecisionTreeClassifier\n\
                   print(DecisionTreeClassifier().fit([[0], [1]], [0, 1]).predict([[1]]))\n";

/// The looks that see something else in the bundle of this app.
fn different(app: &str, python: Python) -> BTreeMap<String, [Value; 2]> {
    let app = App::new(app);
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES).python(python);
    let (plain, mut bundle) = std::thread::scope(|scope| {
        let plain = scope.spawn(seen_in_plain_pyodide);
        builder.build().unwrap_or_else(|error| panic!("{error}"));
        let bundle = seen(&run(&app.out(), Route::Loader, &code()));
        (plain.join().unwrap(), bundle)
    });
    assert!(plain.len() > 40 && plain.len() == bundle.len());
    let pairs = plain.iter().map(|(name, value)| {
        let other = bundle.remove(name).unwrap_or_default();
        (name.clone(), [value.clone(), other])
    });
    pairs.filter(|(_, [one, other])| one != other).collect()
}

/// The innermost places where two values differ.
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

fn told(different: &BTreeMap<String, [Value; 2]>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, [one, other]) in different {
        places(one, other, name, &mut found);
    }
    found
}

#[test]
fn nothing_but_docstrings_differs_by_default() {
    // numpy._typing imports the module that adds to its docstring only if it has one; what an app
    // itself imports is kept.
    let cold = r#"imported[2]: [String("numpy._typing._add_docstring")] | []"#;
    for (app, modules) in [(COLD, vec![cold]), (HOT, vec![])] {
        let mut different = different(app, Python::default());
        let docstrings = different.remove("documented").expect("docstrings are stripped");
        assert_eq!(docstrings[1][0], serde_json::json!([]));
        assert_eq!(told(&different), modules);
    }
}

#[test]
#[ignore = "takes minutes"]
fn nothing_differs_with_docstrings() {
    let python = Python::Bytecode { docstrings: true, asserts: true, line_numbers: true };
    assert_eq!(told(&different(COLD, python)), [""; 0]);
}

#[test]
#[ignore = "takes minutes"]
fn nothing_differs_as_unchanged_sources() {
    let python = Python::Source { docstrings: true, comments: true };
    assert_eq!(told(&different(COLD, python)), [""; 0]);
}
