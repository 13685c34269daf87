//! Starts from snapshots of Python's memory: they do what a normal start does, only sooner.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use pyodide_pack::{Builder, Report, Snapshot, Split};
use support::files::{assert_same, read_all};
use support::run::script;
use support::wheels::{wheel, wheel_name};
use support::{App, Route, assert_says, build, distribution, run, run_plain, tmp};

const WITH_NUMPY: &str = "import json, logging, random, tempfile, uuid\nimport numpy as np\nimport numpy.random\nprint(np.arange(3).tolist())\n";
/// What a start decides. The snapshot has all these imports.
const SURROUNDINGS: &str = "
import json, logging, random, tempfile, uuid, numpy.random
import os, sys, time, warnings
print(sorted(os.environ.items()), os.getcwd(), sys.argv, sys.path, sys.flags[:8])
print(time.tzname, time.timezone, time.altzone, time.daylight, time.strftime('%Z %z', time.localtime(0)))
print([hook.__name__ for hook in sys.path_hooks], [type(f).__name__ for f in sys.meta_path], warnings.filters, sys.getrecursionlimit())
print(os.listdir('/'), os.listdir('/lib/python3.14/site-packages'), os.listdir('.'), sys.stdin.isatty())
";
/// What differs from start to start.
const CHANCE: &str = "
import random, secrets, tempfile, uuid
import numpy as np
print(random.random(), np.random.random(), secrets.token_hex(4), uuid.uuid1().node, uuid.uuid4())
print(next(tempfile._get_candidate_names()))
";
const CLOCKS: &str = "
import logging, time
assert 0 < time.monotonic() < 600 and 0 < time.perf_counter() < 600
record = logging.LogRecord('a', 1, 'b', 1, 'c', (), None)
assert abs(record.created - time.time()) < 60 and 0 <= record.relativeCreated < 60000
";

fn with_snapshot(app: &App) -> Builder {
    let builder = app.builder().pyodide_dir(distribution()).split(Split::Always);
    builder.snapshot(Snapshot::First)
}

fn numpy() -> &'static (App, Report) {
    static NUMPY: OnceLock<(App, Report)> = OnceLock::new();
    NUMPY.get_or_init(|| {
        // `tests/browser/snapshots.mjs` uses these outputs, too.
        let app = App::shared("snapshot-first", WITH_NUMPY);
        let report = build(with_snapshot(&app).requires(["numpy"]));
        (app, report)
    })
}

/// Returns the file of the snapshot.
fn snapshot(app: &App) -> PathBuf {
    let files = fs::read_dir(app.out().join("pyodide-pack")).unwrap().map(|entry| entry.unwrap());
    let found =
        files.map(|file| file.path()).find(|path| path.extension().is_some_and(|e| e == "bin"));
    found.expect("a snapshot is served")
}

#[test]
fn a_restored_start_is_like_a_normal_one() {
    let (app, report) = numpy();
    let found = report.snapshot.as_ref().unwrap();
    assert!(found.missing.is_none() && found.left_out.is_empty(), "{found:?}");
    assert!(
        found.modules > 50 && found.bytes > 10_000_000 && found.memory > found.bytes,
        "{found:?}"
    );
    assert!(report.text().contains("snapshot: "), "{}", report.text());
    let ran = run(&app.out(), Route::Loader, "");
    assert!(ran.restored && ran.misses.is_empty(), "{ran:?}");
    let normal = App::new(WITH_NUMPY);
    build(with_snapshot(&normal).snapshot(Snapshot::Never).requires(["numpy"]));
    for code in
        [SURROUNDINGS, CLOCKS, "import numpy as np\nprint(np.fft.fft([1, 2, 3]), np.__version__)"]
    {
        let one = run(&app.out(), Route::Loader, code);
        let other = run(&normal.out(), Route::Loader, code);
        assert!(one.restored && !other.restored, "{one:?}");
        assert_eq!((&one.error, &one.stdout), (&None, &other.stdout));
        assert_eq!(one.loaded_packages, other.loaded_packages);
    }
    let plain =
        run_plain(&["numpy"], "import sqlite3, numpy.linalg\nprint(numpy.linalg.inv([[2.]]))");
    let ran = run(
        &app.out(),
        Route::Loader,
        "import sqlite3, numpy.linalg\nprint(numpy.linalg.inv([[2.]]))",
    );
    assert_eq!((ran.error, ran.stdout), (None, plain.stdout), "files that come on demand");
}

#[test]
fn packages_that_no_snapshot_can_have_are_left_out_and_named() {
    let app = App::new(
        "import json, pyodide_pack_keeper, pyodide_pack_tokens, pyodide_pack_tidy as tidy, helper\nprint(tidy.answer)\n",
    );
    app.file("app/helper.py", "print('the app runs')\n");
    let packages = [
        ("pyodide_pack_keeper", "import js\nkept = js.Object.new()\n"),
        ("pyodide_pack_tokens", "import secrets\ntoken = secrets.token_hex(4)\n"),
        ("pyodide_pack_tidy", "answer = 42\n"),
    ];
    for (name, code) in packages {
        let content = wheel(name, "", "", &[(&format!("{name}/__init__.py"), code)]);
        app.file(&format!("wheels/{}", wheel_name(name)), content);
    }
    let folder = app.dir("wheels");
    let builder = app.builder().split(Split::Always).snapshot(Snapshot::First).find_links(folder);
    let report = build(builder.requires(packages.map(|(name, _)| name.replace('_', "-"))));
    let found = report.snapshot.as_ref().unwrap();
    let names: Vec<_> = found.left_out.keys().map(String::as_str).collect();
    assert_eq!(
        (names, &found.missing),
        (vec!["pyodide-pack-keeper", "pyodide-pack-tokens"], &None),
        "{found:?}"
    );
    assert_says(
        &report.text(),
        &["snapshot: without pyodide-pack-keeper", "serialize", "random numbers"],
    );
    let code = "import pyodide_pack_keeper, pyodide_pack_tokens as tokens, pyodide_pack_tidy as tidy, helper\nprint(tidy.answer, len(tokens.token))";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.trim(), ran.restored), (None, "the app runs\n42 8", true));
}

/// `tests/browser/snapshots.mjs` uses these outputs.
#[test]
fn snapshots_that_browsers_keep_are_not_used_in_node() {
    let app = App::shared("snapshot-idle", WITH_NUMPY);
    build(with_snapshot(&app).snapshot(Snapshot::Idle).requires(["numpy"]));
    assert!(snapshot(&app).exists());
    let ran = run(&app.out(), Route::Loader, "import numpy as np\nprint(np.arange(2))");
    assert_eq!((ran.error, ran.stdout.trim(), ran.restored), (None, "[0 1]", false));
}

#[test]
fn chance_differs_at_each_restored_start() {
    let (app, _) = numpy();
    let [one, other] = [(); 2].map(|()| run(&app.out(), Route::Loader, CHANCE));
    assert_eq!((&one.error, one.restored), (&None, true));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (one, other) in words(&one.stdout).iter().zip(&words(&other.stdout)) {
        assert_ne!(one, other);
    }
}

#[test]
fn a_damaged_snapshot_is_a_normal_start() {
    let (app, _) = numpy();
    let copy = App::new(WITH_NUMPY);
    let damages: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
        Vec::clear,
        |bytes| bytes[9] = 0xff,
    ];
    for damage in damages {
        support::files::copy(&app.out(), &copy.out(), |_| false);
        let path = snapshot(&copy);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let ran = run(&copy.out(), Route::Loader, "import numpy as np\nprint(np.arange(2))");
        assert_eq!((ran.error, ran.stdout.trim(), ran.restored), (None, "[0 1]", false));
    }
}

#[test]
fn a_snapshot_depends_on_inputs_alone() {
    let (app, _) = numpy();
    let other = App::new(WITH_NUMPY);
    let cache = tmp().join("cache-of-snapshots");
    build(with_snapshot(&other).requires(["numpy"]).cache_dir(&cache));
    let served = |app: &App| read_all(&app.out().join("pyodide-pack"));
    assert_same(&served(app), &served(&other), "two folders and two caches");
    fs::remove_dir_all(cache).unwrap();
    // An edit of the app keeps it.
    let edited = App::new(&format!("{WITH_NUMPY}print(1)\n"));
    build(with_snapshot(&edited).requires(["numpy"]));
    assert_eq!(snapshot(app).file_name(), snapshot(&edited).file_name());
}

#[test]
fn the_format_survives_what_disks_and_networks_do_to_it() {
    let (app, _) = numpy();
    let output =
        Command::new("node").arg(script("damage.mjs")).arg(snapshot(app)).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}
