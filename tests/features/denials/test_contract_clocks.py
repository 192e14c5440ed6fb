"""Contracts' own times from a file: replaced and added clocks; a file that can't be used names its line."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from claimwright.engines.deadlines import Override, load_deadlines
from claimwright.features.denials import read_contract_clocks
from claimwright.foundation.located_yaml import YamlError


def written(folder: Path, text: str) -> Path:
    path = folder / "clocks.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_times_of_contracts_are_read(tmp_path: Path) -> None:
    code = load_deadlines().clocks[0].code
    text = f"""clocks:
  - {{payer_id: "12345", source: "Contract 2026, section 7", days: 90}}
  - {{payer_id: "9", source: Manual, days: 30, clock: {code}, effective_from: 2026-01-01}}
"""
    assert read_contract_clocks(written(tmp_path, text)) == [
        Override("12345", "Contract 2026, section 7", 90),
        Override("9", "Manual", 30, clock=code, effective_from=datetime.date(2026, 1, 1)),
    ]
    assert read_contract_clocks(written(tmp_path, "")) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('payer_id: "1"\n    source: S\n    days: 0', "days"),
        ('payer_id: "1"\n    source: S\n    days: 5\n    clock: no-such', "no such clock"),
        ('payer_id: "1"\n    source: S\n    days: 5\n    kind: lunch', "kind"),
        ('payer_id: "1"\n    days: 5', "source"),
        ('payer_id: "1"\n    source: S\n    days: 5\n    when: now', "when"),
    ],
)
def test_a_time_that_cant_be_used_is_refused_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(YamlError, match=rf"clocks\.yaml:\d+: .*{said}"):
        read_contract_clocks(written(tmp_path, f"clocks:\n  - {line}\n"))
