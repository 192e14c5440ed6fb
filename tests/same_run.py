"""How long one thing takes beside another, both in the same run: the machine's speed drops out."""

from __future__ import annotations

import time
from collections.abc import Callable


def least_seconds(work: Callable[[], object], times: int = 3) -> float:
    """The least processor time of several calls; what else runs on the machine adds to the others."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)
