"""Policies of a folder are read while the process runs, with version, approver and effective day."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from claimwright.platform.access import Access, decisions
from claimwright.platform.access.decisions import AccessPolicyError

AUDITORS = """
@id("no-audit")
@version("{version}")
@effective("{effective}")
@approver("user:7")
forbid (principal in Claimwright::Role::"auditor", action == Claimwright::Action::"audit.read", resource);
"""


@pytest.fixture(autouse=True)
def _read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "_REREAD_SECONDS", -1.0)


def may(access: Access) -> bool:
    return access.decide(["auditor"], "audit.read").allowed


def test_a_policy_takes_effect_without_a_restart_on_its_day(tmp_path: Path) -> None:
    access, file = Access(tmp_path), tmp_path / "own.cedar"
    assert may(access)
    file.write_text(AUDITORS.format(version="1", effective="2026-01-01"), encoding="utf-8")
    refused = access.decide(["auditor"], "audit.read")
    assert (refused.allowed, refused.reason) == (False, "policy no-audit")
    [own] = [each for each in access.policies if each.id == "no-audit"]
    assert (own.version, own.approver, own.effective_on) == ("1", "user:7", datetime.date(2026, 1, 1))
    # Version 2 is listed before its day, and not in force.
    file.write_text(AUDITORS.format(version="2", effective="2999-01-01"), encoding="utf-8")
    assert may(access)
    assert [each.version for each in access.policies if each.id == "no-audit"] == ["2"]
    file.unlink()
    assert may(access)
    assert not [each for each in access.policies if each.id == "no-audit"]


@pytest.mark.parametrize(
    "text",
    [
        "forbid (principal,",  # half-written
        AUDITORS.format(version="2", effective="2026-01-01").replace('@approver("user:7")\n', ""),
        AUDITORS.format(version="2", effective="soon"),
        AUDITORS.format(version="2", effective="2026-01-01").replace(
            "no-audit", "auditor"
        ),  # the id of another
    ],
)
def test_a_file_that_cant_be_used_changes_nothing_and_is_refused_at_the_start(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "own.cedar"
    file.write_text(AUDITORS.format(version="1", effective="2026-01-01"), encoding="utf-8")
    access = Access(tmp_path)
    assert not may(access)
    file.write_text(text, encoding="utf-8")
    assert not may(access)
    assert [each.version for each in access.policies if each.id == "no-audit"] == ["1"]
    with pytest.raises(AccessPolicyError, match=r"own\.cedar"):
        Access(tmp_path)
