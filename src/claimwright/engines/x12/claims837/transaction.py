"""The 837 as a transaction set: the properties that `syntax` and `checks` need.

Source: ASC X12N 005010X222, X223, X224.
"""

from __future__ import annotations

from claimwright.engines.x12.syntax.grammar import Grammar, grammar
from claimwright.engines.x12.syntax.tokenizer import code
from claimwright.engines.x12.syntax.transaction_set import Level, TransactionSet

BILLING, SUBSCRIBER, PATIENT = "20", "22", "23"

CLAIMS_837 = TransactionSet(
    identifier="837",
    functional_group="HC",
    guides=("837P", "837I", "837D"),
    unit="CLM",
    line="LX",
    levels=(Level("HL", BILLING), Level("HL", SUBSCRIBER), Level("HL", PATIENT)),
)

CLM = code(CLAIMS_837.unit)
HL_BILLING, HL_SUBSCRIBER, HL_PATIENT = code(BILLING), code(SUBSCRIBER), code(PATIENT)


def claims_grammar() -> Grammar:
    """The envelope and the three 837 guides as one."""
    return grammar(CLAIMS_837)
