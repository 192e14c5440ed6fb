"""Rules and waivers of a tenant, through `claimwright check` as somebody would run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import Result

from .conftest import rule_text

DAY = ("--as-of", "2025-09-15")


@pytest.fixture
def claims(samples: Path) -> Path:
    """Forty synthetic professional claims, twelve of them with a planted defect."""
    return samples / "professional.837"


def checked(run: Callable[..., Result], *arguments: str | Path) -> list[dict[str, object]]:
    result = run("check", *arguments, *DAY, "--format", "jsonl")
    return [json.loads(line) for line in result.stdout.splitlines()]


def codes(claims: list[dict[str, object]]) -> set[str]:
    return {finding["code"] for claim in claims for finding in claim["findings"] or ()}  # type: ignore[attr-defined]


def test_a_rule_of_a_folder_runs_beside_the_rulebook(
    run: Callable[..., Result], written: Callable[..., Path], claims: Path
) -> None:
    before = checked(run, claims)
    after = checked(run, claims, "--rules", written(rule_text(lifecycle="stable")).parent)
    assert codes(after) == codes(before) | {"OWN001"}
    charged = [claim for claim in after if float(str(claim["total_charge"])) > 400]
    found = [claim for claim in after if "OWN001" in codes([claim])]
    assert [claim["claim"] for claim in found] == [claim["claim"] for claim in charged]


def test_a_rule_for_one_payer_leaves_the_others_alone(
    run: Callable[..., Result], written: Callable[..., Path], claims: Path
) -> None:
    text = rule_text(lifecycle="stable", limit=1)
    scoped = text.replace("field:", "payers: {ids: ['NOBODY']}\nfield:").replace(
        "claim: {total_charge", "claim: {payer_id: NOBODY, total_charge"
    )
    assert "OWN001" not in codes(checked(run, claims, "--rules", written(scoped)))
    unscoped = written(text, folder="unscoped")
    assert "OWN001" in codes(checked(run, claims, "--rules", unscoped))


def test_a_rule_applies_by_the_date_of_service(
    run: Callable[..., Result], written: Callable[..., Path], claims: Path
) -> None:
    text = rule_text(lifecycle="stable", limit=1).replace("field:", "effective: {to: 2025-07-31}\nfield:")
    served = {
        str(claim["first_service_on"]): "OWN001" in codes([claim])
        for claim in checked(run, claims, "--rules", written(text))
    }
    assert any(served.values())
    assert {day for day, found in served.items() if found} == {day for day in served if day <= "2025-07-31"}


def test_a_refused_rule_is_told_and_the_rest_run(
    run: Callable[..., Result], written: Callable[..., Path], claims: Path
) -> None:
    broken = written(rule_text("OWN002").replace("total_charge > 400", "total_charge >"), name="broken.yaml")
    folder = written(rule_text(lifecycle="stable")).parent
    result = run("check", claims, *DAY, "--rules", folder, "--format", "jsonl")
    assert f"{broken}:14: OWN002: when: the predicate is not SQL" in result.stderr
    assert "OWN001" in result.stdout


def test_a_rule_on_a_taken_code_never_takes_the_place_of_the_one_that_ships(
    run: Callable[..., Result], written: Callable[..., Path], claims: Path
) -> None:
    text = rule_text("NPI002", lifecycle="stable", limit=99999)
    result = run("check", claims, *DAY, "--rules", written(text), "--format", "jsonl")
    assert "NPI002 is already the rule of rulebook/identifiers/NPI002.yaml" in result.stderr
    assert '"code":"NPI002"' in result.stdout


# --- waivers ------------------------------------------------------------------------------------------

WAIVER = """\
- id: W-2025-007
  rules: [{rules}]
  from: 2025-01-01
  to: {to}
  owner: a.jones
  reason: The payer takes the group's number until its enrolment is through.
"""


def waivers(folder: Path, rules: str, to: str = "2025-12-31", extra: str = "") -> Path:
    path = folder / "waivers.yaml"
    path.write_text(WAIVER.format(rules=rules, to=to) + extra, encoding="utf-8")
    return path


def findings(run: Callable[..., Result], folder: Path, *arguments: str | Path) -> pl.DataFrame:
    result = run("check", *arguments, *DAY, "--format", "parquet", "--out", folder)
    assert result.exit_code in (0, 1), result.stderr
    return pl.read_parquet(folder / "findings.parquet")


def status_of(run: Callable[..., Result], claim: int, *arguments: str | Path) -> object:
    [found] = [row for row in checked(run, *arguments) if row["claim"] == claim]
    return found["status"]


def test_a_waived_finding_is_marked_and_its_claim_is_clean(
    run: Callable[..., Result], claims: Path, tmp_path: Path
) -> None:
    before = findings(run, tmp_path / "before", claims)
    [claim] = before.filter(pl.col("code") == "NPI002")["claim"].to_list()
    assert status_of(run, claim, claims) == "block"
    waived = ("--waivers", waivers(tmp_path, "NPI002"))
    after = findings(run, tmp_path / "after", claims, *waived)
    assert after.height == before.height, "nothing is dropped"
    assert after.filter(pl.col("waiver").is_not_null()).select("claim", "code", "waiver").rows() == [
        (claim, "NPI002", "W-2025-007")
    ]
    assert status_of(run, claim, claims, *waived) is None


def test_a_waiver_may_name_a_rule_by_its_name(
    run: Callable[..., Result], claims: Path, tmp_path: Path
) -> None:
    found = findings(
        run, tmp_path / "out", claims, "--waivers", waivers(tmp_path, "rendering-npi-impossible")
    )
    assert found.filter(pl.col("waiver").is_not_null())["code"].to_list() == ["NPI002"]


def test_a_waiver_of_a_tenants_rule(
    run: Callable[..., Result], written: Callable[..., Path], claims: Path, tmp_path: Path
) -> None:
    rule = written(rule_text(lifecycle="stable"))
    path = waivers(tmp_path, "OWN001")
    found = findings(run, tmp_path / "out", claims, "--rules", rule, "--waivers", path)
    assert set(found.filter(pl.col("waiver").is_not_null())["code"]) == {"OWN001"}
    unknown = run("check", claims, *DAY, "--waivers", path)
    assert unknown.exit_code == 2
    assert "no rule OWN001" in unknown.stderr


@pytest.mark.parametrize(
    ("to", "extra"),
    [
        ("2025-09-14", ""),
        ("2025-12-31", "  payers: {claim_filing: [ZZ]}\n"),
        ("2025-12-31", "  payers: {ids: [NOBODY]}\n"),
        ("2025-12-31", '  providers: ["1999999984"]\n'),
    ],
)
def test_a_waiver_that_has_ended_or_is_for_others_covers_nothing(
    to: str, extra: str, run: Callable[..., Result], claims: Path, tmp_path: Path
) -> None:
    found = findings(run, tmp_path / "out", claims, "--waivers", waivers(tmp_path, "NPI002", to, extra))
    assert found["waiver"].null_count() == found.height


def test_a_waiver_holds_on_its_last_day(run: Callable[..., Result], claims: Path, tmp_path: Path) -> None:
    found = findings(run, tmp_path / "out", claims, "--waivers", waivers(tmp_path, "NPI002", "2025-09-15"))
    assert found["waiver"].drop_nulls().to_list() == ["W-2025-007"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            WAIVER.format(rules="NPI002", to="2025-12-31").replace("  owner: a.jones\n", ""),
            "owner is missing",
        ),
        (WAIVER.format(rules="NPI999", to="2025-12-31"), "no rule NPI999"),
        (WAIVER.format(rules="NPI002", to="2024-12-31"), "ends before it begins"),
        ("waivers: all of them\n", "not a list of waivers"),
        ("- id: [", "not YAML"),
    ],
)
def test_waivers_that_cannot_be_used_end_the_check_in_one_line(
    text: str, words: str, run: Callable[..., Result], claims: Path, tmp_path: Path
) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("check", claims, "--waivers", path)
    assert (result.exit_code, result.stdout) == (2, "")
    [told] = result.stderr.splitlines()
    assert told.startswith(f"claimwright: {path}:")
    assert words in told


def test_a_file_of_waivers_that_is_not_there_is_one_line(
    run: Callable[..., Result], claims: Path, tmp_path: Path
) -> None:
    result = run("check", claims, "--waivers", tmp_path / "nowhere.yaml")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
