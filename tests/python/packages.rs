//! Real packages of a real distribution: their installed files, their bundles, and untraced code in them.

use std::sync::OnceLock;

use pyodide_pack::{Loading, Report};
use support::wheels::{wheel, wheel_name};
use support::{App, Route, assert_says, build, distribution, run};

const PANDAS: &str = "import pandas as pd\npd.DataFrame(range(10))\n";

fn build_with(app: &App, name: &str) -> Report {
    let report = build(app.builder().pyodide_dir(distribution()).requires([name]));
    println!("{}", report.text());
    assert_eq!(report.pyodide, "314.0.3");
    report
}

/// A bundle with a little of pandas, built once.
fn pandas() -> &'static (App, Report) {
    static BUILT: OnceLock<(App, Report)> = OnceLock::new();
    BUILT.get_or_init(|| {
        let app = App::shared("packages-pandas", PANDAS);
        let report = build_with(&app, "pandas");
        (app, report)
    })
}

fn sizes<'a>(report: &'a Report, name: &str) -> &'a pyodide_pack::PackageSizes {
    report.packages.iter().find(|row| row.name == name).unwrap()
}

/// Returns whether the packages in the bundle have at most this fraction of their size.
fn is_smaller(report: &Report, numerator: u64, denominator: u64) -> bool {
    let (core, total) = (sizes(report, "pyodide"), &report.total);
    let (installed, eager) = (total.gzip - core.gzip, total.eager_gzip - core.eager_gzip);
    eager < installed * numerator / denominator
}

/// Uses much more of pandas than [`PANDAS`].
const UNTRACED: &str = r#"
import io
from importlib import metadata

import numpy as np
import pandas as pd

df = pd.DataFrame({"a": [1, 2, 2], "b": [3.0, 4.0, 5.0]})
print(df)
print(df.describe())
print(df.merge(pd.DataFrame({"a": [1, 2], "c": ["x", "y"]})))
text = df.to_csv(index=False)
print(pd.read_csv(io.StringIO(text)).equals(df))
print(df.groupby("a").sum().loc[2, "b"])
print(metadata.version("numpy"), metadata.version("pandas"))
print(np.linalg.inv(np.eye(2)))
import pyodide_js
await pyodide_js.loadPackage(["pandas", "numpy"])
"#;

#[test]
fn pandas_runs_untraced_code_in_the_bundle() {
    let (app, report) = pandas();
    assert!(is_smaller(report, 3, 4), "{}", report.table());
    for name in ["numpy", "pandas", "pytz", "stdlib"] {
        let row = sizes(report, name);
        assert!(0 < row.eager_files && row.eager_files < row.files, "{name}");
    }
    let hot = report.files.iter().filter(|file| file.loading == Loading::Eager);
    assert!(hot.filter(|file| file.path.contains(".cpython-314-")).count() > 10);

    for route in [Route::Loader, Route::Embedded] {
        let ran = run(&app.out(), route, UNTRACED);
        assert_eq!(ran.error, None);
        let parts = [
            "mean   1.666667  4.0",
            "2  2  5.0  y",
            "True\n9.0\n2.4.3 3.0.2\n[[1. 0.]\n [0. 1.]]",
            "pandas already loaded from default channel",
        ];
        assert_says(&ran.stdout, &parts);
        assert!(ran.misses.iter().any(|path| path.contains("pandas/io/")), "{:?}", ran.misses);
        assert!(ran.loaded_packages.contains(&"pytz".to_owned()), "{:?}", ran.loaded_packages);
    }
}

#[test]
#[ignore = "long: run by .ci/run"]
fn pandas_runs_the_traced_code_without_the_loader() {
    let (app, _) = pandas();
    let ran = run(&app.out(), Route::Plain, PANDAS);
    assert_eq!(ran.error, None);
    assert!(ran.loaded_packages.contains(&"pandas".to_owned()));
    // It runs only the traced code, because nothing fetches lazy files.
    let ran = run(&app.out(), Route::Plain, "import numpy.f2py");
    assert!(ran.error.is_some_and(|error| error.contains("ModuleNotFoundError")));
    let ran = run(&app.out(), Route::Strict, "import numpy.f2py");
    let refused = ran.error.is_some_and(|error| error.contains("OSError"));
    assert!(refused, "a strict bundle fetches nothing");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn sympy_runs_untraced_code() {
    let app = App::new("from sympy import symbols\nx, y = symbols('x y')\nprint(x + 2 * y)\n");
    let report = build_with(&app, "sympy");
    assert!(is_smaller(&report, 7, 10), "{}", report.table());
    let code = "
from sympy import symbols, diff, integrate, sin
x = symbols('x')
print(diff(sin(x) * x, x), integrate(x**2, x))
";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "x*cos(x) + sin(x) x**3/3\n"));
}

/// `micropip.freeze` lists packages that record where they come from.
#[test]
fn wheels_of_the_index_can_be_frozen() {
    let app = App::new(
        r#"
import json
import micropip

frozen = json.loads(micropip.freeze())["packages"].get("own-tools", {})
print(frozen.get("file_name", "").rpartition("/")[2], [frozen.get(key) for key in ("version", "depends")])
print(len(frozen.get("sha256", "")), "micropip" in json.loads(micropip.freeze())["packages"])
"#,
    );
    let wheel =
        wheel("own_tools", "Requires-Dist: micropip\n", "", &[("own_tools/__init__.py", "")]);
    app.file(&format!("wheels/{}", wheel_name("own_tools")), wheel);
    let builder = app.builder().pyodide_dir(distribution()).find_links(app.dir("wheels"));
    build(builder.requires(["own-tools==1.0", "micropip"]));
    let ran = run(&app.out(), Route::Loader, "import app");
    assert_eq!(ran.error, None);
    let expected = "own_tools-1.0-py3-none-any.whl ['1.0', ['micropip']]\n64 True\n";
    assert_eq!(ran.stdout, expected);
}
