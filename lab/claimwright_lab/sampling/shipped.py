"""The samples that we ship; `python -m claimwright_lab.sampling.shipped samples` makes them anew."""

from __future__ import annotations

import sys
from pathlib import Path

from .defects import DEFECTS, ENVELOPE_DEFECTS, structure
from .files import write_sample
from .generate import SampleOptions

_CLAIMS = frozenset(each.kind for each in DEFECTS)
_STRUCTURAL = frozenset(each.kind for each in structure.DEFECTS) | {each.kind for each in ENVELOPE_DEFECTS}

# The seeds are such that the few claims of a file show what it is for.
SHIPPED: dict[str, SampleOptions] = {
    "professional.837": SampleOptions(claims=40, seed=17, forms={"P": 1}, defect_rate=0.2, kinds=_CLAIMS),
    "institutional.837": SampleOptions(claims=20, seed=20, forms={"I": 1}, defect_rate=0.3, kinds=_CLAIMS),
    "dental.837": SampleOptions(claims=15, seed=13, forms={"D": 1}, defect_rate=0.2, kinds=_CLAIMS),
    "secondary.837": SampleOptions(
        claims=20, seed=36, forms={"P": 80, "I": 20}, defect_rate=0.2, kinds=_CLAIMS, secondary_percent=100
    ),
    "structural.837": SampleOptions(claims=24, seed=59, forms={"P": 1}, defect_rate=0.5, kinds=_STRUCTURAL),
}


def make(folder: Path) -> None:
    """Write every sample, and its labels, into a folder.

    Raises:
        OSError: a file can't be written.
    """
    for name, options in SHIPPED.items():
        write_sample(folder / name, options)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
