//! A module that a program changes, in whatever way, runs as it is then, and not the bytecode of the file that
//! was there before.

use std::collections::BTreeMap;
use std::fmt::Write;

use support::{App, Route, build, run, run_plain};

/// The program that changes the modules.
const CHANGES: &str = include_str!("changed_modules.py");

/// Writes the modules where they do not exist: in plain Pyodide.
const PREPARE: &str = r"
import json, os
for path, content in json.loads(FILES).items():
    os.makedirs(os.path.dirname(path), exist_ok=True)
    assert os.path.exists(path) == IN_BUNDLE, path
    if not IN_BUNDLE:
        with open(path, 'w') as file:
            file.write(content)
";

/// Pairs of modules, one to change and one to change it with.
const MODULES: &str = "replace rename swap back away copy copy2 move symlink symlink2 link write place append \
                       truncate same utime compiled remove again shadow script script2 dice0 dice1 dice2";
/// Pairs of packages with a module `part`.
const PACKAGES: &str = "package tree linked tree2 inner parent mount box0 box1";

/// Returns the files of the app, by path in its folder. The texts of a pair differ in length, as Python
/// compares time and length.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for age in ["old", "new"] {
        let text = |name: &str| {
            let more = if age == "new" { ", which replaces the old one" } else { "" };
            format!("ANSWER = '{name}: {age}{more}'\ndef ask():\n    return ANSWER\n")
        };
        for name in MODULES.split_whitespace() {
            files.insert(format!("{name}_{age}.py"), text(name));
        }
        for name in PACKAGES.split_whitespace() {
            files.insert(format!("{name}_{age}/__init__.py"), String::new());
            files.insert(format!("{name}_{age}/part.py"), text(name));
        }
    }
    files
}

fn code(in_bundle: bool, before: bool) -> String {
    let files = files().into_iter().map(|(name, text)| (format!("/home/pyodide/{name}"), text));
    let json = serde_json::to_string(&files.collect::<BTreeMap<_, _>>()).unwrap();
    let literal = serde_json::to_string(&json).unwrap();
    let python = |value: bool| if value { "True" } else { "False" };
    let prepare = PREPARE.replace("FILES", &literal).replace("IN_BUNDLE", python(in_bundle));
    format!("{prepare}\n{CHANGES}\nrun({})\n", python(before))
}

/// Returns the lines that differ, each with the change that it belongs to.
fn differences(plain: &str, bundle: &str) -> String {
    let mut text = String::new();
    let mut change = "";
    for (one, other) in plain.lines().zip(bundle.lines()) {
        if !one.starts_with(' ') {
            change = one;
        }
        if one != other {
            writeln!(text, "{change}\n{one}\n{other}").unwrap();
        }
    }
    text
}

#[test]
fn changed_modules_run_as_in_plain_pyodide() {
    let app = App::new("import shutil, py_compile, importlib, random\nprint('traced')\n");
    for (name, text) in files() {
        app.file(&format!("app/{name}"), text);
    }
    build(app.builder());
    for before in [false, true] {
        let (plain, bundle) = std::thread::scope(|scope| {
            let plain = scope.spawn(move || run_plain(&[], &code(false, before)));
            let bundle = run(&app.out(), Route::Loader, &code(true, before));
            (plain.join().unwrap(), bundle)
        });
        assert_eq!((plain.error, bundle.error), (None, None));
        assert_eq!(differences(&plain.stdout, &bundle.stdout), "");
        assert_eq!(plain.stdout, bundle.stdout);
        assert!(
            plain.stdout.contains("replace: new, which replaces the old one"),
            "{}",
            plain.stdout
        );
        assert!(!bundle.written, "the bundle's bytes changed");
    }
}
