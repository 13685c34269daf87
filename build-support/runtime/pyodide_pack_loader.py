"""Completes a bundle that was unpacked into ``/`` without the JavaScript loader."""

from importlib import invalidate_caches
from pathlib import Path

from pyodide_js import _api, loadedPackages


def _rows(name: str) -> list[list[str]]:
    lines = Path("/", name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


async def setup() -> None:
    """Load the bundle's side modules and make its packages known to ``loadPackage``."""
    invalidate_caches()
    for path, scope in _rows("bundle-so-list.txt"):
        await _api.loadDynlib(path, scope == "global", [])
    for name, channel in _rows("bundle-packages.txt"):
        setattr(loadedPackages, name, channel)
