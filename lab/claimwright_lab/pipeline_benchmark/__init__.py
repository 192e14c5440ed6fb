"""How fast the store and the pipeline are on this machine: `claimwright bench pipeline`."""

from __future__ import annotations

from .benchmark import Figures, measure

__all__ = ["Figures", "measure"]
