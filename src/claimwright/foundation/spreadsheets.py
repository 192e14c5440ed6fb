"""Protection against formula injection in CSV files that people open in a spreadsheet.

A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front, so that a
spreadsheet shows it as text. A text that already has apostrophes before such a character gets one more, so
that `restored` removes exactly what `defused` added.
"""

from __future__ import annotations

import polars as pl


def defused(column: pl.Expr) -> pl.Expr:
    """The texts, changed so that a spreadsheet reads none of them as a formula."""
    return column.str.replace(r"^('*[=+\-@\t\r])", "'${1}")


def restored(column: pl.Expr) -> pl.Expr:
    """The texts as they were before `defused`."""
    return column.str.replace(r"^'('*[=+\-@\t\r])", "${1}")
