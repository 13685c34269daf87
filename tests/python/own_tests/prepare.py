"""Lay out, on the host, the files that the package test runs put into Pyodide.

    python prepare.py DOWNLOADS DISTRIBUTION OUT

DOWNLOADS has ordinary wheels of PyPI, with their tests, of all packages or of some, and those of
pytest; DISTRIBUTION is an unpacked Pyodide distribution, whose wheels have no tests. OUT becomes:

* ``pytest-site/``: pytest and what it needs;
* ``tests/PACKAGE/``: files of the ordinary wheel that Pyodide's lacks, relative to site-packages;
* ``selection.json``: for each package the modules to run, by the rule in ``README.md``.
"""

import json
import re
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

PYTEST = ["pytest", "pluggy", "iniconfig", "packaging", "pygments"]
PYTEST += ["hypothesis", "sortedcontainers", "tzdata"]

# Test modules of each test folder to take: the alphabetically first ones.
COUNT = {"numpy": 4, "pandas": 1, "sympy": 1, "mpmath": 99, "regex": 99}
# One of this many is in the full selection, and one in the small selection.
FULL = {"numpy": 2, "pandas": 4, "sympy": 3, "mpmath": 3, "regex": 1}
SMALL = {"numpy": 16, "pandas": 24, "sympy": 24, "mpmath": 30, "regex": 1}


def wheel(folder: Path, name: str) -> Path:
    """Return the single wheel of a distribution."""
    (found,) = folder.glob(f"{name}-*.whl")
    return found


def is_test_file(path: str) -> bool:
    """Whether a file of an ordinary wheel is wanted beside Pyodide's wheel."""
    return ".dist-info/" not in path and ".libs/" not in path and not path.endswith((".so", "/"))


def lay_out_tests(ordinary: Path, installed: Path, out: Path) -> list[str]:
    """Write the files that only the ordinary wheel has, and return the test modules among them."""
    with zipfile.ZipFile(installed) as archive:
        here = set(archive.namelist())
    with zipfile.ZipFile(ordinary) as archive:
        names = [n for n in archive.namelist() if is_test_file(n) and n not in here]
        archive.extractall(out, names)
    return sorted(n for n in names if re.search(r"(^|/)tests?/(.*/)?test_[^/]*\.py$", n))


def choose(modules: list[str], count: int, excluded: set[str]) -> list[str]:
    """Return the alphabetically first modules of every folder."""
    folders: dict[str, list[str]] = {}
    for module in modules:
        if not any(module.startswith(prefix) for prefix in excluded):
            folders.setdefault(module.rpartition("/")[0], []).append(module)
    return sorted(module for found in folders.values() for module in found[:count])


def main() -> None:
    """Do everything."""
    downloads, distribution, out = map(Path, sys.argv[1:])
    excluded = json.loads(Path(__file__).with_name("excluded.json").read_text())
    shutil.rmtree(out, ignore_errors=True)
    for name in PYTEST:
        with zipfile.ZipFile(wheel(downloads, name)) as archive:
            archive.extractall(out / "pytest-site")
    full, small = {}, {}
    for name, count in COUNT.items():
        if not list(downloads.glob(f"{name}-*.whl")):
            continue
        folder = out / "tests" / name
        modules = lay_out_tests(wheel(downloads, name), wheel(distribution, name), folder)
        chosen = choose(modules, count, set(excluded.get(name, {})))
        full[name] = chosen[:: FULL[name]]
        small[name] = chosen[SMALL[name] // 2 :: SMALL[name]]
    for sdist in downloads.glob("mpmath-*.tar.gz"):  # Its fixtures are in no wheel.
        with tarfile.open(sdist) as archive:
            member = archive.extractfile(f"{sdist.name.removesuffix('.tar.gz')}/conftest.py")
            if member is not None:
                (out / "tests/mpmath/mpmath/conftest.py").write_bytes(member.read())
    # Pyodide's numpy lacks this test extension, which numpy's conftest.py imports.
    if "numpy" in full:
        stub = "def get_fpu_mode() -> int:\n    return 0\n"
        (out / "tests/numpy/numpy/_core/_multiarray_tests.py").write_text(stub)
    own = Path(__file__).with_name("own")
    shutil.copytree(own, out / "tests/own")
    full["own"] = small["own"] = [str(path.relative_to(own)) for path in own.rglob("test_*.py")]
    for name, selection in {"full": full, "small": small}.items():
        (out / f"{name}.json").write_text(json.dumps(selection, indent=1) + "\n")
        print(name, {package: len(modules) for package, modules in selection.items()})


main()
