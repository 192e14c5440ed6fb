"""A world of synthetic claims and payers with hidden policies: an open benchmark for denial prediction.

    world = make_world(WorldOptions(claims=40_000, seed=7))

Who predicts must not share a line of code with who judges: contracts in pyproject.toml hold it.
"""

from __future__ import annotations

from .files import remittance, reversal_remittance, write_world
from .kinds import NAMES
from .ordering import moved_by
from .world import World, WorldOptions, adjudicated_again, answered_lines, make_world

__all__ = [
    "NAMES",
    "World",
    "WorldOptions",
    "adjudicated_again",
    "answered_lines",
    "make_world",
    "moved_by",
    "remittance",
    "reversal_remittance",
    "write_world",
]
