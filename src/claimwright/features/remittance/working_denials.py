"""Denials for the people who work on them: what each is worth, what ends when, why it was denied, its state.

DenialNotFoundError    there is no such denial
DenialStateError       the state is unknown, or nothing was written off
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.deadlines import clocks, with_payer_kinds
from claimwright.engines.denials import load_causes, weigh
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.denials import StoredDenial, list_denials, set_denial_state
from claimwright.store.remittance_listings import days_of_claims, was_written_off

DENIAL_STATES: dict[str, str] = {
    "open": "nobody has acted on it yet",
    "resubmitted": "a corrected claim was sent",
    "appealed": "an appeal was sent",
    "won": "the payer paid after all",
    "lost": "the payer keeps its decision",
    "billed_on": "the next payer or the patient was billed",
    "written_off": "given up with approval; post the write-off first",
}
# More than anybody works through: what is worth most is among the denials found first.
MOST_WEIGHED = 20_000


class DenialNotFoundError(NotFoundError):
    """There is no such denial."""


class DenialStateError(InputError):
    """The state is unknown, or does not fit."""


@dataclass(frozen=True)
class WeighedDenial:
    """A denial with its next step, and what it is worth: amount x chance x what the clock leaves - work.

    `chance_from` is model, prior or cause; `expected_cents` is null if the amount is not known.
    """

    denial: StoredDenial
    cause: str
    next_step: str
    step_reason: str
    chance_percent: int
    chance_from: str
    chance_source: str
    clock: str | None
    due_on: datetime.date | None
    days_left: int | None
    expected_cents: int | None


@dataclass(frozen=True)
class RunningClock:
    """A clock of a denial with its law."""

    clock: str
    name: str
    kind: str
    law: str
    starts_with: str
    start_on: datetime.date
    due_on: datetime.date
    days_left: int
    needs: str | None
    filed: str
    is_below_minimum: bool | None


@dataclass(frozen=True)
class DenialSheet:
    """A denial with its cause in words and its clocks; `rules` are those of ours that look for the defect."""

    weighed: WeighedDenial
    what: str
    why: str
    fix: str
    authority: list[str]
    rules: list[str]
    clocks: list[RunningClock]
    no_clock: str | None


@dataclass(frozen=True)
class DenialGroup:
    """One cause, one fix, many claims."""

    category: str
    root_cause: str
    cause: str
    denials: int
    claims: int
    amount_cents: int
    expected_cents: int
    first_due_on: datetime.date | None


def weighed_denials(
    connection: Connection,
    as_of: datetime.date,
    *,
    state: str | None = "open",
    category: str | None = None,
    root_cause: str | None = None,
    claim_key: int | None = None,
    facilities: Sequence[str] | None = None,
) -> list[WeighedDenial]:
    """Denials in force, those worth most first; of equal ones, the one that ends first."""
    found = list_denials(
        connection, state=state, category=category, root_cause=root_cause, claim_key=claim_key,
        facilities=facilities, limit=MOST_WEIGHED,
    )  # fmt: skip
    weighed = _weighed(connection, found, as_of)[0]
    return sorted(
        weighed,
        key=lambda each: (
            -(each.expected_cents or 0), each.due_on or datetime.date.max, each.denial.denial_id,
        ),
    )  # fmt: skip


def grouped_denials(weighed: Sequence[WeighedDenial]) -> list[DenialGroup]:
    """Denials by cause, those worth most first."""
    groups: dict[tuple[str, str], list[WeighedDenial]] = {}
    for each in weighed:
        groups.setdefault((each.denial.category, each.denial.root_cause), []).append(each)
    made = [
        DenialGroup(
            category, root_cause, rows[0].cause, len(rows),
            len({each.denial.answer_id or -each.denial.denial_id for each in rows}),
            sum(each.denial.amount_cents or 0 for each in rows),
            sum(each.expected_cents or 0 for each in rows),
            min((each.due_on for each in rows if each.due_on is not None), default=None),
        )
        for (category, root_cause), rows in groups.items()
    ]  # fmt: skip
    return sorted(made, key=lambda each: (-each.expected_cents, -each.amount_cents, each.root_cause))


def denial_sheet(
    connection: Connection,
    denial_id: int,
    as_of: datetime.date,
    *,
    facilities: Sequence[str] | None = None,
) -> DenialSheet:
    """One denial, whatever its state, with its cause in words and all of its clocks.

    Raises:
        DenialNotFoundError: there is none, or it is of another facility.
    """
    found = _one(connection, denial_id, facilities)
    [weighed], running = _weighed(connection, [found], as_of)
    cause = load_causes().by_code.get(found.root_cause)
    no_clock = None
    if not running:
        filing = found.claim_filing or "none"
        no_clock = (
            f"No clock of law is known for claim filing {filing}. See the contract or the payer's manual."
        )
    return DenialSheet(
        weighed, cause.what if cause else "The payer gives a reason that is in no list that we know.",
        cause.why if cause else "Unknown.", cause.fix if cause else "Ask the payer what it means.",
        list(cause.authority) if cause else [], (found.rules or "").split(), running, no_clock,
    )  # fmt: skip


def decide_denial(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    state: str,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> None:
    """Set the state of a denial. It moves no money.

    Raises:
        DenialNotFoundError: there is none, or it is of another facility.
        DenialStateError: the state is unknown; or it is `written_off`, and nothing of the claim was.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "the state of the denial changes")
    if state not in DENIAL_STATES:
        raise DenialStateError(f"a denial's state is one of {', '.join(DENIAL_STATES)}.")
    found = _one(connection, denial_id, facilities)
    if state == "written_off" and (
        found.answer_id is None or not was_written_off(connection, found.answer_id)
    ):
        raise DenialStateError(
            "nothing of the claim was written off. Post it first, with another person's approval: "
            f"claimwright ledger write-off {found.claim_key or 'KEY'} AMOUNT --approved-by user:ID."
        )
    set_denial_state(connection, denial_id, state, reason)
    audit.append(
        caller,
        connection,
        action="denial.decided",
        subject=f"denial:{denial_id}",
        detail={"reason": reason, "state": state},
        correlation_id=str(uuid.uuid4()),
    )


def _one(connection: Connection, denial_id: int, facilities: Sequence[str] | None) -> StoredDenial:
    found = list_denials(connection, denial_id=denial_id, facilities=facilities, limit=1)
    if not found:
        raise DenialNotFoundError(f"there is no denial {denial_id}.")
    return found[0]


def _weighed(
    connection: Connection, denials: Sequence[StoredDenial], as_of: datetime.date
) -> tuple[list[WeighedDenial], list[RunningClock]]:
    """The denials weighed, in their order, and their clocks."""
    if not denials:
        return [], []
    keys = sorted({each.claim_key for each in denials if each.claim_key is not None})
    rows = pl.DataFrame([asdict(each) for each in denials], schema=_ROWS).with_columns(
        denial="denial_id", group="group_code", payment="answer_id", claim="answer_id",
        amount=(pl.col("amount_cents").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
    )  # fmt: skip
    facts = rows.join(days_of_claims(connection, keys), on="claim_key", how="left", maintain_order="left")
    running = clocks(
        with_payer_kinds(facts).select(
            "denial", "payer_kind", "is_contracted", "payer_id", "form", "appealable", "amount",
            "service_from_on", "service_to_on", notice_on="denied_on",
        ),
        as_of,
    )  # fmt: skip
    weighed = weigh(rows, running)
    causes = load_causes().by_code
    made = [
        WeighedDenial(
            denial, causes[denial.root_cause].name if denial.root_cause in causes else denial.root_cause,
            row["next_step"], row["reason"], round(row["probability"] * 100), row["probability_from"],
            row["probability_source"], row["clock"], row["due_on"], row["days_left"],
            _cents(row["expected_recovery"]),
        )
        for denial, row in zip(denials, weighed.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    return made, [
        RunningClock(**{name: row[name] for name in RunningClock.__dataclass_fields__})
        for row in running.iter_rows(named=True)
    ]


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)


_ROWS: dict[str, Any] = {
    "denial_id": pl.Int64(), "answer_id": pl.Int64(), "claim_key": pl.Int64(), "category": pl.String(),
    "root_cause": pl.String(), "recoverable": pl.Boolean(), "usual_step": pl.String(),
    "group_code": pl.String(), "amount_cents": pl.Int64(), "appealable": pl.Boolean(),
    "payer_id": pl.String(), "claim_filing": pl.String(), "denied_on": pl.Date(),
}  # fmt: skip
