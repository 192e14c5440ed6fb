"""Denials in any state: the list by what each is worth, and one with its cause in words and its clocks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.denials import load_causes
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denial_with_id, denials_at_work
from claimwright.store.sealed_claims import Opens

from .facts import DEPENDS_ON_KNOWN
from .weighing import Clock, DenialNotFoundError, clocks_in, in_order, rows_of, weighed
from .working import WorkGroup, groups_of

# More than anybody works through. No denial is worth more than its amount, so those of the highest amounts
# are weighed.
MOST_WEIGHED = 20_000
DenialSort = Literal[
    "amount_cents", "-amount_cents", "due_on", "-due_on", "expected_cents", "-expected_cents"
]  # fmt: skip
_SORT_COLUMNS = {"amount_cents": "amount", "due_on": "due_on", "expected_cents": "expected_recovery"}


@dataclass(frozen=True)
class StoredDenial:
    """A denial; a rejection has no answer. `in_force`: the answer is neither reversed nor superseded.

    Cause, category and usual step are those that follow from what the claim said, if it was opened.
    """

    denial_id: int
    answer_id: int | None
    claim_key: int | None
    facility: str | None
    position: int | None
    line: int | None
    category: str
    root_cause: str
    stage: str
    preventable: bool | None
    recoverable: bool | None
    responsible: str
    usual_step: str
    core_scenario: int | None
    group_code: str | None
    carc: str | None
    rarcs: str | None
    rules: str | None
    amount_cents: int | None
    appealable: bool
    payer_id: str | None
    claim_filing: str | None
    denied_on: datetime.date | None
    state: str
    state_reason: str | None
    found_at: datetime.datetime
    in_force: bool


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
class DenialList:
    """Some of the denials that were asked for; `groups` and `total` are of all that were weighed."""

    denials: list[WeighedDenial]
    total: int
    weighed: pl.DataFrame = field(repr=False, compare=False)

    @cached_property
    def groups(self) -> list[WorkGroup]:
        """By cause and next step. Made when asked for: most callers show one page only."""
        return groups_of(self.weighed)


@dataclass(frozen=True)
class DenialSheet:
    """A denial with its cause in words and its clocks; `rules` are those of ours that look for the defect."""

    weighed: WeighedDenial
    what: str
    why: str
    fix: str
    authority: list[str]
    rules: list[str]
    clocks: list[Clock]
    no_clock: str | None


def list_denials(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    state: str | None = "open",
    category: str | None = None,
    root_cause: str | None = None,
    claim_key: int | None = None,
    facilities: Sequence[str] | None = None,
    denied_from: datetime.date | None = None,
    denied_to: datetime.date | None = None,
    sort: DenialSort | None = None,
    after: int = 0,
    limit: int = 100,
) -> DenialList:
    """Denials in force, from the place after `after`: in the order of `sort`; without it those worth most
    first, of equal ones the one that ends first. `state` None: in any state. `denied_from`, `denied_to`:
    the first and the last day. `opener` as for `claimwright.features.denials.weighing.weighed`.

    Of more than `MOST_WEIGHED`, those of the highest amounts.

    Raises:
        PhiError: a record of a claim can't be opened.
    """
    denials = denials_at_work(
        connection, claim_key=claim_key, state=state, facilities=facilities, category=category,
        root_cause=root_cause, or_categories=DEPENDS_ON_KNOWN, denied_from=denied_from, denied_to=denied_to,
        limit=MOST_WEIGHED,
    )  # fmt: skip
    rows, _ = weighed(caller, connection, denials, as_of, opener)
    # What the claim said can change cause and category.
    if category is not None:
        rows = rows.filter(pl.col("category") == category)
    if root_cause is not None:
        rows = rows.filter(pl.col("root_cause") == root_cause)
    if sort is not None:
        shown = in_order(rows, sort, _SORT_COLUMNS)
    else:
        shown = rows.sort(
            pl.col("expected_recovery").fill_null(0), "due_on", "denial", descending=[True, False, False],
            nulls_last=True,
        )  # fmt: skip
    return DenialList(_weighed_denials(shown.slice(after, limit)), rows.height, rows)


def denial_sheet(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
) -> DenialSheet:
    """One denial, whatever its state, with its cause in words and all of its clocks.

    Raises:
        DenialNotFoundError: there is none, or it is of another facility.
        PhiError: a record of its claim can't be opened.
    """
    found = denial_with_id(connection, denial_id, facilities=facilities)
    if not found.height:
        raise DenialNotFoundError(f"there is no denial {denial_id}.")
    rows, running = weighed(caller, connection, found, as_of, opener)
    [each] = _weighed_denials(rows)
    cause = load_causes().by_code.get(each.denial.root_cause)
    no_clock = None
    if not running.height:
        filing = each.denial.claim_filing or "none"
        no_clock = (
            f"No clock of law is known for claim filing {filing}. See the contract or the payer's manual."
        )
    return DenialSheet(
        each, cause.what if cause else "The payer gives a reason that is in no list that we know.",
        cause.why if cause else "Unknown.", cause.fix if cause else "Ask the payer what it means.",
        list(cause.authority) if cause else [], (each.denial.rules or "").split(), clocks_in(running),
        no_clock,
    )  # fmt: skip


def _weighed_denials(rows: pl.DataFrame) -> list[WeighedDenial]:
    stored = [StoredDenial(**row) for row in rows_of(rows, StoredDenial)]
    return [
        _weighed_denial(denial, row) for denial, row in zip(stored, rows.iter_rows(named=True), strict=True)
    ]


def _weighed_denial(denial: StoredDenial, row: dict[str, Any]) -> WeighedDenial:
    cause = load_causes().by_code.get(denial.root_cause)
    return WeighedDenial(
        denial, cause.name if cause else denial.root_cause, row["next_step"], row["reason"],
        round(row["probability"] * 100), row["probability_from"], row["probability_source"], row["clock"],
        row["due_on"], row["days_left"], _cents(row["expected_recovery"]),
    )  # fmt: skip


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)
