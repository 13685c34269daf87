"""Translate SQL from one dialect to another.

The page imports this module and calls `dialects` and `transpile`. Run as a script it is the traced
scenario: the files that this one run opens make up the bundle, and every other dialect is fetched
on demand.
"""

from pathlib import Path

import sqlglot
from sqlglot.dialects import DIALECTS
from sqlglot.errors import ANSI_RESET, ANSI_UNDERLINE, SqlglotError


class TranspileError(ValueError):
    """What is wrong with the query, in words for the person who wrote it."""


def dialects() -> list[str]:
    """Return the names of all dialects in their usual spelling; none of them is imported."""
    return list(DIALECTS)


def transpile(sql: str, read: str, write: str) -> str:
    """Translate the statements in `sql` from the dialect `read` to the dialect `write`."""
    try:
        statements = sqlglot.transpile(sql, read=read.lower(), write=write.lower(), pretty=True)
    except SqlglotError as error:
        # The message underlines the place with codes for a terminal. The traceback stays
        # out: it says nothing about the query, and printing it would read the parser's sources.
        message = str(error).replace(ANSI_UNDERLINE, "»").replace(ANSI_RESET, "«")
        raise TranspileError(message) from None
    return "\n\n".join(f"{statement};" for statement in statements if statement)


if __name__ == "__main__":
    example = Path(__file__).with_name("example.sql").read_text()
    print(transpile(example, read="duckdb", write="postgres"))
