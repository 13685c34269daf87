"""Uses hot and cold files in every way that a program may; prints ``done``."""

import colorsys
import importlib
import mmap
import os
import shutil
import stat
import sys
from pathlib import Path

hot = Path("/home/pyodide/hot.txt")
stdlib = Path(shutil.__file__).parent
cold = [
    stdlib / f"{name}.py" for name in ("wave", "this", "tabnanny", "symtable", "pstats", "profile")
]

for path in [hot, *cold]:
    info = path.stat()
    assert stat.S_ISREG(info.st_mode) and stat.S_IMODE(info.st_mode) == 0o666, oct(info.st_mode)
    assert path.name in os.listdir(path.parent)


def append(path: Path) -> None:
    """Write at the end and read it all back."""
    before = path.read_bytes() if path == hot else None
    size = path.stat().st_size
    with open(path, "ab") as file:
        file.write(b"+more")
    assert path.stat().st_size == size + 5
    data = path.read_bytes()
    assert len(data) == size + 5 and data.endswith(b"+more")
    if before is not None:
        assert data == before + b"+more"


append(hot)
append(cold[0])

# In place, at the start, without changing the length.
path = cold[1]
size = path.stat().st_size
with open(path, "r+b") as file:
    file.write(b"####")
    file.flush()
    file.seek(0)
    assert file.read(4) == b"####"
assert path.stat().st_size == size

# An open reader sees what is written, as with any file.
with open(hot, "rb") as reader, open(hot, "r+b") as writer:
    writer.write(b"HOT")
    writer.flush()
    assert reader.read(3) == b"HOT"

os.truncate(hot, 2)
assert hot.read_bytes() == b"HO"
os.truncate(cold[2], 3)
assert cold[2].stat().st_size == 3 and len(cold[2].read_bytes()) == 3
cold[2].write_text("new")
assert cold[2].read_text() == "new"

moved = cold[3].with_name("moved.py")
size = cold[3].stat().st_size
os.rename(cold[3], moved)
assert not cold[3].exists() and len(moved.read_bytes()) == size
moved.unlink()
assert not moved.exists()

copy = Path(shutil.copy(cold[4], "/tmp/copy.py"))
assert copy.read_bytes() == cold[4].read_bytes()

with open(cold[5], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
    assert view[:] == cold[5].read_bytes()
with open(cold[4], "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
    view[0:2] = b"##"
    view.flush()
assert cold[4].read_bytes()[:2] == b"##"
# A source that was written to is compiled anew, whatever bytecode the bundle has of it.
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
