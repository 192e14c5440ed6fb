"""Explanations in words, and that what they say is what happened."""

from __future__ import annotations

import datetime
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import CATEGORIES, NAMES, Facts, Model, facts_of
from claimwright.features.prediction import (
    Explanation,
    History,
    Trained,
    explain,
    model_report,
    waterfall,
)
from claimwright.features.prediction.scoring.causes import RowRates
from claimwright.features.prediction.scoring.reasons import Role
from claimwright.features.prediction.scoring.subjects import CATEGORY_OF_SUBJECT, SUBJECT_OF
from claimwright.features.prediction.scoring.wording import Wording
from claimwright_lab.denial_world import World

LATELY, DAY = datetime.date(2025, 5, 1), datetime.date(2025, 6, 30)
# What billers do not say.
JARGON = re.compile(r"log.odds|weighted|shrunk|encoding|modifier none|\b1 service lines|\bNone\b|nan")
COUNTED = re.compile(r"(\d[\d,]*) of (\d[\d,]*) ")


def _after(day: str) -> datetime.date:
    return datetime.date.fromisoformat(day) + datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def explanations(trained: Trained, world: World) -> list[Explanation]:
    """Of claims sent in the last weeks: those likeliest denied for authorization, and some others."""
    lately = world.batch.select(world.batch.claims["claim"].filter(world.submitted_on > LATELY))
    predicted = trained.model.predict(lately, DAY).claims.sort("denial_probability", descending=True)
    worst = predicted.filter(pl.col("denial_category") == "authorization")["claim"].head(60)
    return explain(
        trained.model, lately.select(worst.append(predicted["claim"].gather_every(40)).unique()), DAY
    )


def test_the_reasons_of_a_claim_add_up_to_its_score(
    explanations: list[Explanation], trained: Trained, world: World
) -> None:
    batch = world.batch.select([each.claim for each in explanations])
    found = trained.model.predict(batch, DAY)
    scores = dict(zip(found.claims["claim"], found.scores, strict=True))
    assert all(math.isclose(each.score, scores[each.claim], abs_tol=1e-9) for each in explanations)
    for each in explanations:
        assert each.scale.probability(each.score) == pytest.approx(each.probability, abs=1e-3)


def test_each_subject_speaks_once(explanations: list[Explanation]) -> None:
    for each in explanations:
        subjects = [reason.subject for reason in each.reasons]
        assert len(set(subjects)) == len(subjects)
        words = [reason.words for reason in each.reasons if reason.words]
        assert len(set(words)) == len(words)


def test_every_feature_has_one_subject_and_every_kind_of_denial_is_known() -> None:
    assert set(SUBJECT_OF) == set(NAMES)
    assert set(CATEGORY_OF_SUBJECT.values()) <= set(CATEGORIES)


def _wording(trained: Trained, batch: ClaimBatch, facts: Facts) -> Wording:
    columns = trained.model.predict_facts(facts, batch.claims["claim"]).columns
    return Wording(trained.model, facts, columns, RowRates.of(trained.model, facts))


def test_every_feature_has_a_sentence(trained: Trained, world: World) -> None:
    """Also those that the small model has no use for."""
    batch = world.batch.select(world.batch.claims["claim"].head(20))
    facts = facts_of(batch, DAY)
    wording = _wording(trained, batch, facts)
    for name in NAMES:
        assert all(wording.of(name, row) for row in range(20)), name


def test_nobody_is_told_to_enter_a_drug_code_for_what_is_no_drug(trained: Trained, world: World) -> None:
    batch = world.batch.select(world.batch.claims["claim"].head(600))
    facts = facts_of(batch, DAY)
    wording = _wording(trained, batch, facts)
    drugs = facts.lines.group_by("row").agg(
        pl.col("procedure").str.contains("^(J|Q|C9|A9|S0|90)").fill_null(value=False).any()
    )
    others = drugs.filter(~pl.col("procedure"))["row"]
    sentences = [wording.of("drug_code_rate", row) for row in others]
    assert len(sentences) > 300
    assert not any("drug" in each for each in sentences)


def test_a_reason_says_how_the_claim_would_stand_without_it(explanations: list[Explanation]) -> None:
    for each in explanations:
        for reason in each.reasons:
            if abs(reason.log_odds) > 0.01:
                assert (reason.otherwise < each.probability) == (reason.log_odds > 0)


def test_only_reasons_that_matter_alone_are_told(explanations: list[Explanation]) -> None:
    """By odds, computed from the probabilities that the reasons state; causes first."""

    def odds(probability: float) -> float:
        return probability / (1 - probability)

    left_out = 0
    for each in explanations:
        told = each.leading(99)
        has_cause = any(reason.is_cause for reason in told)
        for reason in each.reasons:
            times = odds(each.probability) / odds(reason.otherwise)
            matters = max(times, 1 / times) >= (1.25 if reason.is_cause else 1.5)
            is_shown = bool(reason.words) and (reason.role is not Role.DOUBTFUL or each.rests_on_doubt)
            if has_cause and reason.role in (Role.BACKGROUND, Role.LOWERS) and not reason.next_step:
                # Nobody can do anything about it.
                assert reason not in told
                continue
            if (
                told
                and reason.is_cause
                and reason is not told[0]
                and not (reason.role is Role.CAUSE and reason.is_sure)
            ):
                # It adds little to the first.
                matters = matters and reason.share >= max(0.15, 0.3 * told[0].share)
            assert (reason in told) == (matters and is_shown)
        is_cause = [reason.is_cause for reason in told]
        assert is_cause == sorted(is_cause, reverse=True)
        left_out += len(each.reasons) - len(told)
    assert left_out > len(explanations)


def test_a_cause_is_something_that_the_payer_denied(explanations: list[Explanation]) -> None:
    causes = [reason for each in explanations for reason in each.reasons if reason.is_cause]
    assert len(causes) > 10
    for reason in causes:
        assert re.search(r"denied 0 of \d+ [^;]*$", reason.words) is None, reason.words
        assert reason.next_step


def test_nobody_is_told_to_add_what_the_claim_has(explanations: list[Explanation], world: World) -> None:
    given = {
        "REF*G1": "prior_authorization", "NM1*DN": "referring_npi", "NM1*82": "rendering_npi",
        "PRV*BI": "billing_taxonomy",
    }  # fmt: skip
    checked = 0
    for each in explanations:
        [claim] = world.batch.claims.filter(claim=each.claim).to_dicts()
        for reason in each.reasons:
            for place, column in given.items():
                if reason.is_fixable and f"{place})" in reason.next_step:
                    assert claim[column] is None, (reason.words, column)
                    checked += 1
    assert checked >= 5


def test_a_correction_is_no_duplicate_and_not_late(trained: Trained, world: World) -> None:
    corrections = world.batch.claims.filter(pl.col("frequency_code") == "7")["claim"].head(60)
    told = explain(trained.model, world.batch.select(corrections), DAY)
    assert len(told) > 20
    for each in told:
        assert {reason.subject for reason in each.reasons if reason.is_cause}.isdisjoint(
            {"duplicate", "timely filing"}
        )


def test_without_a_cause_the_text_says_so_with_the_payers_count(explanations: list[Explanation]) -> None:
    without = [each for each in explanations if each.cause is None]
    assert without
    for each in without:
        assert re.search(
            r"^No single cause stands out\. In general, payer \S+ denied [\d,]+ of ", each.headline
        )
    named = [each for each in explanations if each.cause is not None]
    assert all(re.match(r"(Main|Known|Possible|Two|Three) cause", each.headline) for each in named)


def test_nothing_stated_exceeds_the_chance_and_doubt_rests_on_denials(
    explanations: list[Explanation],
) -> None:
    for each in explanations:
        assert all(0 <= end <= each.probability for remedy in each.remedies for end in remedy.gain)
        told = each.leading(99)
        for reason in told:
            if reason.role is Role.DOUBTFUL:
                assert " denied 0 of " not in reason.words
        has_steps = any(reason.next_step for reason in told)
        assert "may be sent" not in each.advice
        assert not (has_steps and each.advice.startswith("Nothing to do"))


def test_no_reason_speaks_in_jargon(explanations: list[Explanation]) -> None:
    words = {reason.words for each in explanations for reason in each.reasons}
    assert len(words) > 100
    assert [text for text in words if JARGON.search(text)] == []


def test_a_stated_count_is_what_the_payer_did(
    explanations: list[Explanation], trained: Trained, history: History
) -> None:
    """Counted here from the answers alone: of one payer's claims, denied and answered, sent in those days."""
    words = {each.usual for each in explanations}
    periods = trained.model.about["periods"]["train"]
    claims = history.facts.claims.with_columns(
        denied=pl.Series(history.denied), answered=pl.Series(history.answered)
    ).filter(
        "answered",
        pl.col("submitted_on").cast(pl.String).is_between(pl.lit(periods["from"]), pl.lit(periods["to"])),
    )
    counts = {
        payer: (own["denied"].sum(), own.height)
        for (payer,), own in claims.group_by("payer")
        if payer is not None
    }
    checked = 0
    for text in words:
        if f", sent before {_after(periods['to'])} (" not in text:
            continue
        payer = text.split()[1]
        denied, answered = counts[payer]
        assert text.startswith(f"payer {payer} denied {denied:,} of {answered:,} claims, "), text
        checked += 1
    assert checked >= 3


def test_lines_are_counted_as_they_were_denied_for_the_cause_that_is_named(
    explanations: list[Explanation], trained: Trained, history: History
) -> None:
    pattern = re.compile(
        r"payer (\S+) denied ([\d,]+) of ([\d,]+) lines with (\S+) without authorization for lack"
    )
    words = {reason.words for each in explanations for reason in each.reasons}
    periods = trained.model.about["periods"]["train"]
    lines = history.facts.lines
    sent = history.facts.claims["submitted_on"].cast(pl.String).gather(lines["row"])
    answered = pl.Series(history.answered).gather(lines["row"])
    reason = pl.Series(history.answers.line_reason).gather(lines["line_at"])
    used = lines.with_columns(sent=sent, answered=answered, reason=reason).filter(
        "answered", pl.col("sent") <= periods["to"], ~pl.col("authorized")
    )
    trained = f", sent before {_after(periods['to'])}"
    found = [match for text in words if trained in text.split(";")[0] and (match := pattern.match(text))]
    assert len(found) >= 3
    for match in found:
        payer, denied, total, procedure = match.groups()
        own = used.filter(pl.col("payer") == payer, pl.col("procedure") == procedure)
        assert int(total.replace(",", "")) == own.height
        assert int(denied.replace(",", "")) == (own["reason"] == CATEGORIES.index("authorization")).sum()


def test_the_models_own_estimate_is_named_as_such(explanations: list[Explanation]) -> None:
    counted = [
        (reason.words, each.probability if reason.is_cause else None)
        for each in explanations
        for reason in each.reasons
        if COUNTED.search(reason.words)
    ]
    assert len(counted) > 100
    for text, chance in counted:
        # What the payer did with and without a step, or with two services, is counts alone.
        is_estimated = " (the model's estimate: " in text
        assert is_estimated or re.search(r"sent (before )?20|answered in the 90 days", text), text
        # Any other percentage would be read as a count; how often such claims are denied is one.
        assert text.count("%") == is_estimated + ("; but that is " in text and "than the model" in text)
        estimate = re.search(r"estimate: (\d+)%\)", text)
        if chance is not None and estimate is not None:
            assert int(estimate[1]) <= round(100 * chance)


def test_no_denial_among_a_few_is_not_presented_as_evidence(explanations: list[Explanation]) -> None:
    found = [
        (int(match[1].replace(",", "")), reason.words)
        for each in explanations
        for reason in each.reasons
        if (match := re.search(r"denied 0 of (\d[\d,]*) ", reason.words)) and reason.log_odds < 0
    ]
    assert {total < 20 for total, _ in found} == {True, False}
    for total, text in found:
        assert (", too few to tell (" in text) == (total < 20), text


def test_a_kind_that_its_reasons_do_not_point_to_says_so(explanations: list[Explanation]) -> None:
    caused = [each for each in explanations if each.kind not in (None, "timely_filing") and each.cause]
    differing = [replace(each, category="timely_filing") for each in caused]
    assert differing
    assert all(each.other_category == "timely_filing" != each.kind for each in differing)
    agreeing = [each for each in explanations if each.category is not None and each.other_category is None]
    for each in agreeing:
        kinds = [CATEGORY_OF_SUBJECT[reason.subject] for reason in each.leading(99) if reason.is_cause]
        assert kinds[:1] in ([], [each.category])
    assert agreeing


def test_a_waterfall_is_a_picture_with_a_bar_for_each_reason(explanations: list[Explanation]) -> None:
    likely = max(explanations, key=lambda each: each.probability)
    told = likely.leading(6)
    root = ET.fromstring(waterfall(likely, most=6))  # noqa: S314 - of our own making
    bars = [each for each in root.iter() if each.tag.endswith("rect")]
    # The background, where everybody starts, the reasons that are told, and the others together.
    assert 0 < len(told) < len(likely.reasons)
    assert len(bars) == 1 + 1 + len(told) + 1


def test_the_report_shows_every_feature_that_the_model_uses(trained: Trained) -> None:
    page = model_report("m-test", trained.model)
    for term in trained.model.tables.terms:
        if len(term.features) == 1:
            assert trained.model.tables.names[term.features[0]].replace("_", " ") in page
    assert "Bayes-optimal" in page


def test_counts_survive_the_files_of_a_model(trained: Trained) -> None:
    from claimwright.engines.prediction import from_files, to_files

    read: Model = from_files(to_files(trained.model))
    for name, tally in trained.model.evidence.tallies.items():
        assert np.array_equal(read.evidence.tallies[name].happened.total, tally.happened.total)
        assert np.array_equal(read.evidence.tallies[name].happened.denied, tally.happened.denied)
        # Weights of age are at most 1.
        assert (tally.own.total <= tally.happened.total + 1e-9).all()
    assert (read.evidence.since, read.evidence.until) == (
        trained.model.evidence.since,
        trained.model.evidence.until,
    )
