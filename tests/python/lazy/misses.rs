//! A miss costs a chunk, not a package. A chunk that can't be fetched is explained, and fetched again
//! later. Misses become settings for `build.rs`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use support::{App, PACKAGES, assert_says, build, distribution};

use super::{APP, NOTES, SITE, steps, with_shop};

/// A bundle of [`APP`], built once.
fn small() -> &'static App {
    static BUILT: OnceLock<App> = OnceLock::new();
    BUILT.get_or_init(|| {
        let app = with_shop(App::shared("lazy-misses", APP));
        build(app.builder().requires(["shop"]).find_links(app.dir("wheels")));
        app
    })
}

/// Tries an import, and prints the outcome.
fn attempt_import(module: &str) -> String {
    format!("try:\n    import {module}\n    print('imported')\n{NOTES}")
}

#[test]
fn a_miss_is_fetched_and_becomes_a_setting() {
    let code =
        "def wanted():\n    import shop.later\n    return shop.later.ANSWER\nprint(wanted())";
    let data = format!("print(open('{SITE}/shop/data.txt').read())");
    let ran =
        steps(&small().out(), "{}", &[code, &data, "import os\nprint(os.path.exists('/no'))"]);
    assert_eq!(ran.printed, ["42\n", "data\n", "False\n"]);
    let first = &ran.events[0];
    assert!(first.path.starts_with(&format!("/pyc{SITE}/shop/later.")), "{first:?}");
    assert_eq!(first.package, "shop");
    assert!(first.stack.iter().any(|frame| frame.ends_with(":2 in wanted")), "{:?}", first.stack);
    assert!(ran.events.iter().all(|event| event.error.is_none()), "{:?}", ran.events);
    assert_eq!(ran.lines, [".eager(\"shop/*\")"]);
}

#[test]
fn javascript_reads_lazy_files_too() {
    let read = format!("read:{SITE}/shop/data.txt");
    let ran = steps(&small().out(), "{}", &[&read]);
    assert_eq!(ran.printed, ["data"]);
    assert_eq!((ran.events.len(), ran.events[0].stack.len()), (1, 0), "{:?}", ran.events);
}

#[test]
fn a_damaged_chunk_is_explained_and_fetched_again() {
    let import = attempt_import("shop.later");
    let damaged = format!("damage:/pyc{SITE}/shop/later.cpython-314.pyc");
    let source = format!("damage:{SITE}/shop/later.py");
    let ran = steps(&small().out(), "{}", &[&damaged, &source, &import, "repair", &import]);
    let file = format!("OSError {SITE}/shop/later.py of shop could not be fetched");
    assert_says(&ran.printed[0], &[&file, "it is not what the manifest says"]);
    assert_eq!(ran.printed[1], "imported\n");
    assert!(ran.events.iter().any(|event| event.error.is_some()));
}

#[test]
fn a_strict_bundle_names_the_setting() {
    let open = format!("try:\n    open('{SITE}/shop/data.txt')\n{NOTES}");
    let ran = steps(&small().out(), r#"{"strict":true}"#, &[&attempt_import("shop.later"), &open]);
    for (printed, file) in ran.printed.iter().zip(["shop/later.py", "shop/data.txt"]) {
        let line = format!("add .eager(\"{file}\") to build.rs");
        assert!(printed.starts_with("OSError") && printed.contains(&line), "{printed}");
    }
}

/// A bundle with the five packages in which sympy is used a little, built once.
fn sympy() -> &'static App {
    static BUILT: OnceLock<App> = OnceLock::new();
    BUILT.get_or_init(|| {
        let code = "from sympy import symbols\nx, y = symbols('x y')\nprint(x + 2 * y)\n";
        let app = App::shared("lazy-sympy", code);
        build(app.builder().pyodide_dir(distribution()).requires(PACKAGES));
        app
    })
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_miss_costs_a_chunk_of_a_large_package() {
    let code =
        "def wanted():\n    import sympy.stats\n    return sympy.stats.__name__\nprint(wanted())";
    let ran = steps(&sympy().out(), "{}", &[code]);
    assert_eq!(ran.printed, ["sympy.stats\n"]);
    let first = &ran.events[0];
    assert!(first.path.starts_with(&format!("/pyc{SITE}/sympy/stats/__init__.")), "{first:?}");
    assert_eq!(first.package, "sympy");
    assert!(first.stack.iter().any(|frame| frame.ends_with(":2 in wanted")), "{:?}", first.stack);
    let mut fetched: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &ran.events {
        *fetched.entry(&event.chunk).or_default() += event.bytes;
        assert!(event.bytes < 1 << 20 && event.error.is_none(), "{event:?}");
    }
    println!("sympy.stats: {} files, {fetched:?}", ran.events.len());
    assert!(fetched.len() < 8, "{fetched:?}");
    assert!(ran.lines.iter().any(|line| line == ".eager(\"sympy/stats/*\")"), "{:?}", ran.lines);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_damaged_chunk_of_a_large_package_is_explained_and_fetched_again() {
    let import = attempt_import("sympy.stats");
    let damaged = format!("damage:/pyc{SITE}/sympy/stats/__init__.cpython-314.pyc");
    let source = format!("damage:{SITE}/sympy/stats/__init__.py");
    let ran = steps(&sympy().out(), "{}", &[&damaged, &source, &import, "repair", &import]);
    let file = format!("OSError {SITE}/sympy/stats/__init__.py of sympy could not be fetched");
    let parts = [&*file, "/source/sympy.", "it is not what the manifest says"];
    assert_says(&ran.printed[0], &parts);
    assert_eq!(ran.printed[1], "imported\n");
    assert!(ran.events.iter().any(|event| event.error.is_some()));
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_strict_bundle_of_a_large_package_names_the_setting() {
    let import = attempt_import("sympy.stats");
    let file = format!("{SITE}/sympy/parsing/autolev/Autolev.g4");
    let open = format!("try:\n    open('{file}').close()\n    print('opened')\n{NOTES}");
    let ran = steps(&sympy().out(), r#"{"strict":true}"#, &[&import, &open]);
    for (printed, file) in
        ran.printed.iter().zip(["sympy/stats/__init__.py", "sympy/parsing/autolev/Autolev.g4"])
    {
        let line = format!("add .eager(\"{file}\") to build.rs");
        assert!(printed.starts_with("OSError") && printed.contains(&line), "{printed}");
    }
    assert_eq!(steps(&sympy().out(), "{}", &[&open]).printed, ["opened\n"]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn prefetched_chunks_are_not_fetched_again() {
    let code = "import sympy.stats\nprint(1)";
    let ran = steps(&sympy().out(), r#"{"prefetch":["sympy"]}"#, &["settle", code]);
    assert!(ran.prefetched > 1, "{ran:?}");
    let own = ran.events.iter().filter(|event| event.package == "sympy");
    assert!(own.clone().count() > 1 && own.map(|event| event.bytes).sum::<u64>() == 0);
}
