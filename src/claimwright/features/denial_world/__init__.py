"""A world of synthetic claims and payers with hidden policies: an open benchmark for denial prediction.

    world = make_world(WorldOptions(claims=40_000, seed=7))
    write_world(world, "world/")                      # 837 and 835 files by month, and the truth

Who predicts must not share a line of code with who judges: contracts in pyproject.toml hold it.
"""

from __future__ import annotations

from .world import World, WorldOptions, make_world

__all__ = ["World", "WorldOptions", "make_world"]
