"""Published files opened as they are: zip, CSV, tab-delimited or fixed-width text, Excel, Parquet, XML.

Whatever the form, what comes out is rows of text with the number of the line that each stands on, so that
what is wrong can be found in the file.

Text is UTF-8, or Windows-1252 where it is not: publishers' files are saved by either. Anything else is
refused at the line where it stops being text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from .problems import refuse
from .workbook import worksheets

# The largest published reference file, a quarter's practitioner pairs in one text, has some 300 MB.
LARGEST_FILE = 2_000_000_000
LONGEST_LINE = 100_000

_BLOCK = 50_000
_PREFERRED = (".txt", ".csv", ".parquet", ".xlsx", ".xml", ".json")


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a file inside a zip: `name` to find it by, and its bytes."""

    name: str
    data: bytes

    @property
    def suffix(self) -> str:
        """Its kind, by its name, in lower case."""
        return Path(self.name).suffix.lower()


def parts(path: Path, wanted: re.Pattern[str]) -> list[Part]:
    """The file itself, or the files of a zip whose names are wanted, each content once.

    A zip that holds the same table as text and as a workbook gives the text.

    Raises:
        ReferenceFileError: nothing is there, the zip is damaged, or holds nothing that is wanted.
    """
    if not path.is_file():
        raise refuse(str(path), 0, "is no file")
    if path.stat().st_size > LARGEST_FILE:
        raise refuse(str(path), 0, "is too large for a reference file")
    if path.suffix.lower() != ".zip":
        return [Part(path.name, path.read_bytes())]
    try:
        with zipfile.ZipFile(path) as archive:
            names = _chosen(archive.namelist(), wanted)
            if not names:
                raise refuse(
                    path.name, 0, "holds no file of this dataset", "see `claimwright reference list`"
                )
            if sum(archive.getinfo(name).file_size for name in names) > LARGEST_FILE:
                raise refuse(path.name, 0, "unpacks to more than a reference file has")
            return [Part(f"{path.name}/{name}", archive.read(name)) for name in names]
    except (zipfile.BadZipFile, EOFError, zipfile.LargeZipFile) as error:
        raise refuse(path.name, 0, "is no zip, or cut off", "get it anew from its publisher") from error
    except (RuntimeError, NotImplementedError) as error:
        raise refuse(path.name, 0, "is encrypted, or packed in a way that cannot be read") from error


def _chosen(names: Iterable[str], wanted: re.Pattern[str]) -> list[str]:
    best: dict[str, str] = {}
    for name in names:
        file = Path(name)
        if file.suffix.lower() not in _PREFERRED or not wanted.search(file.name.lower()):
            continue
        stem = file.stem.lower()
        if stem not in best or _rank(file) < _rank(Path(best[stem])):
            best[stem] = name
    return sorted(best.values())


def _rank(file: Path) -> int:
    return _PREFERRED.index(file.suffix.lower())


def text_of(part: Part) -> str:
    """The part as text.

    Raises:
        ReferenceFileError: it is no text, or its last line is longer than any table has.
    """
    data = part.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4096]:
        raise refuse(part.name, 1, "is not UTF-8 or Windows text", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(part.name, line, "is not UTF-8 or Windows text", "save it as UTF-8") from error


def lines_of(part: Part) -> pl.DataFrame:
    """The lines of a text: `line` and `text`, without the blank ones.

    Raises:
        ReferenceFileError: it is no text, or a line is too long.
    """
    text = pl.Series("text", text_of(part).split("\n"), dtype=pl.String).str.strip_chars_end("\r")
    frame = pl.DataFrame([pl.int_range(1, len(text) + 1, dtype=pl.UInt32, eager=True).alias("line"), text])
    long = frame.filter(pl.col("text").str.len_bytes() > LONGEST_LINE)
    if long.height:
        raise refuse(part.name, long["line"][0], f"a line of more than {LONGEST_LINE:,} characters")
    return frame.filter(pl.col("text").str.strip_chars() != "")


def grids_of(part: Part) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables of a part, each with its name: `line`, `width` (how many cells) and `c0`, `c1`, ... as text.

    Raises:
        ReferenceFileError: it cannot be read as a table.
    """
    if part.suffix == ".xlsx":
        for name, rows in worksheets(part.data, part.name):
            yield name, _grid(rows)
    elif part.suffix == ".parquet":
        yield part.name, _parquet(part)
    else:
        yield part.name, _delimited(part)


def _delimited(part: Part) -> pl.DataFrame:
    text = text_of(part)
    tabbed = text[:20_000].count("\t") > text[:20_000].count(",")
    if tabbed and '"' not in text:
        return _tabbed(part)
    # Of files with tabs some have a tab within quotes, and blanks around them.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabbed else ",", strict=not tabbed)

    def rows() -> Iterator[tuple[int, list[str]]]:
        line = 1
        for row in reader:
            if any(row):
                yield line, row
            line = reader.line_num + 1

    try:
        return _grid(rows())
    except csv.Error as error:
        what = (
            "a quoted value that does not end"
            if "end of data" in str(error)
            else "a cell too large or badly quoted"
        )
        raise refuse(part.name, reader.line_num, what, "get the file anew, or correct the line") from error


def _tabbed(part: Part) -> pl.DataFrame:
    frame = lines_of(part).select("line", cells=pl.col("text").str.split("\t"))
    width = frame["cells"].list.len()
    most = width.max()
    assert isinstance(most, int | None)
    fields = [f"c{place}" for place in range(most or 0)]
    return frame.select(
        "line",
        width.alias("width").cast(pl.UInt32),
        pl.col("cells").list.to_struct(fields=fields).struct.unnest(),
    ).with_columns(pl.col(fields).str.strip_chars(' "'))


def _grid(rows: Iterator[tuple[int, list[str]]]) -> pl.DataFrame:
    """Rows of cells as a frame; blocks of rows become columns on the way, since lists of lists are large."""
    blocks: list[pl.DataFrame] = []
    block: list[tuple[int, list[str]]] = []

    def put() -> None:
        width = max((len(cells) for _, cells in block), default=0)
        columns: dict[str, pl.Series] = {
            "line": pl.Series([line for line, _ in block], dtype=pl.UInt32),
            "width": pl.Series([len(cells) for _, cells in block], dtype=pl.UInt32),
        }
        for place in range(width):
            values = [cells[place].strip() if place < len(cells) else None for _, cells in block]
            columns[f"c{place}"] = pl.Series(values, dtype=pl.String)
        blocks.append(pl.DataFrame(columns))
        block.clear()

    for row in rows:
        block.append(row)
        if len(block) == _BLOCK:
            put()
    put()
    return pl.concat(blocks, how="diagonal")


def _parquet(part: Part) -> pl.DataFrame:
    """A Parquet file as the same kind of grid: its column names are the first line."""
    try:
        frame = pl.read_parquet(io.BytesIO(part.data))
    except pl.exceptions.PolarsError as error:
        raise refuse(part.name, 0, "is no Parquet file, or cut off", "get it anew") from error
    names = {name: f"c{place}" for place, name in enumerate(frame.columns)}
    head = pl.DataFrame(
        {short: [name] for name, short in names.items()}, schema=dict.fromkeys(names.values(), pl.String)
    )
    body = frame.select(pl.col(name).cast(pl.String).alias(short) for name, short in names.items())
    both = pl.concat([head, body])
    return both.select(
        pl.int_range(1, both.height + 1, dtype=pl.UInt32).alias("line"),
        pl.lit(len(names), pl.UInt32).alias("width"),
        pl.all(),
    )
