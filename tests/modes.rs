//! Real packages as bytecode and as stripped sources: the bundle is proven, tracebacks have the
//! lines of the original sources, and docstrings are there or not, as the mode says.
//!
//! `cargo test modes:: -- --include-ignored` runs all packages; it takes some minutes.

use std::fs;
use std::path::Path;

use crate::support::{App, PACKAGES, Route, distribution, run, run_plain, snapshot};
use fs_extra::dir::CopyOptions;
use pyodide_pack::{Python, Report};

/// Traces next to nothing; the modules below read docstrings of others when they are imported, those
/// of hot files and those of cold ones.
#[test]
fn untraced_code_finds_the_docstrings_that_it_reads() {
    let app = App::new("import numpy as np\nprint(np.arange(3))\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(PACKAGES);
    let report = builder.build().unwrap_or_else(|error| panic!("{error}"));
    let code = "import numpy as np, numpy.ma, pandas, sympy.vector, sympy.physics.mechanics\n\
                print(np.ma.masked_array([1, 2], [0, 1]).sum(), np.clip.__doc__)";
    assert_eq!(run(&app.out(), Route::Loader, code).stdout, "1 None\n");
    let kept = report.kept.iter().map(|file| (file.path.as_str(), file.reason.as_str()));
    let kept: Vec<_> = kept.filter(|(path, _)| path.contains("/numpy/")).collect();
    println!("{kept:?}");
    assert!(kept.iter().any(|(path, _)| path.ends_with("/numpy/_core/numeric.py")), "{kept:?}");
    assert!(kept.iter().all(|(_, why)| why.starts_with("import ")), "{kept:?}");
    assert!(kept.len() < 6, "{kept:?}");
}

const SOURCE: Python = Python::Source { docstrings: false, comments: false };

struct Package {
    name: &'static str,
    app: &'static str,
    /// Raises in the package's own code.
    raises: &'static str,
}

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
    for python in [Python::default(), SOURCE] {
        let app = App::new(package.app);
        build(&app, package.name, python);
        // A stripped line may have lost its comment.
        let text = if python == SOURCE { "False" } else { "True" };
        let code = format!("CODE = {:?}\nTEXT = {text}\n{FRAMES}", package.raises);
        let plain = run_plain(&[package.name], &code);
        let bundle = run(&app.out(), Route::Loader, &code);
        assert_eq!((&plain.error, &bundle.error), (&None, &None));
        assert!(plain.stdout.lines().count() > 2, "{}: {}", package.name, plain.stdout);
        assert_eq!(plain.stdout, bundle.stdout, "{} as {python:?}", package.name);
    }
}

fn build(app: &App, name: &str, python: Python) -> Report {
    let builder = app.builder().pyodide_dir(distribution()).python(python).requires([name]);
    let report = builder.build().unwrap_or_else(|error| panic!("{name} as {python:?}: {error}"));
    println!("{name} as {python:?}\n{}", report.text());
    report
}

#[test]
fn a_package_as_bytecode_and_as_stripped_sources() {
    check(&PYDANTIC);
}

#[test]
#[ignore = "takes minutes"]
fn more_packages_as_bytecode_and_as_stripped_sources() {
    for package in [LXML, PILLOW, PANDAS, SYMPY, SCIKIT_LEARN, MATPLOTLIB] {
        check(&package);
    }
}

#[test]
fn what_the_app_reads_is_found_by_running_it() {
    let app = App::new("import json\nprint(len(json.dumps.__doc__) > 100, json.loads('[1]'))\n");
    let report = app.builder().build().unwrap_or_else(|error| panic!("{error}"));
    let kept: Vec<_> =
        report.kept.iter().map(|f| (f.path.rsplit_once("3.14/"), &*f.reason)).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (path, why) = kept[0];
    assert_eq!(
        (path.map(|(_, name)| name), why),
        (Some("json/__init__.py"), "it raised TypeError")
    );
}

#[test]
fn docstrings_are_there_where_the_mode_keeps_them_or_the_app_needs_them() {
    // numpy.ma checks the docstrings of some of the functions that it wraps.
    let app = App::new("import numpy as np\nprint(np.clip(3, 0, 2))\nimport numpy.ma\n");
    let report = build(&app, "numpy", Python::default());
    assert!(!report.kept.is_empty());
    for file in &report.kept {
        assert_eq!((file.package.as_str(), file.form.as_str()), ("numpy", "with docstrings"));
        assert!(file.reason.starts_with("import numpy"), "{}", file.reason);
    }
    let code = "import numpy as np\nimport json\nhelp(np.clip)\nprint(json.dumps.__doc__)\n\
                import inspect\nprint(len(inspect.getsource(np.clip)) > 1000)\n";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!(ran.error, None);
    assert!(ran.stdout.contains("clip("), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Clip (limit)"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("None\nTrue\n"), "{}", ran.stdout);

    let kept = Python::Bytecode { docstrings: true, asserts: true, line_numbers: true };
    let report = build(&app, "numpy", kept);
    assert!(report.kept.is_empty());
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!(ran.error, None);
    assert!(ran.stdout.contains("Clip (limit) the values in an array."), "{}", ran.stdout);
    assert!(ran.stdout.contains("Serialize ``obj`` to a JSON"), "{}", ran.stdout);
}

#[test]
fn an_edit_compiles_one_file_to_the_same_bytes_as_a_fresh_build() {
    let app = App::new("import helper\nprint(helper.A)\n");
    app.file("app/helper.py", "\"\"\"Kept.\"\"\"\nA = 1\nassert A\n");
    let (cache, other) = (app.dir("cache"), app.dir("other"));
    let build = |cache: &Path, out: &Path| {
        app.builder().cache_dir(cache).out_dir(out).build().unwrap_or_else(|e| panic!("{e}"));
    };
    // What is Pyodide's is compiled once.
    let seed = App::new("");
    seed.builder().cache_dir(&cache).build().unwrap_or_else(|e| panic!("{e}"));
    fs_extra::dir::copy(&cache, &other, &CopyOptions::new().content_only(true)).unwrap();
    build(&cache, &app.out());
    let compiled = || fs::read_dir(cache.join("transformed-v1")).unwrap().count();
    let before = compiled();
    app.file("app/helper.py", "\"\"\"Kept.\"\"\"\nA = 2\nassert A\n");
    build(&cache, &app.out());
    assert_eq!(compiled(), before + 1);
    build(&other, &app.dir("fresh"));
    let bytes = |out: &Path| {
        let mut files = snapshot(out);
        files.retain(|path, _| !path.starts_with("pyodide-pack-report"));
        files
    };
    let (edited, fresh) = (bytes(&app.out()), bytes(&app.dir("fresh")));
    assert!(edited.keys().eq(fresh.keys()));
    assert!(edited == fresh, "the same sources gave other bytes");

    let code = "import helper\nprint(helper.A, helper.__doc__)\n\
                import sys\nprint(sys.modules['helper'].__cached__)";
    let ran = run(&app.out(), Route::Loader, code);
    let printed = "2 Kept.\n/pyc/home/pyodide/helper.cpython-314.pyc\n";
    assert_eq!((ran.error, ran.stdout.as_str()), (None, printed));
    assert_eq!(ran.misses, Vec::<String>::new());
}

#[test]
fn nothing_is_kept_but_what_runs() {
    let app = App::new("import helper\nprint(helper.f(2))\n");
    app.file(
        "app/helper.py",
        "def f(x):\n    assert x == 1\n    return 1 / (x - 2) if x < 0 else x\n",
    );
    app.file("app/broken.py", "this is no Python\n");
    app.file("app/endless.py", format!("x = {}1\n", "1 + ".repeat(100_000)));
    let python = Python::Bytecode { docstrings: false, asserts: false, line_numbers: false };
    // The trace has the assert, which fails.
    let error = app.builder().python(python).build().unwrap_err().to_string();
    assert!(error.contains("AssertionError"), "{error}");
    app.file("app/app.py", "import helper\nprint(helper.f(1))\n");
    let report = app.builder().python(python).build().unwrap_or_else(|e| panic!("{e}"));
    for (name, why) in [("broken.py", "SyntaxError"), ("endless.py", "Maximum call stack")] {
        let file = report.files.iter().find(|file| file.path.ends_with(name)).unwrap();
        assert!(file.form.starts_with(&format!("as installed: {why}")), "{}", file.form);
    }
    let code = "import helper, traceback\nprint(helper.f(3))\ntry:\n    helper.f(None)\n\
                except TypeError:\n    print('helper.py' in traceback.format_exc())\n";
    let ran = run(&app.out(), Route::Loader, code);
    assert_eq!((ran.error, ran.stdout.as_str()), (None, "3\nTrue\n"));
}
