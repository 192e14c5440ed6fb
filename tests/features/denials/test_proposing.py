"""Proposed rules from the history of a store: mined, measured, written as drafts that pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import A100
from tests.features.remittance.written_835 import Payment

from claimwright.engines.rules import Rule
from claimwright.features.denials import propose, proposing, write_proposal
from claimwright.features.rule_workshop import try_files
from claimwright.store.decided_lines import DECIDED_LINES, decided_lines

from .test_work_list import NO_NUMBER


def test_decided_lines_have_what_was_sent_and_what_was_denied(clinic: Clinic) -> None:
    clinic.post(Payment([A100, NO_NUMBER]))
    with clinic.database.transaction(CALLER) as connection:
        found = decided_lines(connection, "P")
        other = decided_lines(connection, "P", root_cause="late-claim")
        assert decided_lines(connection, "I").height == 0
    rows = found.sort("procedure").select("procedure", "denied", "denied_cents", "payer_id").rows()
    assert rows == [
        ("85025", False, 0, "12345"), ("99213", False, 0, "12345"), ("99214", True, 20000, "12345"),
    ]  # fmt: skip
    assert not other["denied"].any()


def history(**more: Any) -> pl.DataFrame:
    """400 lines over 100 days: 99215 by payer P1 is denied, and nothing else."""
    rows = [
        {
            "claim_key": n, "line": 1, "payer_id": f"P{n % 2}", "claim_filing_code": "CI",
            "frequency_code": "1", "procedure": "99215" if n % 4 < 2 else "99213", "units": 1.0,
            "decided_on": n // 4, "denied": n % 4 == 1, "denied_cents": 10000 if n % 4 == 1 else 0, **more,
        }
        for n in range(400)
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in DECIDED_LINES.items() if name not in frame]
    return frame.with_columns(missing)


def test_a_proposal_is_a_draft_that_passes_its_own_cases(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(proposing, "decided_lines", lambda *_, **__: history())
    connection: Any = None
    best = propose(CALLER, connection)[0]
    assert set(best.proposal.columns) == {"payer_id", "procedure"}
    # The last 30 of 100 days are held out: one denied line each, all of them flagged.
    assert (best.proposal.held_out.flagged, best.proposal.held_out.precision) == (30, 1.0)
    path = write_proposal(best, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert path.name == "OWN001.yaml"
    assert "precision 100.0%" in text
    tried = try_files([path])
    assert tried.problems == ()
    assert tried.failed == ()
    [rule] = tried.rules
    assert isinstance(rule, Rule)
    assert (rule.lifecycle.value, rule.level) == ("draft", "line")
    assert write_proposal(best, tmp_path).name == "OWN002.yaml"


@pytest.mark.parametrize(
    ("form", "when", "columns"),
    [
        ("P", "modifier_1 is null and procedure = '99213'", ("modifier_1", "procedure")),
        ("P", "units >= 3.0", ("units",)),
        ("P", "line_charge >= 250.00 and line_place_of_service = '22'", ("line_charge", "x")),
        ("I", "revenue_code = '0450' and claim_filing_code = 'MA'", ("revenue_code", "x")),
        ("D", "procedure = 'D2740'", ("procedure",)),
        ("P", "procedure is null", ("procedure",)),
    ],
)
def test_every_kind_of_condition_has_cases_that_pass(
    form: str, when: str, columns: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.setattr(proposing, "decided_lines", lambda *_, **__: history())
    connection: Any = None
    best = propose(CALLER, connection)[0]
    made = replace(best, form=form, proposal=replace(best.proposal, when=when, columns=columns))
    tried = try_files([write_proposal(made, tmp_path)])
    assert tried.problems == ()
    assert tried.failed == ()
