"""A case through its levels: Medicare's redetermination and reconsideration are lost by remittances, the
hearing before an administrative law judge is won, and each outcome comes from the 835 by itself.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from tests.features.appeals.conftest import AS_OF, LINES, OTHER, PEOPLE, Office
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.appeals import (
    AppealCase,
    approve_appeal,
    one_case,
    open_appeal,
    refresh_appeal,
    run_case,
    send_appeal,
    settle_appeals,
    state_address,
)

NUMBER = "mixed-Case-Number-Beyond-20"


def test_a_case_goes_up_to_the_hearing_and_each_level_is_decided_by_its_own_remittance(
    office: Office, tmp_path: Path
) -> None:
    denial = office.denied(NUMBER, filing="MB")
    office.document(NUMBER)
    with office.database.transaction(CALLER) as connection:
        # A hearing is asked of the office that the reconsideration names, not of the contractor.
        state_address(
            CALLER, connection, "12345", name="OFFICE OF HEARINGS", address="1 HEARING PLACE\nCITY, OH 44000",
            source="notice of reconsideration", effective_from=datetime.date(2026, 1, 1), level=3,
        )  # fmt: skip
    first = sent_at(office, denial, AS_OF, tmp_path)
    assert (first.level, first.level_name, first.template_id) == (
        1,
        "redetermination",
        "necessity-medicare-1",
    )
    lost = answered(office, "20260410", "2")
    assert [(each.level, each.state, each.outcome_from) for each in lost] == [(1, "lost", "remittance")]
    second = sent_at(office, denial, datetime.date(2026, 4, 20), tmp_path)
    assert (second.level, second.level_name) == (2, "reconsideration")
    assert second.earlier_decided_on == datetime.date(2026, 4, 10)
    # 180 days from the notice of the redetermination, taken to be received 5 days later (42 CFR 405.962), end
    # on October 12, which is Columbus Day.
    assert second.due_on == datetime.date(2026, 10, 13)
    with office.database.transaction(CALLER) as connection:
        # The remittance that decided the first level is no answer to the second.
        assert settle_appeals(CALLER, connection) == []
    assert [each.level for each in answered(office, "20260601", "3")] == [2]
    third = sent_at(office, denial, datetime.date(2026, 6, 10), tmp_path)
    assert (third.level, third.template_id) == (3, "necessity-medicare-3")
    assert third.level_name == "hearing before an administrative law judge"
    assert third.due_on == datetime.date(2026, 6, 1) + datetime.timedelta(days=65)
    manifest = (tmp_path / f"appeal-{third.case_id}-3" / "manifest.json").read_text()
    assert "OFFICE OF HEARINGS" in manifest
    [won] = answered(office, "20260801", "4", paid=True)
    assert (won.level, won.state, won.recovered_cents, won.outcome_from) == (3, "won", 25_000, "remittance")
    with office.database.transaction(CALLER) as connection:
        states = connection.execute(
            "select state from remittance.denials where denial_id = any(%s) order by denial_id",
            [[first.denial_id, second.denial_id, third.denial_id]],
        ).fetchall()
    assert states == [("lost",), ("lost",), ("won",)]


def sent_at(office: Office, denial: int, day: datetime.date, folder: Path) -> AppealCase:
    """The case of the next level, drafted, approved by another person and handed off on a day."""
    with office.database.transaction(CALLER) as connection:
        case, is_new = open_appeal(CALLER, connection, denial, as_of=day, overruled=True)
    assert is_new
    done = run_case(CALLER, office.means, case.case_id)
    if done.state == "marked":
        with office.database.transaction(CALLER) as connection:
            refresh_appeal(CALLER, connection, case.case_id, as_of=day)
        done = run_case(CALLER, office.means, case.case_id)
    assert done.state == "ready", (done.state, done.reason, done.marked)
    with office.database.transaction(OTHER) as connection:
        approve_appeal(OTHER, connection, office.means, case.case_id, as_of=day)
    with office.database.transaction(OTHER) as connection:
        send_appeal(OTHER, connection, office.means, case.case_id, folder, as_of=day)
        return one_case(connection, case.case_id)


def answered(office: Office, day: str, number: str, *, paid: bool = False) -> list[AppealCase]:
    """A remittance that denies again, or pays all but 50.00 by contract; and what it decided."""
    adjustment = "CO-45:50" if paid else "CO-50:300"
    lines = [Svc(code, charge, [adjustment]) for code, charge in LINES[NUMBER]]
    answer = Clp(NUMBER, "1" if paid else "4", lines, payer_number=number, filing="MB", **PEOPLE[NUMBER])
    office.clinic.post(Payment([answer], trace=f"answer-{number}", day=day))
    with office.database.transaction(CALLER) as connection:
        return settle_appeals(CALLER, connection)
