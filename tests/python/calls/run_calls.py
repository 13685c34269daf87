"""Runs typical calls, so that two installations can be compared.

Each call is self-contained and deterministic, and prints its results or assigns them to `result`.
"""

import contextlib
import io
import warnings


def run_one(name: str, code: str) -> str:
    """Run a call in its own namespace. Return its output and its `result`.

    A call that raises returns the exception's type and message.
    """
    namespace = {"__name__": "__main__"}
    output = io.StringIO()
    try:
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            exec(compile(code, f"<{name}>", "exec", dont_inherit=True), namespace)
            shown = repr(namespace["result"]) if "result" in namespace else ""
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return output.getvalue() + shown
