"""What the checks call, as a module `api`."""

import asyncio
import sys
import types
from collections.abc import Iterable
from typing import Any


def show(*args: object) -> str:
    """Return the arguments as Python shows them."""
    return repr(args)


def same(value: Any) -> Any:
    """Return the argument."""
    return value


def octets(value: Iterable[int]) -> tuple[str, list[int]]:
    """Return type and content of bytes."""
    return type(value).__name__, list(value)


def fail() -> None:
    """Raise an exception with a note."""
    error = ValueError("no such price")
    error.add_note("ask the shop")
    raise error


async def wait_for_ever() -> None:
    """Wait for an event that does not come."""
    await asyncio.Event().wait()


module = types.ModuleType("api")
module.__dict__.update(globals())
sys.modules["api"] = module
