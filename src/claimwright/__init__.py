"""Claimwright: makes a US healthcare claim right before it leaves.

    import claimwright as cw
    batch = cw.read_837("claims.837")
    result = cw.check(batch)
    remittance = cw.read_835("answers.835")
    rates = cw.kpi("initial_denial_rate", by="payer")

In a notebook a batch and a result show themselves as tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimwright.assembly.analytics import kpi
    from claimwright.domain.batch import ClaimBatch
    from claimwright.engines.x12 import Remittance
    from claimwright.features.checking import CheckResult, check
    from claimwright.features.intake import read_837
    from claimwright.features.remittance_files import read_835

__all__ = ["CheckResult", "ClaimBatch", "Remittance", "check", "kpi", "read_835", "read_837"]

# Where each name lives. They are imported when first used, so that the command line's help need not
# wait for the engines.
_HOMES = {
    "CheckResult": "claimwright.features.checking",
    "ClaimBatch": "claimwright.domain.batch",
    "Remittance": "claimwright.engines.x12",
    "check": "claimwright.features.checking",
    "kpi": "claimwright.assembly.analytics",
    "read_835": "claimwright.features.remittance_files",
    "read_837": "claimwright.features.intake",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
