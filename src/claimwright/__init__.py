"""Claimwright: makes a US healthcare claim right before it leaves.

    import claimwright as cw
    batch = cw.read_837("claims.837")
    result = cw.check(batch)
"""

from claimwright.domain.batch import ClaimBatch
from claimwright.features.checking import CheckResult, check
from claimwright.features.intake import read_837

__all__ = ["CheckResult", "ClaimBatch", "check", "read_837"]
