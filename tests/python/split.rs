//! A core in parts: what the app does is there, and everything else comes when it is called.

use std::fs;

use pyodide_pack::Split;
use support::files::{assert_same, read_all};
use support::{App, Route, build, run, tmp};

const APP: &str = "import json\nprint(json.dumps([1]))\n";
/// Functions of the core that the app never calls.
const OTHERS: &str = "
import decimal, hashlib, lzma, sqlite3, unicodedata
print(sqlite3.connect(':memory:').execute(\"select upper('a'), 1 + 1\").fetchall())
print(decimal.Decimal(1) / 3, hashlib.sha3_256(b'x').hexdigest()[:8])
print(lzma.decompress(lzma.compress(b'x' * 99))[:3], unicodedata.name('\\u00e9'))
print('\\u65e5'.encode('shift_jis'), complex(1, 2) ** 2, sorted({3, 1}), 2 ** 70 // 3)
def deep(n): return n and deep(n - 1) or hashlib.blake2b(b'x').hexdigest()[:8]
print(deep(500))
";

fn split(app: &App) -> pyodide_pack::Builder {
    app.builder().split(Split::Always)
}

#[test]
fn other_functions_of_the_core_come_when_they_are_called() {
    let app = App::shared("split", APP);
    let report = build(split(&app));
    let core = &report.core;
    assert_eq!(core.whole, None);
    assert!(core.eager_bytes < core.bytes * 6 / 10, "{core:?}");
    assert!(core.chunks > 10 && core.chunk_bytes > core.bytes / 2, "{core:?}");
    let plain = support::run_plain(&[], OTHERS);
    let ran = run(&app.out(), Route::Loader, OTHERS);
    assert_eq!((ran.error, &ran.stdout), (None, &plain.stdout));
    assert!(ran.misses.iter().filter(|path| *path == "pyodide.asm.wasm").count() > 5);
    // Plain `loadPyodide` uses the whole core.
    assert!(run(&app.out(), Route::Plain, "import json, _sqlite3").error.is_none());
}

#[test]
fn a_split_depends_on_inputs_alone() {
    let (one, other) = (App::new(APP), App::new(APP));
    build(split(&one));
    // Another cache, so that nothing is reused.
    let cache = tempfile::tempdir_in(tmp()).unwrap();
    let builder = split(&other).cache_dir(cache.path());
    build(builder.pyodide_dir(support::cache::runtime()));
    let core = |app: &App| {
        let mut files = read_all(&app.out());
        files.retain(|name, _| name.starts_with("pyodide-pack/core"));
        files
    };
    assert_same(&core(&one), &core(&other), "the core of another cache");
}

#[test]
fn a_core_stays_whole_if_the_settings_say_so() {
    let app = App::new(APP);
    let report = build(app.builder());
    assert_eq!(report.core.whole.as_deref(), Some("the settings keep it so"));
    assert_eq!(report.core.eager_bytes, report.core.bytes);
    assert!(!app.out().join("pyodide-pack/core").exists());
    let manifest = fs::read_to_string(app.out().join("pyodide-pack/manifest.json")).unwrap();
    assert!(!manifest.contains("\"split\""));
}
