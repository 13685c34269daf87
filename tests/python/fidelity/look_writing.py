"""Writing beside and over the files of the installation."""

import fileinput
import importlib
import os
import shutil
import stat

from looks import SITE, digest, look


@look
def written_beside() -> object:
    path = SITE / "sympy/written.py"
    path.write_text("VALUE = 1\n")
    importlib.invalidate_caches()
    module = importlib.import_module("sympy.written")
    listed = "written.py" in os.listdir(SITE / "sympy")
    return module.VALUE, module.__file__, listed, path.stat().st_size


@look
def changed() -> object:
    path = SITE / "sympy/release.py"
    size = path.stat().st_size
    with path.open("a") as file:
        file.write("added = __file__\n")
    module = importlib.reload(importlib.import_module("sympy.release"))
    return size, path.stat().st_size, module.added, path.read_text()


@look
def replaced() -> object:
    path, moved = SITE / "sympy/conftest.py", SITE / "sympy/moved.py"
    path.write_text("VALUE = 2\n")
    before = importlib.import_module("sympy.conftest").VALUE
    os.replace(path, moved)
    importlib.invalidate_caches()
    after = importlib.import_module("sympy.moved").VALUE
    return before, after, path.exists(), moved.read_text()


@look
def moved_unread() -> object:
    os.rename(SITE / "sympy/sandbox", SITE / "sympy/elsewhere")
    importlib.invalidate_caches()
    module = importlib.import_module("sympy.elsewhere.indexed_integrals")
    try:
        importlib.import_module("sympy.sandbox")
    except ImportError as error:
        return module.__file__, type(error).__name__, str(error)
    return "sympy.sandbox is still there"


@look
def removed() -> object:
    (SITE / "sympy/unify/usympy.py").unlink()
    shutil.rmtree(SITE / "sympy/algebras")
    importlib.invalidate_caches()
    found = []
    for name in ("sympy.unify.usympy", "sympy.algebras"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            found.append((type(error).__name__, str(error)))
    return found


@look
def written_in_place() -> object:
    path = SITE / "matplotlib/mpl-data/stylelib/ggplot.mplstyle"
    before = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(3)
        file.write(b"XYZ")
        file.truncate(10)
    os.truncate(path, 20)
    after = path.read_bytes()
    with fileinput.input(path, inplace=True) as lines:
        for line in lines:
            print(line.upper(), end="")
    os.utime(path, (1, 2))
    os.chmod(path, 0o600)
    status = path.stat()
    mode = stat.filemode(status.st_mode)
    return digest(before), after.hex(), path.read_bytes().hex(), status.st_mtime, mode
