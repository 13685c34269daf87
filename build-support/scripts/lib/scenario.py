"""Runs one scenario as ``__main__``. Evaluated in a namespace of its own."""

import sys

from pyodide.code import eval_code_async
from pyodide.ffi import JsBuffer


def text_of(source: bytes, filename: str) -> str:
    """Decode a source as Python does."""
    first = source.split(b"\n", 2)[:2]
    if source.startswith(b"\xef\xbb\xbf") or any(b"coding" in line for line in first):
        from importlib.util import decode_source

        return decode_source(source)
    try:
        return source.decode()
    except UnicodeDecodeError:
        compile(source, filename, "exec")  # It explains what is wrong.
        raise


async def run(content: JsBuffer, filename: str) -> list[str]:
    """Run a source file. Return ``[]`` if it ended well, else exception, message and traceback."""
    main = sys.modules["__main__"]
    main.__dict__["__file__"] = filename
    sys.argv[:] = [filename]
    source = ""
    try:
        source = text_of(content.to_bytes(), filename)
        await eval_code_async(source, main.__dict__, filename=filename)
    except BaseException as error:
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return []
        import linecache
        import traceback

        lines = source.splitlines(keepends=True)
        linecache.cache[filename] = (len(source), None, lines, filename)
        # The first frames are this file's and the evaluator's.
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename != filename:
            frames = frames.tb_next
        shown = "".join(traceback.format_exception(type(error), error, frames))
        return [type(error).__qualname__, str(error), shown]
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return []


def modules() -> dict[str, str]:
    """Return every imported module with its file, ``""`` if it is built in."""
    return {
        name: str(getattr(module, "__file__", None) or "")
        for name, module in sorted(sys.modules.items())
        if module is not None
    }
