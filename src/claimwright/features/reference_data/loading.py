"""Reads a published file into the rows of a dataset, with checks: all of it, or none and every wrong line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from claimwright.reference import Coverage, Dataset, Version, dataset
from claimwright.reference.fee_schedules import fee_schedules
from claimwright.reference.versions import checksum

from .columns import PROCEDURE, UnknownHeader, converted, find_header, unknown_header
from .documents import year_of
from .layout import Layout
from .layouts import layout_of
from .periods import Period, end_of, from_month, is_of_other_year, names_month, period_of
from .problems import FileProblem, ReferenceFileError, at_lines, refuse
from .published import Part, grids_of, parts

# A file with less than this share of the rows of the version in force was cut off in transfer.
_SHRUNK = 0.75

# Published tables in which rows may repeat a key with other dates, even overlapping ones.
_REPEATING = ("ncci_practitioner", "ncci_outpatient", "add_on", "excluded_providers", "icd10cm_excludes1")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was loaded: its name and its checksum."""

    name: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} (sha256 {self.sha256})"


@dataclass(frozen=True)
class Loaded:
    """The rows of a dataset from its files, checked and ready to store."""

    dataset: Dataset
    rows: pl.DataFrame
    period: Period
    coverage: Coverage
    sources: tuple[Source, ...]


def load_files(
    name: str,
    paths: Sequence[Path],
    *,
    effective_from: date | None = None,
    effective_to: date | None = None,
    partial: bool = False,
    current: Version | None = None,
) -> Loaded:
    """The rows of a dataset from its files.

    Args:
        name: the dataset.
        paths: its files; several if the publisher splits it.
        effective_from: first day in force, if the files do not state it.
        effective_to: last day in force, if it has one and the files do not state it.
        partial: accept fewer rows than the complete dataset has.
        current: the version in force, used to detect a file that was cut off.

    Raises:
        KeyError: there is no such dataset.
        ReferenceFileError: something is wrong with a file; nothing of it is used.
    """
    about, layout = dataset(name), layout_of(name)
    found = [part for path in paths for part in parts(path, layout.pattern)]
    if not found:
        raise refuse(name, 0, "no file was given")
    period = _period(about, layout, found, effective_from, effective_to)
    read = [_read(about, layout, part, period) for part in found]
    rows = pl.concat(read, how="vertical")
    _refuse_other_year(about, rows, period)
    _refuse_duplicates(about, rows)
    rows = _row_days(about, rows.drop("line", "part"), period)
    if not partial:
        _refuse_truncated(about, found[-1].name, rows.height, current)
    return Loaded(
        about,
        rows,
        period,
        Coverage.PARTIAL if partial else Coverage.FULL,
        tuple(Source(path.name, checksum(path)) for path in paths),
    )


def _period(
    about: Dataset, layout: Layout, found: Iterable[Part], first: date | None, last: date | None
) -> Period:
    said: Period | None = None
    for part in found:
        own = _own_period(about, layout, part)
        if part.suffix == ".xml" and (year := year_of(part)):
            if own and own.last and own.last.year != year:
                raise refuse(part.name, 0, f"is for fiscal year {year} by its content, but not by its name")
            own = own or Period(date(year - 1, 10, 1), date(year, 9, 30))
        if own and said and own != said:
            raise refuse(
                part.name, 0, "is for another period than the previous file", "load each period separately"
            )
        said = own or said
    if first is None:
        if said is None and (_needs_period(about)):
            raise refuse(about.name, 0, "no file states from when it is in force", "give --effective-from")
        return Period(said.first if said else None, last or (said.last if said else None))
    if said and said.first and not (said.first <= first <= (said.last or first)):
        raise refuse(
            about.name, 0, f"the files are for {said.first} to {said.last or 'now'}, not for {first}",
            "leave --effective-from out, or load the files of that period",
        )  # fmt: skip
    last = last or (said.last if said else end_of(about, first))
    if last and last < first:
        raise refuse(about.name, 0, f"ends on {last}, before its first day")
    return Period(first, last)


def _own_period(about: Dataset, layout: Layout, part: Part) -> Period | None:
    """The period from a part's name, checked against the period stated inside."""
    named = period_of(about, part.name)
    inside = layout.inside(part) if layout.inside else None
    if inside is None:
        return named
    meant = from_month(about, inside.year, inside.month)
    if named is None or named.first is None or meant.first is None:
        return meant
    monthly = inside.month is not None and (about.name not in _BY_YEAR or names_month(part.name))
    if named.first.year != meant.first.year or (monthly and named.first != meant.first):
        of = f"{meant.first:%B %Y}" if monthly else str(inside.year)
        raise refuse(part.name, 1, f"is for {of} by its content, but not by its name")
    return named if inside.month is None else meant


# The names of these files may omit the month of the release.
_BY_YEAR = ("physician_fee_schedule",)


def _needs_period(about: Dataset) -> bool:
    return end_of(about, date(2026, 1, 1)) is not None


def _read(about: Dataset, layout: Layout, part: Part, period: Period) -> pl.DataFrame:
    """The rows of one part, with `line` and `part`, in the columns of the dataset."""
    raw = layout.text(part) if layout.text else None
    if raw is None and layout.xml and part.suffix == ".xml":
        raw = layout.xml(part)
    if raw is None:
        rows, problems = _by_header(layout, part)
    else:
        placed = {column.name: column.name for column in layout.columns if column.name in raw.columns}
        rows, problems = converted(part.name, raw, layout.columns, placed)
        rows = rows.with_columns(raw.drop(rows.columns, strict=False).get_columns())
    if layout.check and not problems:
        problems = layout.check(part.name, rows)
    if problems:
        raise ReferenceFileError(sorted(problems, key=lambda problem: problem.line or 0))
    if about.name == "physician_fee_schedule":
        _refuse_other_schedule(part, rows, period)
    rows = layout.finish(rows)
    if not rows.height:
        raise refuse(part.name, 0, "has no rows")
    made = [
        pl.col(column).cast(dtype, strict=False)
        if column in rows.columns
        else pl.lit(None, dtype).alias(column)
        for column, dtype in about.schema.items()
    ]
    typed = rows.select("line", pl.lit(part.name).alias("part"), *made)
    _refuse_too_large(part, rows, typed)
    rows = typed
    _refuse_backward(about, part, rows)
    return rows


def _refuse_too_large(part: Part, rows: pl.DataFrame, typed: pl.DataFrame) -> None:
    """A number that the column cannot hold is of another table, or has a digit too many."""
    problems: list[FileProblem] = []
    for column in set(rows.columns) & set(typed.columns):
        lost = rows.filter(typed[column].is_null() & rows[column].is_not_null())
        problems += at_lines(part.name, lost["line"], f"{column} is a larger number than it can be")
    if problems:
        raise ReferenceFileError(sorted(problems, key=lambda problem: problem.line or 0))


def _by_header(layout: Layout, part: Part) -> tuple[pl.DataFrame, list[FileProblem]]:
    likeliest: UnknownHeader | None = None
    for name, grid in grids_of(part):
        header = find_header(grid, layout.columns)
        if header is None:
            likeliest = likeliest or unknown_header(grid, layout.columns)
            continue
        line, placed = header
        body = _records(grid.filter(pl.col("line") > line), layout, placed)
        width = grid.filter(pl.col("line") == line)["width"][0]
        # A row may omit empty last columns; a row without its mandatory columns is cut off.
        needed = 1 + max(int(field[1:]) for field in placed.values())
        ragged = body.filter((pl.col("width") < min(needed, width)) | (pl.col("width") > width))
        if part.suffix not in {".xlsx", ".parquet"} and ragged.height:
            raise ReferenceFileError(
                at_lines(
                    name,
                    ragged["line"],
                    f"not {width} columns as in the header",
                    "the file is cut off there, or a comma is not quoted",
                )
            )
        return converted(name, body, layout.columns, placed)
    raise _unknown_layout(part, likeliest)


# This many unknown headers are enough to show how a layout has changed.
_FOUND_SHOWN = 8


def _unknown_layout(part: Part, likeliest: UnknownHeader | None) -> ReferenceFileError:
    if likeliest is None or not likeliest.missing:
        return refuse(part.name, 0, "has no header with the columns of the dataset", "the layout has changed")
    what = f"has no header with {', '.join(likeliest.missing)}"
    # A row without numbers is a header; any other may be a record, whose values must not appear in messages.
    if likeliest.line and not any(header.isdigit() for header in likeliest.found):
        found = ", ".join(likeliest.found[:_FOUND_SHOWN]) or "nothing"
        what += f"; the most likely header ends here and also has {found}"
    return refuse(part.name, likeliest.line, what, "the layout has changed")


def _records(body: pl.DataFrame, layout: Layout, placed: Mapping[str, str]) -> pl.DataFrame:
    """The rows without footnotes, without the control-Z that ends some files, and without placeholders such
    as GXXX1, which have no code yet.
    """
    if not layout.notes:
        return body
    cells = [name for name in body.columns if name not in {"line", "width"}]
    filled = pl.sum_horizontal(
        (pl.col(name).is_not_null() & ~pl.col(name).is_in(["", "\x1a"])).cast(pl.UInt32) for name in cells
    )
    first = pl.col(placed[layout.columns[0].name])
    is_key = first.str.contains(f"^(?:{layout.columns[0].pattern}|[0-9]{{1,5}})$").fill_null(value=False)
    body = body.filter((filled > 1) | is_key)
    if layout.columns[0].pattern == PROCEDURE:
        body = body.filter(~first.str.contains("^[A-Z]XXX[0-9A-Z]$").fill_null(value=False))
    return body


def _refuse_backward(about: Dataset, part: Part, rows: pl.DataFrame) -> None:
    if about.row_days:
        backward = rows.filter(pl.col("valid_from") > pl.col("valid_to"))
        # An edit that was deleted retroactively to before its first day was never in force.
        if backward.height and about.name not in _REPEATING:
            raise ReferenceFileError(at_lines(part.name, backward["line"], "ends before it begins"))


def _refuse_other_year(about: Dataset, rows: pl.DataFrame, period: Period) -> None:
    """Files that repeat all changes up to their quarter: the newest change shows the year of the
    file.
    """
    if about.is_of_user or not about.row_days or not _needs_period(about):
        return
    newest = rows["valid_from"].max()
    if isinstance(newest, date) and is_of_other_year(period, newest):
        part, line = rows.filter(pl.col("valid_from") == newest).select("part", "line").row(0)
        what = f"the newest change in the file is of {newest}, but it should be in force from {period.first}"
        raise refuse(part, line or 0, what, "the file is for another year")


def _refuse_other_schedule(part: Part, rows: pl.DataFrame, period: Period) -> None:
    """A relative value file has its conversion factor in every row, and each year has its own factor."""
    factors = fee_schedules().conversion_factors.filter(pl.col("service") == "physician")
    given = rows["conversion_factor"].drop_nulls().unique().cast(pl.Decimal(10, 4), strict=False).drop_nulls()
    for factor in given.filter(given > 0).to_list():
        years = factors.filter(pl.col("amount") == factor)["effective_on"].dt.year().to_list()
        if years and period.first and period.first.year not in years:
            line = rows["line"][0]
            what = f"its conversion factor {factor} is that of {years[0]}, not of {period.first.year}"
            raise refuse(part.name, line, what, "the file is for another year")


def _refuse_duplicates(about: Dataset, rows: pl.DataFrame) -> None:
    if not about.key:
        return
    days = ["valid_from", "valid_to"] if about.row_days else []
    exact = rows.filter(pl.struct(*about.key, *days).is_duplicated())
    if about.name in _REPEATING and not exact["line"].null_count():
        # A publisher's table may repeat a whole row; duplicates are dropped.
        return
    problems = _doubled(exact, [*about.key, *days])
    if about.row_days and not problems:
        problems = _overlapping(about, rows)
    if problems:
        raise ReferenceFileError(problems)


def _doubled(rows: pl.DataFrame, by: list[str]) -> list[FileProblem]:
    first = rows.group_by(by).agg(first=pl.col("line").min())
    again = (
        rows.join(first, on=by, nulls_equal=True)
        .filter(pl.col("line") > pl.col("first"))
        .sort("part", "line")
    )
    return [
        FileProblem(
            part, line, f"the same {' and '.join(by)} as on line {before}", "each key may occur only once"
        )
        for part, line, before in again.select("part", "line", "first").iter_rows()
    ]


def _overlapping(about: Dataset, rows: pl.DataFrame) -> list[FileProblem]:
    """Rows of one key whose dates overlap, so that a day has two values."""
    key = list(about.key)
    ordered = rows.sort([*key, "valid_from"], nulls_last=False)
    before = [pl.col("valid_to").shift(1).over(key), pl.int_range(pl.len()).over(key) > 0]
    clash = ordered.with_columns(before[0].alias("ended_on"), before[1].alias("follows")).filter(
        "follows",
        pl.col("ended_on").is_null() | (pl.col("ended_on") >= pl.col("valid_from").fill_null(date.min)),
    )
    return [
        FileProblem(part, line, f"its days overlap those of another row of the same {' and '.join(key)}")
        for part, line in clash.select("part", "line").sort("part", "line").iter_rows()
    ]


def _row_days(about: Dataset, rows: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Rows of pairs without a first day in the file are in force from the file's first day; no earlier
    date is known.
    """
    if about.name not in {"ncci_practitioner", "ncci_outpatient", "add_on"}:
        return rows
    held = rows.with_columns(pl.col("valid_from").fill_null(pl.lit(period.first, pl.Date)))
    return held.filter((pl.col("valid_from") <= pl.col("valid_to")).fill_null(value=True)).unique()


def _refuse_truncated(about: Dataset, file: str, height: int, current: Version | None) -> None:
    least = about.least_rows
    if current is not None and current.coverage is Coverage.FULL and current.rows > 0:
        least = max(least, int(current.rows * _SHRUNK))
    if height < least:
        raise refuse(
            file, 0, f"has {height:,} rows, but the complete dataset has at least {least:,}: it is cut off",
            "download it again, or load it with --partial",
        )  # fmt: skip


def version_name(loaded: Loaded) -> str:
    """A name for the version: its first day in force, and the beginning of its files'
    checksums.
    """
    begins = loaded.period.first.isoformat() if loaded.period.first else "undated"
    return f"{begins}_{re.sub('[^0-9a-f]', '', loaded.sources[0].sha256)[:8]}"
