"""Imports modules one after the other, and prints the exceptions that they raise.

A scenario in which the build replaces ``NAMES``.
"""

import contextlib
import functools
import importlib
import inspect
import io
import json
import os
import re
import sys
import traceback
import types
import warnings
from pathlib import Path

# Expressions whose docstring is read: `a.b.__doc__`, `getattr(a, "__doc__")`, `inspect.getdoc(a)`.
READ = re.compile(r"([A-Za-z_][\w.]*)\.__doc__|\b(?:getattr|getdoc)\(\s*([A-Za-z_][\w.]*)")


def read_by(code: types.CodeType) -> set[str]:
    """Return the expressions whose docstrings this code reads."""
    try:
        lines = Path(code.co_filename).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    numbers = {line for *_, line in code.co_lines() if line and line <= len(lines)}
    found = (pair for number in numbers for pair in READ.findall(lines[number - 1]))
    return {one or other for one, other in found}


def home(value: object) -> str | None:
    """Return the file of a function, class or module."""
    if isinstance(value, types.ModuleType):
        return value.__file__
    inner = [value, *vars(value).values()] if isinstance(value, type) else [value]
    for function in inner:
        with contextlib.suppress(ValueError):
            function = inspect.unwrap(function)
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if isinstance(code, types.CodeType):
            return code.co_filename
    return None


def suspects(error: BaseException) -> set[str]:
    """Return the files of the objects whose docstrings the failing code reads.

    That is the innermost code of the traceback that reads docstrings.
    """
    for frame, _ in reversed([*traceback.walk_tb(error.__traceback__)]):
        found = set()
        for expression in read_by(frame.f_code):
            first, *rest = expression.split(".")
            value = frame.f_locals.get(first, frame.f_globals.get(first))
            with contextlib.suppress(Exception):
                found.add(home(functools.reduce(getattr, rest, value)))
        if found := {path for path in found if path is not None}:
            return found
    return set()


failed: dict[str, tuple[str, list[str]]] = {}
for name in json.loads(r"""NAMES"""):
    # If the process ends here, the build sees at which module.
    os.write(2, f"import {name}\n".encode())
    with (
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        try:
            importlib.import_module(name)
        except BaseException as error:
            failed[name] = type(error).__name__, sorted(suspects(error))
print("\npyodide-pack-imports: " + json.dumps(failed), file=sys.__stdout__)
