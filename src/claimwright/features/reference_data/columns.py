"""From cells of text to typed columns: which header a column goes by, what its values may be, what is wrong.

Every column is converted as a whole; the rows whose cell holds something that is no such value are
problems, each with its line. A message names the column and never repeats the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.domain.code_shapes import ICD10, ICD10_WITH_DOT

from .problems import FileProblem, at_lines

# What publishers write where there is no value, or no end.
_NOTHING = ("", "*", ".", "N/A", "NA", "NULL", "00000000", "0000-00-00")
_WITHOUT_END = ("99991231", "9999-12-31", "12/31/9999", "20991231", "2099-12-31")

_EXCEL_BEGAN = 25_569  # Excel's number of 1970-01-01

PROCEDURE = r"[0-9A-Z][0-9]{3}[0-9A-Z]"
DIAGNOSIS = ICD10
DOTTED_DIAGNOSIS = ICD10_WITH_DOT


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a published table.

    Attributes:
        name: the column of the dataset that it fills.
        headers: what it is called in the files, in lower case with single underscores, as patterns.
        kind: code, text, whole, number, day, flag or npi.
        pattern: what a code must look like.
        required: whether every row must have a value.
        optional: whether the file may lack the column.
        width: to how many digits a number that has lost its leading zeros is filled up.
    """

    name: str
    headers: tuple[str, ...]
    kind: str = "code"
    pattern: str = r".+"
    required: bool = False
    optional: bool = False
    width: int = 0

    def is_headed(self, header: str) -> bool:
        """Whether the column goes by this header."""
        return any(re.fullmatch(pattern, header) for pattern in self.headers)


def normalised(header: str | None) -> str:
    """A header as `Column.headers` has it: `HCPCS/CPT Code` is `hcpcs_cpt_code`."""
    return re.sub(r"[^a-z0-9*]+", "_", (header or "").lower()).strip("_")


def find_header(
    grid: pl.DataFrame, columns: Sequence[Column], deepest: int = 60
) -> tuple[int, Mapping[str, str]] | None:
    """The line of the header, and for each column of the dataset the column of the grid that fills it.

    None where no row among the first has every column that is not optional.
    """
    fields = [name for name in grid.columns if name not in {"line", "width"}]
    for row in grid.head(deepest).iter_rows(named=True):
        placed: dict[str, str] = {}
        for column in columns:
            for name in fields:
                if name not in placed.values() and column.is_headed(normalised(row[name])):
                    placed[column.name] = name
                    break
        if all(column.optional or column.name in placed for column in columns):
            return row["line"], placed
    return None


def missing_columns(grid: pl.DataFrame, columns: Sequence[Column]) -> list[str]:
    """The columns that the likeliest header row lacks, for the message about a changed layout."""
    fields = [name for name in grid.columns if name not in {"line", "width"}]
    fewest = [column.name for column in columns if not column.optional]
    for row in grid.head(60).iter_rows(named=True):
        headers = {normalised(row[name]) for name in fields}
        absent = [
            column.name
            for column in columns
            if not column.optional and not any(column.is_headed(header) for header in headers)
        ]
        if len(absent) < len(fewest):
            fewest = absent
    return fewest


def converted(
    file: str, rows: pl.DataFrame, columns: Sequence[Column], placed: Mapping[str, str]
) -> tuple[pl.DataFrame, list[FileProblem]]:
    """The columns of the dataset, typed, with `line`; and what is wrong with the cells.

    A column that the file lacks is null.
    """
    made: dict[str, pl.Series] = {"line": rows["line"]}
    problems: list[FileProblem] = []
    for column in columns:
        if column.name not in placed:
            made[column.name] = pl.repeat(None, rows.height, dtype=_TYPES[column.kind], eager=True)
            continue
        raw = rows[placed[column.name]].str.strip_chars()
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
    "day": pl.Date(),
    "flag": pl.Boolean(),
}

_WHAT = {
    "whole": "a whole number",
    "number": "a number",
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
    """A date written in any of the ways of the publishers; null for one that means no end.

    20250101, 2025-01-01, 1/1/2025, 2025001 (year and day of the year), and Excel's count of days.
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
