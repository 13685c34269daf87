"""Describes exceptions, whatever their own methods do."""

import traceback
from collections.abc import Iterator

# Frames above the program's own code.
OWN_FILES = (
    "<pyodide-pack>",
    "/_pyodide/_base.py",
    "/importlib/__init__.py",
    "<frozen importlib._bootstrap>",
    "<frozen importlib._bootstrap_external>",
)


def describe(error: BaseException) -> tuple[str, str, str]:
    """Return an exception's type, message and traceback."""
    try:
        kind = str(type(error).__name__)
    except BaseException:
        kind = "Exception"
    return kind, message_of(error), traceback_of(error)


def message_of(error: BaseException) -> str:
    """Return the last lines of a traceback: type, text and notes, also those of its causes."""
    try:
        text = str(error)
    except BaseException:
        text = "<exception str() failed>"
    kind = type(error).__name__
    lines = [f"{kind}: {text}" if text else kind]
    try:
        lines.extend(dict.fromkeys(str(note) for note in notes_of(error)))
    except BaseException:
        lines.append("<the notes can't be shown>")
    return "\n".join(lines)


def notes_of(error: BaseException | None) -> Iterator[object]:
    """Yield the notes of an exception, and of those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield from getattr(error, "__notes__", ())
        is_hidden = error.__suppress_context__ and error.__cause__ is None
        error = None if is_hidden else error.__cause__ or error.__context__


def traceback_of(error: BaseException) -> str:
    """Return the traceback, without the calls that lead to the program."""
    try:
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename.endswith(OWN_FILES):
            frames = frames.tb_next
        return "".join(traceback.format_exception(type(error), error, frames))
    except BaseException:
        return ""
