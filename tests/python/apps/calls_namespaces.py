"""Namespace packages, one of them with a .pth file."""

REQUIRES = [
    "backports.tarfile==1.2.0",
    "jaraco.context==6.1.2",
    "jaraco.functools==4.6.0",
    "sphinxcontrib-jsmath==1.0.1",
]

FILES = {
    "app.py": """import sphinxcontrib

if __name__ == "__main__":
    print(sphinxcontrib.__name__)
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "namespaces parts",
        """import pkgutil
import jaraco, backports, sphinxcontrib
for package in (jaraco, backports, sphinxcontrib):
    names = [(module.name, module.ispkg) for module in pkgutil.iter_modules(package.__path__)]
    print(package.__name__, package.__file__, list(package.__path__), sorted(names))
""",
    ),
    (
        "namespaces a part that needs another package",
        """import traceback
try:
    import sphinxcontrib.jsmath
except ModuleNotFoundError as error:
    print(error.name, traceback.format_exception_only(error)[-1])
""",
    ),
    (
        "namespaces a part by its path",
        """import importlib.util, importlib.metadata
spec = importlib.util.find_spec("sphinxcontrib.jsmath")
print(spec.name, spec.origin, spec.submodule_search_locations)
files = importlib.metadata.files("sphinxcontrib-jsmath")
print(sorted(str(file) for file in files if file.suffix in (".py", ".pth")))
print(importlib.metadata.version("sphinxcontrib-jsmath"))
""",
    ),
    (
        "namespaces the .pth file",
        """import importlib.metadata, site, sys
(pth,) = [f for f in importlib.metadata.files("sphinxcontrib-jsmath") if f.suffix == ".pth"]
print(pth.read_text()[:60], pth.locate().is_file())
before = set(sys.modules)
site.addsitedir(str(pth.locate().parent))
import sphinxcontrib
print(list(sphinxcontrib.__path__), set(sys.modules) - before - {"sphinxcontrib"})
""",
    ),
    (
        "namespaces resources",
        """from importlib import resources
folder = resources.files("sphinxcontrib")
print(sorted(entry.name for entry in folder.iterdir() if entry.name != "__pycache__"))
text = folder.joinpath("jsmath", "version.py").read_text()
print(text.splitlines()[-4:])
""",
    ),
    (
        "namespaces jaraco.functools",
        """import jaraco.functools as f
calls = []
@f.once
def first():
    calls.append(1)
    return 5
print(first(), first(), calls, f.compose(str, abs)(-3), f.first_invoke(first, len)([1]))
print(f.retry_call(lambda: 7, retries=2), f.pass_none(len)(None), f.splat(max)([1, 9]))
print(str(f.method_cache.__doc__).splitlines()[0])
""",
    ),
    (
        "namespaces jaraco.context",
        """import os
from jaraco import context
print(context.__all__ if hasattr(context, "__all__") else sorted(vars(context))[:3])
with context.pushd("/tmp") as folder, context.ExceptionTrap(ValueError) as trap:
    print(os.getcwd(), folder)
    raise ValueError("caught")
print(bool(trap), trap.type, context.suppress(KeyError).__class__.__name__)
""",
    ),
    (
        "namespaces backports.tarfile",
        """import io
from backports import tarfile
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
    info = tarfile.TarInfo("../ä.txt")
    info.size = 2
    archive.addfile(info, io.BytesIO(b"hi"))
with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as archive:
    archive.list()
    try:
        archive.extractall("/tmp/there", filter="data")
    except tarfile.FilterError as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "namespaces help texts",
        """import pydoc
from jaraco import functools
from backports import tarfile
print(pydoc.plain(pydoc.render_doc(functools.Throttler)))
print(pydoc.plain(pydoc.render_doc(tarfile.TarFile.extractall)))
""",
    ),
    (
        "namespaces metadata",
        """import importlib.metadata as metadata
for name, packages in sorted(metadata.packages_distributions().items()):
    print(name, sorted(packages))
for name in ("jaraco.functools", "backports.tarfile", "sphinxcontrib_jsmath"):
    distribution = metadata.distribution(name)
    print(distribution.name, distribution.version, distribution.requires)
""",
    ),
]
