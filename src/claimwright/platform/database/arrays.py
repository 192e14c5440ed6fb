"""Long lists of numbers and bytes in statements.

The driver quotes a list element by element: 40,000 numbers take five times as long as one text of them, and
40,000 blind indexes a hundred times as long (1.8 s). A posted remittance asks some thirty times for as many.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql


def bigints(values: Iterable[int]) -> sql.Composed:
    """The numbers as a literal of type bigint[]."""
    return sql.SQL("{}::bigint[]").format(sql.Literal(f"{{{','.join(map(str, values))}}}"))


def byteas(values: Iterable[bytes]) -> sql.Composed:
    """The bytes as a literal of type bytea[]."""
    quoted = ",".join(f'"\\\\x{each.hex()}"' for each in values)
    return sql.SQL("{}::bytea[]").format(sql.Literal(f"{{{quoted}}}"))
