"""Which keys may leave the seal: the one list for logs, audit details and spans.

A key that is not on the list is refused, so that a new one is thought about once, here. Values of these keys
are ids, codes, counts, amounts and durations; none says anything of a patient by itself. Claim numbers and
member ids are not among them: the one is often a patient's account at the provider, the other is PHI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Ids that we make ourselves, and names that we gave.
IDS = """
    actor batch_id chunk chunk_id claim claim_key claim_keys correlation_id delivery_id document_id event
    event_id facility facility_id file_id from_key job job_id key_id lease_id model model_version payer_id
    previous_id rule rule_code rulebook_version run run_id sequence span_id subject target task tenant to_key
    trace_id user_id version worker worker_id
"""
# What is counted, measured, or one word of a known few.
FACTS = """
    action alive attempt attempts breaker bytes charge_cents claims code committed component count created
    days dead_letters delivered digest discarded doubled due_at duration_ms elapsed_seconds environment
    error_class errors exception_class expected expected_cents expired failed fields field files findings
    first form format found from_version host kept key_count last level limit lines line_count logger message
    months years runs events swept
    method migration name off okay on operation option outcome paid_cents path pid place pool port position
    priced probability_floor production purpose queue queue_depth rate ratio reason_code received refused
    released replayed resumed retried retry_seconds returned review revision role route row rows
    schema seconds
    segment_position severity sha256 size skipped staged stage stages state status stopped table timestamp
    to_version total type unit unprocessable updated usable wait_seconds workers written
"""
# Said by a person about the work: kept in the audit log, which only auditors read; not for logs.
SAID = "reason"

ALLOWED = frozenset((IDS + FACTS).split())
_ALLOWED_IN_DETAIL = ALLOWED | {SAID}
LONGEST_TEXT = 300

# Three shapes that no id, code or message of ours has: they catch a value under an innocent key.
_SUSPECT = re.compile(
    r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)"  # a social security number
    r"|\b(?:ISA|NM1|SBR|DMG|CLM|N3)\*"  # a piece of a claim
    r"|[\w.+-]+@[\w-]+\.[\w.]+"  # an address of e-mail
)


def looks_like_phi(text: str) -> bool:
    """Whether a text has a shape that only patient data
    has. Says no more than that: the list is the guard.
    """
    return _SUSPECT.search(text) is not None


def refuse_undisclosable(detail: Mapping[str, Any], problem: type[Exception]) -> None:
    """Raise where a detail has a key that is not on the list, at any depth, or a text that no id is.

    The message names the key and never the value.
    """
    for name, value in detail.items():
        if name not in _ALLOWED_IN_DETAIL:
            raise problem(f"{name!r} is not among the keys that may be disclosed.")
        if isinstance(value, Mapping):
            refuse_undisclosable(value, problem)
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and (len(text) > LONGEST_TEXT or looks_like_phi(text)):
                raise problem(f"the value of {name!r} does not look like an id, a code or a count.")
