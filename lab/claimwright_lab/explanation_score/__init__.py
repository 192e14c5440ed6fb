"""Scores explanations of denial predictions against the truth of a denial world, by machine.

    scored = score_explanations(world, history, model, days)
    shares(scored)                          # by pattern: main cause, further causes, chance, what is left out

It reads what an explanation claims from its parts, not from its text. The world shares no code with the
model; this room knows both.
"""

from __future__ import annotations

from .score import FAULTS, Scored, score_explanations, shares

__all__ = ["FAULTS", "Scored", "score_explanations", "shares"]
