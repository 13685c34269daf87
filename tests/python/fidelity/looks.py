"""Looks at an installation in all the ways that a program has.

The modules beside this one add them. In plain Pyodide and in a bundle they must see the same. What
differs by nature they leave out: the standard library lies in a zip in the one and in a folder in
the other, `/pyc` is there, and so is the app; and code without a docstring says so (`co_flags`,
`co_names`).
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
    """Add a way to look at the installation; they are used one after the other."""
    looks.append(function)
    return function


def digest(content: bytes | str) -> str:
    """Give something short that stands for some content."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    return f"{len(content)}:{hashlib.sha256(content).hexdigest()[:12]}"


def printed(action: Look) -> str:
    """Give what it prints, and how it ends."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            action()
        except BaseException as error:
            print(type(error).__name__, error)
    return out.getvalue()


def seen() -> str:
    """Give a line of JSON with what each look sees."""
    found = {}
    for function in looks:
        try:
            found[function.__name__] = function()
        except BaseException as error:
            found[function.__name__] = f"{type(error).__name__}: {error}"
    return json.dumps(found, default=str).replace(ZIP, STDLIB)
