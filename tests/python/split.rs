//! WebAssembly in parts: what the app does is there, and everything else comes when it is called.

use std::fs;

use pyodide_pack::Split;
use support::files::{assert_same, read_all};
use support::{App, Route, build, distribution, run, tmp};

const APP: &str = "import json\nprint(json.dumps([1]))\n";
const WITH_NUMPY: &str = "import numpy as np\nprint(np.arange(3).tolist())\n";
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
/// Functions of side modules that the app never calls, and a module's file. The last functions are called by those of
/// other chunks.
const OF_NUMPY: &str = "
import hashlib, pathlib
import numpy as np
file = pathlib.Path(np.linalg._umath_linalg.__file__)
print(file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
print(np.linalg.inv(np.array([[1., 2.], [3., 4.]])).round(3), np.fft.fft([1, 2, 3]).round(3))
print(np.random.default_rng(1).normal(size=2).round(6), np.sort(np.array(['b', 'a'])), np.einsum('i,i', [1, 2], [3, 4]))
print(np.datetime64('2026-01-02') + 3, np.array([1 + 2j]).conj(), np.float16(1) / 3, np.unique([3, 1, 3]))
try: np.array([1, 2]) @ np.array([[1], [2], [3]])
except ValueError as error: print(str(error)[:40])
def deep(n): return n and deep(n - 1) or np.partition([3, 1, 2], 1).tolist()
print(deep(500), np.lexsort(([1, 0], [0, 0])), np.gcd(12, 18), np.packbits([1, 0, 1]))
";

fn split(app: &App) -> pyodide_pack::Builder {
    app.builder().split(Split::Always)
}

fn with_numpy(app: &App) -> pyodide_pack::Builder {
    split(app).pyodide_dir(distribution()).requires(["numpy"])
}

#[test]
fn other_functions_of_the_core_come_when_they_are_called() {
    let app = App::new(APP);
    let report = build(split(&app));
    let core = &report.core;
    assert!(core.whole.is_empty(), "{core:?}");
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
fn other_functions_of_side_modules_come_when_they_are_called() {
    let app = App::shared("split-numpy", WITH_NUMPY);
    let report = build(with_numpy(&app));
    let modules = &report.side_modules;
    assert!(modules.modules > 1 && modules.chunks > 5, "{modules:?}");
    assert!(modules.eager_bytes < modules.bytes / 2, "{modules:?}");
    // What loads these modules was noted, so no chunk of the core had to stay.
    assert!(report.core.eager_bytes < report.core.bytes * 6 / 10, "{:?}", report.core);
    // The others have too little to move.
    assert!(modules.whole.values().all(|why| why.contains("too few")), "{modules:?}");
    assert!(report.text().contains("eager side modules: "), "{}", report.text());
    let plain = support::run_plain(&["numpy"], OF_NUMPY);
    let ran = run(&app.out(), Route::Loader, OF_NUMPY);
    assert_eq!((ran.error, &ran.stdout), (None, &plain.stdout));
    assert!(
        ran.misses.iter().filter(|path| path.contains(".cpython-")).count() > 3,
        "{:?}",
        ran.misses
    );
    // Plain `loadPyodide` uses whole modules.
    let ran = run(&app.out(), Route::Plain, "import numpy as np\nprint(np.sort([3, 1]).tolist())");
    assert_eq!((ran.error, ran.stdout.trim()), (None, "[1, 3]"));
}

#[test]
fn a_split_depends_on_inputs_alone() {
    let (one, other) = (App::new(WITH_NUMPY), App::new(WITH_NUMPY));
    build(with_numpy(&one));
    // Another cache, so that nothing is reused.
    let cache = tempfile::tempdir_in(tmp()).unwrap();
    build(with_numpy(&other).cache_dir(cache.path()));
    let served = |app: &App| read_all(&app.out().join("pyodide-pack"));
    assert_same(&served(&one), &served(&other), "the files of another cache");
}

#[test]
fn a_core_stays_whole_if_the_settings_say_so() {
    let app = App::new(APP);
    let report = build(app.builder());
    let whole: Vec<_> = report.core.whole.iter().collect();
    assert_eq!(whole, [(&"pyodide.asm.wasm".to_owned(), &"the settings keep it so".to_owned())]);
    assert_eq!(report.core.eager_bytes, report.core.bytes);
    assert!(!app.out().join("pyodide-pack/core").exists());
    let manifest = fs::read_to_string(app.out().join("pyodide-pack/manifest.json")).unwrap();
    assert!(!manifest.contains("\"split\""));
}
