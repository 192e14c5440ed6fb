"""Tables of a contract that are too long for its file: CSV files that it names, and Medicare's DRG weights.

terms: {base_rate: 6500, weights_file: drg_weights.csv}      # columns drg and weight
terms: {base_rate: 6500, weights_of: 2026}                   # Table 5 of the fiscal year, if it is shipped
terms: {rates_file: asc_rates.csv, percent: 110}             # columns procedure and rate

A file is named relative to the contract file. Other columns of it are ignored.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import polars as pl

from claimwright.foundation.located_yaml import Located
from claimwright.reference import snapshot

from .contract_numbers import DRG, RATE, WEIGHT, NumberReader

Files = Callable[[str], str]
"""The text of a file that a contract names."""

Weights = Mapping[str, Decimal]

_PROCEDURE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")


def _table(
    place: Located, files: Files | None, key: str, value: str, shape: re.Pattern[str], limits: NumberReader
) -> Weights:
    """A table of two columns by their names in the first row.

    Raises:
        YamlError: the file cannot be read, or has a row that is not possible.
    """
    if files is None:
        raise place.fault("needs a contract file in a folder, beside which the table lies")
    name = place.text()
    try:
        text = files(name)
    except (OSError, UnicodeDecodeError):
        raise place.fault(f"{name} cannot be read as a text file") from None
    rows = csv.reader(io.StringIO(text))
    header = [field.strip().lower() for field in next(rows, [])]
    if key not in header or value not in header:
        raise place.fault(f"{name}: the first row must name the columns {key} and {value}")
    at, of = header.index(key), header.index(value)
    table: dict[str, Decimal] = {}
    for number, row in enumerate(rows, start=2):
        if not any(field.strip() for field in row):
            continue
        code = row[at].strip().upper() if len(row) > at else ""
        if not shape.fullmatch(code):
            raise place.fault(f"{name}, row {number}: is not a {key}")
        code = code.zfill(3) if key == "drg" else code
        written = row[of].strip().replace(",", "").removeprefix("$") if len(row) > of else ""
        try:
            amount = limits.read(written)
        except ValueError as error:
            raise place.fault(f"{name}, row {number}: {value} {error}") from None
        if table.setdefault(code, amount) != amount:
            raise place.fault(f"{name}, row {number}: the {key} stands in the table twice")
    if not table:
        raise place.fault(f"{name}: has no rows")
    return MappingProxyType(table)


def weights_of_file(place: Located, files: Files | None) -> Weights:
    """Relative weights by DRG, from a file.

    Raises:
        YamlError: the file cannot be used.
    """
    return _table(place, files, "drg", "weight", DRG, WEIGHT)


def rates_of_file(place: Located, files: Files | None) -> Mapping[str, Decimal]:
    """Dollars by procedure, from a file.

    Raises:
        YamlError: the file cannot be used.
    """
    return _table(place, files, "procedure", "rate", _PROCEDURE, RATE)


def weights_of_year(place: Located) -> Weights:
    """Medicare's relative weights of a fiscal year, which begins on 1 October of the year before.

    Source: Table 5 of the IPPS final rule; 42 CFR 412.60.

    Raises:
        YamlError: the weights of that year are not loaded.
    """
    if not re.fullmatch(r"20[0-9]{2}", place.text()):
        raise place.fault("must be a fiscal year of four digits")
    first = date(int(place.text()) - 1, 10, 1)
    rows = snapshot(first).table("ms_drg", first).filter(
        (pl.col("valid_from") == first) & (pl.col("weight") > 0)
    ).collect()  # fmt: skip
    found = dict(rows.select("drg", "weight").iter_rows())
    if not found:
        raise place.fault("no weights of that fiscal year are loaded; name a weights_file")
    return MappingProxyType(found)
