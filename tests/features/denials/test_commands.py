"""The commands about denials, in this process, over the clinic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.written_835 import Payment, written
from typer.testing import CliRunner, Result

from claimwright.apps.cli import denials_command, denials_proposing, denials_working, rules_value, session
from claimwright.apps.cli.main import app
from claimwright.domain.caller import Caller, Origin

from .test_rejecting import REJECTED_277
from .test_work_list import NO_NAME, NO_NUMBER

MODULES = (denials_command, denials_working, denials_proposing, rules_value)


@dataclass
class Run:
    """Runs commands for a caller at the terminal who has these roles."""

    roles: frozenset[str] = frozenset({"administrator"})

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    def caller(self, *_: object) -> Caller:
        return replace(CALLER, roles=self.roles, origin=Origin.TERMINAL)


@pytest.fixture
def run(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line over the clinic's one transaction."""

    @contextmanager
    def store_of(_: Any) -> Iterator[Any]:
        yield clinic.database

    made = Run()
    # What the roles permit is decided by the real policies.
    monkeypatch.setattr(session, "caller_of", made.caller)
    monkeypatch.setenv("COLUMNS", "260")
    for module in MODULES:
        monkeypatch.setattr(module, "store_of", store_of)
        if hasattr(module, "sealer_of"):
            monkeypatch.setattr(module, "sealer_of", lambda *_: clinic.sealer)
    return made


def test_work_lists_denials_by_worth_with_law_and_step(run: Run, clinic: Clinic) -> None:
    assert "No denial is open." in run("denials", "work", "--as-of", "2026-02-20").output
    clinic.post(Payment([NO_NUMBER, NO_NAME]))
    shown = run("denials", "work", "--as-of", "2026-02-20")
    assert shown.exit_code == 1, shown.output
    for told in ("no-authorization", "29 CFR 2560.503-1(h)(3)(i)", "2026-07-31", "161", "-30.00", "CO-197"):
        assert told in shown.output, shown.output
    groups = json.loads(run("denials", "work", "--groups", "-f", "json", "--as-of", "2026-02-20").output)
    assert {each["root_cause"]: each["denials"] for each in groups}["no-authorization"] == 1


def test_clocks_shows_every_clock_and_an_unknown_denial_is_refused(run: Run, clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    [listed] = json.loads(run("denials", "work", "-f", "json", "--as-of", "2026-02-20").output)
    shown = run("denials", "clocks", str(listed["denial_id"]), "--as-of", "2026-08-01")
    assert shown.exit_code == 0, shown.output
    assert "lapsed" in shown.output
    assert run("denials", "clocks", "999999").exit_code == 2


def test_a_day_of_service_is_withheld_from_who_may_not_see_the_patients(run: Run, clinic: Clinic) -> None:
    # Medicare Part B: one calendar year after the service on 2026-01-15.
    clinic.post(content=written(Payment([NO_NUMBER])).replace(b"*12*ICN1*", b"*MB*ICN1*"))
    [listed] = json.loads(run("denials", "work", "-f", "json", "--as-of", "2026-02-20").output)
    words = ("denials", "clocks", str(listed["denial_id"]), "--as-of", "2026-02-20")
    sheet = ("denials", "show", str(listed["denial_id"]), "--as-of", "2026-02-20")
    assert "2026-01-15" in run(*words).output
    assert "2026-01-15" in run(*sheet).output
    run.roles = frozenset({"viewer"})
    for shown in (run(*words), run(*sheet)):
        assert shown.exit_code == 0, shown.output
        assert "2026-01-15" not in shown.output
        assert "withheld" in shown.output
    starts = {each["kind"]: each["start_on"] for each in json.loads(run(*words, "-f", "json").output)}
    assert starts["filing"] is None
    assert starts["appeal"] is not None


def test_the_value_of_rules_and_proposals_are_shown(run: Run, clinic: Clinic) -> None:
    assert run("denials", "propose", "--form", "X").exit_code == 2
    assert "No proposal" in run("denials", "propose").output
    clinic.post(Payment([NO_NUMBER]))
    shown = json.loads(run("rules", "value", "-f", "json").output)
    missed = [each for each in shown if each["missed"]]
    assert missed
    assert missed[0]["dollars_missed"] == "200.00"
    assert missed[0]["code"] in run("rules", "value").output


def test_a_277ca_is_posted_once_and_its_rejections_are_listed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answer.277ca"
    path.write_bytes(REJECTED_277)
    posted = run("denials", "reject", str(path))
    assert posted.exit_code == 1, posted.output
    assert "claims rejected: 2, in the store: 1;" in posted.output
    assert "posted before" in run("denials", "reject", str(path)).output
    listed = json.loads(run("denials", "work", "-f", "json").output)
    assert {each["stage"] for each in listed} == {"rejected_front_end"}
    assert run("denials", "reject", str(tmp_path / "none")).exit_code == 2


def test_what_needs_an_approval_is_not_set_to_resubmitted(
    run: Run, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.post(Payment([NO_NUMBER]))
    [listed] = json.loads(run("denials", "work", "-f", "json").output)
    words = ("denials", "set", str(listed["denial_id"]), "resubmitted", "--reason", "the payer asked for it")
    monkeypatch.setenv("CLAIMWRIGHT_REVIEW_APPROVAL_DOLLARS", "0")
    refused = run(*words)
    assert refused.exit_code == 2, refused.output
    assert "another person has to approve this" in refused.output
    monkeypatch.setenv("CLAIMWRIGHT_REVIEW_APPROVAL_DOLLARS", "100000000")
    assert run(*words).exit_code == 0


@pytest.mark.parametrize(
    ("role", "words", "does"),
    [
        ("", "denials work", "list denials"),
        ("", "denials clocks 1", "list denials"),
        ("", "denials propose", "list denials"),
        ("", "rules value", "list denials"),
        ("viewer", "denials alert", "set the state of denials"),
        ("viewer", "denials reject answer.277ca", "post remittances"),
    ],
)
def test_whoever_has_no_role_for_it_is_refused(run: Run, role: str, words: str, does: str) -> None:
    run.roles = frozenset(role.split())
    refused = run(*words.split())
    assert refused.exit_code == 2, refused.output
    assert f"your roles do not allow this: {does}" in refused.output, refused.output
