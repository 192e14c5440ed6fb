"""Intervals mean what is said of them: of a rate, of days, of dollars; for payers known and new."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from claimwright.engines.prediction.confidence import (
    UNKNOWN_PAYER,
    Confidence,
    Recalibrations,
    confidence_in,
    coverage,
)
from claimwright.engines.prediction.dollars import Dollars
from claimwright.engines.prediction.rate_intervals import RateInterval
from claimwright.engines.prediction.waiting import LEVELS, Waits, censored
from claimwright.features.prediction import CONFIDENCE_MEANS, History, Trained, explain
from claimwright.platform.settings.tree import Pipeline
from claimwright_lab.denial_world import World

Real = npt.NDArray[np.float64]


def sigmoid(odds: Real) -> Real:
    found: Real = 1 / (1 + np.exp(-odds))
    return found


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_nine_of_ten_new_groups_have_their_true_rate_inside(spread: float) -> None:
    draws = np.random.default_rng(5)

    def groups(count: int) -> tuple[Real, Real, Real, Real]:
        odds = draws.normal(-1.5, 0.7, count)
        true = sigmoid(odds + draws.normal(0, spread, count))
        cases = draws.integers(20, 400, count)
        return sigmoid(odds), draws.binomial(cases, true).astype(float), cases.astype(float), true

    predicted, happened, cases, _ = groups(80)
    interval = RateInterval.of(predicted, happened, cases)
    new, _, _, true = groups(4000)
    low, high = interval.around(new)
    # Of 4,000 groups; the interval itself is learned from 80.
    assert ((low <= true) & (true <= high)).mean() >= 0.86
    if not spread:
        assert (high - low).mean() < 0.1


def test_with_few_groups_the_interval_is_wide_on_purpose() -> None:
    few = RateInterval.of(np.full(5, 0.2), np.full(5, 20.0), np.full(5, 100.0))
    low, high = few.around(np.array([0.2]))
    assert low[0] < 0.01
    assert high[0] > 0.8


class Market:
    """Payers that deny more or less than the scores of their claims say; the first is never calibrated."""

    def __init__(self, payers: int, claims: int) -> None:
        draws = np.random.default_rng(9)
        self.payers = payers + 1
        self.shift = draws.normal(0, 0.45, self.payers)
        self.payer = draws.integers(1, self.payers, claims)
        self.score = draws.normal(-2, 1.2, claims)
        self.true = sigmoid(self.score + self.shift[self.payer])
        self.denied = draws.random(claims) < self.true
        self.day = draws.integers(0, 60, claims)

    def fitted(self, rows: slice) -> Confidence:
        score = self.score[rows]
        return Confidence.fit(score, score, self.payer[rows], self.denied[rows], self.day[rows], self.payers)


def test_coverage_holds_for_each_payer_and_for_payers_that_were_never_seen() -> None:
    market = Market(payers=30, claims=24_000)
    half = slice(0, 12_000)
    later = np.arange(24_000) >= 12_000
    found = market.fitted(half)
    # What a calibrated model says of known payers: their shift included, as far as it is known.
    known = market.true[later]
    low, high = found.interval(known, market.payer[later])
    told = coverage(known, low, high, market.payer[later], known, fewest=20)
    assert told["coverage"] >= 0.9
    # Of payers that it does not know it can only say what payers do on average.
    as_new = sigmoid(market.score[later])
    low, high = found.interval(as_new, np.full(later.sum(), UNKNOWN_PAYER))
    told = coverage(as_new, low, high, market.payer[later], known, fewest=20)
    assert told["groups"] > 80
    assert told["coverage"] >= 0.85


def test_confidence_is_the_least_share_whose_likelier_outcome_happens() -> None:
    low, high = np.array([0.02, 0.55, 0.40]), np.array([0.10, 0.80, 0.70])
    given = confidence_in(np.array([0.05, 0.70, 0.55]), low, high)
    assert given.tolist() == pytest.approx([0.90, 0.55, 0.40])
    market = Market(payers=30, claims=24_000)
    found = market.fitted(slice(0, 12_000))
    later = np.arange(24_000) >= 12_000
    sure = found.of_claims(market.true[later], market.payer[later])
    right = (market.true[later] >= 0.5) == market.denied[later]
    for least in (0.5, 0.7, 0.8, 0.9):
        part = (sure >= least) & (sure < least + 0.1)
        assert right[part].mean() >= sure[part].mean() - 2 * np.sqrt(0.25 / part.sum())


def test_no_curve_is_surer_than_its_claims() -> None:
    """Of 50 claims none was denied: one more could be, so that up to 1 in 51 is possible."""
    probability = np.linspace(0.001, 0.01, 50)
    again = Recalibrations.of(probability, np.zeros(50, dtype=bool), np.ones(50))
    low, high = again.around(np.array([0.002]))
    assert low[0] == 0
    assert high[0] >= 1 / 51


def test_claims_that_still_wait_count_while_they_wait() -> None:
    """Answers come after 30 days on average, 60 for one payer; one of 20 claims is never answered.

    All were sent within 60 days of today: of those answered so far, the mean wait is far too short.
    """
    draws = np.random.default_rng(4)
    count, now = 30_000, 400
    payer = draws.integers(1, 3, count)
    sent = draws.integers(0, now, count)
    mean = np.where(payer == 2, 60.0, 30.0)
    days = np.rint(draws.gamma(9, mean / 9))
    days[draws.random(count) < 0.05] = np.nan
    train = np.ones(count, dtype=bool)
    recent = sent >= now - 60
    waits = Waits.fit(payer, np.full(count, 0.1), sent, days, 3, train=train, calibrate=recent, now=now)
    low, middle, high = waits.of_claims(np.array([1, 2]), np.array([0.1, 0.1])).T
    # The middle of a gamma distribution of shape 9 is 0.963 of its mean.
    assert middle == pytest.approx([28.9, 57.8], rel=0.06)
    known = days[recent & (payer == 2) & (sent + days < now)]
    assert np.nanmedian(known) < 0.85 * middle[1]
    answered = np.isfinite(days)
    inside = (low[payer - 1] <= days) & (days <= high[payer - 1])
    for each in (1, 2):
        assert inside[answered & (payer == each)].mean() == pytest.approx(LEVELS[2] - LEVELS[0], abs=0.04)
    assert waits.unanswered(np.array([1, 2]), np.array([0.1, 0.1])) == pytest.approx([0.05, 0.05], abs=0.015)


def test_days_of_an_unknown_payer_are_those_of_any_payer_and_not_of_the_largest() -> None:
    """Five payers answer after 20 to 60 days; the quickest has nine of ten claims."""
    draws = np.random.default_rng(4)
    count, means = 20_000, np.array([0.0, 20.0, 30.0, 40.0, 50.0, 60.0])
    payer = np.where(draws.random(count) < 0.9, 1, draws.integers(2, 6, count))
    days = np.rint(draws.gamma(9, means[payer] / 9))
    every = np.ones(count, dtype=bool)
    sent: npt.NDArray[np.int64] = np.zeros(count, dtype=np.int64)
    waits = Waits.fit(payer, np.full(count, 0.1), sent, days, 7, train=every, calibrate=every, now=400)
    for unknown in (0, 6):
        [[low, middle, high]] = waits.of_claims(np.array([unknown]), np.array([0.1]))
        inside = [
            ((low <= own) & (own <= high)).mean() for each in range(1, 6) if len(own := days[payer == each])
        ]
        assert np.mean(inside) == pytest.approx(0.9, abs=0.04)
        assert 30 <= middle <= 45
    assert waits.of_claims(np.array([1]), np.array([0.1]))[0, 2] < 40


def test_an_answer_of_today_or_later_is_not_known() -> None:
    sent, days = np.array([0, 0, 0]), np.array([9.0, 10.0, np.nan])
    waited, is_answered = censored(sent, days, 10)
    assert waited.tolist() == [9, 10, 10]
    assert is_answered.tolist() == [True, False, False]


def test_lost_dollars_of_nine_of_ten_sums_are_inside() -> None:
    draws = np.random.default_rng(8)

    def claims(groups: int) -> tuple[Real, Real, Real, npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        count = groups * 150
        group = np.repeat(np.arange(groups), 150)
        odds = draws.normal(-2, 1, count)
        true = sigmoid(odds + draws.normal(0, 0.3, groups)[group])
        stake = np.rint(np.exp(draws.normal(9.5, 0.9, count)))
        denied = draws.random(count) < true
        return sigmoid(odds), stake, denied * stake * draws.uniform(0.5, 1.5, count), denied, group

    def ends(probability: Real) -> tuple[Real, Real]:
        return RateInterval(0.3, 1.645, 0).around(probability)

    probability, stake, lost, denied, group = claims(40)
    dollars = Dollars.fit(probability, *ends(probability), stake, lost, denied, group)
    probability, stake, lost, denied, group = claims(200)
    inside = 0
    for each in range(200):
        own = group == each
        at_risk, low, high = dollars.total(probability[own], *ends(probability[own]), stake[own])
        assert low < at_risk < high
        inside += int(low <= lost[own].sum() <= high)
    assert inside / 200 >= 0.86


def test_a_claim_has_its_intervals_wherever_it_is_shown(trained: Trained, world: World) -> None:
    day = datetime.date(2025, 6, 30)
    batch = world.batch.select(world.batch.claims["claim"].tail(100))
    found = trained.model.predict(batch, day).claims
    for low, middle, high in (
        ("probability_low", "denial_probability", "probability_high"),
        ("days_low", "expected_days", "days_high"), ("at_risk_low", "at_risk", "at_risk_high"),
    ):  # fmt: skip
        assert (found[low] <= found[middle]).all()
        assert (found[middle] <= found[high]).all()
    for explanation, row in zip(explain(trained.model, batch, day), found.iter_rows(named=True), strict=True):
        assert (explanation.low, explanation.high) == (row["probability_low"], row["probability_high"])
        assert explanation.confidence == row["confidence"]
        assert explanation.days[1] == row["expected_days"]


def test_the_card_states_how_often_intervals_held(trained: Trained, history: History) -> None:
    notes = trained.model.about["intervals"]
    assert notes["payers"]["payers"] >= 5
    assert notes["payers"]["coverage"] >= 0.8
    assert notes["days"]["coverage"] >= 0.85
    # Every judged claim is in one class of confidence.
    judged = trained.model.about["periods"]["judge"]["claims"]
    assert sum(each["claims"] for each in notes["confidence"]) == judged
    assert judged < len(history)


def test_the_meaning_of_a_confidence_is_stated_in_the_same_words() -> None:
    """In settings and documentation too, which can't use the constant. The web app states no confidence."""
    floor = Pipeline.model_fields["confidence_floor"]
    assert f"({CONFIDENCE_MEANS})" in (floor.description or "")
    root = Path(__file__).resolve().parents[3]
    for page in ("docs/prediction.md", "docs/pipeline.md"):
        assert CONFIDENCE_MEANS in " ".join((root / page).read_text(encoding="utf-8").split()), page
