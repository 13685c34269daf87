"""Compiles or strips Python files, in the interpreter that will run them."""

import ast
import json
import marshal
import opcode
import re
import sys
import types
import warnings
from _frozen_importlib_external import MAGIC_NUMBER
from typing import TypedDict

from pyodide.ffi import JsBuffer

CACHE_TAG = sys.implementation.cache_tag

# A pyc that is never compared with its source (PEP 552). The source's hash is unused.
HEADER = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)

# If neither occurs in a file, -OO removes its docstrings and nothing else.
OPTIMISED_AWAY = (b"assert", b"__debug__")

# Sets __doc__ with the same instructions as a docstring does, but has to stay.
ASSIGNED = re.compile(rb"(?<![.\w])__doc__\s*[=:,)\]]")

CONSTANT_USERS = [number for number in opcode.hasconst if number < 256]
LOAD_CONST, STORE_NAME = opcode.opmap["LOAD_CONST"], opcode.opmap["STORE_NAME"]
EXTENDED_ARG, NOP = opcode.opmap["EXTENDED_ARG"], opcode.opmap["NOP"]

# Flags of code: it is a function; its first constant is a docstring (from Python 3.14 on).
# https://github.com/python/cpython/blob/main/Include/cpython/code.h
CO_OPTIMIZED, CO_HAS_DOCSTRING = 0x1, 0x4000000

# A comment, or a string, in which a # starts no comment. Nested quotes of f-strings may mislead it,
# so the result is compared.
COMMENT_OR_STRING = re.compile(
    r"""[ \t]*\#[^\n]*
      | '{3}(?:[^\\]|\\.)*?'{3} | "{3}(?:[^\\]|\\.)*?"{3}
      | '(?:[^\\\n']|\\.)*' | "(?:[^\\\n"]|\\.)*" """,
    re.VERBOSE | re.DOTALL,
)

SUITES = ("body", "orelse", "finalbody", "handlers", "cases")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Options(TypedDict):
    """The parts of a file to keep; ``bytecode`` is false for stripped sources.

    Columns depend on how this interpreter was started, not on options.
    """

    bytecode: bool
    docstrings: bool
    comments: bool
    asserts: bool
    line_numbers: bool


def pop_docstrings(tree: ast.Module) -> list[tuple[ast.Expr, bool]]:
    """Remove all docstrings. Return each, and whether its suite had nothing else."""
    found = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, DOCUMENTED):
            # A string after the docstring would become the docstring.
            while node.body and is_string(node.body[0]):
                docstring = node.body.pop(0)
                alone = not node.body and node is not tree
                if alone:
                    node.body.append(ast.copy_location(ast.Pass(), docstring))
                found.append((docstring, alone))
        for suite in SUITES:
            todo.extend(getattr(node, suite, ()))
    return found


def is_string(node: ast.stmt) -> bool:
    """Whether a statement is only a string."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def undocumented(code: types.CodeType) -> types.CodeType:
    """Remove all docstrings, in half of the time that a syntax tree would take.

    Raises ``LookupError`` if that is impossible without new instructions.
    """
    consts = [undocumented(c) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    instructions, flags = code.co_code, code.co_flags
    if flags & CO_OPTIMIZED:
        # The docstring of a function is its first constant, which no instruction has to load.
        index = 0 if consts and isinstance(consts[0], str) and code.co_name[0] != "<" else None
        if index is not None and sys.version_info < (3, 14) and uses_constant(instructions, 0):
            raise LookupError("the docstring is needed for something else")
        flags &= ~CO_HAS_DOCSTRING
    else:
        instructions, index = without_storing_docstring(code)
    if index is not None and not uses_constant(instructions, index):
        consts[index] = None
    return code.replace(co_code=instructions, co_consts=tuple(consts), co_flags=flags)


def without_storing_docstring(code: types.CodeType) -> tuple[bytes, int | None]:
    """Return the instructions of a module or class, and the number of the unused constant."""
    names = code.co_names[:256]
    instructions = code.co_code
    if "__doc__" in names:
        at = find_instruction(instructions, STORE_NAME, names.index("__doc__"))
        before = instructions[max(at - 4, 0) : max(at, 0) : 2]
        if before[-1:] == bytes((LOAD_CONST,)) and before[:-1] != bytes((EXTENDED_ARG,)):
            nothing = bytes((NOP, 0)) * 2
            return instructions[: at - 2] + nothing + instructions[at + 2 :], instructions[at - 1]
    return instructions, None


def uses_constant(instructions: bytes, number: int) -> bool:
    """Whether an instruction may refer to this constant, if it is one of the first 256."""
    return any(find_instruction(instructions, user, number) >= 0 for user in CONSTANT_USERS)


def find_instruction(instructions: bytes, operation: int, argument: int) -> int:
    """Return the position of the first such instruction, which may have a prefix, or -1."""
    wanted = bytes((operation, argument))
    at = instructions.find(wanted)
    while at % 2 and at >= 0:
        at = instructions.find(wanted, at + 1)
    return at


def compiled(source: bytes, path: str, options: Options) -> types.CodeType:
    """Compile a module as the importer would, without what the options remove."""

    def code_of(source: bytes | ast.Module, level: int) -> types.CodeType:
        return compile(source, path, "exec", dont_inherit=True, optimize=level)

    level = 0 if options["asserts"] else 1
    if options["docstrings"]:
        return code_of(source, level)
    if level == 1 or not any(word in source for word in OPTIMISED_AWAY):
        return code_of(source, 2)
    if b"__doc__" not in source or not ASSIGNED.search(source):
        try:
            return undocumented(code_of(source, level))
        except LookupError:
            pass
    tree = ast.parse(source, path)
    pop_docstrings(tree)
    return code_of(tree, level)


def without_lines(code: types.CodeType) -> types.CodeType:
    """Remove the line numbers of all instructions.

    Each byte of the new table stands for up to eight code units: https://github.com/python/cpython/blob/main/InternalDocs/code_objects.md
    """
    consts = tuple(without_lines(c) if isinstance(c, types.CodeType) else c for c in code.co_consts)
    eights, rest = divmod(len(code.co_code) // 2, 8)
    table = b"\xff" * eights + (bytes([0xF8 | rest - 1]) if rest else b"")
    return code.replace(co_linetable=table, co_consts=consts)


def bytecode(source: bytes, path: str, options: Options) -> bytes:
    """Return the content of a ``.pyc``."""
    code = compiled(source, path, options)
    if not options["line_numbers"]:
        code = without_lines(code)
    return HEADER + marshal.dumps(code)


def stripped(source: bytes, path: str, options: Options) -> bytes:
    """Return the source with the same lines, without docstrings and comments.

    Raises ``ValueError`` if the result would compile to different code.
    """
    text = original = source.decode("utf-8").replace("\r\n", "\n")
    tree = ast.parse(source, path)  # It respects the encoding that the file may declare.
    if not options["docstrings"]:
        text = blanked(text, pop_docstrings(tree))
    if not options["comments"]:
        text = COMMENT_OR_STRING.sub(
            lambda match: "" if match[0].lstrip().startswith("#") else match[0], text
        )
    text = ended_like(text, original)
    if compile(text, path, "exec", dont_inherit=True, optimize=0) != compile(
        tree, path, "exec", dont_inherit=True, optimize=0
    ):
        raise ValueError("it would compile to something else")
    return text.encode()


def ended_like(text: str, original: str) -> str:
    """Return the text without the blank lines that stripping left at its end."""
    code = text.rstrip()
    return code and code + original[len(original.rstrip()) :]


def blanked(text: str, docstrings: list[tuple[ast.Expr, bool]]) -> str:
    """Return the text with docstrings replaced by line ends."""
    lines = [line.encode() for line in text.split("\n")]
    docstrings.sort(key=lambda found: found[0].lineno, reverse=True)
    for node, alone in docstrings:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        lines[first] = before + b"pass" if alone else before.rstrip()
        lines[first + 1 : last + 1] = [b""] * (last - first)
        lines[last] += after
    return b"\n".join(lines).decode()


def transform(source: JsBuffer, path: str, options: str) -> bytes | str:
    """Return the new content, or why the file has to stay as it is. ``options`` is JSON."""
    chosen: Options = json.loads(options)
    convert = bytecode if chosen["bytecode"] else stripped
    try:
        with warnings.catch_warnings(action="ignore"):
            return convert(source.to_bytes(), path, chosen)
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
