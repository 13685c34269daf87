"""Looks at an installation in all the ways that a program has.

The modules beside this one add looks. They must see the same in plain Pyodide and in a bundle. They
leave out necessary differences: only plain Pyodide has the standard library in a zip, only the
bundle has `/pyc` and the app, and code without a docstring has other `co_flags` and `co_names`.
"""

import contextlib
import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

STDLIB = "/lib/python{}.{}".format(*sys.version_info)
ZIP = "/lib/python{}{}.zip".format(*sys.version_info)
SITE = Path(STDLIB, "site-packages")

type Look = Callable[[], object]
looks: list[Look] = []


def look(function: Look) -> Look:
    """Add a way to look at the installation; looks run one after the other."""
    looks.append(function)
    return function


def digest(content: bytes | str) -> str:
    """Return a short text that represents some content."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    return f"{len(content)}:{hashlib.sha256(content).hexdigest()[:12]}"


def printed(action: Look) -> str:
    """Return its output and how it ended."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            action()
        except BaseException as error:
            print(type(error).__name__, error)
    return out.getvalue()


def seen() -> str:
    """Return a line of JSON with the result of each look."""
    found = {}
    for function in looks:
        try:
            found[function.__name__] = function()
        except BaseException as error:
            found[function.__name__] = f"{type(error).__name__}: {error}"
    return json.dumps(found, default=str).replace(ZIP, STDLIB)
