"""Which keys may be disclosed: the one list for logs, audit details and spans.

A key that is not on the list is refused, so that each new key is reviewed here. Values of these keys are ids,
codes, counts, amounts and durations; none identifies a patient by itself. Claim numbers and member ids are
not on the list: a claim number is often the patient's account at the provider, and a member id is PHI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Ids that Claimwright generates, and names that operators chose.
IDS = """
    actor batch_id chunk chunk_id claim claim_key claim_keys correlation_id delivery_id document_id event
    event_id facility facility_id file_id from_key items job job_id key_id lease_id model model_version
    payer_id previous_id rule rule_code rulebook_version run run_id sequence span_id subject target task
    tenant to_key trace_id user_id version worker worker_id
"""
# Counts, measurements, or one of a fixed set of words.
FACTS = """
    action alive attempt attempts breaker bytes charge_cents claims code committed component count created
    days dead_letters delivered digest discarded doubled due_at duration_ms elapsed_seconds environment
    error_class errors exception_class expected expected_cents expired failed fields field files findings
    first form format found from_version host identified kept key_count last level limit lines line_count
    logger message months years runs events swept
    amount_cents answer_id answers approved_by held payment_id payments posted posting_id waiting
    method migration name off okay on operation option outcome paid_cents path pid place pool port position
    priced probability_floor production purpose queue queue_depth rate ratio reason_code received refused
    released replayed resumed retried retry_seconds returned review revision role route row rows
    schema seconds
    segment_position severity sha256 signature size skipped staged stage stages state status stopped table
    timestamp to_version total type unit unprocessable updated usable wait_seconds workers written
"""
# Written by a person about the work: stored in the audit log, which only auditors read; never in logs.
SAID = "reason"

ALLOWED = frozenset((IDS + FACTS).split())
_ALLOWED_IN_DETAIL = ALLOWED | {SAID}
LONGEST_TEXT = 300

# Three patterns that no id, code or message of ours has: they catch a patient's value under an allowed key.
_SUSPECT = re.compile(
    r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)"  # a social security number
    r"|\b(?:ISA|NM1|SBR|DMG|CLM|N3)\*"  # a piece of a claim
    r"|[\w.+-]+@[\w-]+\.[\w.]+"  # an email address
)


def looks_like_phi(text: str) -> bool:
    """Whether a text matches a pattern that only patient data has.

    A second check only: the list is the guard.
    """
    return _SUSPECT.search(text) is not None


def refuse_undisclosable(detail: Mapping[str, Any], problem: type[Exception]) -> None:
    """Raise if a detail has, at any depth, a key that is not on the list, or a text that looks like patient
    data.

    The message names the key and never the value.
    """
    for name, value in detail.items():
        if name not in _ALLOWED_IN_DETAIL:
            raise problem(f"{name!r} is not one of the keys that may be disclosed.")
        if isinstance(value, Mapping):
            refuse_undisclosable(value, problem)
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and (len(text) > LONGEST_TEXT or looks_like_phi(text)):
                raise problem(f"the value of {name!r} does not look like an id, a code or a count.")
