"""The answers of a receiver as transaction sets: 999 (and the TA1 of its interchange) and 277CA."""

from __future__ import annotations

from claimwright.engines.x12.syntax.transaction_set import Level, TransactionSet

ACKNOWLEDGEMENT_999 = TransactionSet(
    identifier="999",
    functional_group="FA",
    guides=("999",),
    # What is acknowledged: one transaction.
    unit="AK2",
)
CLAIM_ACKNOWLEDGEMENT_277 = TransactionSet(
    identifier="277",
    functional_group="HN",
    guides=("277CA",),
    unit="HL",
    line="SVC",
    levels=(Level("HL", "20"), Level("HL", "21"), Level("HL", "19")),
)
