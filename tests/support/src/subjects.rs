//! The apps that the benchmarks use.

/// An app that uses a little of a package.
#[derive(Debug)]
pub struct Subject {
    /// Its name in the tables.
    pub name: &'static str,
    /// The arguments of `Builder::requires`.
    pub requires: &'static [&'static str],
    /// Its `app.py`.
    pub code: &'static str,
}

/// All subjects, in the order of the tables.
pub const SUBJECTS: &[Subject] = &[
    Subject {
        name: "stdlib",
        requires: &[],
        code: "import json\nprint(json.dumps({'a': [1, 2]}))\n",
    },
    Subject {
        name: "snowballstemmer",
        requires: &["snowballstemmer==3.0.1"],
        code: "import snowballstemmer\nprint(snowballstemmer.stemmer('english').stemWord('running'))\n",
    },
    Subject {
        name: "pydantic",
        requires: &["pydantic"],
        code: "from pydantic import BaseModel\n\
               class Point(BaseModel):\n    x: int\n    y: int = 0\n\
               print(Point(x='1').model_dump_json())\n",
    },
    Subject {
        name: "sympy",
        requires: &["sympy"],
        code: "from sympy import symbols\nx, y = symbols('x y')\nprint(x + 2*y)\n",
    },
    Subject {
        name: "pandas",
        requires: &["pandas"],
        code: "import pandas as pd\npd.DataFrame(range(10))\n",
    },
    Subject {
        name: "scikit-learn",
        requires: &["scikit-learn"],
        code: "from sklearn.tree import DecisionTreeClassifier\n\
               print(DecisionTreeClassifier().fit([[0], [1]], [0, 1]).predict([[1]]))\n",
    },
    Subject {
        name: "matplotlib",
        requires: &["matplotlib"],
        code: "import io\nimport matplotlib\nmatplotlib.use('agg')\n\
               from matplotlib import pyplot\n\
               pyplot.plot([1, 3, 2])\npyplot.savefig(io.BytesIO(), format='png')\n",
    },
];

/// Returns the subject with this name.
#[must_use]
pub fn subject(name: &str) -> &'static Subject {
    SUBJECTS.iter().find(|subject| subject.name == name).expect("a name of SUBJECTS")
}
