"""Converts text cells to typed columns: matches headers, checks values, reports problems.

Every column is converted as a whole. Each row with an invalid cell is a problem, with its line. A message
names the column and never contains the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.domain.code_shapes import ICD10, ICD10_WITH_DOT

from .problems import FileProblem, at_lines

# What publishers write for a missing value, or for "no end".
_NOTHING = ("", "*", ".", "N/A", "NA", "NULL", "00000000", "0000-00-00")
_WITHOUT_END = ("99991231", "9999-12-31", "12/31/9999", "20991231", "2099-12-31")

# Characters to strip around a value: blanks, including the no-break spaces of Windows and DOS (CMS's
# Addendum B has them), and the control-Z that ends a CP/M text.
_AROUND = " \t\r\n\u00a0\u00ff\x1a"

_TWO_DECIMALS = r"^[0-9]*(?:\.[0-9]{0,2}0*)?$"

_EXCEL_BEGAN = 25_569  # Excel's number of 1970-01-01

PROCEDURE = r"[0-9A-Z][0-9]{3}[0-9A-Z]"
DIAGNOSIS = ICD10
DOTTED_DIAGNOSIS = ICD10_WITH_DOT


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a published table.

    Attributes:
        name: the dataset column that it fills.
        headers: its headers in the files, as patterns, in lower case with single underscores.
        kind: code, text, whole, number, hundredths (a number of at most two decimals, stored as whole
            hundredths), na (true if the cell is NA), day, flag or npi.
        pattern: the pattern of a code.
        required: whether every row must have a value.
        optional: whether the file may lack the column.
        width: number of digits to which a number without its leading zeros is padded.
    """

    name: str
    headers: tuple[str, ...]
    kind: str = "code"
    pattern: str = r".+"
    required: bool = False
    optional: bool = False
    width: int = 0

    def is_headed(self, header: str) -> bool:
        """Whether this header belongs to the column."""
        return any(re.fullmatch(pattern, header) for pattern in self.headers)


def normalised(header: str | None) -> str:
    """A header in the form of `Column.headers`: `HCPCS/CPT Code` becomes `hcpcs_cpt_code`."""
    return re.sub(r"[^a-z0-9*]+", "_", (header or "").lower()).strip("_")


# The header is searched for in this many rows, and may span this many.
_DEEPEST, _MOST_LINES = 60, 7


def _headings(grid: pl.DataFrame) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row that may end a header: its line, and the header text of each column. The text of the rows
    above is prepended: first each row alone, then two rows together, and so on.
    """
    fields = [name for name in grid.columns if name not in {"line", "width"}]
    top = grid.head(_DEEPEST)
    lines = top["line"].to_list()
    rows = [[normalised(row[name]) for name in fields] for row in top.iter_rows(named=True)]
    for depth in range(1, _MOST_LINES + 1):
        for last in range(depth - 1, len(rows)):
            words = zip(*rows[last - depth + 1 : last + 1], strict=True)
            headers = ("_".join(filter(None, column)) for column in words)
            yield lines[last], dict(zip(fields, headers, strict=True))


def _placed(headers: Mapping[str, str], columns: Sequence[Column]) -> dict[str, str] | None:
    """The grid column for each dataset column; None if a mandatory column is missing."""
    placed: dict[str, str] = {}
    for column in columns:
        taken = set(placed.values())
        name = next(
            (field for field, header in headers.items() if field not in taken and column.is_headed(header)),
            None,
        )
        if name is not None:
            placed[column.name] = name
        elif not column.optional:
            return None
    return placed


def find_header(grid: pl.DataFrame, columns: Sequence[Column]) -> tuple[int, Mapping[str, str]] | None:
    """The last line of the header, and the grid column that fills each dataset column.

    A header may span several rows, as in the relative value files. None if none of the first rows has every
    mandatory column.
    """
    for line, headers in _headings(grid):
        placed = _placed(headers, columns)
        # Where every column is optional, anything would be a header without columns.
        if placed:
            return line, placed
    return None


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """The most likely header of a table with an unknown layout.

    Attributes:
        line: its last line; 0 if no row looks like a header.
        missing: the columns that it lacks.
        found: its headers that belong to no column.
    """

    line: int
    missing: list[str]
    found: list[str]


def unknown_header(grid: pl.DataFrame, columns: Sequence[Column]) -> UnknownHeader:
    """The row that lacks the fewest columns, for the message about a changed layout."""
    needed = [column for column in columns if not column.optional]
    best = UnknownHeader(0, [column.name for column in needed], [])
    for line, headers in _headings(grid):
        there = {header for header in headers.values() if header}
        absent = [column.name for column in needed if not any(map(column.is_headed, there))]
        if len(absent) < len(best.missing):
            strange = [
                header
                for header in headers.values()
                if header and not any(column.is_headed(header) for column in columns)
            ]
            best = UnknownHeader(line, absent, strange)
    return best


def converted(
    file: str, rows: pl.DataFrame, columns: Sequence[Column], placed: Mapping[str, str]
) -> tuple[pl.DataFrame, list[FileProblem]]:
    """The typed columns of the dataset, with `line`; and the problems of the cells.

    A column that the file lacks is null.
    """
    made: dict[str, pl.Series] = {"line": rows["line"]}
    problems: list[FileProblem] = []
    for column in columns:
        if column.name not in placed:
            made[column.name] = pl.repeat(None, rows.height, dtype=_TYPES[column.kind], eager=True)
            continue
        raw = rows[placed[column.name]].str.strip_chars(_AROUND)
        if column.kind == "na":
            made[column.name] = (raw.str.to_uppercase() == "NA").fill_null(value=False)
            continue
        empty = raw.is_null() | raw.str.to_uppercase().is_in(_NOTHING)
        value = _value(column, raw.set(empty, None))
        bad = value.is_null() & ~empty
        if column.kind == "day":
            bad &= ~raw.is_in(_WITHOUT_END).fill_null(value=False)
        problems += at_lines(file, rows["line"].filter(bad), f"{column.name} is not {_what(column)}")
        if column.required:
            problems += at_lines(file, rows["line"].filter(empty), f"{column.name} is missing")
        made[column.name] = value
    return pl.DataFrame(made), problems


_TYPES: Mapping[str, pl.DataType] = {
    "code": pl.String(),
    "text": pl.String(),
    "npi": pl.String(),
    "whole": pl.Int32(),
    "number": pl.Decimal(18, 4),
    "hundredths": pl.Int32(),
    "na": pl.Boolean(),
    "day": pl.Date(),
    "flag": pl.Boolean(),
}

_WHAT = {
    "whole": "a whole number",
    "number": "a number",
    "hundredths": "a number of at most two decimals",
    "day": "a date",
    "flag": "yes or no",
    "npi": "ten digits",
    "text": "text",
}


def _what(column: Column) -> str:
    return _WHAT.get(column.kind, "such a code")


def _value(column: Column, raw: pl.Series) -> pl.Series:
    frame = raw.alias("raw").to_frame()
    return frame.select(_expression(column, pl.col("raw"))).to_series()


def _expression(column: Column, raw: pl.Expr) -> pl.Expr:
    if column.kind == "text":
        return raw
    if column.kind == "day":
        return day(raw)
    if column.kind == "whole":
        return raw.str.replace_all(",", "").str.strip_suffix(".0").cast(pl.Int32, strict=False)
    if column.kind == "number":
        return raw.str.replace_all(r"[,$]", "").cast(pl.Decimal(18, 4), strict=False)
    if column.kind == "hundredths":
        # Exact: the text is converted to a decimal, never to a float.
        number = pl.when(raw.str.contains(_TWO_DECIMALS)).then(raw)
        return (number.cast(pl.Decimal(12, 2), strict=False) * 100).cast(pl.Int32)
    if column.kind == "flag":
        return raw.str.to_lowercase().replace_strict(_FLAGS, default=None, return_dtype=pl.Boolean)
    if column.kind == "npi":
        return pl.when(raw.str.contains(r"^[12][0-9]{9}$")).then(raw)
    code = raw.str.to_uppercase()
    if column.width:
        code = pl.when(code.str.contains(r"^[0-9]+$")).then(code.str.zfill(column.width)).otherwise(code)
    return pl.when(code.str.contains(f"^(?:{column.pattern})$")).then(code)


_FLAGS = {
    "y": True,
    "yes": True,
    "true": True,
    "1": True,
    "n": False,
    "no": False,
    "false": False,
    "0": False,
}


def day(raw: pl.Expr) -> pl.Expr:
    """A date in any of the publishers' formats; null for one that means "no end".

    20250101, 2025-01-01, 1/1/2025, 2025001 (year and day of the year), and Excel's serial day number.
    """
    digits = raw.str.strip_suffix(" 00:00:00")
    excel = digits.cast(pl.Int32, strict=False)
    read = pl.coalesce(
        pl.when(digits.str.contains(r"^[0-9]{8}$")).then(digits.str.to_date("%Y%m%d", strict=False)),
        pl.when(digits.str.contains(r"^[0-9]{4}-")).then(digits.str.to_date("%Y-%m-%d", strict=False)),
        pl.when(digits.str.contains(r"^[0-9]{1,2}/")).then(digits.str.to_date("%m/%d/%Y", strict=False)),
        pl.when(digits.str.contains(r"^[12][0-9]{6}$")).then(digits.str.to_date("%Y%j", strict=False)),
        pl.when(digits.str.contains(r"^[2-7][0-9]{4}$")).then((excel - _EXCEL_BEGAN).cast(pl.Date)),
    )
    return pl.when(~digits.is_in(_WITHOUT_END)).then(read)
