"""Makes wheels that are not quite right: `python3 odd_wheels.py FOLDER`."""

import sys
import warnings
import zipfile
from pathlib import Path

FOLDER = Path(sys.argv[1])


def wheel(
    kind: str,
    *files: tuple[str, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    record: str = "",
    replace: tuple[bytes, bytes] = (b"", b""),
) -> None:
    """Write a wheel with these files, and replace bytes in it everywhere."""
    module = f"odd_{kind}"
    info = f"{module}-1.0.dist-info"
    own = [
        (f"{module}.py", b"ANSWER = 42\n"),
        *files,
        (f"{info}/METADATA", f"Metadata-Version: 2.1\nName: odd-{kind}\nVersion: 1.0\n".encode()),
        (f"{info}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (f"{info}/RECORD", f"{module}.py,,12\n{record}".encode()),
    ]
    path = FOLDER / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in own:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    path.write_bytes(path.read_bytes().replace(*replace))


warnings.simplefilter("ignore")
FOLDER.mkdir(parents=True)
wheel("size", ("a.txt", b"size"), record="a.txt,,5\n")
wheel("missing", record="no.txt,,5\nneither.txt,,5\n")
wheel("twice", ("twice.txt", b"same"), ("twice.txt", b"same"))
wheel("case", ("CASE.txt", b"upper"), ("case.txt", b"lower"))
wheel("backslash", ("back!slash.txt", b"1"), replace=(b"back!slash", b"back\\slash"))
wheel("cp437", ("xy.txt", b"1"), ("yz.txt", b"2"), replace=(b"xy.txt", b"\x81\x84.txt"))
wheel("utf8", ("xy.txt", b"1"), replace=(b"xy.txt", "ß.txt".encode()))
wheel("bzip2", ("b.txt", b"bzip2" * 99), method=zipfile.ZIP_BZIP2)
wheel("lzma", ("l.txt", b"lzma" * 99), method=zipfile.ZIP_LZMA)
wheel("differs", ("twice.txt", b"one"), ("twice.txt", b"two"))
