"""Synthetic claims to a file, with the labels of their defects beside it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.x12 import write_837
from claimwright.foundation.whole_files import whole_files

from .defects import ENVELOPE_DEFECTS, LABELS, no_labels
from .draws import Draws
from .generate import SampleOptions, batches

LABELS_SUFFIX = ".labels.csv"


def read_labels(path: Path) -> pl.DataFrame:
    """The labels of a sample as they were written, with the columns of `LABELS`."""
    return pl.read_csv(path, schema=LABELS)


@dataclass(frozen=True)
class WrittenSample:
    """What was written: how many claims, how many bytes before compression, how many defects, and where."""

    claims: int
    size_bytes: int
    defects: int
    path: Path
    labels_path: Path


def labels_beside(path: Path) -> Path:
    """Where the labels of a sample stand: `big.labels.csv` beside `big.837`."""
    name = path.name.removesuffix(".gz")
    return path.with_name(Path(name).stem + LABELS_SUFFIX)


def write_sample(
    path: str | Path,
    options: SampleOptions,
    *,
    line_breaks: bool = True,
    progress: Callable[[int], None] | None = None,
) -> WrittenSample:
    """Write the claims as an 837, gzipped where the name ends in `.gz`, and their labels as CSV.

    Memory does not grow with the number of claims. `progress` is told how many claims are written so far.

    Raises:
        OSError: a file can't be written.
    """
    path = Path(path)
    labelled = _Labelled(options, progress)
    size = 0
    with ExitStack() as stack:
        part, labels_part = stack.enter_context(whole_files(path, labels_beside(path)))
        file: IO[bytes] = stack.enter_context(part.open("wb"))
        if path.name.endswith(".gz"):
            # A file name or a time in the header would make the same sample another file.
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
            file = cast("IO[bytes]", stack.enter_context(packed))
        labels = stack.enter_context(labels_part.open("wb"))
        labels.write(no_labels().write_csv(line_terminator="\n").encode())
        for piece in labelled.pieces(line_breaks=line_breaks):
            file.write(piece)
            size += len(piece)
            labels.write(labelled.taken())
        labels.write(labelled.taken())
    return WrittenSample(labelled.claims, size, labelled.defects, path, labels_beside(path))


class _Labelled:
    """The bytes of a sample, and the labels of what has come of it so far."""

    def __init__(self, options: SampleOptions, progress: Callable[[int], None] | None) -> None:
        self.options = options
        self.progress = progress
        self.claims = 0
        self.defects = 0
        self._waiting: list[pl.DataFrame] = []
        self._forms: dict[str, str] = {}

    def pieces(self, *, line_breaks: bool) -> Iterator[bytes]:
        """The file in pieces, its envelope defects planted."""
        for piece in write_837(self._batches(), line_breaks=line_breaks):
            yield self._envelope(piece)

    def taken(self) -> bytes:
        """The labels since the last call, as rows of the CSV."""
        waiting, self._waiting = self._waiting, []
        return b"".join(
            labels.write_csv(include_header=False, line_terminator="\n").encode() for labels in waiting
        )

    def _batches(self) -> Iterator[ClaimBatch]:
        for batch, labels in batches(self.options):
            self._keep(labels)
            self._forms |= _forms(batch)
            yield batch
            self.claims += len(batch)
            if self.progress is not None:
                self.progress(self.claims)

    def _keep(self, labels: pl.DataFrame) -> None:
        if labels.height:
            self.defects += labels.height
            self._waiting.append(labels)

    def _envelope(self, piece: bytes) -> bytes:
        """A trailer with the defect of its transaction; any other piece as it is.

        The writer hands trailers over one by one, so that they need not be looked for in the claims.
        """
        if piece[:3] not in (b"SE*", b"GE*"):
            return piece
        number = piece.split(b"*")[2].rstrip(b"~\r\n").decode()
        draws = Draws(self.options.seed ^ 0x5EED, np.array([int(number)], dtype=np.int64))
        defective = draws.below("defective envelope", 1_000_000) < round(self.options.defect_rate * 1_000_000)
        defects = [
            each for each in ENVELOPE_DEFECTS if self.options.kinds is None or each.kind in self.options.kinds
        ]
        if not defects or not defective[0]:
            return piece
        defect = defects[int(draws.below("envelope defect", len(defects))[0])]
        found = defect.pattern.match(piece)
        if found is None:
            return piece
        control = number.zfill(9)
        row = {
            "transaction_control_number": control,
            "form": self._forms.get(control),
            "defect": defect.kind,
            "finding": defect.finding,
        }
        self._keep(pl.DataFrame([{**dict.fromkeys(LABELS), **row}], schema=LABELS))
        return defect.apply(found) + piece[found.end() :]


def _forms(batch: ClaimBatch) -> dict[str, str]:
    first = batch.claims.group_by("transaction").agg(pl.col("form").first())
    joined = batch.frame(Level.TRANSACTION).join(first, on="transaction", how="inner")
    return dict(joined.select("transaction_control_number", "form").iter_rows())
