"""Texts that a spreadsheet would take for a formula, in CSV files that people open.

A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it, which a
spreadsheet shows as text. One that has apostrophes before such a character already gets one more, so that
`restored` takes away exactly what `defused` put there.
"""

from __future__ import annotations

import polars as pl


def defused(column: pl.Expr) -> pl.Expr:
    """Texts of which none is a formula."""
    return column.str.replace(r"^('*[=+\-@\t\r])", "'${1}")


def restored(column: pl.Expr) -> pl.Expr:
    """The texts as they were before `defused`."""
    return column.str.replace(r"^'('*[=+\-@\t\r])", "${1}")
