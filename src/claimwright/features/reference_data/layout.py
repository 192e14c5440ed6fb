"""The form of a layout: the columns of a dataset, and how they are found in its published files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from .columns import Column
from .problems import FileProblem
from .published import Part

Frame = pl.DataFrame


@dataclass(frozen=True, slots=True)
class Said:
    """The period stated inside a file: its year, and its first month if stated."""

    year: int
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a dataset's files are read.

    Attributes:
        files: pattern of the file names, in lower case, by which a file is recognised, also inside a zip.
        columns: the columns of a table with a header.
        text: reads a text part without a header; None if there is no such file.
        xml: reads an XML part; None if there is no such file.
        check: finds problems of the typed rows, beyond single cells.
        finish: last transformation of the typed rows.
        notes: whether rows with a single cell are footnotes, not records.
        inside: the period stated inside a part; None if it states none.
    """

    files: str
    columns: tuple[Column, ...]
    text: Callable[[Part], Frame | None] | None = None
    xml: Callable[[Part], Frame] | None = None
    check: Callable[[str, Frame], list[FileProblem]] | None = None
    finish: Callable[[Frame], Frame] = field(default=lambda frame: frame)
    notes: bool = False
    inside: Callable[[Part], Said | None] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """`files`, compiled."""
        return re.compile(self.files)
