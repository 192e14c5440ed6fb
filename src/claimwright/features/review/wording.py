"""The code of an item in words, by kind."""

from __future__ import annotations

from functools import cache

from claimwright.engines.denials import load_causes
from claimwright.engines.remittance import ANSWER_REASONS
from claimwright.engines.signals import load_signals
from claimwright.engines.x12 import BY_CODE

# Why the pipeline routed a claim to review, where no finding did (features.pipeline.routing).
_ROUTED = {
    "blocked": "A rule blocks the claim",
    "warned": "A rule warns of the claim",
    "likely_denied": "The model expects a denial",
    "low_confidence": "The model is not sure",
    "high_value": "The charge is above the limit from which a person looks",
    "no_charge": "The charge cannot be read",
    "to_be_approved": "Another person has to approve its correction",
}


def title_of(kind: str, what: str) -> str:
    """The code in words; the code itself if it has none."""
    if kind == "claim_review":
        return _ROUTED.get(what) or _finding(what)
    if kind in {"denial", "rejection"}:
        cause = load_causes().by_code.get(what)
        return cause.name if cause else what
    if kind == "unmatched_answer" and what in ANSWER_REASONS:
        return ANSWER_REASONS[what].means
    return what


@cache
def _titles() -> dict[str, str]:
    from claimwright.engines.rules import load_rulebook

    titles = {rule.code: rule.title for rule in load_rulebook()}
    return titles | {signal.code: signal.title for signal in load_signals()}


def _finding(code: str) -> str:
    fault = BY_CODE.get(code)
    return fault.message if fault is not None else _titles().get(code, code)
