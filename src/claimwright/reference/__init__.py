"""Facts that change with time and not with our code, as dated tables behind one interface.

from claimwright import reference

known = reference.snapshot(as_of)
known.table("carc")
known.describe()
"""

from __future__ import annotations

from .datasets import Dataset, dataset, datasets
from .snapshot import Snapshot, snapshot
from .versions import Coverage, ReferenceDataError, Version

__all__ = [
    "Coverage",
    "Dataset",
    "ReferenceDataError",
    "Snapshot",
    "Version",
    "dataset",
    "datasets",
    "snapshot",
]
