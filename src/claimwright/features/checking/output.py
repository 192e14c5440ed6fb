"""Machine-readable results: claims, findings and prices as JSON lines, CSV or Parquet, written block by
block.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType

import polars as pl
import pyarrow.parquet as pq

from claimwright.foundation.spreadsheets import defused
from claimwright.foundation.whole_files import close_all, named_in_errors, rename_whole

from .check import Checked
from .sourced import sourced

FORMATS = ("jsonl", "csv", "parquet")
_NOBODY: Mapping[str, str] = MappingProxyType({})


def with_owners(findings: pl.DataFrame, owners: Mapping[str, str]) -> pl.DataFrame:
    """The findings with `waiver_owner` after `waiver`: the waiver's owner; null if not waived."""
    owner = pl.col("waiver").replace_strict(owners, default=None, return_dtype=pl.String)
    return findings.with_columns(waiver_owner=owner)


class ResultWriter:
    """Writes three tables into a folder: `claims`, `findings` and `prices`.

    A waived finding has the waiver's id and, from `owners`, the waiver's owner.
    Each file is complete only when the writer is closed; until then its name ends in `.part`, so that
    a partial result can't be mistaken for a complete one.
    """

    def __init__(self, folder: Path, form: str, owners: Mapping[str, str] = _NOBODY) -> None:
        if form not in FORMATS:
            raise ValueError(f"unknown format {form}: use {', '.join(FORMATS)}")
        self.folder = folder
        self.form = form
        self.owners = owners
        self.paths = {name: folder / f"{name}.{form}" for name in ("claims", "findings", "prices")}
        self._parquet: dict[str, pq.ParquetWriter] = {}
        self._begun: set[str] = set()

    def __enter__(self) -> ResultWriter:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.paths:
            self._part(name).unlink(missing_ok=True)
        return self

    def write(self, checked: Checked, source: str = "") -> None:
        """Append the results of a block. `source` names the source file, if the result itself does not."""
        tables = sourced(checked, source)
        tables["findings"] = with_owners(tables["findings"], self.owners)
        for name, table in tables.items():
            self._append(name, table)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with named_in_errors(self.folder):
                close_all(self._parquet.values())
            if kind is None:
                for name in self._begun:
                    rename_whole(self._part(name), self.paths[name])
        except OSError:
            # The first error is the one that is raised.
            if kind is None:
                raise
        finally:
            for name in self.paths:
                self._part(name).unlink(missing_ok=True)

    def _part(self, name: str) -> Path:
        return self.paths[name].with_suffix(f".{self.form}.part")

    def _append(self, name: str, table: pl.DataFrame) -> None:
        with named_in_errors(self.paths[name]):
            self._append_to(self._part(name), name, table)

    def _append_to(self, path: Path, name: str, table: pl.DataFrame) -> None:
        first = name not in self._begun
        self._begun.add(name)
        if self.form == "parquet":
            arrow = table.to_arrow(compat_level=pl.CompatLevel.oldest())
            if first:
                self._parquet[name] = pq.ParquetWriter(path, arrow.schema, compression="zstd")
            self._parquet[name].write_table(arrow)
            return
        with path.open("ab") as file:
            if self.form == "csv":
                table.with_columns(defused(pl.col(pl.String))).write_csv(file, include_header=first)
            else:
                table.write_ndjson(file)
