"""Translate SQL from one dialect to another.

The page imports this module and calls `dialects` and `transpile`. Run as a script it is the traced
scenario: the files that this one run opens make up the bundle, and every other dialect is fetched
when somebody asks for it.
"""

import sqlglot
from sqlglot.dialects import DIALECTS
from sqlglot.errors import ANSI_RESET, ANSI_UNDERLINE, SqlglotError

EXAMPLE = """\
SELECT
  region,
  strftime(sold_at, '%Y-%m') AS month,
  sum(amount) AS revenue,
  string_agg(product, ', ') AS products
FROM sales
WHERE sold_at >= TIMESTAMP '2026-01-01' AND status = 'paid'
GROUP BY region, strftime(sold_at, '%Y-%m')
ORDER BY revenue DESC NULLS LAST
LIMIT 10
"""


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
    print(transpile(EXAMPLE, read="duckdb", write="postgres"))
