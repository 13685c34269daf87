"""Folders, sizes and contents."""

import ctypes
import filecmp
import glob
import gzip
import importlib.resources
import mmap
import os
import pkgutil
import shutil
import stat
import sys
import zipfile
from pathlib import Path

from looks import SITE, STDLIB, ZIP, digest, look


# First, before anything is imported, which writes bytecode beside its source in plain Pyodide.
@look
def walked_folders() -> object:
    return sorted((folder, sorted(folders), len(files)) for folder, folders, files in os.walk(SITE))


@look
def walked_files() -> object:
    found = []
    for folder, _, files in os.walk(SITE):
        for name in files:
            status = os.stat(f"{folder}/{name}")
            mode = stat.filemode(status.st_mode)
            found.append((f"{folder}/{name}", status.st_size, mode, status.st_nlink))
    return sorted(found)


@look
def scanned() -> object:
    with os.scandir(SITE / "numpy") as entries:
        return sorted((e.name, e.is_file(), e.is_symlink(), e.stat().st_size) for e in entries)


@look
def globbed() -> object:
    fonts = sorted(glob.glob(f"{SITE}/matplotlib/**/*.ttf", recursive=True))
    access = [os.access(path, mode) for path in fonts[:3] for mode in (os.R_OK, os.W_OK, os.X_OK)]
    return fonts, sorted(map(str, SITE.rglob("*.so"))), access


@look
def every_content() -> object:
    found = {}
    for top in set(os.listdir("/")) - {"dev", "proc", "tmp", "home", "pyc"}:
        for path in Path("/", top).rglob("*"):
            if path.is_file() and str(path) != ZIP:
                found[str(path)] = digest(path.read_bytes())
    # In the zip or in the folder; `site-packages/` of the zip is not part of an installation.
    with zipfile.ZipFile(ZIP) as archive:
        for name in archive.namelist():
            if not name.endswith("/") and not name.startswith("site-packages/"):
                found[f"{STDLIB}/{name}"] = digest(archive.read(name))
    return sorted(found.items())


@look
def resources() -> object:
    data = importlib.resources.files("matplotlib") / "mpl-data"
    with importlib.resources.as_file(data / "matplotlibrc") as path:
        place = str(path)
    return (
        sorted((entry.name, entry.is_dir()) for entry in data.iterdir()),
        digest((data / "matplotlibrc").read_text("utf-8")),
        digest((data / "images/home.png").read_bytes()),
        place,
        importlib.resources.is_resource("matplotlib", "py.typed"),
        digest(pkgutil.get_data("matplotlib", "mpl-data/stylelib/ggplot.mplstyle")),
    )


@look
def read_in_pieces() -> object:
    path = SITE / "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf"
    with path.open("rb") as file:
        head = file.read(16)
        file.seek(-16, os.SEEK_END)
        tail, end = file.read(), file.tell()
    number = os.open(path, os.O_RDONLY)
    piece, size = os.pread(number, 8, 100), os.fstat(number).st_size
    last = os.lseek(number, 0, os.SEEK_END)
    os.close(number)
    return head.hex(), tail.hex(), end, piece.hex(), size, last


@look
def mapped() -> object:
    with (SITE / "matplotlib/mpl-data/fonts/ttf/STIXGeneral.ttf").open("rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found = len(content), content[:4].hex(), content.find(b"glyf"), digest(content[:])
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as content:
            content[:4] = b"abcd"
            changed = content[:4].hex()
        file.seek(0)
        return found, changed, file.read(4).hex()


@look
def compressed() -> object:
    path = SITE / "sklearn/datasets/data/digits.csv.gz"
    with gzip.open(path) as file:
        return digest(file.read()), zipfile.is_zipfile(path)


@look
def zipped() -> object:
    name = shutil.make_archive("/tmp/looks/numpy", "zip", SITE, "numpy/linalg")
    with zipfile.ZipFile(name) as file:
        entries = sorted((entry.filename, entry.file_size, entry.CRC) for entry in file.infolist())
        return file.testzip(), [entry for entry in entries if "__pycache__" not in entry[0]]


@look
def copied() -> object:
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SITE / "sympy/unify", "/tmp/looks/unify", ignore=skipped)
    compared = filecmp.dircmp(SITE / "sympy/unify", "/tmp/looks/unify", ignore=["__pycache__"])
    sys.path.insert(0, "/tmp/looks")
    import unify

    sys.path.pop(0)
    return compared.left_only, compared.diff_files, list(compared.subdirs), unify.__file__


@look
def side_module_by_ctypes() -> object:
    (path,) = (SITE / "numpy/linalg").glob("lapack_lite.*.so")
    library = ctypes.CDLL(path)
    return hasattr(library, "PyInit_lapack_lite"), hasattr(library, "no_such_function")


@look
def side_module_as_file() -> object:
    (path,) = (SITE / "numpy/linalg").glob("_umath_linalg.*.so")
    content = path.read_bytes()
    return content[:4].hex(), content.find(b"dylink.0"), b"PyInit__umath_linalg" in content


@look
def linked() -> object:
    link, target = Path("/tmp/looks/link.py"), SITE / "sympy/benchmarks/bench_symbench.py"
    link.symlink_to(target)
    return digest(link.read_bytes()), link.stat().st_size, os.path.samefile(link, target)
