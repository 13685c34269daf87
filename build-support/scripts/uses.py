"""Finds out what the code of an archive uses besides what it does: docstrings and columns.

A docstring that only becomes documentation again is not used:
``wrapper.__doc__ = function.__doc__``. All other uses count: a text that is printed, a grammar that
is parsed, a table that is built.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from typing import Literal, TypedDict

from pyodide.ffi import JsBuffer

Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# The top-level names of imported modules.
IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
# Without one of these words, a file reads no docstring.
MENTIONS = (b"__doc__", b"getdoc", b"docstring")
# Functions that show documentation to people, as `help` does. They show that of their own package.
VIEWERS = ("help", "info", "doc")
# How code reads the columns of an instruction or of a frame.
COLUMNS = re.compile(rb"\bco_positions\b|\bend_colno\b|\bget_instructions\b(?s:.*)\.positions\b")
# Methods that put their arguments into a list, a set or a dictionary.
COLLECTING = ("append", "extend", "insert", "add", "update")


# Of the module itself, or of another object.
Whose = Literal["own", "other"]


class Uses(TypedDict):
    """What an archive uses; see jobs.d.ts."""

    own: list[str]
    readers: list[str]
    shares: list[str]
    imports: list[str]
    columns: list[str]


def is_doc(name: str | None) -> bool:
    """Whether an attribute or a key of this name holds documentation."""
    return name is not None and ("__doc__" in name or "docstring" in name)


def is_read(node: ast.AST) -> bool:
    """Whether an expression is the docstring of an object."""
    match node:
        case ast.Attribute(attr=name, ctx=ast.Load()):
            return is_doc(name) or name == "getdoc"
        case ast.Name(id="getdoc", ctx=ast.Load()):
            return True
        case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Load()):
            return is_doc(name)
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return "docstring" in name
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return is_doc(name)
    return False


def parts(value: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of an expression, except tests and the documentation of new objects."""
    todo: list[ast.AST] = [value]
    while todo:
        node = todo.pop()
        yield node
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                todo += [body, orelse]
            case ast.Call(func=ast.Name(id="property"), args=args, keywords=keywords):
                todo += args[:3] + [word.value for word in keywords if word.arg != "doc"]
            case ast.Call(func=ast.Call(func=ast.Name(id="type"))):
                pass  # `type(self)(..., self.__doc__)` makes another object of the same kind.
            case ast.Dict(keys=keys, values=values):
                for key, content in zip(keys, values, strict=True):
                    if not (isinstance(key, ast.Constant) and is_doc(str(key.value))):
                        todo.append(content)
            case ast.Compare() | ast.Lambda():
                pass
            case _:
                todo += ast.iter_child_nodes(node)


class Flow:
    """Follows docstrings through the local variables of one scope."""

    def __init__(self, scope: Scope) -> None:
        """Find the uses in a scope, without those in scopes inside of it."""
        self.scope = scope
        name = getattr(scope, "name", "")
        # Documentation may be a property, and what shows help returns documentation.
        self.returns = name == "__doc__" or "help" in name
        # Local variables, and whose docstrings they may contain.
        self.locals: dict[str, set[Whose]] = {}
        self.found: set[Whose] = set()
        body = [ast.Return(scope.body)] if isinstance(scope, ast.Lambda) else scope.body
        known = -1
        while known < len(self.locals):
            known = len(self.locals)
            self.visit_all(body)

    def whose(self, value: ast.AST) -> set[Whose]:
        """Return whose docstrings the value of an expression may contain."""
        found: set[Whose] = set()
        for node in parts(value):
            if is_read(node):
                found.add("other")
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found |= {"own"} if node.id == "__doc__" else self.locals.get(node.id, set())
        return found

    def use(self, value: ast.AST) -> None:
        """Record that docstrings are used, if the expression contains any."""
        self.found |= self.whose(value)

    def keep(self, name: str, value: ast.AST) -> None:
        """Record that a variable may contain the docstrings of an expression."""
        if whose := self.whose(value):
            self.locals[name] = self.locals.get(name, set()) | whose

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        """Follow an assignment."""
        match target:
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for each in targets:
                    self.assign(each, value)
            case ast.Starred(value=inner):
                self.assign(inner, value)
            case ast.Name(id="__doc__"):
                pass
            case ast.Name() if isinstance(self.scope, ast.ClassDef):
                self.use(value)
            case ast.Name(id=name):
                self.keep(name, value)
            case ast.Attribute(attr=name) if not is_doc(name):
                self.use(value)
            case ast.Subscript(slice=ast.Constant(value=str(name))) if is_doc(name):
                pass
            case ast.Subscript():
                self.use(value)

    def visit(self, node: ast.AST) -> None:
        """Follow a statement. Tests and assertions of docstrings use nothing."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value)
            case ast.AugAssign(target=target, value=value):
                self.assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, value)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                self.assign(target, value)
                self.visit_all(node.body + node.orelse)
            case ast.Return(value=ast.expr() as value) if not self.returns:
                self.use(value)
            case ast.Raise(exc=ast.expr() as value) if "AssertionError" not in ast.unparse(value):
                self.use(value)
            case ast.Expr(value=value):
                self.visit_call(value)
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                pass  # It runs only if the file is a program of its own.
            case ast.If() | ast.While():
                self.visit_all(node.body + node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.use(item.context_expr)
                self.visit_all(node.body)
            case ast.Try() | ast.TryStar():
                self.visit_all(node.body + node.handlers + node.orelse + node.finalbody)
            case ast.ExceptHandler() | ast.match_case():
                self.visit_all(node.body)
            case ast.Match(cases=cases):
                self.visit_all(cases)

    def visit_all(self, nodes: list) -> None:
        """Follow statements, except those that open a scope."""
        for node in nodes:
            self.visit(node)

    def visit_call(self, value: ast.expr) -> None:
        """Follow a call whose result is not used, or a value that a generator yields."""
        match value:
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), _]):
                if not is_doc(name):
                    self.use(value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                method in COLLECTING
            ):
                for argument in value.args:
                    self.keep(name, argument)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if "doc" in name:
                pass  # `add_docstring(function, text)`
            case ast.Call() | ast.Yield() | ast.YieldFrom() | ast.Await():
                self.use(value)


def scopes(tree: ast.Module) -> Iterator[tuple[Scope, str]]:
    """Yield each scope with the name of the outermost function or class around it."""
    todo: list[tuple[ast.AST, str]] = [(tree, "")]
    while todo:
        node, name = todo.pop()
        if isinstance(node, (ast.Module, *SCOPES)):
            name = name or getattr(node, "name", "")
            yield node, name
        todo += [(child, name) for child in ast.iter_child_nodes(node)]


def is_used(name: str, tree: ast.Module, path: str, files: list[tuple[str, bytes]]) -> bool:
    """Whether functions of a module use one of its variables, or other modules import it."""
    for scope, _ in scopes(tree):
        if scope is not tree and any(
            isinstance(node, ast.Name) and node.id == name for node in ast.walk(scope)
        ):
            return True
    module = re.escape(path.removesuffix(".py").removesuffix("/__init__").rsplit("/", 1)[-1])
    names = re.compile(rf"\b{module}\s+import\s*(\([^)]*\)|.*)".encode())
    word = re.compile(rf"\b{re.escape(name)}\b".encode())
    return any(word.search(match) for _, source in files for match in names.findall(source))


def look(pairs: Iterable[tuple[str, JsBuffer]]) -> str:
    """Return the uses of an archive as JSON. Each file is its path and its source."""
    files = [(path, source.to_bytes()) for path, source in pairs]
    own, readers, shares = set(), set(), set()
    imports: dict[str, set[str]] = {}
    for path, source in files:
        imports[path] = {match.decode() for match in IMPORT.findall(source)}
        for name, found in uses_of(path, source, files):
            if "own" in found:
                own.add(path)
            if "other" in found:
                readers.add(path)
                if not any(word in f"{path} {name}".lower() for word in VIEWERS):
                    shares.add(re.split("[/.]", path)[0])
    own |= readers | {path for path, names in imports.items() if names & shares}
    uses: Uses = {
        "own": sorted(own),
        "readers": sorted(readers),
        "shares": sorted(shares),
        "imports": sorted(set().union(*imports.values())),
        "columns": sorted(path for path, source in files if COLUMNS.search(source)),
    }
    return json.dumps(uses)


def uses_of(
    path: str, source: bytes, files: list[tuple[str, bytes]]
) -> Iterator[tuple[str, set[Whose]]]:
    """Yield the names of functions and classes, and whose docstrings each uses."""
    if not any(word in source for word in MENTIONS):
        return
    try:
        tree = ast.parse(source, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for scope, name in scopes(tree):
        flow = Flow(scope)
        if scope is tree:
            for variable, whose in flow.locals.items():
                if is_used(variable, tree, path, files):
                    flow.found |= whose
        yield name, flow.found
