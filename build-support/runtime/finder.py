"""Tells the loader which modules the importer does not find.

The importer lists folders, so the file system does not see which names it looks for.
"""

import sys
from _imp import extension_suffixes


def look(_name: str, _folders: str) -> None:
    """Take a module and its possible folders. The loader replaces this function."""


class PyodidePackFinder:
    """The last finder. It finds nothing."""

    @staticmethod
    def find_spec(name: str, path: list[str] | None = None, _target: object = None) -> None:
        """Pass the module on."""
        folders = sys.path if path is None else path
        look(name, "\0".join([folder for folder in folders if isinstance(folder, str)]))


sys.meta_path.append(PyodidePackFinder)
suffixes = "\0".join(extension_suffixes())
