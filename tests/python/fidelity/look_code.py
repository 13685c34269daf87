"""Sources and code, running it and pickling it."""

import dis
import doctest
import importlib.metadata
import inspect
import io
import json
import linecache
import logging
import pickle
import py_compile
import runpy
import sys
import textwrap
import tokenize
import traceback
import types
import typing
import warnings

from looks import SITE, digest, look, printed

HAS_DOCSTRING = 0x4000000


@look
def sources() -> object:
    import json.decoder

    import numpy as np
    import pandas as pd
    import sympy.core.symbol
    from pandas.core.internals.managers import BlockManager

    average, pivot, symbol = inspect.unwrap(np.average), pd.DataFrame.pivot_table, sympy.core.symbol
    found = []
    for thing in (average, np.ma, pivot, BlockManager, json.dumps, json.decoder, symbol.Symbol):
        source, line = inspect.getsource(thing), inspect.getsourcelines(thing)[1]
        found.append((digest(source), line, inspect.getsourcefile(thing), inspect.getfile(thing)))
    return found


@look
def signatures() -> object:
    import numpy as np
    import pandas as pd

    things = (np.average, pd.concat, pd.DataFrame, json.dumps)
    hints = typing.get_type_hints(importlib.metadata.EntryPoint)
    return [str(inspect.signature(thing)) for thing in things], sorted(hints)


@look
def comments() -> object:
    import numpy.lib._function_base_impl as module

    lines = linecache.getlines(module.__file__)
    return inspect.getcomments(module), lines[2], len(lines)


@look
def tokens() -> object:
    with tokenize.open(f"{SITE}/sympy/abc.py") as file:
        return file.encoding, digest(file.read())


@look
def code_objects() -> object:
    import numpy as np

    def flat(code: types.CodeType) -> list[object]:
        inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        where = (code.co_qualname, code.co_filename, code.co_firstlineno)
        what = (code.co_varnames, code.co_names, code.co_flags & ~HAS_DOCSTRING)
        lines = sorted({line for *_, line in code.co_lines() if line})
        return [where, what, digest(str(lines)), *map(flat, inner)]

    functions = [np.average, np.ma.average, textwrap.wrap, json.JSONEncoder.iterencode]
    return [flat(inspect.unwrap(function).__code__) for function in functions]


@look
def tracebacks() -> object:
    import numpy as np
    import pandas as pd

    found = []
    for action in (
        lambda: np.average([1], weights=[[1, 2]]),
        lambda: pd.DataFrame({"a": [1]}).merge(pd.DataFrame({"b": [1]})),
        lambda: json.loads("{"),
        lambda: textwrap.wrap("a", 0),
    ):
        try:
            action()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)[1:]
            frames = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames]
            found.append((repr(error), frames))
    return found


@look
def warning_lines() -> object:
    import numpy as np

    with warnings.catch_warnings(record=True, action="always") as caught:
        np.mean([])
    parts = [(w.message, w.category, w.filename, w.lineno) for w in caught]
    return [warnings.formatwarning(*part) for part in parts]


@look
def logged() -> object:
    import matplotlib.font_manager

    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(pathname)s:%(lineno)d %(funcName)s %(message)s"))
    logger = logging.getLogger("matplotlib.font_manager")
    logger.addHandler(handler)
    matplotlib.font_manager.findfont("no such font", rebuild_if_missing=False)
    logger.removeHandler(handler)
    return out.getvalue()


@look
def compiled_by_hand() -> object:
    source = SITE / "sympy/galgebra.py"
    path = py_compile.compile(str(source), cfile="/tmp/looks/galgebra.pyc", doraise=True)
    code = compile(source.read_text("utf-8"), "x.py", "exec")
    return path, [instruction.opname for instruction in dis.get_instructions(code)]


@look
def documented() -> object:
    import numpy as np

    found = doctest.DocTestFinder().find(textwrap)
    return [test.docstring for test in found], digest(np.linalg.norm.__doc__ or "")


@look
def run_modules() -> object:
    sys.argv = ["x", "--help"]
    found = [
        printed(lambda: runpy.run_module("this")),
        printed(lambda: runpy.run_module("json", run_name="__main__")),
        printed(lambda: runpy.run_module("numpy", run_name="__main__")),
        sorted(runpy.run_module("sympy.polys.domains.groundtypes"))[:20],
        sorted(runpy.run_path(f"{SITE}/sympy/release.py")),
    ]
    sys.argv = [""]
    return found


@look
def pickled() -> object:
    import numpy as np
    import pandas as pd
    import sympy

    dates = pd.to_datetime(["2020-01-01", "2021-01-01"])
    frame = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": dates})
    values = [frame, np.arange(3), sympy.sin(sympy.Symbol("x")) ** 2]
    named = [np.average, pd.DataFrame, json.JSONEncoder, textwrap.wrap]
    contents = [pickle.dumps(value) for value in (*values, *named)]
    again = [pickle.loads(content) for content in contents]
    same = [one is other for one, other in zip(again[3:], named, strict=True)]
    return [digest(content) for content in contents], [str(value) for value in again[:3]], same
