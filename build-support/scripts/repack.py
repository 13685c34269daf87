"""Writes a zip again without compression, for readers that know less than Python."""

from zipfile import ZipFile, ZipInfo


def repack(old: str, again: str) -> str | None:
    """Keep the last entry of each name, as unpacking does. Return why that fails, if it does."""
    name = "the archive"
    try:
        with ZipFile(old) as source, ZipFile(again, "w") as target:
            for name, info in {info.filename: info for info in source.infolist()}.items():
                target.writestr(ZipInfo(name), source.read(info))
    except Exception as error:
        return f"{name}: {type(error).__name__}: {error}"
    return None
