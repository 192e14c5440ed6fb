"""Time by rule: a slow rule is seen, and what is measured is what is said to be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import Result

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.rules import Rule, RuleBook, RuleEngine
from claimwright.features.rule_workshop import profile
from claimwright_lab.sampling import SampleOptions, sample_batches

from .conftest import rule_text

DAY = date(2025, 9, 15)
# Asks every digit of a text for itself, some hundred times: slow by any measure.
SLOW = " + ".join(f"length(upper(substring(subscriber_name, {1 + place % 7}, 3)))" for place in range(120))


@pytest.fixture(scope="module")
def batch() -> ClaimBatch:
    made = SampleOptions(claims=2_000, seed=3, as_of=DAY)
    return ClaimBatch.concat(claims for claims, _ in sample_batches(made))


def test_a_slow_rule_is_first(batch: ClaimBatch, read: Callable[..., Rule], rulebook: RuleBook) -> None:
    slow = read(rule_text().replace("total_charge > 400", f"total_charge > 400 or {SLOW} < 0"))
    timed = profile(batch, [*rulebook.rules[:12], slow], as_of=DAY, runs=3)
    assert timed.times[0].rule is slow
    assert timed.times[0].predicate > 3 * timed.times[1].predicate


def test_times_fall_from_the_first_to_the_last(batch: ClaimBatch, rulebook: RuleBook) -> None:
    timed = profile(batch, rulebook.rules[:20], as_of=DAY, runs=1)
    spent = [time.predicate for time in timed.times]
    assert spent == sorted(spent, reverse=True)
    assert timed.predicates == pytest.approx(sum(spent))


def test_it_counts_what_the_engine_finds_and_asks_every_row_of_the_level(
    batch: ClaimBatch, rulebook: RuleBook
) -> None:
    some = rulebook.rules[::5]
    timed = profile(batch, some, as_of=DAY, runs=1)
    found = RuleEngine(RuleBook(tuple(some))).evaluate(batch, as_of=DAY).findings["code"].value_counts()
    fired = {time.rule.code: time.fired for time in timed.times if time.fired}
    assert fired == dict(found.iter_rows())
    assert fired
    heights = {"claim": len(batch), "line": batch.lines.height, "diagnosis": batch.diagnoses.height}
    for time in timed.times:
        if time.rule.level in heights:
            assert time.rows == heights[time.rule.level]


def test_a_rule_of_a_form_that_is_not_there_is_left_out(rulebook: RuleBook) -> None:
    made = SampleOptions(claims=50, forms={"P": 1}, as_of=DAY)
    [(batch, _)] = sample_batches(made)
    timed = profile(batch, rulebook.rules[::10], as_of=DAY, runs=1)
    assert timed.times
    assert all("P" in time.rule.forms for time in timed.times)


def test_a_predicate_is_the_median_less_that_of_an_empty_one(batch: ClaimBatch, rulebook: RuleBook) -> None:
    """A clock that gives each reading one second more than the last: every run takes one second."""
    ticks: Iterator[int] = iter(range(10_000))
    timed = profile(batch, rulebook.rules[:2], as_of=DAY, runs=3, seconds=lambda: float(next(ticks)))
    assert [(time.predicate, time.columns) for time in timed.times] == [(0.0, 1.0), (0.0, 1.0)]
    assert (timed.together, timed.empty) == (1.0, 1.0)


def test_no_claims_take_no_time(rulebook: RuleBook) -> None:
    assert profile(ClaimBatch(), rulebook.rules[:3], as_of=DAY, runs=1).times == ()


@pytest.fixture
def few_rules(monkeypatch: pytest.MonkeyPatch, rulebook: RuleBook) -> None:
    """The commands know every tenth rule: what they show does not depend on how many there are."""
    few = RuleBook(tuple(rulebook.rules[::10]))
    monkeypatch.setattr("claimwright.apps.cli.options.rulebook_from", lambda _: few)


@pytest.mark.usefixtures("few_rules")
def test_the_terminal_shows_the_slowest(run: Callable[..., Result], repo_root: Path) -> None:
    claims = repo_root / "samples" / "professional.837"
    shown = run("rules", "profile", claims, "--runs", "1", "--limit", "3", "--as-of", "2025-09-15")
    assert shown.exit_code == 0, shown.stderr
    assert "Slowest first: 3 of" in shown.stdout
    assert "All rules together:" in shown.stdout
    facts = json.loads(run("rules", "profile", claims, "--runs", "1", "-c", "10", "-f", "json").stdout)
    assert facts["claims"] == 10
    assert {"code", "level", "rows", "fired", "predicate_seconds", "columns_seconds"} <= facts["rules"][
        0
    ].keys()


@pytest.mark.usefixtures("few_rules")
def test_synthetic_claims_serve_where_no_file_is_named(run: Callable[..., Result]) -> None:
    facts = json.loads(run("rules", "profile", "--claims", "60", "--runs", "1", "-f", "json").stdout)
    assert facts["claims"] == 60


def test_a_file_that_cannot_be_read_is_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "empty.837").write_text("", encoding="utf-8")
    for path in (tmp_path / "nowhere.837", tmp_path / "empty.837"):
        result = run("rules", "profile", path)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
