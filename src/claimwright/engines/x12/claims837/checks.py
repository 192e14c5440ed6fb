"""Checks of an 837 beyond its guides: the hierarchy, situations, and unreadable claims."""

from __future__ import annotations

from claimwright.engines.x12.checks.fault_collector import BlockPosition, FaultCollector
from claimwright.engines.x12.checks.placement import Rows
from claimwright.engines.x12.checks.structure import SetChecks

from .hierarchy import check_hierarchy
from .situations import check_situations
from .unreadable import add_unreadable_claims


def _finish(place: BlockPosition, rows: Rows, faults: FaultCollector) -> None:
    check_situations(place.segments, place.structure, rows, faults)
    add_unreadable_claims(place, faults)


CLAIM_CHECKS = SetChecks(begin=check_hierarchy, finish=_finish)
