"""Uses eager and lazy files in every way that a program may, and prints ``done``."""

import colorsys
import importlib
import mmap
import os
import shutil
import stat
import sys
from pathlib import Path

eager = Path("/home/pyodide/eager.txt")
stdlib = Path(shutil.__file__).parent
lazy = [
    stdlib / f"{name}.py" for name in ("wave", "this", "tabnanny", "symtable", "pstats", "profile")
]

for path in [eager, *lazy]:
    info = path.stat()
    assert stat.S_ISREG(info.st_mode) and stat.S_IMODE(info.st_mode) == 0o666, oct(info.st_mode)
    assert path.name in os.listdir(path.parent)


def append(path: Path) -> None:
    """Write at the end and read it all back."""
    before = path.read_bytes() if path == eager else None
    size = path.stat().st_size
    with open(path, "ab") as file:
        file.write(b"+more")
    assert path.stat().st_size == size + 5
    data = path.read_bytes()
    assert len(data) == size + 5 and data.endswith(b"+more")
    if before is not None:
        assert data == before + b"+more"


append(eager)
append(lazy[0])

# In place, at the start, without changing the length.
path = lazy[1]
size = path.stat().st_size
with open(path, "r+b") as file:
    file.write(b"####")
    file.flush()
    file.seek(0)
    assert file.read(4) == b"####"
assert path.stat().st_size == size

# An open reader sees what is written, as with any file.
with open(eager, "rb") as reader, open(eager, "r+b") as writer:
    writer.write(b"NEW")
    writer.flush()
    assert reader.read(3) == b"NEW"

os.truncate(eager, 2)
assert eager.read_bytes() == b"NE"
os.truncate(lazy[2], 3)
assert lazy[2].stat().st_size == 3 and len(lazy[2].read_bytes()) == 3
lazy[2].write_text("new")
assert lazy[2].read_text() == "new"

moved = lazy[3].with_name("moved.py")
size = lazy[3].stat().st_size
os.rename(lazy[3], moved)
assert not lazy[3].exists() and len(moved.read_bytes()) == size
moved.unlink()
assert not moved.exists()

copy = Path(shutil.copy(lazy[4], "/tmp/copy.py"))
assert copy.read_bytes() == lazy[4].read_bytes()

with open(lazy[5], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
    assert view[:] == lazy[5].read_bytes()
with open(lazy[4], "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
    view[0:2] = b"##"
    view.flush()
assert lazy[4].read_bytes()[:2] == b"##"
# A changed source is compiled again, even if the bundle has its bytecode.
with open(colorsys.__file__, "a", encoding="utf-8") as source:
    source.write("\nADDED = 1\n")
importlib.reload(colorsys)
assert colorsys.ADDED == 1
os.unlink(colorsys.__file__)
del sys.modules["colorsys"]
try:
    import colorsys
except ModuleNotFoundError:
    pass
else:
    raise AssertionError("bytecode without a source was imported")

print("done")
