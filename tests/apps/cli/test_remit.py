"""`claimwright remit`: the report of an 835, and a clear line for whatever else is named."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app

HEAD = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PROVIDER       "
    "*260301*0600*^*00501*000000001*0*T*:~GS*HP*PAYER*PROVIDER*20260301*0600*1*X*005010X221A1~"
)
# Worked by hand: 300 charged; the first line is paid 80 of 100, the second denied (200); 5 recovered.
BODY = (
    "BPR*I*75*C*CHK************20260301~TRN*1*CHK0042*1999999999~"
    "N1*PR*GOOD PAYER~N3*1 MAIN STREET~N4*ANYTOWN*OH*45209~PER*BL*EDI DESK*TE*8005550100~"
    "N1*PE*CLINIC ONE*XX*1234567893~LX*1~"
    "CLP*PCN001*1*300*80*20*12*ICN77*11*1~NM1*QC*1*DOEMASKED*JANE~"
    "SVC*HC:99213*100*80**1~DTM*472*20260115~CAS*PR*1*20~"
    "SVC*HC:99397*200*0**1~DTM*472*20260115~CAS*CO*197*200~LQ*HE*N130~"
    "PLB*1234567893*20261231*WO:ADJ1*5~"
)
COUNT = BODY.count("~") + 2
GOOD = f"{HEAD}ST*835*0001~{BODY}SE*{COUNT}*0001~GE*1*1~IEA*1*000000001~"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(content: str | bytes, *words: str) -> Result:
        path = tmp_path / "era.835"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return CliRunner().invoke(app, ["remit", str(path), *words])

    return call


def test_the_report_shows_payments_denials_with_their_reason_and_what_was_taken_back(run: Run) -> None:
    result = run(GOOD)
    assert result.exit_code == 0, result.output
    for told in ("GOOD PAYER", "CHK0042", "75.00", "processed as primary", "CO-197", "N130", "99397"):
        assert told in result.output
    assert "overpayment recovered" in result.output
    assert "-5.00" in result.output
    assert "Everything adds up" in result.output


def test_names_of_patients_are_shown_only_when_asked(run: Run) -> None:
    assert "DOEMASKED" not in run(GOOD).output
    assert "DOEMASKED" not in run(GOOD, "--json").output
    assert "DOEMASKED" in run(GOOD, "--names").output


def test_json_is_one_document_with_exact_amounts(run: Run) -> None:
    [file] = json.loads(run(GOOD, "--json").stdout)["files"]
    [payment] = file["payments"]
    assert (payment["payment_amount"], payment["paid"], payment["adjusted"]) == ("75.00", "80.00", "5.00")
    [denied] = file["denied"]
    assert denied.pop("cause")
    assert denied == {"group": "CO", "reason": "197", "units": 1, "denied": "200.00"}
    assert file["provider_adjustments"] == [{"reason": "WO", "rows": 1, "amount": "5.00"}]
    assert file["findings"] == []


@pytest.mark.parametrize(
    ("old", "new", "code", "cents"),
    [
        ("BPR*I*75*", "BPR*I*75.01*", "SYN102", "0.01 more"),
        ("PLB*1234567893*20261231*WO:ADJ1*5~", "PLB*1234567893*20261231*WO:ADJ1*5.5~", "SYN102", "0.50 more"),
        ("CAS*CO*197*200~", "CAS*CO*197*199.99~", "SYN100", "0.01 less"),
        ("CLP*PCN001*1*300*80*", "CLP*PCN001*1*300*81*", "SYN101", "1.00 more"),
        ("CLP*PCN001*1*300*80*", "CLP*PCN001*1*310*80*", "SYN103", "10.00 more"),
        ("*300*80*20*", "*300*80*19*", "SYN104", "1.00 less"),
    ],
)
def test_what_is_out_of_balance_is_a_finding_with_its_cents(
    run: Run, old: str, new: str, code: str, cents: str
) -> None:
    assert old in GOOD
    result = run(GOOD.replace(old, new))
    assert result.exit_code == 1
    assert code in result.output
    assert cents in result.output


def test_the_exit_status_counts_from_the_severity_asked_for(run: Run) -> None:
    noted = GOOD.replace("*300*80*20*", "*300*80*19*")
    assert run(noted).exit_code == 1
    assert run(noted, "--fail-on", "warn").exit_code == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of the kind",
        b"%PDF-1.7 something",
        GOOD.replace("ST*835", "ST*837").encode(),
        GOOD.replace("005010X221A1", "004010X091A1").encode(),
        gzip.compress(GOOD.encode(), mtime=0)[:100],
        b"ISA*",
        b"\x00" * 5000,
    ],
)
def test_a_file_without_a_remittance_ends_in_status_2_without_a_traceback(run: Run, content: bytes) -> None:
    result = run(content)
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.9])
def test_a_truncated_file_is_reported_and_what_came_before_is_read(run: Run, part: float) -> None:
    result = run(GOOD[: int(len(GOOD) * part)])
    assert result.exit_code in (1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "SYN020" in result.output


def test_a_compressed_file_reads_the_same(run: Run) -> None:
    assert json.loads(run(gzip.compress(GOOD.encode()), "--json").stdout) == json.loads(
        run(GOOD, "--json").stdout
    )


def test_control_characters_have_no_effect_on_the_terminal(run: Run) -> None:
    result = run(GOOD.replace("GOOD PAYER", "GOOD\x1b[31mPAYER"))
    assert "\x1b" not in result.output
    assert "\\x1b" in result.output


def test_standard_input_is_read() -> None:
    result = CliRunner().invoke(app, ["remit", "-"], input=GOOD.encode())
    assert result.exit_code == 0
    assert "CO-197" in result.output


def test_one_unusable_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.835").write_text(GOOD)
    (tmp_path / "b.835").write_bytes(b"%PDF-1.7")
    result = CliRunner().invoke(app, ["remit", str(tmp_path)])
    assert result.exit_code == 2
    assert "CO-197" in result.output
    assert "PDF" in result.output


def test_a_file_without_any_remittance_is_unusable_and_says_what_reads_it(run: Run) -> None:
    envelope = HEAD[: HEAD.index("GS*")]
    result = run(f"{envelope}TA1*000000077*260201*0600*R*018~IEA*0*000000001~")
    assert result.exit_code == 2
    assert "There is no remittance (835) in it." in result.output
    assert "claimwright denials reject" in result.output
    assert "Everything adds up" not in result.output
