"""The queue has the clocks of denials as they are, and a snooze never hides one that ends before it."""

from __future__ import annotations

import datetime

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import MARY
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.denials import ContractTime, end_contract_clock, set_contract_clocks
from claimwright.features.review import (
    ActResult,
    ItemFilter,
    ReviewPolicy,
    ShownItem,
    WantedAct,
    act_on,
    gather_items,
    list_work,
)
from claimwright.foundation import clock


def queued(clinic: Clinic) -> ShownItem:
    """The item of the one denial, after gathering."""
    with clinic.database.transaction(CALLER) as connection:
        gather_items(CALLER, connection, ReviewPolicy())
        [item] = list_work(connection, ItemFilter(clock.today(), kinds=("denial",))).items
    return item


def snooze(clinic: Clinic, item: ShownItem, until: datetime.date) -> ActResult:
    with clinic.database.transaction(CALLER) as connection:
        wanted = WantedAct("snooze", {item.item_id: None}, until=until)
        return act_on(CALLER, connection, wanted, may=lambda action: True)


def test_a_snooze_ends_on_the_last_day_of_the_clock_and_when_a_contract_moves_that_day_before_it(
    clinic: Clinic,
) -> None:
    notice = clock.today() - datetime.timedelta(days=10)
    answer = Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)
    clinic.post(Payment([answer], day=notice.strftime("%Y%m%d")))
    item = queued(clinic)
    by_law = notice + datetime.timedelta(days=180)
    assert (item.due_on, item.due_from) == (by_law, "law")
    refused = snooze(clinic, item, by_law + datetime.timedelta(days=1))
    assert [each.code for each in refused.refused] == ["past_its_clock"]
    assert str(by_law) in refused.refused[0].why
    assert snooze(clinic, item, by_law).done == [item.item_id]
    assert queued(clinic).snoozed_until == by_law
    own = ContractTime(payer_id="12345", source="Contract 2026, section 7", days=25, clock="erisa-appeal")
    with clinic.database.transaction(CALLER) as connection:
        [number] = set_contract_clocks(CALLER, connection, [own], reason="signed in January")
    item = queued(clinic)
    assert (item.due_on, item.snoozed_until) == (notice + datetime.timedelta(days=25), None)
    with clinic.database.transaction(CALLER) as connection:
        end_contract_clock(CALLER, connection, number, reason="the contract was cancelled")
    assert queued(clinic).due_on == by_law
