//! Real packages as bytecode and as stripped sources. Tracebacks have the lines of the original sources,
//! and docstrings exist if the form keeps them.
//!
//! `cargo test python::modes:: -- --include-ignored` runs all packages; it takes some minutes.

use std::fs;
use std::path::Path;

use pyodide_pack::{FallbackForm, PythonFiles, Report};
use support::cache::runtime;
use support::files::{assert_same, copy, outputs};
use support::{App, PACKAGES, Route, build, distribution, run, run_plain};

/// The trace imports almost nothing. The modules below read docstrings of other modules when they are
/// imported, from eager and lazy files.
#[test]
#[ignore = "long: run by .ci/run"]
fn untraced_code_finds_the_docstrings_that_it_reads() {
    let app = App::new("import numpy as np\nprint(np.arange(3))\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES);
    let report = build(builder.python_files(PythonFiles::bytecode().docstrings(false)));
    let code = "import numpy as np, numpy.ma, pandas, sympy.vector, sympy.physics.mechanics\n\
                print(np.ma.masked_array([1, 2], [0, 1]).sum(), np.clip.__doc__)";
    assert_eq!(run(&app.out(), Route::Loader, code).stdout, "1 None\n");
    let kept = report.fallbacks.iter().map(|file| (file.path.as_str(), file.reason.as_str()));
    let kept: Vec<_> = kept.filter(|(path, _)| path.contains("/numpy/")).collect();
    println!("{kept:?}");
    assert!(kept.iter().any(|(path, _)| path.ends_with("/numpy/_core/numeric.py")), "{kept:?}");
    assert!(kept.iter().all(|(_, why)| why.starts_with("import ")), "{kept:?}");
    assert!(kept.len() < 6, "{kept:?}");
}

const SOURCE: PythonFiles = PythonFiles::source();

struct Package {
    name: &'static str,
    app: &'static str,
    /// Raises in the package's own code.
    raises: &'static str,
}

const REGEX: Package = Package {
    name: "regex",
    app: "import regex\nprint(regex.findall(r'\\p{Lu}', 'aÄb'))\n",
    raises: "import regex\nregex.compile('(')",
};
const PYDANTIC: Package = Package {
    name: "pydantic",
    app: "from pydantic import BaseModel\nclass A(BaseModel):\n    a: int\nprint(A(a='1'))\n",
    raises: "import pydantic\npydantic.create_model('A', __base__=1, __config__={})",
};
const LXML: Package = Package {
    name: "lxml",
    app: "from lxml import etree\nprint(etree.tostring(etree.fromstring('<a><b/></a>')))\n",
    raises: "from lxml import html\nhtml.fragment_fromstring('')",
};
const PILLOW: Package = Package {
    name: "pillow",
    app: "import io\nfrom PIL import Image\nout = io.BytesIO()\n\
          Image.new('RGB', (4, 4), 'red').save(out, 'PNG')\nprint(len(out.getvalue()) > 60)\n",
    raises: "from PIL import Image\nImage.open('/no/such/file')",
};
const PANDAS: Package = Package {
    name: "pandas",
    app: "import pandas as pd\npd.DataFrame(range(10))\n",
    raises: "import pandas as pd\npd.DataFrame({'a': [1]}).groupby('b').sum()",
};
const SYMPY: Package = Package {
    name: "sympy",
    app: "from sympy import symbols\nx, y = symbols('x y')\nprint(x + 2 * y)\n",
    raises: "import sympy\nsympy.integrate(1, 2)",
};
const SCIKIT_LEARN: Package = Package {
    name: "scikit-learn",
    app: "from sklearn.tree import DecisionTreeClassifier\n\
          print(DecisionTreeClassifier().fit([[0], [1]], [0, 1]).predict([[1]]))\n",
    raises: "from sklearn.linear_model import Ridge\nRidge().fit([[1]], [1, 2])",
};
const MATPLOTLIB: Package = Package {
    name: "matplotlib",
    app: "import io\nimport matplotlib\nmatplotlib.use('agg')\n\
          import matplotlib.pyplot as plt\nplt.plot([1, 2])\nout = io.BytesIO()\n\
          plt.savefig(out)\nprint(len(out.getvalue()) > 1000)\n",
    raises: "import matplotlib.pyplot as plt\nplt.plot([1, 2], [1])",
};

/// File, line and function of every frame, and the text of the line.
const FRAMES: &str = "
import traceback
try:
    exec(compile(CODE, '<test>', 'exec'), {})
except Exception as error:
    print(type(error).__name__)
    for frame in traceback.extract_tb(error.__traceback__)[1:]:
        print(frame.filename, frame.lineno, frame.name, '|', frame.line if TEXT else '')
else:
    print('nothing was raised')
";

fn check(package: &Package) {
    for python in [PythonFiles::default(), SOURCE] {
        let app = App::new(package.app);
        build_as(&app, package.name, python);
        // A stripped line has no comment.
        let text = if python == SOURCE { "False" } else { "True" };
        let code = format!("CODE = {:?}\nTEXT = {text}\n{FRAMES}", package.raises);
        let plain = run_plain(&[package.name], &code);
        let bundle = run(&app.out(), Route::Loader, &code);
        assert_eq!((&plain.error, &bundle.error), (&None, &None));
        assert!(plain.stdout.lines().count() > 2, "{}: {}", package.name, plain.stdout);
        assert_eq!(plain.stdout, bundle.stdout, "{} as {python:?}", package.name);
    }
}

fn build_as(app: &App, name: &str, python: PythonFiles) -> Report {
    let builder = app.builder().pyodide_dir(distribution()).python_files(python).requires([name]);
    let report = build(builder);
    println!("{name} as {python:?}\n{}", report.text());
    report
}

#[test]
fn a_small_package_as_bytecode_and_as_stripped_sources() {
    check(&REGEX);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn a_package_as_bytecode_and_as_stripped_sources() {
    check(&PYDANTIC);
}

mod by_hand {
    use super::*;

    #[test]
    #[ignore = "takes minutes: run by hand"]
    fn more_packages_as_bytecode_and_as_stripped_sources() {
        for package in [LXML, PILLOW, PANDAS, SYMPY, SCIKIT_LEARN, MATPLOTLIB] {
            check(&package);
        }
    }
}

#[test]
fn docstrings_that_the_app_reads_are_found_by_running_it() {
    let app = App::new("import json\nprint(len(json.dumps.__doc__) > 100, json.loads('[1]'))\n");
    let fewest = PythonFiles::bytecode().docstrings(false);
    let report = build(app.builder().python_files(fewest));
    let kept: Vec<_> =
        report.fallbacks.iter().map(|f| (f.path.rsplit_once("3.14/"), &*f.reason)).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (path, why) = kept[0];
    assert_eq!(
        (path.map(|(_, name)| name), why),
        (Some("json/__init__.py"), "it raised TypeError")
    );
}

#[test]
#[ignore = "long: run by .ci/run"]
fn docstrings_exist_where_the_mode_keeps_them_or_the_app_needs_them() {
    // numpy.ma checks the docstrings of some of the functions that it wraps.
    let app = App::new("import numpy as np\nprint(np.clip(3, 0, 2))\nimport numpy.ma\n");
    let report = build_as(&app, "numpy", PythonFiles::bytecode().docstrings(false));
    assert!(!report.fallbacks.is_empty());
    for file in &report.fallbacks {
        assert_eq!((file.package.as_str(), file.form), ("numpy", FallbackForm::WithDocstrings));
        assert!(file.reason.starts_with("import numpy"), "{}", file.reason);
    }
    let code = "import numpy as np\nimport json\nhelp(np.clip)\nprint(json.dumps.__doc__)\n\
                import inspect\nprint(len(inspect.getsource(np.clip)) > 1000)\n";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!(ran.error, None);
    assert!(ran.stdout.contains("clip("), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Clip (limit)"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("None\nTrue\n"), "{}", ran.stdout);

    let kept = PythonFiles::bytecode().docstrings(true);
    let report = build_as(&app, "numpy", kept);
    assert!(report.fallbacks.is_empty());
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!(ran.error, None);
    assert!(ran.stdout.contains("Clip (limit) the values in an array."), "{}", ran.stdout);
    assert!(ran.stdout.contains("Serialize ``obj`` to a JSON"), "{}", ran.stdout);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn an_edit_compiles_one_file_to_the_same_bytes_as_a_fresh_build() {
    let app = App::new("import helper\nprint(helper.A)\n");
    app.file("app/helper.py", "\"\"\"Kept.\"\"\"\nA = 1\nassert A\n");
    let (cache, other) = (app.dir("cache"), app.dir("other"));
    let build_in = |cache: &Path, out: &Path| build(app.builder().cache_dir(cache).out_dir(out));
    let name = runtime().file_name().unwrap();
    copy(runtime(), &cache.join("runtimes-v1").join(name), |_| false);
    // Pyodide's own files are compiled once.
    build(App::new("").builder().cache_dir(&cache));
    copy(&cache, &other, |_| false);
    build_in(&cache, &app.out());
    let is_lock = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|end| end == "lock");
    let compiled = || {
        let entries = fs::read_dir(cache.join("transformed-v1")).unwrap().map(Result::unwrap);
        entries.filter(|entry| !is_lock(entry)).count()
    };
    let before = compiled();
    app.file("app/helper.py", "\"\"\"Kept.\"\"\"\nA = 2\nassert A\n");
    build_in(&cache, &app.out());
    assert_eq!(compiled(), before + 1);
    build_in(&other, &app.dir("fresh"));
    assert_same(&outputs(&app.out()), &outputs(&app.dir("fresh")), "a fresh build");

    let code = "import helper\nprint(helper.A, helper.__doc__)\n\
                import sys\nprint(sys.modules['helper'].__cached__)";
    let ran = run(&app.out(), Route::Loader, code);
    let printed = "2 Kept.\n/pyc/home/pyodide/helper.cpython-314.pyc\n";
    assert_eq!((ran.error, ran.stdout.as_str()), (None, printed));
    assert_eq!(ran.misses, Vec::<String>::new());
}

#[test]
fn asserts_and_line_numbers_are_removed_on_request() {
    let app = App::new("import helper\nprint(helper.f(2))\n");
    app.file(
        "app/helper.py",
        "def f(x):\n    assert x == 1\n    return 1 / (x - 2) if x < 0 else x\n",
    );
    app.file("app/broken.py", "this is no Python\n");
    app.file("app/endless.py", format!("x = {}1\n", "1 + ".repeat(100_000)));
    let python = PythonFiles::bytecode().asserts(false).line_numbers(false);
    // The trace runs the assert, which fails.
    let error = app.builder().python_files(python).build().unwrap_err().to_string();
    assert!(error.contains("AssertionError"), "{error}");
    app.file("app/app.py", "import helper\nprint(helper.f(1))\n");
    let report = build(app.builder().python_files(python));
    for (name, why) in [("broken.py", "SyntaxError"), ("endless.py", "Maximum call stack")] {
        let file = report.files.iter().find(|file| file.path.ends_with(name)).unwrap();
        assert!(
            file.form.to_string().starts_with(&format!("as installed: {why}")),
            "{}",
            file.form
        );
    }
    let code = "import helper, traceback\nprint(helper.f(3))\ntry:\n    helper.f(None)\n\
                except TypeError:\n    print('helper.py' in traceback.format_exc())\n";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "3\nTrue\n"));
}
