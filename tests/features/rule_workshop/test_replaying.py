"""A rule over claims of the past: what it touches, what of it was known already, and what denials say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import Result

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.findings import empty
from claimwright.engines.rules import Rule, RuleBook, RuleEngine
from claimwright.features.conversion import write_tables
from claimwright.features.intake import read_837
from claimwright.features.rule_workshop import Agreement, Outcome, Replay, ReplayBlock, blocks, replay

from .conftest import rule_text

DAY = date(2025, 9, 15)


@pytest.fixture
def claims_file(samples: Path) -> Path:
    """Forty synthetic professional claims, twelve of them with a planted defect."""
    return samples / "professional.837"


@pytest.fixture
def batch(claims_file: Path) -> ClaimBatch:
    return read_837(claims_file)


def replayed(
    rule: Rule, path: Path, book: RuleBook, outcomes: dict[str, Outcome] | None = None, examples: int = 10
) -> Replay:
    return replay([rule], blocks([str(path)]), book, as_of=DAY, outcomes=outcomes, examples=examples)


def test_it_counts_claims_and_dollars(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook
) -> None:
    found = replayed(read(rule_text()), claims_file, rulebook)
    dear = batch.claims.filter(pl.col("total_charge") > 400)
    [one] = found.rules
    assert 0 < dear.height < len(batch)
    assert (found.claims, found.lines) == (len(batch), batch.lines.height)
    assert found.dollars == batch.claims["total_charge"].sum()
    assert (one.claims, one.findings) == (dear.height, dear.height)
    assert one.dollars == dear["total_charge"].sum()


def test_a_claim_counts_once_however_many_lines_are_found(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook
) -> None:
    text = rule_text().replace("level: claim", "level: line").replace("total_charge > 400", "line_charge > 0")
    text = text.replace("claim: {total_charge: 400.01}", "lines: [{line_charge: 1}]").replace(
        "claim: {total_charge: 400}", "lines: [{line_charge: 0}]"
    )
    [one] = replayed(read(text), claims_file, rulebook).rules
    assert one.findings > one.claims
    assert one.claims == batch.lines.filter(pl.col("line_charge") > 0)["claim"].n_unique()
    assert one.dollars <= batch.claims["total_charge"].sum()


@pytest.mark.parametrize("lifecycle", ["draft", "preview", "stable"])
def test_a_rule_of_any_lifecycle_is_replayed(
    lifecycle: str, read: Callable[..., Rule], claims_file: Path, rulebook: RuleBook
) -> None:
    assert replayed(read(rule_text(lifecycle=lifecycle)), claims_file, rulebook).rules[0].claims > 0


def test_what_is_blocked_already_is_told_apart(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook
) -> None:
    """The rules in force, and the errors of format, over the same claims."""
    [one] = replayed(read(rule_text(limit=0)), claims_file, rulebook).rules
    structural = pl.concat(block.structural for block in blocks([str(claims_file)]))
    ruled = RuleEngine(rulebook).evaluate(batch, as_of=DAY).findings
    found = pl.concat([structural, ruled])
    blocked = found.filter(pl.col("severity") == "block")["claim"].drop_nulls().unique()
    charged = batch.claims.filter(pl.col("total_charge") > 0)
    assert one.claims == charged.height
    assert one.blocked_otherwise == charged["claim"].is_in(blocked.implode()).sum() > 0
    assert one.found_otherwise == charged["claim"].is_in(found["claim"].drop_nulls().implode()).sum()
    assert one.only_here == one.claims - one.found_otherwise
    assert (
        one.blocked_dollars == charged.filter(charged["claim"].is_in(blocked.implode()))["total_charge"].sum()
    )
    assert set(one.beside) == set(found.filter(pl.col("claim").is_not_null())["code"])


def test_a_rule_of_the_book_is_not_compared_with_itself(claims_file: Path, rulebook: RuleBook) -> None:
    rule = rulebook["NPI002"]
    [one] = replayed(rule, claims_file, rulebook).rules
    assert one.claims == 1
    assert "NPI002" not in one.beside


def test_examples_are_the_dearest_claims(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook
) -> None:
    [one] = replayed(read(rule_text(limit=1)), claims_file, rulebook, examples=3).rules
    dearest = batch.claims.sort("total_charge", descending=True)["total_charge"][2]
    charges = dict(batch.claims.select("claim_id", "total_charge").iter_rows())
    assert len(one.examples) == 3
    assert [charges[number] for number in one.examples] == sorted(
        (charges[number] for number in one.examples), reverse=True
    )
    assert charges[one.examples[-1]] == dearest
    assert replayed(read(rule_text(limit=1)), claims_file, rulebook, examples=0).rules[0].examples == []


def test_duplicates_are_found_over_blocks(claims_file: Path, rulebook: RuleBook, batch: ClaimBatch) -> None:
    """The second block holds the claims of the first again: `seen` has to remember them."""
    again = ClaimBatch.of(
        {
            level: frame.with_columns(pl.col("claim") + len(batch)) if "claim" in frame.columns else frame
            for level, frame in batch.frames().items()
        }
    )
    parts = [ReplayBlock(batch, empty()), ReplayBlock(again, empty())]
    [one] = replay([rulebook["DUP001"]], parts, rulebook, as_of=DAY).rules
    assert one.claims >= len(batch) - 1


def test_denials_are_compared_by_claim_number(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook
) -> None:
    charges = dict(batch.claims.select("claim_id", "total_charge").iter_rows())
    dear = sorted(number for number, charge in charges.items() if charge > 400)
    cheap = sorted(number for number, charge in charges.items() if charge <= 400)
    outcomes = {number: Outcome(True, frozenset({"252"})) for number in dear[:3]}
    outcomes |= {dear[3]: Outcome(True, frozenset({"45"})), dear[4]: Outcome(False)}
    outcomes |= {cheap[0]: Outcome(True, frozenset({"252"})), cheap[1]: Outcome(False)}
    found = replayed(read(rule_text()), claims_file, rulebook, outcomes)
    [one] = found.rules
    assert found.outcomes == 7
    assert one.agreement == Agreement(4, 1, 1, 1, len(dear) - 5)
    assert one.agreement_on_carc == Agreement(3, 2, 1, 1, len(dear) - 5)


def test_reasons_are_not_compared_where_none_are_known(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook
) -> None:
    outcomes = {batch.claims["claim_id"][0]: Outcome(True)}
    assert replayed(read(rule_text()), claims_file, rulebook, outcomes).rules[0].agreement_on_carc is None


def test_tables_are_replayed_like_the_file_that_they_came_from(
    read: Callable[..., Rule], claims_file: Path, batch: ClaimBatch, rulebook: RuleBook, tmp_path: Path
) -> None:
    write_tables([batch], tmp_path / "tables", "parquet")
    rule = read(rule_text())
    of_file = replayed(rule, claims_file, rulebook).rules[0]
    of_tables = replayed(rule, tmp_path / "tables", rulebook).rules[0]
    assert (of_tables.claims, of_tables.dollars) == (of_file.claims, of_file.dollars)


def test_the_terminal_tells_what_a_draft_would_do(
    run: Callable[..., Result],
    written: Callable[..., Path],
    claims_file: Path,
    batch: ClaimBatch,
    tmp_path: Path,
) -> None:
    rule = written(rule_text())
    numbers = batch.claims.sort("total_charge", descending=True)["claim_id"]
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text(
        f"claim_id,denied,carc\n{numbers[0]},yes,CO-252\n{numbers[1]},no,45\n", encoding="utf-8"
    )
    shown = run("rules", "replay", rule, claims_file, "--as-of", "2025-09-15", "--outcomes", outcomes)
    assert shown.exit_code == 1
    for words in (
        "would flag",
        "already blocked",
        "examples, highest charge first",
        "flagged: 1 denied, 1 not",
    ):
        assert words in shown.stdout, words
    # Wilson's interval of 1 in 2, by hand: (1/2 + 1.9208/2 ± 1.95996/√(1/8 + 3.8415/16)·½) / (1 + 1.9208).
    assert "precision 50.0% (95% interval 9.5% to 90.5%): 1 of 2" in shown.stdout
    assert "for denials with CARC 252" in shown.stdout
    facts = json.loads(
        run("rules", "replay", rule, claims_file, "--as-of", "2025-09-15", "-f", "json", "-n", "2").stdout
    )
    assert len(facts["rules"][0]["examples"]) == 2
    assert Decimal(facts["rules"][0]["dollars"]) > 0


def test_a_rule_that_touches_nothing_says_so(
    run: Callable[..., Result], written: Callable[..., Path], claims_file: Path
) -> None:
    shown = run("rules", "replay", written(rule_text(limit=99999)), claims_file)
    assert shown.exit_code == 0
    assert "flags none of the claims" in shown.stdout


def test_a_rule_of_the_book_is_named_by_its_code(run: Callable[..., Result], claims_file: Path) -> None:
    assert "NPI002" in run("rules", "replay", "npi002", claims_file).stdout


def test_outcomes_of_other_claims_say_so(
    run: Callable[..., Result], written: Callable[..., Path], claims_file: Path, tmp_path: Path
) -> None:
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text("claim_id,denied\nSOMEBODY-ELSES,yes\n", encoding="utf-8")
    shown = run("rules", "replay", written(rule_text()), claims_file, "--outcomes", outcomes)
    assert "the outcomes contain none of the claim numbers" in shown.stdout


@pytest.mark.parametrize(
    "broken", ["no such rule", "a refused rule", "no claims", "no file", "bad outcomes", "no outcomes"]
)
def test_unusable_input_is_told_in_one_line(
    broken: str, run: Callable[..., Result], written: Callable[..., Path], claims_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.837").write_text("", encoding="utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n", encoding="utf-8")
    rule = written(rule_text())
    arguments = {
        "no such rule": ("OWN999", claims_file),
        "a refused rule": (written("code: [", name="broken.yaml", folder="broken"), claims_file),
        "no claims": (rule, tmp_path / "empty.837"),
        "no file": (rule, tmp_path / "nowhere.837"),
        "bad outcomes": (rule, claims_file, "--outcomes", bad),
        "no outcomes": (rule, claims_file, "--outcomes", tmp_path / "nowhere.csv"),
    }[broken]
    result = run("rules", "replay", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == (2 if broken == "a refused rule" else 1)
