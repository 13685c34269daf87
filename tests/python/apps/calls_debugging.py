"""Packages that look for the expression which is running: icecream, varname and executing."""

REQUIRES = ["asttokens==3.0.2", "executing==2.3.0", "icecream==2.2.0", "varname==1.0.0"]

FILES = {
    "app.py": """import steps

if __name__ == "__main__":
    print(steps.total([1, 2]))
""",
    "steps.py": '''"""Steps whose expressions the packages find."""

import sys


def total(numbers):
    return sum(numbers)


def shown(ic, numbers):
    first = ic(numbers[0] + 1)
    ic(total(numbers), first * 2)
    ic(
        [n for n in numbers if n > 1],
        max(numbers),
    )
    return ic.format({"a": first}["a"])


def plain(ic):
    ic()
    ic("text", 5)


def named(varname):
    def make():
        return varname()

    one = make()
    other: str = make()
    return one, other


def arguments(argname):
    def function(a, *rest, **more):
        return argname("a", "rest", "more", vars_only=False)

    return function(total([1]), 2 + 3, len("x"), key=min(4, 5))


def name_of(nameof):
    some = other = [1]
    return nameof(some), nameof(some, other), nameof(some.append, vars_only=False)


class Thing:
    def __init__(self, varname):
        self.name = varname()


def things(varname):
    apple = Thing(varname)
    pear = Thing(varname)
    return apple.name, pear.name


def running(source):
    def inner(*_):
        frame = sys._getframe(1)
        return source.executing(frame)

    return [inner(1, 2), inner([3])], inner("a" * 2) or None


def failing(numbers):
    return numbers[0] / (numbers[1] - numbers[2]) + total(numbers)
''',
}

ICE = """import steps
from icecream import IceCreamDebugger, argumentToString
lines = []
ic = IceCreamDebugger(prefix="> ", outputFunction=lines.append)
"""

CALLS: list[tuple[str, str]] = [
    (
        "debugging icecream expressions",
        ICE
        + """print(steps.shown(ic, [1, 2, 3]))
print(lines)
""",
    ),
    (
        "debugging icecream without expressions",
        ICE
        + """import re
steps.plain(ic)
print([re.sub(r" at [0-9:.]+", "", line) for line in lines])
""",
    ),
    (
        "debugging icecream settings",
        ICE
        + """argumentToString.register(set)(lambda value: f"a set of {len(value)}")
ic.configureOutput(includeContext=True, argToStringFunction=argumentToString)
steps.shown(ic, [5, 6])
ic.disable(); steps.shown(ic, [7, 8]); ic.enable()
print(lines, argumentToString({1, 2}), ic.enabled)
""",
    ),
    (
        "debugging varname",
        """import steps, varname
print(steps.named(varname.varname))
""",
    ),
    (
        "debugging varname of a class",
        """import steps, varname
print(steps.things(varname.varname))
""",
    ),
    (
        "debugging names of arguments",
        """import steps, varname
print(steps.arguments(varname.argname))
print(steps.name_of(varname.nameof))
""",
    ),
    (
        "debugging varname errors",
        """import steps, varname
for function in (lambda: varname.nameof(1), lambda: steps.named(lambda: varname.varname(frame=9))):
    try:
        print(function())
    except Exception as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "debugging executing",
        """import ast
import executing, steps
listed, other = steps.running(executing.Source)
for found in (*listed, other):
    print(ast.unparse(found.node) if found.node else None, found.text(), found.code_qualname())
print(len(executing.Source.for_filename(steps.__file__).lines))
""",
    ),
    (
        "debugging asttokens",
        """import ast, inspect
import asttokens, steps
source = inspect.getsource(steps)
tokens = asttokens.ASTTokens(source, parse=True)
calls = [node for node in ast.walk(tokens.tree) if isinstance(node, ast.Call)]
print([tokens.get_text(node) for node in calls][:9])
print(asttokens.LineNumbers(source).offset_to_line(100), list(tokens.get_tokens(calls[0]))[:3])
""",
    ),
    (
        "debugging tracebacks",
        """import linecache, traceback
import steps
try:
    steps.failing([1, 2, 2])
except ZeroDivisionError as error:
    print("".join(traceback.format_exception(error)))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    print(frame.name, frame.lineno, frame.line, frame.colno, frame.end_colno)
""",
    ),
]
