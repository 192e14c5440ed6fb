"""A stand-in for language models: three wire protocols on a port of this machine, with faults on demand."""

from __future__ import annotations

from .drafting import draft_from_facts, told
from .server import KEY, REGION, SECRET, Asked, ModelStandin, Step, standing_in
from .signatures import signature_problem

__all__ = [
    "KEY",
    "REGION",
    "SECRET",
    "Asked",
    "ModelStandin",
    "Step",
    "draft_from_facts",
    "signature_problem",
    "standing_in",
    "told",
]
