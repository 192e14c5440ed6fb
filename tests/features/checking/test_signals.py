"""Signals over whole files: found where a provider stands apart, quiet elsewhere, waived, written, told."""

from __future__ import annotations

import csv
import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import claimwright as cw
from claimwright.apps.cli.main import app
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import facts
from claimwright.domain.dictionary import Level
from claimwright.engines.rules import Waiver, load_rulebook
from claimwright.engines.signals import Tallies, judge, load_signals, read_signal, run_signal_cases
from claimwright.engines.signals.cases import SignalCaseResult
from claimwright.features.checking import Checker, meaning_of
from claimwright.features.conversion import write_837_file
from claimwright.rulebook import RuleSource
from claimwright_lab.sampling import SampleOptions, sample_batches

DAY = datetime.date(2026, 1, 15)
FAMILY, GROUP, CLINIC = "207Q00000X", "193200000X", "261QM1300X"
PEERS = [f"{1_000_000_004 + 10 * number}" for number in range(12)]
OWN = PEERS[0]


def visits(
    *lines: tuple[str, str], taxonomy: str = FAMILY, units: str = "1", modifier: str | None = None
) -> ClaimBatch:
    """One claim for each line: who rendered it, and the procedure."""
    numbers = list(range(1, len(lines) + 1))
    claims = pl.DataFrame(
        {
            "claim": numbers,
            "claim_id": [f"C{number}" for number in numbers],
            "form": ["P"] * len(lines),
            "billing_npi": ["1881645802"] * len(lines),
            "billing_entity_type": ["2"] * len(lines),
            "rendering_npi": [who for who, _ in lines],
            "rendering_taxonomy": [taxonomy] * len(lines),
        }
    )
    rows = pl.DataFrame(
        {"claim": numbers, "line": [1] * len(lines), "procedure": [what for _, what in lines]},
        schema={"claim": pl.Int64, "line": pl.Int32, "procedure": pl.String},
    ).with_columns(
        service_from_on=pl.lit(datetime.date(2026, 1, 5)),
        units=pl.Series([Decimal(units)] * len(lines), dtype=pl.Decimal(15, 3)),
        modifier_1=pl.lit(modifier, pl.String),
    )
    return ClaimBatch.of({Level.CLAIM: claims, Level.LINE: rows})


def a_practice(own_high: int) -> ClaimBatch:
    """100 office visits of each of twelve: `own_high` of the first's at level 4, 30 of the others'."""
    lines = []
    for who in PEERS:
        high = own_high if who == OWN else 30
        lines += [(who, "99214")] * high + [(who, "99213")] * (100 - high)
    return visits(*lines)


def signals_of(*batches: ClaimBatch) -> pl.DataFrame:
    tallies = Tallies(load_signals())
    for batch in batches:
        tallies.add(facts(batch, as_of=DAY))
    return tallies.findings(as_of=DAY)


@pytest.mark.parametrize(
    "result", run_signal_cases(load_signals()), ids=lambda r: f"{r.signal.code} {r.case.name}"
)
def test_a_signal_does_what_its_cases_say(result: SignalCaseResult) -> None:
    assert result.passed


def test_a_provider_who_codes_high_is_told_with_the_counts_that_say_so() -> None:
    found = signals_of(a_practice(own_high=90))
    assert found.select("claim", "line", "code", "severity", "waiver").rows() == [
        (None, None, "SIG101", "note", None)
    ]
    # 90 of 100, and 11 x 30 of 11 x 100.
    assert found["detail"].to_list() == [
        f"NPI {OWN}, taxonomy {FAMILY}: 90 of 100 office visits of established patients at level 4 or 5, "
        "90.0%; 11 peers 30.0%"
    ]


def test_a_practice_whose_providers_agree_gives_no_signal() -> None:
    assert signals_of(a_practice(own_high=34)).height == 0


def test_the_bound_is_wilsons_interval_and_the_margin() -> None:
    # Lower end for k of n at z: (p + z2/2n - z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n), by hand for z = 3.29.
    z, margin = 3.29, 0.20

    def end(k: int, n: int, sign: int) -> float:
        p = k / n
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (p + z * z / (2 * n) + sign * spread) / (1 + z * z / n)

    peers = end(330, 1100, +1) + margin
    least = next(k for k in range(30, 101) if end(k, 100, -1) > peers)
    assert 0 < least < 90
    assert signals_of(a_practice(own_high=least)).height == 1
    assert signals_of(a_practice(own_high=least - 1)).height == 0


def test_the_order_and_size_of_blocks_make_no_difference() -> None:
    whole = a_practice(own_high=90)
    halves = [whole.select(range(1, 601)), whole.select(range(601, 1201))]
    assert signals_of(*halves).equals(signals_of(whole))
    assert signals_of(*reversed(halves)).equals(signals_of(whole))


def test_whoever_has_no_taxonomy_of_a_person_is_compared_with_nobody() -> None:
    lines = [(who, "99214" if who == OWN else "99213") for who in PEERS for _ in range(100)]
    assert signals_of(visits(*lines)).height == 1
    for taxonomy in (GROUP, CLINIC):
        assert signals_of(visits(*lines, taxonomy=taxonomy)).height == 0


def test_lines_that_only_an_organization_stands_for_are_not_counted() -> None:
    batch = a_practice(own_high=90)
    nobody = ClaimBatch.of(
        {
            Level.CLAIM: batch.claims.with_columns(rendering_npi=pl.lit(None, pl.String)),
            Level.LINE: batch.lines,
        }
    )
    assert signals_of(nobody).height == 0


def test_what_is_no_npi_is_counted_for_nobody_and_does_not_disturb_the_others() -> None:
    odd = ["ABC", "", "9999999999", "99999999999999999999", "\u0661234567890", "0000000000"]
    practice = a_practice(own_high=90)
    among = visits(*[(who, "99214") for who in odd for _ in range(100)])
    assert signals_of(among).height == 0
    assert signals_of(practice, among).equals(signals_of(practice))


def test_more_taxonomies_than_there_are_are_not_counted() -> None:
    """The bits of a key are for what is real: a file of nonsense cannot make one taxonomy of two."""
    made_up = [f"207{number:06d}X" for number in range(20_000)]
    nonsense = visits(*[(OWN, "99215")] * len(made_up))
    nonsense = ClaimBatch.of(
        {
            Level.CLAIM: nonsense.claims.with_columns(rendering_taxonomy=pl.Series(made_up)),
            Level.LINE: nonsense.lines,
        }
    )
    tallies = Tallies(load_signals())
    tallies.add(facts(nonsense, as_of=DAY))
    counted = tallies.counts().filter(pl.col("code") == "SIG101", pl.col("marked") > 0)
    assert counted["counted"].to_list() == [1] * counted.height
    assert 16_000 < counted["peers"].n_unique() < 20_000


def test_a_provider_who_parts_bundles_by_modifier_is_told() -> None:
    own = visits(*[(OWN, "20610")] * 150, modifier="59")
    others = visits(*[(who, "20610") for who in PEERS[1:] for _ in range(100)])
    assert signals_of(own, others)["code"].to_list() == ["SIG102"]
    # A modifier that parts nothing is none of them.
    assert signals_of(visits(*[(OWN, "20610")] * 150, modifier="RT"), others).height == 0


def test_a_day_longer_than_a_day_is_told_over_the_claims_of_all_patients() -> None:
    [told] = signals_of(visits(*[(OWN, "97110")] * 25, units="4"))["detail"]
    assert told == f"NPI {OWN}: 100 units of timed services on 2026-01-05"
    assert signals_of(visits(*[(OWN, "97110")] * 24, units="4")).height == 0


def test_claims_that_are_checked_for_somebody_else_are_not_counted() -> None:
    checker = Checker(as_of=DAY)
    checker.check(a_practice(own_high=90), seen=type(checker.seen)())
    assert checker.conclude().findings.height == 0


def test_bounds_apply_from_their_day() -> None:
    tallies = Tallies(load_signals())
    tallies.add(facts(a_practice(own_high=90), as_of=DAY))
    assert tallies.findings(as_of=DAY).height == 1
    assert tallies.findings(as_of=datetime.date(2015, 9, 30)).height == 0


def test_a_notebook_has_signals_among_the_findings_and_in_the_summary() -> None:
    result = cw.check(a_practice(own_high=90), as_of=DAY)
    assert result.findings.filter(pl.col("claim").is_null())["code"].to_list() == ["SIG101"]
    assert result.summary.tallies["SIG101"].findings == 1


def test_every_signal_has_a_meaning_and_a_code_and_a_name_of_its_own() -> None:
    book = load_rulebook()
    for signal in load_signals():
        meaning = meaning_of(signal.code, book)
        assert (meaning.severity, meaning.authority) == ("note", signal.authority)
        assert signal.code not in book
        assert signal.name not in book
        for text in (signal.what, signal.why, signal.fix):
            assert text.endswith(".")


WAIVER = Waiver(
    "W-1", ("SIG101",), datetime.date(2026, 1, 1), datetime.date(2026, 6, 30), "a.jones", "Sickest patients."
)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True),
        ({"providers": (OWN,)}, True),
        ({"providers": (PEERS[1],)}, False),
        ({"payer_ids": ("00192",)}, False),
        ({"valid_to": datetime.date(2026, 1, 14)}, False),
        ({"rules": ("SIG102",)}, False),
    ],
)
def test_a_waiver_covers_the_signals_about_its_providers(scope: dict[str, Any], covered: bool) -> None:
    from dataclasses import replace

    checker = Checker(as_of=DAY, waivers=[replace(WAIVER, **scope)])
    checker.check(a_practice(own_high=90))
    assert checker.conclude().findings["waiver"].to_list() == ["W-1" if covered else None]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- a", "not a mapping"),
        ("{code: SIG900, name: a-b, title: T, what: W., why: Y., fix: F., kind: odd}", "kind is neither"),
        (
            "{code: SIG900, name: a-b, title: T, what: W., why: Y., fix: F., kind: day, snip: 7}",
            "at least one",
        ),
        ("{code: SIG900, title: T}", "name is missing"),
    ],
)
def test_a_signal_that_is_not_whole_is_refused_by_name(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=f"SIG900.yaml.*: .*{what}"):
        read_signal(RuleSource("SIG900.yaml", text))


@pytest.fixture(scope="module")
def high_coder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean professional claims of a practice in which one codes every visit at level 4."""
    options = SampleOptions(claims=1_100, seed=11, forms={"P": 1}, defect_rate=0.0)
    batch = ClaimBatch.concat(batch for batch, _ in sample_batches(options))
    who = pl.Series([PEERS[number % len(PEERS)] for number in range(len(batch))])
    own = batch.claims.filter(who == OWN)["claim"].implode()
    claims = batch.claims.with_columns(
        rendering_npi=who,
        rendering_id_qualifier=pl.lit("XX"),
        rendering_entity_type=pl.lit("1"),
        rendering_name=pl.lit("SYNTHETIC"),
        rendering_taxonomy=pl.lit(FAMILY),
    )
    first = pl.col("line") == 1
    lines = batch.lines.with_columns(
        procedure=pl.when(first & pl.col("claim").is_in(own))
        .then(pl.lit("99214"))
        .when(first)
        .then(pl.lit("99213"))
        .otherwise("procedure"),
        line_rendering_npi=pl.lit(None, pl.String),
    )
    frames = {**batch.frames(), Level.CLAIM: claims, Level.LINE: lines}
    path = tmp_path_factory.mktemp("signals") / "practice.837"
    write_837_file([ClaimBatch.of(frames)], path)
    return path


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


AS_OF = ("--as-of", "2025-09-15")


def test_the_terminal_tells_signals_in_a_table_of_their_own(high_coder: Path) -> None:
    _, told, problems = run("check", high_coder, *AS_OF)
    assert "What the claims show together" in told
    assert OWN in told
    assert "Compare a sample of these visits" in told
    assert OWN not in problems


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_files_for_machines_have_signals_among_the_findings(
    high_coder: Path, tmp_path: Path, form: str
) -> None:
    run("check", high_coder, *AS_OF, "--format", form, "--out", tmp_path)
    path = tmp_path / f"findings.{form}"
    if form == "parquet":
        found = pl.read_parquet(path)
    else:
        read = pl.read_csv if form == "csv" else pl.read_ndjson
        found = read(path, infer_schema_length=None)
    found = found.filter(pl.col("code") == "SIG101")
    assert found["claim"].null_count() == found.height == 1
    assert OWN in found["detail"][0]
    assert found["source"][0].endswith("practice.837")


def test_json_lines_on_standard_output_end_with_what_is_of_no_claim(high_coder: Path) -> None:
    _, told, _ = run("check", high_coder, *AS_OF, "--format", "jsonl")
    rows = [json.loads(line) for line in told.splitlines()]
    assert [row["claim"] for row in rows].count(None) == 1
    assert rows[-1]["claim"] is None
    assert [finding["code"] for finding in rows[-1]["findings"]] == ["SIG101"]


def test_a_waiver_file_may_name_a_signal(high_coder: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(
        f"- {{id: W-7, rules: [visits-coded-above-peers], providers: ['{OWN}'], from: 2025-01-01,"
        " to: 2025-12-31, owner: a.jones, reason: Geriatric practice.}\n",
        encoding="utf-8",
    )
    run("check", high_coder, *AS_OF, "--waivers", waivers, "--format", "csv", "--out", tmp_path)
    with (tmp_path / "findings.csv").open(encoding="utf-8") as file:
        [found] = [row for row in csv.DictReader(file) if row["code"] == "SIG101"]
    assert (found["waiver"], found["waiver_owner"]) == ("W-7", "a.jones")


def test_a_clean_sample_gives_no_signal() -> None:
    checker = Checker(as_of=datetime.date(2025, 9, 15))
    for batch, _ in sample_batches(SampleOptions(claims=4_000, seed=3)):
        checker.check(batch)
    assert checker.conclude().findings.height == 0


def test_providers_who_only_differ_as_providers_do_give_hardly_any_signal() -> None:
    # 2,000 family physicians with 50 to 500 visits each, whose own shares of level 4 and 5 spread around 40%
    # by ten points (a beta distribution of 9.2 and 13.8): the widest spread that is still one crowd.
    draws = np.random.default_rng(20260115)
    counted = draws.integers(50, 501, 2_000)
    marked = draws.binomial(counted, draws.beta(9.2, 13.8, 2_000))
    counts = pl.DataFrame(
        {
            "code": ["SIG101"] * 2_000,
            "group": [2] * 2_000,
            "provider": [f"{number:010}" for number in range(2_000)],
            "peers": [FAMILY] * 2_000,
            "day": [None] * 2_000,
            "counted": counted,
            "marked": marked,
        },
        schema_overrides={"group": pl.UInt8, "day": pl.Date},
    )
    [signal] = [signal for signal in load_signals() if signal.code == "SIG101"]
    assert judge(signal, counts, as_of=DAY).height <= 2
    own = counts.with_columns(
        marked=pl.when(pl.col("provider") == "0000000000").then("counted").otherwise("marked")
    )
    assert "0000000000" in judge(signal, own, as_of=DAY)["provider"]


def test_rules_list_search_and_show_know_the_signals() -> None:
    assert "bundles-parted-above-peers" in run("rules", "list", "SIG")[1]
    assert "SIG103" in run("rules", "search", "impossible", "day")[1]
    status, told, _ = run("rules", "show", "visits-coded-above-peers")
    assert status == 0
    for words in (
        "Authority",
        "OEI-04-10-00180",
        "office visits of new patients at level 5",
        "least_lines 50",
    ):
        assert words in told
    [shown] = [json.loads(run("rules", "show", "SIG103", "--format", "json")[1])]
    assert (shown["code"], shown["thresholds"][0]["most_units"]) == ("SIG103", 96)


def test_rules_test_runs_the_cases_of_signals_beside_those_of_rules() -> None:
    status, told, _ = run("rules", "test")
    assert status == 0
    assert "cases of 3 signals are as stated" in told
