"""Whatever answers to a claim arrive, and in whatever order, the same ones are in force in the end."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from claimwright.engines.remittance.sequence import (
    DUPLICATE,
    POSTED,
    REVERSED,
    SUPERSEDED,
    WAITING,
    Answer,
    decide,
)

FIRST_DAY = date(2026, 1, 1)
AMOUNTS = st.sampled_from([0, 5_000, 8_000])


@st.composite
def stories(draw: st.DrawFn) -> list[Answer]:
    """Answers to one claim of two lines, some reversed, some repeated, of one or two payers."""
    made: list[Answer] = []
    for number in range(draw(st.integers(1, 6))):
        turn = draw(st.sampled_from("PPPS"))
        lines = frozenset(draw(st.sampled_from([(1, 2), (1,), (2,)])))
        paid = draw(AMOUNTS)
        day = FIRST_DAY + timedelta(days=draw(st.integers(0, 5)))
        originals = [each for each in made if not each.is_reversal]
        if originals and draw(st.booleans()):
            of = draw(st.sampled_from(originals))
            if draw(st.booleans()):
                made.append(dataclasses.replace(of, answer_id=number + 1, paid_on=day))
                continue
            made.append(
                dataclasses.replace(
                    of, answer_id=number + 1, is_reversal=True, charge_cents=-of.charge_cents, paid_on=day,
                    paid_cents=-of.paid_cents, patient_cents=-of.patient_cents, is_denial=False,
                )
            )  # fmt: skip
            continue
        made.append(
            Answer(
                number + 1, WAITING, False, turn, lines, 10_000 * len(lines), paid, b"%d%d" % (number, paid),
                b"ICN%d" % number, day, is_denial=paid == 0, patient_cents=2_000 if paid else 0,
                left_cents=2_000,
            )
        )  # fmt: skip
    return made


class Ledger:
    """What a ledger would hold: the live posting of each answer, and the money that is applied."""

    def __init__(self) -> None:
        self.answers: dict[int, Answer] = {}
        self.live: set[int] = set()

    def arrive(self, answer: Answer) -> None:
        """A new answer, and everything that follows from it."""
        self.answers[answer.answer_id] = answer
        for decision in decide(self.known):
            if decision.post:
                assert decision.answer_id not in self.live
                self.live.add(decision.answer_id)
            if decision.undo:
                assert decision.answer_id in self.live
                self.live.remove(decision.answer_id)
            before = self.answers[decision.answer_id]
            self.answers[decision.answer_id] = dataclasses.replace(
                before, state=decision.state, reason=decision.reason,
                because=decision.because if before.is_reversal else None,
            )  # fmt: skip

    @property
    def known(self) -> list[Answer]:
        """The answers as the store knows them: a reversed one by its reversal that is in force."""
        reversed_by = {
            each.because: key
            for key, each in self.answers.items()
            if each.is_reversal and each.state == "posted"
        }
        return [
            each if each.is_reversal else dataclasses.replace(each, because=reversed_by.get(key))
            for key, each in self.answers.items()
        ]

    @property
    def said(self) -> list[tuple[object, ...]]:
        """What is in force, without the ids that the order of arrival gave."""
        return sorted(
            (each.turn, tuple(sorted(each.lines)), each.paid_cents, each.payer_number, str(each.paid_on))
            for key, each in self.answers.items()
            if key in self.live
        )  # type: ignore[type-var]  # tuples of one shape


@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(story: list[Answer], dice: object) -> None:
    first = Ledger()
    for answer in story:
        first.arrive(answer)
    shuffled = list(story)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    second = Ledger()
    # Ids are given on arrival.
    for number, answer in enumerate(shuffled, 1):
        second.arrive(dataclasses.replace(answer, answer_id=number))
    assert [each[:-1] for each in first.said] == [each[:-1] for each in second.said]


@given(stories())
def test_no_line_has_two_answers_of_one_payer_in_force(story: list[Answer]) -> None:
    ledger = Ledger()
    for answer in story:
        ledger.arrive(answer)
        in_force = [ledger.answers[key] for key in ledger.live]
        for each in in_force:
            assert each.state == POSTED
            assert not [other for other in in_force if other is not each and other.overlaps(each)]


@given(stories())
def test_a_state_is_final_only_for_a_reason(story: list[Answer]) -> None:
    ledger = Ledger()
    for answer in story:
        ledger.arrive(answer)
    states = [each.state for each in ledger.answers.values()]
    assert set(states) <= {POSTED, REVERSED, SUPERSEDED, DUPLICATE, WAITING}
    assert all(each.reason for each in ledger.answers.values() if each.state == WAITING)
    reversals = [e for e in ledger.answers.values() if e.is_reversal and e.state == POSTED]
    assert states.count(REVERSED) == len(reversals)


@given(stories())
def test_deciding_again_changes_nothing(story: list[Answer]) -> None:
    ledger = Ledger()
    for answer in story:
        ledger.arrive(answer)
    assert decide(ledger.known) == []
