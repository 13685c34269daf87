"""Explains exceptions about files that are not in the bundle, with notes (PEP 678).

C code of the runtime raises these exceptions, right after the file system has refused. To add a
note without wrapping anything that a program can see, the loader calls ``arm`` in between, and the
next exception about a file or a module is examined. At other times nothing is watched.
"""

import os
import sys
from _imp import extension_suffixes

TYPE_CHECKING = False
if TYPE_CHECKING:  # Nothing is imported that the app may not have.
    from types import CodeType

RAISE = sys.monitoring.events.RAISE


def describe(_path: str) -> str | None:
    """Return why a file could not be opened. The loader replaces this function."""
    return None


class _Watch:
    """The number of the ``sys.monitoring`` tool that is in use, if any."""

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
    if not isinstance(error, ModuleNotFoundError):
        # `from package import module` turns that one into an ImportError, which comes next.
        _disarm()
    paths: list[str] = []
    if isinstance(error, ModuleNotFoundError):
        paths = _candidates(error.name or "", None)
    elif isinstance(error, ImportError) and error.name_from is not None:
        paths = _candidates(f"{error.name}.{error.name_from}", None)
    elif isinstance(error, ImportError):
        paths = [error.path or ""]
    elif isinstance(error.filename, str | bytes):
        paths = [os.fsdecode(error.filename)]
    note = _first_note(paths)
    if note is not None and note not in getattr(error, "__notes__", ()):
        error.add_note(note)


def _first_note(paths: list[str]) -> str | None:
    # pathlib may be lazy.
    notes = (describe(os.path.abspath(path)) for path in paths if path)  # noqa: PTH100
    return next((note for note in notes if note), None)


def _candidates(name: str, path: list[str] | None) -> list[str]:
    """List the files that the importer would take for a module."""
    parent, _, tail = name.rpartition(".")
    if path is None:
        path = getattr(sys.modules.get(parent), "__path__", []) if parent else sys.path
    ends = [".py", "/__init__.py", *extension_suffixes()]
    return [f"{folder}/{tail}{end}" for folder in path for end in ends]


class _Finder:
    """Finds nothing, but watches for the exception when an omitted module is imported."""

    @staticmethod
    def find_spec(name: str, path: list[str] | None = None, _target: object = None) -> None:
        """Return ``None``: the importing code may be able to do without the module."""
        if _first_note(_candidates(name, path)) is not None:
            arm()


def watch_imports() -> None:
    """From now on, explain omitted modules."""
    sys.meta_path.append(_Finder)


def stack() -> list[str]:
    """Return the running calls, innermost first: ``/home/pyodide/app.py:3 in main``."""
    frames = []
    # Without a caller, JavaScript itself opened the file.
    frame = sys._getframe().f_back
    while frame is not None and len(frames) < 50:
        code = frame.f_code
        if not code.co_filename.startswith("<frozen "):
            frames.append(f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}")
        frame = frame.f_back
    return frames
