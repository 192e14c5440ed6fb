"""Problems of reference files, with their position.

ReferenceFileError      a file cannot be loaded; `problems` has file, line, problem and fix
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.foundation.errors import InputError

# A file with a changed layout has a problem in every row: this many are enough to show it.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One problem of a file. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    what: str
    do: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}" + (f"; {self.do}" if self.do else "")


class ReferenceFileError(InputError):
    """A reference file that is refused as a whole; the version in force stays in force."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems: Sequence[FileProblem] = tuple(problems)
        shown = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            shown.append(f"... and {len(self.problems) - SHOWN:,} more")
        super().__init__("\n".join(shown))


def refuse(file: str, line: int, what: str, do: str = "") -> ReferenceFileError:
    """The error for a file with one problem."""
    return ReferenceFileError([FileProblem(file, line, what, do)])


def at_lines(file: str, lines: pl.Series, what: str, do: str = "") -> list[FileProblem]:
    """The same problem at each of these lines."""
    return [FileProblem(file, line, what, do) for line in lines.to_list()]
