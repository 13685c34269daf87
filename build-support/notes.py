"""Explains exceptions about files that are not in the bundle, with notes (PEP 678).

The runtime's own exceptions are raised by C code, right after the file system said no. To add a
note to one without wrapping anything that a program can see, the loader calls ``arm`` in between,
and the next exception about a file or a module is looked at; nothing is watched at other times.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # Nothing is imported that the app may not have.
    from types import CodeType

RAISE = sys.monitoring.events.RAISE


def describe(_path: str) -> str | None:
    """Tell why a file could not be opened; the loader puts a function of its own here."""
    return None


class _Watch:
    """The tool of ``sys.monitoring`` that is in use, if any."""

    tool: int | None = None


def arm() -> None:
    """Watch for the next exception."""
    if _Watch.tool is not None:
        return
    for tool in range(5, -1, -1):
        if sys.monitoring.get_tool(tool) is None:
            sys.monitoring.use_tool_id(tool, "pyodide-pack")
            sys.monitoring.register_callback(tool, RAISE, _raised)
            sys.monitoring.set_events(tool, RAISE)
            _Watch.tool = tool
            return


def _disarm() -> None:
    tool, _Watch.tool = _Watch.tool, None
    if tool is not None:
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.register_callback(tool, RAISE, None)
        sys.monitoring.free_tool_id(tool)


def _raised(_code: "CodeType", _offset: int, error: BaseException) -> None:
    if not isinstance(error, OSError | ImportError):
        return
    _disarm()
    path = error.filename if isinstance(error, OSError) else error.path
    if isinstance(path, str | bytes):
        note = describe(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 (pathlib may be cold)
        if note is not None and note not in getattr(error, "__notes__", ()):
            error.add_note(note)


def stack() -> list[str]:
    """Who is running, the innermost first: ``/home/pyodide/app.py:3 in main``."""
    frames = []
    frame = sys._getframe(1)
    while frame is not None and len(frames) < 50:
        code = frame.f_code
        if not code.co_filename.startswith("<frozen "):
            frames.append(f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}")
        frame = frame.f_back
    return frames
