"""The files of a physician fee schedule release: relative values, practice cost indices, anesthesia factors.

They are CSV whose heading spreads over several lines or changes its words every year, so that columns are
found by their place. Relative values are whole numbers of hundredths, as the tables of prices keep them.

Sources of the layouts: CMS, PFS Relative Value Files: PPRRVU record layout; Addendum E (GPCI); ANES.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import polars as pl

from claimwright.reference.datasets import RELATIVE_VALUES

from .problems import refuse
from .published import Part, text_of

# The published record has 31 columns; releases that leave the description out have one fewer.
_SCHEDULE = (
    "procedure", "modifier", "description", "status", "not_used", "work", "pe_nonfacility", "nonfacility_na",
    "pe_facility", "facility_na", "malpractice", "total_nonfacility", "total_facility",
    "professional_technical",
    "global_days", "preoperative", "intraoperative", "postoperative", "multiple_procedure", "bilateral",
    "assistant", "co_surgeon", "team_surgeon", "endoscopic_base", "conversion_factor",
    "supervision", "calculation", "imaging_family",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice",
)  # fmt: skip
_COMPONENTS = {"": 0, "26": 1, "TC": 2, "53": 3}
_INDICATORS = (
    "professional_technical", "multiple_procedure", "bilateral", "assistant", "co_surgeon", "team_surgeon",
)  # fmt: skip
_NOT_APPLICABLE = ("nonfacility_na", "facility_na")
# A code; one that a spreadsheet took for a number has lost its leading zeros.
_SHAPE = re.compile(r"[0-9]{1,5}|[0-9A-Z][0-9]{3}[0-9A-Z]")
_CONTRACTOR = re.compile(r"[0-9]{4,5}")
# More than two decimals would be lost in hundredths.
_VALUE = r"^[0-9]*(?:\.[0-9]{0,2}0*)?$"

Rows = list[tuple[int, list[str]]]


def _cells(part: Part, what: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV with their lines.

    Raises:
        ReferenceFileError: it is no CSV, or ends within quotes.
    """
    if part.suffix not in {".csv", ".txt"}:
        raise refuse(part.name, 0, "is no CSV", f"load the {what} file in CSV")
    reader = csv.reader(io.StringIO(text_of(part), newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise refuse(
            part.name, reader.line_num, "a quoted value that does not end", "get the file anew"
        ) from error


def fee_schedule(part: Part) -> pl.DataFrame | None:
    """The values and indicators of a relative value file, and `conversion_factor`, which tells its year."""
    rows: Rows = []
    for line, cells in _cells(part, "PPRRVU"):
        if len(cells) >= len(_SCHEDULE) - 1 and _SHAPE.fullmatch(cells[0]):
            rows.append((line, cells))
        elif rows and any(cells):
            raise refuse(part.name, line, "a row that is no record of the schedule", "it is cut off there")
    if not rows:
        raise refuse(part.name, 1, "holds no row of a relative value file", "the layout has changed")
    return _schedule_rows(part, rows)


def _schedule_rows(part: Part, rows: Rows) -> pl.DataFrame:
    # With a description in third place the status, a letter, comes fourth.
    described = len(rows[0][1][2]) != 1
    names = _SCHEDULE if described else tuple(name for name in _SCHEDULE if name != "description")
    kept = ("procedure", "modifier", "status", "global_days", "endoscopic_base", "conversion_factor",
            *_NOT_APPLICABLE, *_INDICATORS, *RELATIVE_VALUES)  # fmt: skip
    if min(len(cells) for _, cells in rows) < len(names):
        line = next(line for line, cells in rows if len(cells) < len(names))
        raise refuse(part.name, line, "a row with too few columns", "it is cut off there")
    columns = {
        name: pl.Series([cells[names.index(name)] for _, cells in rows], dtype=pl.String) for name in kept
    }
    frame = pl.DataFrame({"line": pl.Series([line for line, _ in rows], dtype=pl.UInt32), **columns})
    # Releases that went through a spreadsheet have lost leading zeros.
    days = pl.col("global_days")
    frame = frame.with_columns(pl.when(days.str.contains("^[0-9]+$")).then(days.str.zfill(3)).otherwise(days))
    wrong = frame.filter(
        ~pl.col("status").str.contains("^[A-Z]$")
        | ~pl.col("modifier").is_in(list(_COMPONENTS))
        | ~pl.col("global_days").str.contains("^(?:[0-9]{3}|[MXYZ]{3})$")
        | pl.any_horizontal(~pl.col(name).str.contains("^[0-9]$") for name in _INDICATORS)
        | pl.any_horizontal(~pl.col(name).str.contains(_VALUE) for name in RELATIVE_VALUES)
    )
    if wrong.height:
        raise refuse(
            part.name, wrong["line"][0], "status, modifier, global days, an indicator or a value is none",
            "the layout has changed",
        )  # fmt: skip
    digits = pl.col("procedure").str.contains("^[0-9]+$")
    return frame.with_columns(
        pl.when(digits).then(pl.col("procedure").str.zfill(5)).otherwise("procedure").alias("procedure"),
        pl.col("modifier").replace_strict(_COMPONENTS, return_dtype=pl.UInt8).alias("component"),
        *(pl.col(name).cast(pl.UInt8) for name in _INDICATORS),
        *(_hundredths(name) for name in RELATIVE_VALUES),
        *(pl.col(name) == "NA" for name in _NOT_APPLICABLE),
        pl.when(pl.col("endoscopic_base") != "").then("endoscopic_base").alias("endoscopic_base"),
    ).drop("modifier")


def _hundredths(name: str) -> pl.Expr:
    """A number of at most two decimals as a whole number of hundredths, without any float."""
    number = pl.when(pl.col(name) != "").then(pl.col(name))
    return (number.cast(pl.Decimal(12, 2)) * 100).cast(pl.Int32).alias(name)


def practice_cost_indices(part: Part) -> pl.DataFrame:
    """`locality`, `state`, `area`, `work`, `practice_expense`, `malpractice` of Addendum E, as text."""
    heading = re.compile(r"(20[0-9]{2}) PW GPCI")
    named = re.search(r"20[0-9]{2}", part.name)
    rows: Rows = []
    for line, cells in _of_localities(part, "GPCI", 7):
        said = heading.match(cells[4]) if len(cells) > 4 else None
        if said and named and said[1] != named[0]:
            raise refuse(part.name, line, f"says inside that it is of {said[1]}, and not by its name")
        if _CONTRACTOR.fullmatch(cells[0]):
            rows.append((line, cells))
    return _by_locality(
        part,
        rows,
        number=2,
        names={"state": 1, "area": 3, "work": 4, "practice_expense": 5, "malpractice": 6},
    )


def anesthesia_factors(part: Part) -> pl.DataFrame:
    """`locality` and `amount`, the dollars of a unit, as text."""
    rows = [
        (line, cells) for line, cells in _of_localities(part, "ANES", 4) if _CONTRACTOR.fullmatch(cells[0])
    ]
    return _by_locality(part, rows, number=1, names={"amount": 3})


def _of_localities(part: Part, what: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a list of localities, headings and footnotes among them, none of them cut off."""
    for line, cells in _cells(part, what):
        if cells and _CONTRACTOR.fullmatch(cells[0]) and len(cells) < width:
            raise refuse(part.name, line, "a row with too few columns", "it is cut off there")
        if cells:
            yield line, cells


def _by_locality(part: Part, rows: Rows, *, number: int, names: dict[str, int]) -> pl.DataFrame:
    if not rows:
        raise refuse(part.name, 1, "holds no payment locality", "the layout has changed")
    return pl.DataFrame(
        {
            "line": pl.Series([line for line, _ in rows], dtype=pl.UInt32),
            "locality": [f"{cells[0].zfill(5)}-{cells[number].zfill(2)}" for _, cells in rows],
            **{name: [cells[place].strip("* ") for _, cells in rows] for name, place in names.items()},
        }
    )
