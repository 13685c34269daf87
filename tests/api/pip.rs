//! What pip resolves: other versions than the distribution's, whatever pip's own settings are. All of it is
//! offline, from local folders.

use std::fs;

use super::lock::Crate;
use support::wheels::{put_wheel, wheel, wheel_name};

/// A crate with a folder of wheels of version 1.0, each a module with a `NAME`. No index is used.
struct Offline {
    crate_: Crate,
    wheels: String,
}

impl Offline {
    /// Each wheel is a module with a line of metadata.
    fn new(app: &str, requirements: &str, wheels: &[(&str, &str)]) -> Self {
        let crate_ = Crate::new(app, requirements);
        let folder = crate_.path("wheels");
        fs::create_dir_all(&folder).unwrap();
        for (module, metadata) in wheels {
            let code = format!("NAME = 'local {module}'\n");
            let init = format!("{module}/__init__.py");
            let bytes = wheel(module, metadata, "", &[(&init, &code)]);
            fs::write(folder.join(wheel_name(module)), bytes).unwrap();
        }
        Self { crate_, wheels: folder.display().to_string() }
    }

    fn variables(&self) -> [(&str, &str); 3] {
        [
            ("PYODIDE_PACK_OFFLINE", "1"),
            ("PYODIDE_PACK_FIND_LINKS", &self.wheels),
            ("PIP_FIND_LINKS", ""),
        ]
    }

    fn build(&self) -> String {
        self.crate_.build_well(&self.variables())
    }

    fn fails(&self, parts: &[&str]) {
        self.crate_.build_badly(&self.variables(), parts);
    }
}

const WARNING: &str = "cargo::warning=click is 1.0, not 8.3.1 of Pyodide 314.0.3, because a requirement \
                       excludes that version\n";
const APP: &str = "
from importlib import metadata
import click
assert click.NAME == 'local click'
assert metadata.version('click') == '1.0'
";

#[test]
fn a_requirement_that_excludes_the_version_of_pyodide_gets_another_with_a_warning() {
    let it = Offline::new(APP, "click<8\n", &[("click", "")]);
    assert!(it.build().contains(WARNING));
    let lock = it.crate_.lock();
    assert!(lock.contains("version = \"1.0\"") && !lock.contains("8.3.1"), "{lock}");
    // From the lock file, and from the memo of what pip found.
    assert!(it.build().contains(WARNING));
    fs::remove_file(it.crate_.path("crate/pyodide-pack.lock")).unwrap();
    assert!(it.build().contains(WARNING));
}

#[test]
fn a_dependency_that_excludes_the_version_of_pyodide_gets_another() {
    let wheels = [("click", ""), ("tool", "Requires-Dist: click<8\n")];
    let it = Offline::new(&format!("import tool\n{APP}"), "click\ntool\n", &wheels);
    assert!(it.build().contains(WARNING));
    assert!(!it.crate_.lock().contains("8.3.1"), "{}", it.crate_.lock());
}

#[test]
fn a_constraint_that_excludes_the_version_of_pyodide_reaches_its_dependents() {
    let app = "import cycler, six\nassert six.NAME == 'local six'\n";
    let it = Offline::new(app, "cycler\n-c constraints.txt\n", &[("six", "")]);
    it.crate_.write("crate/python/constraints.txt", "six<1.5\n");
    assert!(it.build().contains("cargo::warning=six is 1.0, not 1.17.0 of Pyodide"));
}

#[test]
fn a_wheel_by_path_replaces_that_of_pyodide_with_a_warning() {
    let it = Offline::new(
        "import click\nassert click.ANSWER == 1\n",
        "./click-1.0-py3-none-any.whl\n",
        &[],
    );
    put_wheel(&it.crate_.path("crate/python"), "click", 1);
    let directives = it.build();
    let warning = "requirements.txt:1, not 8.3.1 of Pyodide 314.0.3\n";
    assert!(directives.contains(warning), "{directives}");
}

#[test]
fn the_version_of_pyodide_wins_where_no_requirement_excludes_it() {
    let wheels = [("click", ""), ("tool", "Requires-Dist: click>=1\n")];
    let app = "import click, tool\nassert not hasattr(click, 'NAME')\n";
    let it = Offline::new(app, "click>=0.5\ntool\n", &wheels);
    let directives = it.build();
    assert!(!directives.contains("cargo::warning"), "{directives}");
}

#[test]
fn a_package_without_another_version_is_an_error_that_names_who_excludes_it() {
    let it = Offline::new("", "numpy==1.26.4\n", &[]);
    it.fails(&[
        "pip found no wheels for Pyodide 314.0.3 that satisfy: numpy==1.26.4",
        "numpy==1.26.4 of",
        "requirements.txt:1 excludes numpy 2.",
        ", the version of Pyodide 314.0.3",
        "hint: allow numpy 2.",
    ]);
    let it = Offline::new("", "tool\n", &[("tool", "Requires-Dist: numpy<2\n")]);
    it.fails(&["numpy<2 of tool 1.0 excludes numpy 2."]);
    let it = Offline::new("", "numpy\n-c constraints.txt\n", &[]);
    it.crate_.write("crate/python/constraints.txt", "numpy<2\n");
    it.fails(&["numpy<2 of the constraints excludes numpy 2."]);
}

/// Settings of pip that must change nothing, with values that would change something or fail.
const SETTINGS: &[(&str, &str)] = &[
    ("abi", "cp27m"),
    ("constraint", "no/constraints.txt"),
    ("dest", "elsewhere"),
    ("dry-run", "1"),
    ("exists-action", "a"),
    ("group", "nowhere"),
    ("ignore-requires-python", "1"),
    ("implementation", "pp"),
    ("isolated", "1"),
    ("log", "no/folder/pip.log"),
    ("no-binary", ":all:"),
    ("no-color", "1"),
    ("no-deps", "1"),
    ("only-binary", ":none:"),
    ("only-deps", "1"),
    ("only-final", ":all:"),
    ("platform", "win_amd64"),
    ("pre", "1"),
    ("prefer-binary", "1"),
    ("progress-bar", "none"),
    ("python", "no/python"),
    ("python-version", "2.7"),
    ("quiet", "3"),
    ("require-hashes", "1"),
    ("require-venv", "1"),
    ("require-virtualenv", "1"),
    ("requirement", "no/requirements.txt"),
    ("target", "elsewhere"),
    ("use-deprecated", "legacy-resolver"),
    ("use-feature", "fast-deps"),
    ("user", "1"),
    ("verbose", "3"),
];

/// Builds with nothing set, then with each of these environments. The lock file must stay the same.
fn resolves_the_same_with(environments: &[Vec<(String, &str)>]) {
    let wheels = [("tool", "Requires-Dist: helper\n"), ("helper", "")];
    let mut it = Offline::new("import tool, helper\n", "tool\n", &wheels);
    it.crate_.own_cache();
    it.build();
    let lock = it.crate_.lock();
    assert!(lock.contains("name = \"helper\""), "{lock}");
    for section in ["global", "download"] {
        let lines = SETTINGS.iter().map(|(setting, value)| format!("{setting} = {value}\n"));
        let file = format!("[{section}]\n{}", lines.collect::<String>());
        it.crate_.write(&format!("crate/{section}.conf"), &file);
    }
    for environment in environments {
        it.crate_.forget_resolved();
        let mut variables = it.variables().to_vec();
        variables.extend(environment.iter().map(|(name, value)| (name.as_str(), *value)));
        it.crate_.build_well(&variables);
        assert_eq!(it.crate_.lock(), lock, "with {environment:?}");
    }
}

fn variable((setting, value): &(&str, &'static str)) -> (String, &'static str) {
    (format!("PIP_{}", setting.to_uppercase().replace('-', "_")), value)
}

#[test]
#[ignore = "long: run by .ci/run"]
fn settings_of_pip_do_not_change_what_is_resolved() {
    let file = |name| vec![("PIP_CONFIG_FILE".to_owned(), name)];
    let variables = SETTINGS.iter().map(variable).collect();
    resolves_the_same_with(&[variables, file("global.conf"), file("download.conf")]);
}

#[test]
#[ignore = "long: run by .ci/run"]
fn no_setting_of_pip_changes_what_is_resolved() {
    let each: Vec<_> = SETTINGS.iter().map(|setting| vec![variable(setting)]).collect();
    resolves_the_same_with(&each);
}

/// Writes files that pip must not open.
fn put_files(it: &Offline, folder: &str, names: &[&str]) {
    for name in names {
        it.crate_.write(&format!("{folder}/{name}"), "");
    }
}

#[test]
fn a_package_without_a_wheel_is_an_error_with_the_lines_that_make_one() {
    let it = Offline::new("", "outer\n", &[("outer", "Requires-Dist: tool\n")]);
    put_files(&it, "wheels", &["tool-0.9.tar.gz", "tool-1.0.tar.gz", "tool-2.0b1.tar.gz"]);
    it.fails(&[
        "cause: tool 1.0 is a source distribution only, and has no wheel\n",
        "hint: make a wheel, and add .find_links(\"wheels\") to build.rs:\n",
        "pip wheel --no-deps tool==1.0 --wheel-dir wheels\n",
    ]);
}

#[test]
fn a_package_for_other_platforms_is_an_error_that_names_them() {
    let it = Offline::new("", "tool>=1\n", &[]);
    let files = [
        "tool-1.0-cp314-cp314-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "tool-1.0-cp314-cp314-macosx_11_0_arm64.whl",
        "tool-1.0-cp39-abi3-win_amd64.whl",
        "tool-1.0-cp39-none-any.whl",
        "tool-1.0.tar.gz",
    ];
    put_files(&it, "wheels", &files);
    it.fails(&[
        "tool 1.0 has no wheel for Pyodide 314.0.3; its wheels are for ",
        " for Python 3.9, Windows amd64, macOS arm64, manylinux x86_64\n",
        "hint: require another version of tool, or build a wheel with pyodide-build",
    ]);
    // By path.
    let wheel = "tool-1.0-cp314-cp314-win32.whl";
    let it = Offline::new("", &format!("./{wheel}\n"), &[]);
    put_files(&it, "crate/python", &[wheel]);
    it.fails(&["tool 1.0 has no wheel for Pyodide 314.0.3; its wheels are for Windows x86\n"]);
}

#[test]
fn a_package_for_another_python_is_an_error_that_names_it() {
    let parts = [
        "cause: tool 1.0 needs Python >=3.15, and Pyodide 314.0.3 has 3.14.0\n",
        "hint: require a version of tool that supports Python 3.14\n",
    ];
    // The metadata say so.
    let it = Offline::new("", "tool\n", &[("tool", "Requires-Python: >=3.15\n")]);
    it.fails(&parts);
    // The index says so.
    let it = Offline::new("", "tool==1.0\n", &[]);
    let link = "<a href='tool-1.0-py3-none-any.whl' data-requires-python='&gt;=3.15'>tool</a>";
    it.crate_.write("index/tool/index.html", &format!("<!DOCTYPE html>{link}"));
    let index = format!("file://{}", it.crate_.path("index").display());
    it.crate_.build_badly(&[("PIP_INDEX_URL", &index), ("PIP_FIND_LINKS", "")], &parts);
}
