"""Contracts' own times: replaced and added clocks, of a file or the store; a file that can't be used names
its line.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import MARY
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.engines.deadlines import Override, load_deadlines
from claimwright.features.denials import (
    ContractClockNotFoundError,
    ContractTime,
    denial_sheet,
    end_contract_clock,
    give_alerts,
    list_denials,
    read_contract_clocks,
    set_contract_clocks,
    work_list,
)
from claimwright.foundation.located_yaml import YamlError
from claimwright.store.contract_clocks import contract_clocks

DAY = datetime.date(2026, 2, 20)


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


def test_a_contracts_time_in_the_store_counts_in_every_list_and_alert_until_it_is_ended(
    clinic: Clinic,
) -> None:
    # 25 days from the notice of 1 February end on 26 February, instead of ERISA's 180 days on 31 July.
    own = ContractTime(payer_id="12345", source="Contract 2026, section 7", days=25, clock="erisa-appeal")
    clinic.post(Payment([Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)]))
    with clinic.database.transaction(CALLER) as connection:
        [number] = set_contract_clocks(CALLER, connection, [own], reason="signed in January")
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY, clinic.sealer)
        [listed] = list_denials(CALLER, connection, DAY, clinic.sealer).denials
        sheet = denial_sheet(CALLER, connection, item.denial_id, DAY, clinic.sealer)
        assert give_alerts(CALLER, connection, DAY, clinic.sealer) == 1
    assert item.due_on == listed.due_on == datetime.date(2026, 2, 26)
    assert item.law == "Contract 2026, section 7"
    assert [each.is_contract for each in sheet.clocks if each.clock == "erisa-appeal"] == [True]
    with clinic.database.transaction(CALLER) as connection:
        end_contract_clock(CALLER, connection, number, reason="the contract was cancelled")
        [item] = work_list(CALLER, connection, DAY, clinic.sealer)
        [kept] = contract_clocks(connection, with_ended=True)
    assert item.due_on == datetime.date(2026, 7, 31)
    assert kept.ended_by == CALLER.actor
    with (
        clinic.database.transaction(CALLER) as connection,
        pytest.raises(ContractClockNotFoundError, match="in force"),
    ):
        end_contract_clock(CALLER, connection, number, reason="ended a second time")


def test_a_contracts_time_with_an_unknown_clock_or_days_the_other_way_round_is_refused() -> None:
    with pytest.raises(ValidationError, match="no such clock"):
        ContractTime(payer_id="1", source="x", days=9, clock="erisa-apeal")
    with pytest.raises(ValidationError, match="effective_to is before effective_from"):
        ContractTime(
            payer_id="1", source="x", days=9, effective_from=DAY, effective_to=datetime.date(2025, 1, 1)
        )
