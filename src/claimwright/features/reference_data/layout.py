"""What a layout is: the columns of a dataset, and how they are found in the files that it is published in."""

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
    """The period that a file names inside: its year, and the month from which it holds where it says one."""

    year: int
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a dataset's files are read.

    Attributes:
        files: names of the files, in lower case, as a pattern: by it a file is recognised, inside a zip or
        not. columns: the columns of a table with a header.
        text: what reads a part that is a text without a header; None where there is no such file.
        xml: what reads a part that is an XML document; None where there is no such file.
        check: what is wrong with the typed rows, beyond single cells.
        finish: what remains to be done with the typed rows.
        notes: whether rows of one cell are footnotes, and no records.
        inside: the period that a part says it is of; None where it says none.
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
