"""The life of an alert: firing, acknowledged, escalated, resolved; and when the next step is due."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from .baseline import Judgement
from .definition import AlertEscalation, AlertThreshold

FIRING, ACKNOWLEDGED, ESCALATED, RESOLVED = "firing", "acknowledged", "escalated", "resolved"
STATES = (FIRING, ESCALATED, ACKNOWLEDGED, RESOLVED)


def judge_threshold(
    condition: AlertThreshold,
    value: float | None,
    items: int,
    *,
    minimum_items: int,
    counts_items: bool = False,
) -> Judgement:
    """Whether a value is beyond its limits. Of a sum (`counts_items`) too few claims are judged as well."""
    if value is None:
        return Judgement(False, reason="there is no value")
    if items < minimum_items and not counts_items:
        return Judgement(False, reason="too few claims")
    is_beyond = (condition.above is not None and value > condition.above) or (
        condition.below is not None and value < condition.below
    )
    return Judgement(is_beyond, lower=condition.below, upper=condition.above)


def due_escalation(
    steps: Sequence[AlertEscalation], begun: datetime.datetime, taken: int, now: datetime.datetime
) -> int:
    """How many steps are due that were not taken: 0 or more. They are taken in order."""
    minutes = (now - begun).total_seconds() / 60
    return sum(each.after_minutes <= minutes for each in steps[taken:])
