"""Features know nothing of what comes after a claim is sent."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.prediction import FEATURES, MissingFeatureError, facts_of
from claimwright.engines.prediction import features as making
from claimwright.engines.prediction.catalogue import NAMES, Source
from claimwright.engines.prediction.encoding import Vocabulary
from claimwright.engines.prediction.facts import READS
from claimwright.engines.prediction.features import Evidence, count, history_features
from claimwright.features.prediction import History
from claimwright_lab.denial_world import World

# What a payer or a later correction writes; none of it is known when the claim is sent.
_AFTERWARDS = ("adjudicat", "adjust", "remit", "paid_on", "denied", "carc", "rarc", "original_claim_number")


def features(history: History, trained: np.ndarray) -> np.ndarray:
    words = Vocabulary.of(history.facts)
    tallies = count(history.facts, history.answers, trained, words)
    return history_features(history.facts, history.answers, Evidence(words, tallies, {}), trained)


def test_every_feature_says_why_it_is_known_at_submission() -> None:
    assert [feature.name for feature in FEATURES if not feature.known_at] == []
    assert {feature.source for feature in FEATURES} <= set(Source)


def test_nothing_that_a_payer_answers_is_read() -> None:
    columns = [f"{frame}.{column}" for frame, names in READS.items() for column in names]
    assert [name for name in columns if any(word in name for word in _AFTERWARDS)] == []


def test_the_columns_that_are_not_listed_move_no_feature(world: World) -> None:
    """All other columns of the batch are emptied: the facts stay what they are."""
    frames = {Level.TRANSACTION: world.batch.transactions}
    for level, frame in world.batch.frames().items():
        if level.value in READS:
            frames[level] = frame.select(READS[level.value])
    bare = ClaimBatch.of(frames)
    whole, reduced = (facts_of(batch, world.submitted_on) for batch in (world.batch, bare))
    assert whole.claims.equals(reduced.claims)
    assert whole.lines.equals(reduced.lines)
    assert whole.pairs.equals(reduced.pairs)


def test_answers_that_come_after_a_claim_is_sent_do_not_move_its_features(history: History) -> None:
    """Whatever is answered from a day on is turned round: claims sent until that day stay as they were."""
    day = int(np.quantile(history.sent_day, 0.8))
    trained = history.sent_day < int(np.quantile(history.sent_day, 0.5))
    # Trained claims that were answered later than the day may not be changed: they are training's own.
    late = (history.answers.answered_day >= day) & ~trained
    row_of_line = np.zeros(len(history.answers.line_reason), dtype=np.int64)
    row_of_line[history.facts.lines["line_at"].to_numpy()] = history.facts.lines["row"].to_numpy()
    reasons = history.answers.line_reason.copy()
    turned = late[row_of_line]
    reasons[turned] = np.where(reasons[turned] >= 0, -1, 3)
    answers = type(history.answers).of(row_of_line, reasons, history.answers.answered_day)
    same = type(answers).of(row_of_line, history.answers.line_reason, history.answers.answered_day)
    before = features(dataclasses.replace(history, answers=same), trained)
    after = features(dataclasses.replace(history, answers=answers), trained)
    until = history.sent_day <= day
    assert np.array_equal(before[until], after[until])
    assert not np.array_equal(before[~until], after[~until])


def test_a_claims_own_answer_does_not_move_its_own_features(history: History) -> None:
    trained = np.ones(len(history), dtype=bool)
    row_of_line = np.zeros(len(history.answers.line_reason), dtype=np.int64)
    row_of_line[history.facts.lines["line_at"].to_numpy()] = history.facts.lines["row"].to_numpy()
    same = type(history.answers).of(row_of_line, history.answers.line_reason, history.answers.answered_day)
    before = features(dataclasses.replace(history, answers=same), trained)
    for row in (5, 500, 5_000):
        reasons = history.answers.line_reason.copy()
        own = row_of_line == row
        reasons[own] = np.where(reasons[own] >= 0, -1, 3)
        answers = type(history.answers).of(row_of_line, reasons, history.answers.answered_day)
        after = features(dataclasses.replace(history, answers=answers), trained)
        # The rate of all claims is everybody's: it moves by less than one part in a thousand.
        assert np.allclose(before[row], after[row], atol=2e-3), [
            name for name, a, b in zip(NAMES, before[row], after[row], strict=True) if abs(a - b) > 2e-3
        ]


@pytest.mark.parametrize("name", ["payer_rate", "authorization_rate", "necessity_rate"])
def test_a_key_that_was_never_seen_gets_the_rate_of_the_wider_one(history: History, name: str) -> None:
    trained = np.zeros(len(history), dtype=bool)
    trained[:4_000] = True
    found = features(history, trained)[:, NAMES.index(name)]
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_an_empty_batch_has_no_features() -> None:
    facts = facts_of(ClaimBatch(), pl.Series("day", [], dtype=pl.Date))
    assert len(facts) == 0


def test_a_feature_that_nothing_computes_is_an_error_that_names_it(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As 0 it would be learned from, and would score, without anybody noticing."""
    monkeypatch.setattr(making, "NAMES", (*NAMES, "phase_of_the_moon"))
    with pytest.raises(MissingFeatureError, match="feature phase_of_the_moon"):
        features(history, np.ones(len(history), dtype=bool))
