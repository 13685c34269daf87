"""Imports the app's modules again after an edit, and puts the old ones back if one raises."""

import linecache
import sys
from collections.abc import Callable
from importlib import import_module, invalidate_caches
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from types import ModuleType
from typing import ClassVar

TYPE_CHECKING = False
if TYPE_CHECKING:  # The loader runs both files in one namespace.
    from errors import describe


class PyodidePackOrder:
    """The first finder. It finds nothing, but it knows in which order imports started."""

    started: ClassVar[dict[str, None]] = {}

    @classmethod
    def find_spec(cls, name: str, _path: object = None, _target: object = None) -> None:
        """Pass the module on."""
        cls.started.setdefault(name, None)


sys.meta_path.insert(0, PyodidePackOrder)


# A task, so that modules may use `run_sync` while they are imported.
async def reload(
    folder: str,
    changed: list[str],
    reply: Callable[..., None],
    fail: Callable[[str, str, str], None],
) -> None:
    """Forget the modules in a folder, whose files changed, and import them again."""
    for path in changed:
        forget_source(path)
    invalidate_caches()
    old = forget(folder)
    try:
        for name in old:
            import_again(name)
    except BaseException as error:
        forget(folder)
        put_back(old)
        fail(*describe(error))
        return
    rename(old)
    reply(*own_modules(folder))


def forget_source(path: str) -> None:
    """Remove what Python keeps of a source. Its time of change has too few digits to find out."""
    linecache.cache.pop(path, None)
    if path.endswith(".py"):
        Path(cache_from_source(path)).unlink(missing_ok=True)


def own_modules(folder: str) -> dict[str, ModuleType]:
    """Return the imported modules of a folder, those whose imports started first at the start."""
    own = {name: module for name, module in list(sys.modules.items()) if is_own(module, folder)}
    # The order of `sys.modules` is the one in which imports ended.
    order = {name: number for number, name in enumerate(PyodidePackOrder.started)}
    return {name: own[name] for name in sorted(own, key=lambda name: order.get(name, -1))}


def is_own(module: object, folder: str) -> bool:
    """Return whether a module, or every part of a namespace package, is in a folder."""
    if not isinstance(module, ModuleType):
        return False
    # Any other way would import modules that wait for their first use.
    names = object.__getattribute__(module, "__dict__")
    file = names.get("__file__")
    try:
        places = [file] if file is not None else list(names.get("__path__", ()))
        return bool(places) and all(place.startswith(f"{folder}/") for place in places)
    except Exception:
        return False  # not made by Python's importer


def forget(folder: str) -> dict[str, ModuleType]:
    """Make the modules of a folder unknown to Python, and return them."""
    own = own_modules(folder)
    for name in own:
        del sys.modules[name]
        PyodidePackOrder.started.pop(name, None)
    for name, module in own.items():
        parent, _, child = name.rpartition(".")
        # A namespace package may have parts elsewhere, and stays then.
        if parent in sys.modules and vars(sys.modules[parent]).get(child) is module:
            delattr(sys.modules[parent], child)
    return own


def put_back(old: dict[str, ModuleType]) -> None:
    """Undo `forget`."""
    sys.modules.update(old)
    for name, module in old.items():
        PyodidePackOrder.started.pop(name, None)
        PyodidePackOrder.started[name] = None
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and parent not in old:
            setattr(sys.modules[parent], child, module)


def import_again(name: str) -> None:
    """Import a module, unless the edit removed it."""
    parent = name.rpartition(".")[0]
    if name in sys.modules or (parent and parent not in sys.modules):
        return
    if find_spec(name) is not None:
        import_module(name)


def rename(old: dict[str, ModuleType]) -> None:
    """Let the globals of `__main__` that were old modules be the new ones."""
    new = {id(module): sys.modules[name] for name, module in old.items() if name in sys.modules}
    names = vars(sys.modules["__main__"])
    for name, value in list(names.items()):
        if id(value) in new:
            names[name] = new[id(value)]
