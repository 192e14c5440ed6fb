"""Sums of facts by window and groups, as arrays of numbers with the names of their groups.

Arrays, not frames: the sums of a figure are some hundred to some ten thousand numbers, for which a frame's
fixed cost of an operation is most of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from .known import MEASURES
from .packing import PLACES, Columns
from .rollup import AGES
from .windows import summed_by

_AGES = dict(enumerate(AGES))
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class GroupedSums:
    """Sums, one row for equal windows, groups, facts and buckets.

    Attributes:
        columns: `window`, `fact` (its place), `bucket` or `on_day`, one a dimension, and measures, of which
            those that are missing are zero.
        names: of each dimension, the names that its numbers stand for.
    """

    columns: Columns
    names: Mapping[str, Mapping[int, str]]

    def __len__(self) -> int:
        return len(self.columns["fact"])

    def measure(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """A measure of each row."""
        found = self.columns.get(name)
        return np.zeros(len(self), dtype=np.int64) if found is None else found

    def limited(self, column: str, values: Sequence[int]) -> GroupedSums:
        """Only the rows with these numbers in a column."""
        own = np.isin(self.columns[column], values)
        return GroupedSums({name: numbers[own] for name, numbers in self.columns.items()}, self.names)

    def aged(self) -> GroupedSums:
        """With the bucket of balances as the dimension `age`."""
        return GroupedSums({**self.columns, "age": self.columns["bucket"]}, {**self.names, "age": _AGES})

    def by(
        self, own: Sequence[str], group_by: Sequence[str], columns: Columns, also: Sequence[str] = ()
    ) -> tuple[Columns, list[tuple[int, tuple[str, ...]]]]:
        """`columns`, which have one number a row, summed by window, the dimensions `own` and `also`; and the
        window and group of each row, with "" for dimensions that are not `own`.
        """
        keys = ["window", *(f"of {name}" for name in own), *also]
        joined = {"window": self.columns["window"], **columns}
        joined |= {f"of {name}": self.columns[name] for name in own}
        summed = summed_by(joined, keys)
        texts = [
            [self.names[name].get(code, _UNKNOWN) for code in summed[f"of {name}"].tolist()]
            if name in own
            else [""] * len(summed["window"])
            for name in group_by
        ]
        groups = list(zip(*texts, strict=True)) if texts else [()] * len(summed["window"])
        return summed, list(zip(summed["window"].tolist(), groups, strict=True))


def sums_of_frame(frame: pl.DataFrame, dimensions: Sequence[str]) -> GroupedSums:
    """A frame with the same columns, of which facts and dimensions are texts."""
    columns, names = {}, {}
    for name, dtype in frame.schema.items():
        if name in dimensions:
            texts, codes = np.unique(frame[name].fill_null(_UNKNOWN).to_numpy(), return_inverse=True)
            columns[name] = codes.astype(np.int64)
            names[name] = dict(enumerate(texts.tolist()))
        elif name == "fact":
            columns[name] = frame[name].replace_strict(PLACES, return_dtype=pl.Int64).to_numpy()
        else:
            numbers = frame[name].to_physical() if dtype == pl.Date else frame[name]
            columns[name] = numbers.cast(pl.Int64).to_numpy()
    return GroupedSums(columns, names)


def less(sums: GroupedSums, late: GroupedSums, dimensions: Sequence[str]) -> GroupedSums:
    """The sums without what is in the others; what comes to nothing is left out."""
    if not len(late):
        return sums
    columns, names = {}, {}
    for name, numbers in sums.columns.items():
        added = late.measure(name)
        if name in dimensions:
            known = dict(sums.names.get(name, {}))
            codes = {text: code for code, text in known.items()}
            for text in late.names[name].values():
                code = codes.setdefault(text, -len(codes) - 1)
                known[code] = text
            own = {code: codes[text] for code, text in late.names[name].items()}
            added = np.array([own[code] for code in added.tolist()], dtype=np.int64)
            names[name] = known
        columns[name] = np.concatenate([numbers, -added if name in MEASURES else added])
    summed = summed_by(columns, [name for name in columns if name not in MEASURES])
    left = np.zeros(len(summed["fact"]), dtype=bool)
    for name in MEASURES:
        if name in summed:
            left |= summed[name] != 0
    return GroupedSums({name: numbers[left] for name, numbers in summed.items()}, names)


def no_sums(column: str = "bucket", dimensions: Sequence[str] = ()) -> GroupedSums:
    """Nothing, broken down by some dimensions."""
    empty = np.zeros(0, dtype=np.int64)
    columns = dict.fromkeys(("window", "fact", column, *dimensions, *MEASURES), empty)
    return GroupedSums(columns, {name: {} for name in dimensions})
