"""The commands, as a person at a terminal runs them."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.apps.cli.terminal import lines_told
from claimwright.features.checking import check
from claimwright.features.conversion import write_837_file
from claimwright.features.intake import read_837

DAY = ("--as-of", "2025-09-15")
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    runner = CliRunner()

    def call(*words: object, **more: object) -> Result:
        result = runner.invoke(app, [str(word) for word in words], **more)  # type: ignore[arg-type]
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def test_a_check_shows_the_worst_claims_the_rules_and_the_totals(run: Run, samples: Path) -> None:
    result = run("check", samples / "professional.837", "--limit", 3, *DAY)
    assert result.exit_code == 1
    for words in ("Worst first: 3 of 40 claims", "Findings by rule", "Expected payment", "BAL001", "rules."):
        assert words in result.stdout, words
    assert "\x1b[" not in result.stdout


def test_the_exit_status_says_whether_to_look(run: Run, samples: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.837"
    assert (
        run("sample", "--claims", 30, "--defects", 0, "--out", clean, "--forms", "P", "--quiet").exit_code
        == 0
    )
    assert run("check", clean, "--quiet", "--fail-on", "block", *DAY).exit_code == 0
    assert run("check", samples / "dental.837", "--quiet", *DAY).exit_code == 1
    assert run("check", samples / "dental.837", "--quiet", "--fail-on", "never", *DAY).exit_code == 0
    empty = tmp_path / "empty.837"
    empty.touch()
    result = run("check", empty)
    assert result.exit_code == 2
    assert "SYN080" in result.stderr
    assert run("check", tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_results_for_machines(run: Run, samples: Path, tmp_path: Path, form: str) -> None:
    result = run("check", samples, "--format", form, "--out", tmp_path / "results", *DAY)
    assert result.exit_code == 1
    path = tmp_path / "results" / f"claims.{form}"
    reads = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}
    claims = reads[form](path)
    assert claims.height == 119
    assert claims["source"].n_unique() == 5
    assert not list((tmp_path / "results").glob("*.part"))


def test_json_lines_go_to_standard_output_a_claim_each(run: Run, samples: Path) -> None:
    result = run("check", samples / "dental.837", "--format", "jsonl", *DAY)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 15
    assert any(row["findings"] for row in rows)


def test_a_format_of_several_files_needs_a_folder(run: Run, samples: Path) -> None:
    result = run("check", samples / "dental.837", "--format", "csv")
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_one_bad_file_does_not_hide_the_others(run: Run, samples: Path, tmp_path: Path) -> None:
    (tmp_path / "a.837").write_bytes(b"%PDF-1.7")
    (tmp_path / "b.837").write_bytes((samples / "dental.837").read_bytes())
    result = run("check", tmp_path, *DAY)
    assert result.exit_code == 2
    assert "PDF" in result.stderr
    assert "of 15 claims" in result.stdout


def test_a_claim_is_explained_with_its_price_and_authority(run: Run, samples: Path) -> None:
    batch = read_837(samples / "professional.837")
    claim = batch.claims["claim_id"][6]
    result = run("explain", claim, samples / "professional.837", *DAY)
    assert result.exit_code == 1
    for words in (claim, "Parties", "Lines", "Authority", "How each line is priced"):
        assert words in result.stdout, words
    missing = run("explain", "NO-SUCH-CLAIM", samples / "professional.837")
    assert missing.exit_code == 2
    assert "none of the 40 claims" in missing.stderr


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_tables_come_back_as_the_same_837(run: Run, samples: Path, tmp_path: Path, form: str) -> None:
    folder, back = tmp_path / "tables", tmp_path / "back.837"
    assert run("convert", samples / "secondary.837", "--to", form, "--out", folder).exit_code == 0
    assert run("convert", folder, "--to", "837", "--out", back).exit_code == 0
    before, after = read_837(samples / "secondary.837"), read_837(back)
    assert before.claims.drop("first_segment", "last_segment").equals(
        after.claims.drop("first_segment", "last_segment")
    )
    assert before.lines.equals(after.lines)
    assert before.adjustments.equals(after.adjustments)


def test_a_table_with_a_strange_column_is_refused(run: Run, samples: Path, tmp_path: Path) -> None:
    run("convert", samples / "dental.837", "--to", "csv", "--out", tmp_path, "--quiet")
    path = tmp_path / "claims.csv"
    path.write_text(path.read_text().replace("claim_id", "claim_nr", 1))
    result = run("convert", tmp_path, "--to", "837", "--out", tmp_path / "x.837")
    assert result.exit_code == 2
    assert "claim_nr" in result.stderr


def test_an_acknowledgement_answers_each_interchange(run: Run, samples: Path, tmp_path: Path) -> None:
    result = run("ack", samples / "structural.837")
    assert result.exit_code == 1
    assert "TA1*" in result.stdout
    assert "AK9*R" in result.stdout or "AK9*P" in result.stdout
    target = tmp_path / "answer.999"
    run("sample", "--claims", 5, "--defects", 0, "--out", tmp_path / "clean.837", "--quiet")
    assert run("ack", tmp_path / "clean.837", "--out", target).exit_code == 0
    assert "AK9*A" in target.read_text()


def test_a_sample_is_the_same_for_a_seed(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("sample", "--claims", 50, "--seed", 3, "--out", tmp_path / f"{name}.837").exit_code == 0
    assert (tmp_path / "one.837").read_bytes() == (tmp_path / "two.837").read_bytes()
    assert run("sample", "--forms", "X=1", "--out", tmp_path / "x.837").exit_code == 2


def test_rules_are_listed_and_shown(run: Run) -> None:
    assert "NPI001" in run("rules", "list", "NPI").stdout
    shown = run("rules", "show", "NPI001").stdout
    assert "45 CFR" in shown
    assert run("rules", "show", "NONE999").exit_code == 2


def test_contracts_price_and_a_bad_one_is_named(run: Run, samples: Path, tmp_path: Path) -> None:
    bad = tmp_path / "contracts.yaml"
    bad.write_text("contracts: [{kind: nonsense}]\n")
    result = run("check", samples / "dental.837", "--contracts", bad)
    assert result.exit_code == 2
    assert "contracts.yaml" in result.stderr


def test_every_command_explains_itself(run: Run) -> None:
    for command in ("check", "explain", "convert", "ack", "sample", "rules", "reference"):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert "Usage" in result.stdout


WAIVER = """\
- id: W-7
  rules: [{rules}]
  from: 2025-01-01
  to: 2025-12-31
  owner: a.jones
  reason: A test.
"""


@pytest.fixture
def one_warning(run: Run, samples: Path, tmp_path: Path) -> tuple[Path, str]:
    """A file of one claim on which one rule fires, and the code of the rule."""
    batch = read_837(samples / "professional.837")
    found = check(batch, as_of=datetime.date(2025, 9, 15)).findings
    alone = found.filter(~pl.col("code").str.starts_with("SYN")).filter(
        (pl.len().over("claim") == 1) & (pl.col("severity") == "block")
    )
    claim, code = alone.select("claim", "code").row(0)
    path = tmp_path / "one.837"
    write_837_file([batch.select([claim])], path)
    return path, code


def test_what_a_waiver_covers_does_not_count_and_is_told(
    run: Run, one_warning: tuple[Path, str], tmp_path: Path
) -> None:
    path, code = one_warning
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(WAIVER.format(rules=code), encoding="utf-8")
    assert run("check", path, *DAY).exit_code == 1
    assert run("check", path, "--fail-on", "block", *DAY).exit_code == 1
    for more in ((), ("--fail-on", "block"), ("--fail-on", "warn"), ("--quiet",)):
        assert run("check", path, "--waivers", waivers, *more, *DAY).exit_code == 0, more
    shown = run("check", path, "--waivers", waivers, *DAY).stdout
    assert "Findings waived" in shown
    assert "100.0%" in shown, "a claim whose findings are all waived is clean"
    assert code in shown, "and what was found is still said"
    late = ("--as-of", "2026-01-01")
    assert run("check", path, "--waivers", waivers, *late).exit_code == 1, "it has ended"
    claim = read_837(path).claims["claim_id"][0]
    explained = run("explain", claim, path, "--waivers", waivers, *DAY)
    assert explained.exit_code == 0
    assert "Waived by W-7 (a.jones)" in explained.stdout


def test_a_claim_with_more_than_its_waiver_covers_says_which_is_which(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    # A dependent of a Medicare subscriber: COV005 blocks, PYR010 warns.
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(WAIVER.format(rules="PYR010"), encoding="utf-8")
    shown = run("check", samples / "professional.837", "--limit", 50, "--waivers", waivers, *DAY)
    assert shown.exit_code == 1
    assert "Waived by W-7 (a.jones)" in shown.stdout


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_results_for_machines_name_the_waiver_and_its_owner(
    run: Run, one_warning: tuple[Path, str], tmp_path: Path, form: str
) -> None:
    path, code = one_warning
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(WAIVER.format(rules=code), encoding="utf-8")
    target = tmp_path / "results"
    words = ("check", path, "--waivers", waivers, "--format", form, "--out", target)
    assert run(*words, *DAY).exit_code == 0
    reads = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}
    findings = reads[form](target / f"findings.{form}")
    assert findings.select("code", "waiver", "waiver_owner").rows() == [(code, "W-7", "a.jones")]
    claims = reads[form](target / f"claims.{form}")
    assert claims.select("status", "findings", "waived").rows() == [(None, 1, 1)]
    [row] = map(json.loads, run(*words[:4], "--format", "jsonl", *DAY).stdout.splitlines())
    assert (row["findings"][0]["waiver"], row["findings"][0]["waiver_owner"]) == ("W-7", "a.jones")


def test_a_waiver_that_cannot_be_used_is_named_by_its_line(run: Run, samples: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(WAIVER.format(rules="NPI001") + "  payers: CI\n", encoding="utf-8")
    result = run("check", samples / "dental.837", "--waivers", waivers)
    assert result.exit_code == 2
    assert "waivers.yaml:7: W-7: payers is not a mapping" in result.stderr


def test_a_clean_claim_has_an_empty_list_of_findings_in_json(run: Run, samples: Path) -> None:
    told = run("check", samples / "professional.837", "--format", "jsonl", *DAY).stdout
    rows = [json.loads(line) for line in told.splitlines()]
    assert {len(row["findings"]) == row["finding_count"] for row in rows} == {True}
    assert any(row["findings"] == [] for row in rows)


def test_a_folder_for_a_table_is_refused_rather_than_left_empty(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    result = run("check", samples / "dental.837", "--out", tmp_path / "results", *DAY)
    assert result.exit_code == 2
    assert "--format" in result.stderr


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([3], "line 3"),
        ([1, 2, 3, 4], "lines 1-4"),
        ([7, 1, 2], "lines 1-2, 7"),
        ([1, 3, 5, 7, 9, 11, 13], "lines 1, 3, 5, 7, 9, 11, ..."),
    ],
)
def test_lines_are_told_as_a_person_says_them(lines: list[int], told: str) -> None:
    assert lines_told(lines) == told


def test_an_acknowledgement_sums_up_and_says_what_can_not_be_written(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    result = run("ack", samples / "structural.837")
    assert result.stderr == "1 interchange, 0 rejected; 1 transaction set, 1 rejected.\n"
    assert run("ack", samples / "structural.837", "--quiet").stderr == ""
    (tmp_path / "file").touch()
    for words in ((samples,), (samples / "structural.837", "--out", tmp_path / "file" / "a.999")):
        refused = run("ack", *words)
        assert refused.exit_code == 2
        assert len(refused.stderr.splitlines()) == 1


def test_claims_on_standard_input_are_converted_to_where_they_are_told(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    data = (samples / "dental.837").read_bytes()
    assert run("convert", "-", input=data).exit_code == 2
    assert run("convert", "-", "--to", "csv", "--out", tmp_path / "tables", input=data).exit_code == 0
    assert run("convert", tmp_path / "tables", "--to", "837", "--out", tmp_path / "b.837").exit_code == 0
    assert (tmp_path / "b.837").read_bytes() == data


def test_a_fault_of_structure_is_shown_as_a_rule_is(run: Run) -> None:
    for key in ("SYN053", "syn053", "element-too-long"):
        told = run("rules", "show", key).stdout
        assert "more characters than the maximum" in told
        assert "IK403 5" in told
    assert "SYN044" in run("rules", "list", "SYN").stdout
    facts = json.loads(run("rules", "list", "SYN05", "--format", "json").stdout)
    assert "SYN053" in [each["code"] for each in facts]
    assert "SYN044" in run("rules", "search", "segment", "missing").stdout


def test_the_list_of_rules_says_what_they_find_in_a_narrow_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = run("rules", "list", "REQ").stdout
    assert "REQ023" in told
    assert "Inpatient visit has" in told


def test_a_finding_of_several_lines_is_drawn_once(run: Run, samples: Path) -> None:
    told = run("explain", "SYN17-000000022", samples / "professional.837", *DAY).stdout
    assert told.count("A required element is missing or empty.") == 1
    assert "lines 1-5, segments 580, 584, 588, 592, 596, 2400, SV107" in told
    assert "segment 574, 2300, HI" in told


def test_results_that_can_not_be_written_are_one_line(run: Run, samples: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    for form in ("csv", "jsonl", "parquet"):
        result = run("check", samples / "dental.837", "--format", form, "--out", taken, *DAY)
        assert result.exit_code == 2
        [line] = result.stderr.splitlines()
        assert line.startswith(f"claimwright: {taken}: can't be written")
    result = run("check", samples / "dental.837", "--waivers", tmp_path / "none.yaml", *DAY)
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_full_disk_is_one_line(samples: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    words = [sys.executable, "-m", "claimwright.apps.cli.main", "ack", str(samples / "dental.837")]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert "No space left" in ended.stderr
    assert "Traceback" not in ended.stderr


CONTRACTS = """
contracts:
  - name: Any hospital
    forms: [I]
    kind: percent_of_charge
    terms: {percent: 45}
    services:
      - {name: drugs, revenue_codes: [0250-0259], kind: percent_of_charge, terms: {percent: 30}}
    claims:
      - {name: hip or knee, drgs: ["470"], kind: case_rate, terms: {rate: 9000}}
"""


def test_a_contract_file_is_tried_on_claims(run: Run, samples: Path, tmp_path: Path) -> None:
    contracts = tmp_path / "contracts.yaml"
    contracts.write_text(CONTRACTS)
    result = run("contracts", "test", contracts, samples / "institutional.837", "--claim", "SYN20-000000010")
    assert result.exit_code == 0
    assert "terms for whole claims of Any hospital: the first that fits the claim" in result.stdout
    # The sums: one claim, 34,560.00 of charges, and its case rate beside what the drugs are paid.
    assert "hip or knee" in result.stdout
    assert "9,000.00" in result.stdout
    uncovered = run("contracts", "test", contracts, samples / "professional.837", "--limit", 1)
    assert uncovered.exit_code == 1
    assert "the form is not covered by Any hospital: I" in uncovered.stdout
    assert "117 of 117 lines have no price." in uncovered.stderr
    unknown = run("contracts", "test", contracts, samples, "--claim", "nowhere")
    assert unknown.exit_code == 2
    assert "no claim has the number nowhere" in unknown.stderr
    assert run("contracts", "test", tmp_path / "nowhere.yaml", samples).exit_code == 2
    empty = tmp_path / "empty.837"
    empty.touch()
    nothing = run("contracts", "test", contracts, empty)
    assert nothing.exit_code == 2
    assert "no claims could be read" in nothing.stderr
