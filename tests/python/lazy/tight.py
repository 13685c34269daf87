"""Opens lazy files where Python code of the loader would be in the way, and prints JSON."""

import io
import json
import sys
import sysconfig
from collections.abc import Callable

import js

SITE = sysconfig.get_path("purelib")
#: Files of the package, and depths and moments at which they are opened.
COUNT = 150


def read(name: str) -> str:
    """Open a file, without other Python code that may be lazy."""
    with io.FileIO(f"{SITE}/narrow/{name}") as file:
        return file.read().decode()


def load(name: str) -> str:
    """Import a module that was not imported before."""
    sys.modules.pop(f"narrow.{name}", None)
    return __import__(f"narrow.{name}", fromlist=["ANSWER"]).ANSWER


def below[T](depth: int, call: Callable[[str], T], name: str) -> T:
    """Call a function that many frames below this one."""
    return call(name) if depth == 0 else below(depth - 1, call, name)


def outcome(depth: int, call: Callable[[str], str], name: str) -> str:
    """Return the result or the kind of the exception, and its notes."""
    try:
        return below(depth, call, name)
    except Exception as error:
        notes = " ".join(getattr(error, "__notes__", []))
        return f"{type(error).__name__} {notes}".strip()


def depths(call: Callable[[str], str], names: list[str]) -> list[list[str]]:
    """Return the outcomes of a first and a second attempt, up to the recursion limit."""
    top = sys.getrecursionlimit()
    numbered = list(enumerate(names, top - len(names)))
    return [[outcome(depth, call, name) for depth, name in numbered] for _ in range(2)]


def interrupted(spins: int, name: str) -> list[str]:
    """Open a file that many steps after an interrupt, and return the kinds of all exceptions."""
    seen: list[str] = []
    try:
        try:
            js.interrupt()
            for _ in range(spins):
                pass
            read(name)
        except OSError:
            seen.append("OSError")
        for _ in range(100_000):
            pass
    except KeyboardInterrupt:
        seen.append("KeyboardInterrupt")
    return seen


def show(value: object) -> None:
    """Print one line."""
    print(json.dumps(value))
