"""Opens published files as they come: zip, CSV, tab-delimited or fixed-width text, Excel, Parquet, XML.

The result is always rows of text with their line numbers, so that problems can be found in the file.

Text is UTF-8, or else Windows-1252: publishers use both. Any other encoding is refused at its first invalid
line.
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

# The largest published reference file, a quarter's practitioner pairs in one text file, has about 300 MB.
LARGEST_FILE = 2_000_000_000
LONGEST_LINE = 100_000

_BLOCK = 50_000
_PREFERRED = (".txt", ".csv", ".parquet", ".xlsx", ".xml", ".json")


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a file inside a zip: its `name` and its bytes."""

    name: str
    data: bytes

    @property
    def suffix(self) -> str:
        """Its extension in lower case."""
        return Path(self.name).suffix.lower()


def parts(path: Path, wanted: re.Pattern[str]) -> list[Part]:
    """The file itself, or the files of a zip with wanted names, each content once.

    If a zip contains the same table as text and as a workbook, the text is used.

    Raises:
        ReferenceFileError: there is no file, the zip is damaged, or it contains no wanted file.
    """
    if not path.is_file():
        raise refuse(str(path), 0, "is not a file")
    if path.stat().st_size > LARGEST_FILE:
        raise refuse(str(path), 0, "is too large for a reference file")
    if path.suffix.lower() != ".zip":
        return [Part(path.name, path.read_bytes())]
    try:
        with zipfile.ZipFile(path) as archive:
            names = _chosen(archive.namelist(), wanted)
            if not names:
                raise refuse(
                    path.name, 0, "contains no file of this dataset", "see `claimwright reference list`"
                )
            if sum(archive.getinfo(name).file_size for name in names) > LARGEST_FILE:
                raise refuse(path.name, 0, "unpacks to more than the size limit of a reference file")
            return [Part(f"{path.name}/{name}", archive.read(name)) for name in names]
    except (zipfile.BadZipFile, EOFError, zipfile.LargeZipFile) as error:
        raise refuse(
            path.name, 0, "is not a zip, or is cut off", "download it again from its publisher"
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise refuse(path.name, 0, "is encrypted, or uses an unsupported compression") from error


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
        ReferenceFileError: the part is not text, or its last line is too long.
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
    """The lines of a text part: `line` and `text`, without blank lines.

    Raises:
        ReferenceFileError: the part is not text, or a line is too long.
    """
    text = pl.Series("text", text_of(part).split("\n"), dtype=pl.String).str.strip_chars_end("\r")
    frame = pl.DataFrame([pl.int_range(1, len(text) + 1, dtype=pl.UInt32, eager=True).alias("line"), text])
    long = frame.filter(pl.col("text").str.len_bytes() > LONGEST_LINE)
    if long.height:
        raise refuse(part.name, long["line"][0], f"a line of more than {LONGEST_LINE:,} characters")
    return frame.filter(pl.col("text").str.strip_chars() != "")


def grids_of(part: Part) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables of a part, each with its name: `line`, `width` (number of cells), `c0`, `c1`, ... as text.

    Raises:
        ReferenceFileError: the part cannot be read as a table.
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
    # Some tab-delimited files have tabs within quotes, and blanks around them.
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
        raise refuse(
            part.name, reader.line_num, what, "download the file again, or correct the line"
        ) from error


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
    """Rows of cells as a frame. They are converted in blocks, since lists of lists need much memory."""
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
    """A Parquet file as the same kind of grid: its column names are the first row."""
    try:
        frame = pl.read_parquet(io.BytesIO(part.data))
        frame = frame.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise refuse(part.name, 0, "is not a Parquet file, or is cut off", "download it again") from error
    names = {name: f"c{place}" for place, name in enumerate(frame.columns)}
    head = pl.DataFrame(
        {short: [name] for name, short in names.items()}, schema=dict.fromkeys(names.values(), pl.String)
    )
    body = frame.rename(names)
    both = pl.concat([head, body])
    return both.select(
        pl.int_range(1, both.height + 1, dtype=pl.UInt32).alias("line"),
        pl.lit(len(names), pl.UInt32).alias("width"),
        pl.all(),
    )
