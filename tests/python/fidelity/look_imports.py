"""Metadata, and the import system."""

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import pkgutil
import pydoc
import sys
import sysconfig
import textwrap
import unittest
import warnings
from pathlib import Path

from looks import SITE, STDLIB, digest, look


@look
def distributions() -> object:
    return sorted(
        (
            distribution.metadata["Name"],
            distribution.version,
            distribution.requires,
            digest(json.dumps(distribution.metadata.json)),
            distribution.read_text("INSTALLER"),
            distribution.read_text("no such file"),
        )
        for distribution in importlib.metadata.distributions()
    )


@look
def files_of_distributions() -> object:
    found = []
    for distribution in importlib.metadata.distributions():
        for file in distribution.files or []:
            path = Path(file.locate())
            size = path.stat().st_size if path.exists() else None
            found.append((str(file), file.size, str(file.hash), size))
    return sorted(found)


@look
def entry_points() -> object:
    points = importlib.metadata.entry_points()
    (one,) = points.select(name="f2py")
    found = sorted((point.group, point.name, point.value) for point in points)
    return found, one.load().__module__, sorted(importlib.metadata.packages_distributions().items())


@look
def top_level_modules() -> object:
    return sorted((module.name, module.ispkg) for module in pkgutil.iter_modules([str(SITE)]))


@look
def walked_packages() -> object:
    failed: list[str] = []
    found = []
    for name in ["numpy", "matplotlib", "json", "encodings"]:
        package = importlib.import_module(name)
        with warnings.catch_warnings(action="ignore"):
            modules = pkgutil.walk_packages(package.__path__, f"{name}.", failed.append)
            found += [(module.name, module.ispkg) for module in modules]
    return found, failed


@look
def specs() -> object:
    found = []
    for name in [
        "json",
        "json.tool",
        "this",
        "numpy",
        "numpy.linalg._umath_linalg",
        "pandas.io.formats.info",
        "sympy.abc",
    ]:
        spec = importlib.util.find_spec(name)
        module = importlib.import_module(name)
        places = list(spec.submodule_search_locations or [])
        found.append((name, spec.origin, spec.has_location, places, spec.parent, module.__file__))
        if spec.origin.startswith(str(SITE)):
            loader = spec.loader
            found.append((type(loader).__name__, loader.is_package(name), loader.path))
    return found


@look
def loaders() -> object:
    import sympy.abc

    loader = sympy.abc.__spec__.loader
    data = loader.get_data(f"{SITE}/matplotlib/mpl-data/matplotlibrc")
    code = loader.get_code("sympy.abc")
    names = [name for name in code.co_names if name != "__doc__"]
    return digest(loader.get_source("sympy.abc")), digest(data), names, code.co_filename


@look
def absent_modules() -> object:
    found = []
    for name in ["numpy.no_such", "no_such", "json.no_such", "numpy.linalg.no_such.deeper"]:
        try:
            importlib.import_module(name)
        except ImportError as error:
            notes = getattr(error, "__notes__", None)
            found.append((type(error).__name__, str(error), error.name, error.path, notes))
    with contextlib.suppress(ImportError):
        from numpy import no_such_name

        found.append(no_such_name)
    return found, pydoc.safeimport("sympy.no_such")


@look
def paths() -> object:
    def name(thing: object) -> str:
        return getattr(thing, "__name__", type(thing).__name__)

    return (
        [path for path in sys.path if path != STDLIB],
        [name(hook) for hook in sys.path_hooks],
        [name(finder) for finder in sys.meta_path],
        sysconfig.get_paths(),
        sys.prefix,
        sys.flags,
        sys.dont_write_bytecode,
        os.getcwd(),
        [name for name in sorted(os.listdir("/")) if name != "pyc"],
        [name for name in sorted(os.listdir("/home/pyodide")) if name != "app.py"],
    )


@look
def reloaded() -> object:
    import json.decoder

    import pandas.io.clipboard
    import sympy.abc

    found = []
    for module in (json.decoder, textwrap, pandas.io.clipboard, sympy.abc):
        before = sorted(vars(module))
        again = importlib.reload(module)
        found.append((again is module, sorted(vars(module)) == before, module.__file__))
    del sys.modules["sympy.abc"]
    other = importlib.import_module("sympy.abc")
    return found, other.x == sympy.Symbol("x")


@look
def discovered_tests() -> object:
    loader = unittest.TestLoader()
    loader.discover(f"{SITE}/numpy/linalg", pattern="*.py", top_level_dir=str(SITE))
    return [error.splitlines()[0] for error in loader.errors]


@look
def imported() -> object:
    import numpy

    found = []
    for name in ("numpy", "json", "pandas.core.frame", "numpy.linalg._umath_linalg"):
        names = ["__name__", "__file__", "__package__", "__path__"]
        module = importlib.import_module(name)
        found.append([str(getattr(module, name, None)) for name in names])
    modules = [name for name in sys.modules if name.split(".")[0] in ("numpy", "pandas")]
    return found, numpy.__version__, sorted(modules)


@look
def packages_of_pyodide() -> object:
    import pyodide_js

    return sorted(pyodide_js.loadedPackages.to_py().items())
