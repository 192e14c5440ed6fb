"""Reasons in words, and pictures of them."""

from __future__ import annotations

import datetime
import math
import xml.etree.ElementTree as ET

import polars as pl
import pytest

from claimwright.features.prediction import Argument, Trained, argue, model_report, waterfall
from claimwright_lab.denial_world import World

LATELY, DAY = datetime.date(2025, 5, 1), datetime.date(2025, 6, 30)


@pytest.fixture(scope="module")
def arguments(trained: Trained, world: World) -> list[Argument]:
    """Of claims sent in the last weeks, those that are likeliest denied for authorization."""
    lately = world.batch.select(world.batch.claims["claim"].filter(world.submitted_on > LATELY))
    predicted = trained.model.predict(lately, DAY).claims.filter(pl.col("denial_category") == "authorization")
    worst = predicted.sort("denial_probability", descending=True)["claim"].head(60)
    return argue(trained.model, lately.select(worst), DAY)


def test_the_reasons_of_a_claim_add_up_to_its_score(
    arguments: list[Argument], trained: Trained, world: World
) -> None:
    batch = world.batch.select([argument.claim for argument in arguments])
    scores = trained.model.predict(batch, DAY).scores
    assert all(
        math.isclose(argument.score, score, abs_tol=1e-9)
        for argument, score in zip(arguments, scores, strict=True)
    )


def test_a_reason_says_who_denied_what_how_often(arguments: list[Argument]) -> None:
    words = {reason.words for argument in arguments for reason in argument.reasons}
    assert any(
        text.startswith("payer SYN") and "without authorization" in text and "% of" in text for text in words
    )


def test_a_missing_authorization_is_what_would_lower_a_claim(arguments: list[Argument]) -> None:
    found = [remedy for argument in arguments for remedy in argument.remedies]
    assert any(remedy.words == "with an authorization number" for remedy in found)
    for argument in arguments:
        assert all(remedy.probability < argument.probability for remedy in argument.remedies)


def test_a_waterfall_is_a_picture_with_a_bar_for_each_reason(arguments: list[Argument]) -> None:
    root = ET.fromstring(waterfall(arguments[0], most=6))  # noqa: S314 - of our own making
    bars = [each for each in root.iter() if each.tag.endswith("rect")]
    # The background, where everybody starts, six reasons, and the others together.
    assert len(bars) == 1 + 1 + 6 + 1


def test_the_report_shows_every_feature_that_the_model_uses(trained: Trained) -> None:
    page = model_report("m-test", trained.model)
    for term in trained.model.terms.terms:
        if len(term.features) == 1:
            assert trained.model.terms.names[term.features[0]].replace("_", " ") in page
    assert "Bayes-optimal" in page
