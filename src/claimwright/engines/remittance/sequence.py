"""Which of the answers to one claim count.

A payer's answers to a claim arrive in any order: the answer, its reversal, the correction, the same again,
parts of a split claim. They are put in the order of their payment dates, whatever the order of arrival, and
at most one for a line and payer is in force:

    an answer     is in force, if none of its lines has one in force already
    the same      is a duplicate: not in force, as long as the other one is
    another one   supersedes an answer by which nothing was paid; otherwise it waits for the reversal
    a reversal    undoes the answer that it negates; it waits if there is none

A second payer's answer counts only after the first payer's, and only if it starts from what the first one
left. So the balances do not depend on the order of arrival, and nothing is posted on a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

POSTED, REVERSED, SUPERSEDED, DUPLICATE, WAITING = "posted", "reversed", "superseded", "duplicate", "waiting"
# Reasons for waiting.
ADJUDICATED_BEFORE = "adjudicated_before"
REVERSAL_WITHOUT_ORIGINAL = "reversal_without_original"
REVERSED_BEFORE = "reversed_before"
EARLIER_PAYER_FIRST = "earlier_payer_first"
EARLIER_PAYER_DIFFERS = "earlier_payer_differs"
REASONS = (
    ADJUDICATED_BEFORE,
    REVERSAL_WITHOUT_ORIGINAL,
    REVERSED_BEFORE,
    EARLIER_PAYER_FIRST,
    EARLIER_PAYER_DIFFERS,
)
TURNS = ("P", "S", "T")


@dataclass(frozen=True)
class Answer:
    """An answer to one claim, as far as the order matters.

    `lines` is empty for the whole claim; `turn` is P, S or T, for the first, second or third payer.
    `signature` says what its lines and adjustments are. `patient_cents` is what it leaves to the patient, or
    to the next payer; `left_cents` what earlier payers left, by this payer's account. `is_denial`: nothing
    is paid, and nothing owed by the patient.
    """

    answer_id: int
    state: str
    is_reversal: bool
    turn: str
    lines: frozenset[int]
    charge_cents: int
    paid_cents: int
    signature: bytes
    payer_number: bytes | None
    paid_on: date | None
    is_denial: bool = False
    reason: str | None = None
    patient_cents: int = 0
    left_cents: int = 0
    because: int | None = None
    """Of a reversal, the answer that it reverses; of a reversed answer, its reversal."""

    @property
    def is_live(self) -> bool:
        """Whether its entries are in the ledger and not undone."""
        return self.state == POSTED and not self.is_reversal

    def overlaps(self, other: Answer) -> bool:
        """Whether both answer a line in common for the same payer."""
        return self.turn == other.turn and (
            not self.lines or not other.lines or not self.lines.isdisjoint(other.lines)
        )

    def is_same_as(self, other: Answer) -> bool:
        """Whether both say the same: amounts, lines and adjustments, under the same number of the payer."""
        return self.signature == other.signature and self.payer_number == other.payer_number

    def negates(self, other: Answer) -> bool:
        """Whether this reversal negates the other answer."""
        return (
            self.turn == other.turn
            and self.charge_cents == -other.charge_cents
            and self.paid_cents == -other.paid_cents
            and (not self.lines or not other.lines or self.lines == other.lines)
        )


# State, reason, and the answer because of which another one is not in force.
_Target = tuple[str, str | None, int | None]


class Decision(NamedTuple):
    """The new state of an answer. `post`: its entries go into the ledger; `undo`: they are undone, because of
    the answer `because` if there is one.
    """

    answer_id: int
    state: str
    reason: str | None
    post: bool
    undo: bool
    because: int | None


def decide(answers: Sequence[Answer], *, has_earlier: bool = True) -> list[Decision]:
    """What changes for the answers of one claim; answers whose state stays as it is are left out.

    `answers` are all that are posted, reversed, superseded, duplicate or waiting. `has_earlier`: whether the
    claim to the first payer is known, so that a second payer's answer has to wait for the first one's.
    """
    decisions: list[Decision] = []
    left: int | None = None
    for turn in TURNS:
        ordered = sorted((each for each in answers if each.turn == turn), key=_order)
        if not ordered:
            continue
        target = _targets(ordered)
        if turn != "P" and has_earlier:
            _wait_for_earlier(ordered, target, left)
        decisions += _changes(ordered, target)
        in_force = _in_force(ordered, target)
        left = sum(each.patient_cents for each in in_force) if in_force else None
    return decisions


def _wait_for_earlier(ordered: Sequence[Answer], target: dict[int, _Target], left: int | None) -> None:
    """Let answers wait that do not start from what the earlier payer's answers left."""
    in_force = _in_force(ordered, target)
    if left is None:
        reason = EARLIER_PAYER_FIRST
    elif sum(each.left_cents for each in in_force) != left:
        reason = EARLIER_PAYER_DIFFERS
    else:
        return
    for answer in in_force:
        target[answer.answer_id] = (WAITING, reason, None)


def _in_force(ordered: Sequence[Answer], target: dict[int, _Target]) -> list[Answer]:
    return [each for each in ordered if target[each.answer_id][0] == POSTED and not each.is_reversal]


def _changes(ordered: Sequence[Answer], target: dict[int, _Target]) -> list[Decision]:
    """The answers whose state changes."""
    decisions = []
    for answer in ordered:
        state, reason, because = target[answer.answer_id]
        # Another reversal may take the place of the one before: then its payment takes the money back.
        paired = state == REVERSED or (state == POSTED and answer.is_reversal)
        if (state, reason) == (answer.state, answer.reason) and not (paired and because != answer.because):
            continue
        live = state == POSTED and not answer.is_reversal
        # What was reversed goes through the ledger too, so that the money of both payments is applied.
        passes = state == REVERSED and not answer.is_live
        decisions.append(
            Decision(
                answer.answer_id, state, reason,
                post=(live and not answer.is_live) or passes,
                undo=(answer.is_live and not live) or passes,
                because=because,
            )
        )  # fmt: skip
    return decisions


def _order(answer: Answer) -> tuple[date, bool, bool, bytes, bytes, int]:
    """By payment date. Of one date, reversals first, since a correction comes with the reversal of what it
    corrects; then denials, since a payment takes their place.
    """
    return (
        answer.paid_on or date.max,
        not answer.is_reversal,
        not answer.is_denial,
        answer.payer_number or b"",
        answer.signature,
        answer.answer_id,
    )


def _targets(ordered: Sequence[Answer]) -> dict[int, _Target]:
    """State, reason, and the answer because of which it is not in force, of each answer."""
    target: dict[int, _Target] = {each.answer_id: (WAITING, None, None) for each in ordered}

    def having(state: str, *, reversals: bool = False) -> list[Answer]:
        return [
            each for each in ordered if target[each.answer_id][0] == state and each.is_reversal == reversals
        ]

    for reversal in [each for each in ordered if each.is_reversal]:
        original = _negated(reversal, having(WAITING))
        if original is not None:
            target[original.answer_id] = (REVERSED, None, reversal.answer_id)
            target[reversal.answer_id] = (POSTED, None, original.answer_id)
    for answer in having(WAITING):
        held = [each for each in having(POSTED) if answer.overlaps(each)]
        if any(answer.is_same_as(each) for each in held):
            target[answer.answer_id] = (DUPLICATE, None, None)
        elif all(each.is_denial for each in held):
            for each in held:
                target[each.answer_id] = (SUPERSEDED, None, answer.answer_id)
            target[answer.answer_id] = (POSTED, None, None)
        else:
            target[answer.answer_id] = (WAITING, ADJUDICATED_BEFORE, None)
    reversed_ones = having(REVERSED)
    for reversal in having(WAITING, reversals=True):
        before = any(reversal.negates(each) for each in reversed_ones)
        reason = REVERSED_BEFORE if before else REVERSAL_WITHOUT_ORIGINAL
        target[reversal.answer_id] = (WAITING, reason, None)
    return target


def _negated(reversal: Answer, answers: Sequence[Answer]) -> Answer | None:
    """The answer that a reversal negates; of several, one with the payer's number, and of an earlier day,
    last.
    """
    fitting = [each for each in answers if reversal.negates(each)]
    if not fitting:
        return None

    def preference(answer: Answer) -> tuple[bool, bool]:
        earlier = (answer.paid_on or date.max) <= (reversal.paid_on or date.max)
        return (answer.payer_number == reversal.payer_number, earlier)

    # `max` takes the first of equals: the latest answer is wanted.
    return max(reversed(fitting), key=preference)
