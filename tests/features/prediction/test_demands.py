"""What payers demand, learned from decisions: chances by hand, limits, days, and what offices know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from claimwright.engines.prediction.demand_files import demands_in, demands_out, faults_of_demands
from claimwright.engines.prediction.demand_kinds import DEMAND_OF, DEMANDS, DemandRows, _parts
from claimwright.engines.prediction.demands import (
    STRENGTHS,
    DemandCells,
    DemandEvidence,
    DemandHabits,
    habits_size,
)

PAYERS = 3
LIMITED = "authorization_rate"
PLAIN = "referral_rate"


def _rows(key: list[int], band: list[int], block: list[int], met: list[bool] | None = None) -> DemandRows:
    size = len(key)
    return DemandRows(
        np.array(key), np.ones(size, dtype=np.int64), np.array(band),
        np.zeros(size, dtype=bool) if met is None else np.array(met), np.array(block),
    )  # fmt: skip


def _evidence(
    name: str, rows: DemandRows, denied: list[bool], *, has_spans: bool = False, blocks: int = 1
) -> DemandEvidence:
    """With one strength (three of four lines), one cell in ten with a demand, one denial in 100 by chance."""
    conditions = DEMAND_OF[name].conditions().shape[1]
    log_odds = np.zeros(habits_size(PAYERS))
    log_odds[0] = np.log(0.1 / 0.9)
    habits = DemandHabits(
        chance=0.01,
        strengths=np.where(STRENGTHS == 0.75, 1.0, 1e-12),
        conditions=np.full(conditions, 1 / conditions),
        spans=np.array([0.6, 0.2, 0.2]) if has_spans else np.array([1.0, 1e-12, 1e-12]),
        having=np.zeros(3),
        log_odds=log_odds,
        blocks=blocks,
    )
    known = np.ones(len(denied), dtype=bool)
    cells = DemandCells.of(rows, DEMAND_OF[name].bands, np.array(denied), known)
    return DemandEvidence(name, cells, habits, 0)


def test_one_denial_nearly_proves_a_demand_and_three_payments_nearly_disprove_it() -> None:
    """One denial: (0.75 + 0.01 - 0.0075) / 0.01 = 75.25 times likelier with a demand, and the odds before are
    1 to 9, so 8.3611 to 1: 0.89318, and 0.75 of it is 0.66988. Three payments: 0.25 ** 3 / 9 = 0.0017361 to
    1, so 0.75 x 0.0017331 = 0.0012998. Nothing known: 0.75 x 0.1 = 0.075.
    """
    rows = _rows([1, 2, 2, 2], [0] * 4, [0] * 4)
    evidence = _evidence(PLAIN, rows, [True, False, False, False])
    found = evidence.look_up(_rows([1, 2, 9], [0] * 3, [0] * 3))
    assert found == pytest.approx([0.66988, 0.0012998, 0.075], abs=1e-5)


def test_a_limit_is_learned_from_what_was_paid_below_and_denied_above() -> None:
    rows = _rows([1] * 8, [2] * 4 + [5] * 4, [0] * 8)
    evidence = _evidence(LIMITED, rows, [False] * 4 + [True] * 4)
    below, above = evidence.look_up(_rows([1, 1], [1, 7], [0, 0]))
    assert below < 0.01
    assert above > 0.7


def test_denials_for_one_code_of_a_category_say_little_of_another() -> None:
    """Eight conditions, 1 in 80 each before. Parts 1 and 2 are codes of one category, 0 is a code never seen.

    Denied four times with the first code, paid six times with the second: that all codes are refused is 0.25
    ** 6 = 0.00024 times as likely as that the first alone is.
    """
    rows = _rows([1] * 10 + [2] * 4, [1] * 4 + [2] * 6 + [1] * 2 + [2] * 2, [0] * 14)
    evidence = _evidence("necessity_rate", rows, [True] * 4 + [False] * 6 + [True] * 4)
    first, second, unknown = evidence.look_up(_rows([1] * 3, [1, 2, 0], [0] * 3))
    assert first > 0.74
    assert second < 0.001
    assert unknown < 0.001
    # Denied with both codes: then the whole category is refused, a code never seen too.
    assert evidence.look_up(_rows([2, 2], [1, 0], [0, 0])) == pytest.approx([0.75, 0.75], abs=0.01)


def test_parts_of_a_category_are_counted_within_it() -> None:
    codes = ["E119", "E1142", "R0789", "R079", *(f"S0{number}" for number in range(100, 109))]
    assert _parts(codes).tolist() == [0, 1, 2, 1, 2, 1, 2, 3, 4, 5, 6, 7, 0, 0]


def test_what_began_is_demanded_today_and_what_ended_is_not() -> None:
    keys, blocks = [1] * 8 + [2] * 8, [0, 0, 1, 1, 2, 2, 3, 3] * 2
    early = [True] * 4 + [False] * 4
    rows = _rows(keys, [0] * 16, blocks)
    evidence = _evidence(PLAIN, rows, [not each for each in early] + early, has_spans=True, blocks=4)
    began, ended = evidence.look_up(_rows([1, 2], [0, 0], [3, 3]))
    assert began > 0.6
    assert ended < 0.05


def test_few_claims_are_looked_up_as_many_are() -> None:
    draws = np.random.default_rng(4)
    keys, blocks = draws.integers(0, 300, 3_000).tolist(), draws.integers(0, 5, 3_000).tolist()
    rows = _rows(keys, draws.integers(0, 8, 3_000).tolist(), blocks)
    denied = draws.random(3_000) < 0.1
    evidence = _evidence(LIMITED, rows, denied.tolist(), has_spans=True, blocks=5)
    some = rows.part(np.arange(20))
    apart = evidence.look_up(some)
    assert evidence.look_up(rows)[:20] == pytest.approx(apart, abs=1e-12)


@pytest.fixture(scope="module")
def drawn() -> tuple[DemandRows, np.ndarray, np.ndarray]:
    """1,000 cells of two payers; the second demands of three in ten, the first of one in thirty.

    Where a demand holds, seven of ten lines have what meets it, elsewhere one in a hundred; eight of ten
    lines that break one are denied.
    """
    draws = np.random.default_rng(2)
    key = draws.integers(0, 1_000, 12_000)
    payer = 1 + key % 2
    holds = draws.random(1_000) < np.where(np.arange(1_000) % 2, 0.3, 1 / 30)
    met = draws.random(12_000) < np.where(holds[key], 0.7, 0.01)
    denied = ~met & holds[key] & (draws.random(12_000) < 0.8)
    rows = DemandRows(key, payer, np.zeros(12_000, dtype=np.int64), met, np.zeros(12_000, dtype=np.int64))
    return rows, denied, holds


def test_what_payers_have_in_common_is_learned_from_the_decisions(
    drawn: tuple[DemandRows, np.ndarray, np.ndarray],
) -> None:
    rows, denied, _ = drawn
    known = np.ones(len(denied), dtype=bool)
    evidence = DemandEvidence.fit(PLAIN, DemandCells.of(rows, 1, denied, known), PAYERS, 0)
    habits = evidence.habits
    assert habits.having[0] == pytest.approx(0.7, abs=0.05)
    assert habits.having[1] == pytest.approx(0.01, abs=0.01)
    assert float(habits.strengths @ STRENGTHS) == pytest.approx(0.8, abs=0.05)
    # As many denials are expected as there were.
    broken = ~rows.is_met
    assert evidence.look_up(rows)[broken].sum() == pytest.approx(denied.sum(), rel=0.1)


def test_that_offices_send_it_tells_of_a_demand_that_was_never_enforced(
    drawn: tuple[DemandRows, np.ndarray, np.ndarray],
) -> None:
    """Without a decision on a line that lacks it, cells where most lines have it are the likelier ones."""
    rows, denied, holds = drawn
    known = rows.key < 800
    evidence = DemandEvidence.fit(PLAIN, DemandCells.of(rows, 1, denied, known), PAYERS, 0)
    new = np.arange(800, 1_000)
    chance = evidence.rates(0, evidence.cells.places(new))[:, 0]
    assert chance[holds[new]].mean() > 10 * chance[~holds[new]].mean()


def test_demands_are_read_from_files_as_they_were_written() -> None:
    rows = _rows([1, 2, 2, 5], [0] * 4, [0, 1, 2, 2])
    made = {
        kind.rate: _evidence(kind.rate, rows, [True, False, False, True], has_spans=True, blocks=3)
        for kind in DEMANDS
    }
    read = demands_in(demands_out(made))
    assert list(read) == list(made)
    for name, each in made.items():
        assert read[name].look_up(rows).tolist() == each.look_up(rows).tolist()
    assert list(faults_of_demands(read, PAYERS)) == []


def test_inconsistent_demands_are_named() -> None:
    rows = _rows([1, 2], [0, 0], [0, 0])
    sound = _evidence(PLAIN, rows, [True, False])
    cells, habits = sound.cells, sound.habits
    for broken, fault in (
        (replace(sound, cells=replace(cells, keys=cells.keys[::-1])), "keys"),
        (replace(sound, cells=replace(cells, denied=cells.denied + 2)), "total"),
        (replace(sound, cells=replace(cells, payer=cells.payer + PAYERS)), "payer"),
        (replace(sound, cells=replace(cells, having=cells.lines + 1)), "lines"),
        (replace(sound, habits=replace(habits, chance=0.0)), "chance"),
        (replace(sound, habits=replace(habits, spans=np.zeros(3))), "habits.spans"),
        (replace(sound, habits=replace(habits, log_odds=np.zeros(2))), "habits.log_odds"),
    ):
        assert f"demand.{PLAIN}.{fault}" in list(faults_of_demands({PLAIN: broken}, PAYERS))
