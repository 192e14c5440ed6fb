"""Denials explained: which claims and lines of a remittance were denied, why, and what to do.

    denials = classify(read_835(content))     # one row per denied, reduced or recouped claim or line
    load_causes()["no-authorization"].fix     # the words of a cause

The classification is data: one file for each cause (`claimwright.denial_causes`). No I/O, no clock: whoever
calls reads remittances and stores rows.
"""

from .cause import KNOWN, Cause, CauseCase, Causes, Given, Match, causes_of, load_causes, read_cause
from .classification import RemittanceFrames, classify, never_denied
from .model_cases import appeal_model_cases
from .own_evidence import (
    FOUND,
    PAIR_RULES,
    bundling_evidence,
    duplicate_evidence,
    filing_evidence,
    other_payer_evidence,
)
from .proposals import Measured, Proposal, propose_rules
from .rejections import classify_rejections
from .resolving import cause_of, resolve, unpack
from .worth import PRIORS, Prior, Work, grouped, weigh

__all__ = [
    "FOUND",
    "KNOWN",
    "PAIR_RULES",
    "PRIORS",
    "Cause",
    "CauseCase",
    "Causes",
    "Given",
    "Match",
    "Measured",
    "Prior",
    "Proposal",
    "RemittanceFrames",
    "Work",
    "appeal_model_cases",
    "bundling_evidence",
    "cause_of",
    "causes_of",
    "classify",
    "classify_rejections",
    "duplicate_evidence",
    "filing_evidence",
    "grouped",
    "load_causes",
    "never_denied",
    "other_payer_evidence",
    "propose_rules",
    "read_cause",
    "resolve",
    "unpack",
    "weigh",
]
