"""Imports modules for a snapshot. Evaluated in a namespace of its own."""

import importlib
import sys


def import_all(names: list[str]) -> None:
    """Import modules in this order."""
    for name in names:
        importlib.import_module(name)


def tidy() -> bool:
    """Leave nothing of this in the interpreter. Return whether it has zones of ``dateutil``."""
    added = "gc" not in sys.modules
    import gc

    gc.collect()
    tz = sys.modules.get("dateutil.tz.tz")
    has_local_zones = tz is not None and any(
        type(found) is tz.tzlocal for found in gc.get_objects()
    )
    if added:
        del sys.modules["gc"]
    # Each start adds one.
    sys.path.remove("")
    return has_local_zones
