"""One answer of a payer may be about several appeals of a claim, or about none: each is settled by its own
line, and the level after it runs from there.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from tests.features.appeals.conftest import OTHER, PEOPLE, Office
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
    state_outcome,
    template_outcomes,
)
from claimwright.features.denials import clocks_of, list_denials

SENT_ON = datetime.date(2026, 3, 1)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def answered(office: Office, number: str, lines: list[Svc], **said: str) -> list[AppealCase]:
    """The claim is answered; what that decided."""
    trace, paid_on = said.pop("trace"), said.pop("paid_on")
    status = said.pop("status", "1")
    answer = Clp(number, status, lines, payer_number=trace, filing="MB", **PEOPLE[number])
    office.clinic.post(Payment([answer], trace=trace, day=paid_on))
    return settled(office)


def settled(office: Office) -> list[AppealCase]:
    with office.database.transaction(CALLER) as connection:
        return settle_appeals(CALLER, connection)


def denials_of(office: Office, number: str) -> dict[int | None, int]:
    """The open denials of a claim, by line."""
    with office.database.transaction(CALLER) as connection:
        found = list_denials(CALLER, connection, SENT_ON, claim_key=office.clinic.key_of(number)).denials
    return {each.denial.line: each.denial.denial_id for each in found}


def sent(office: Office, denial: int, folder: Path, as_of: datetime.date = SENT_ON) -> AppealCase:
    with office.database.transaction(CALLER) as connection:
        case, is_new = open_appeal(CALLER, connection, denial, as_of=as_of, overruled=True)
    assert is_new
    done = run_case(CALLER, office.means, case.case_id)
    if done.state == "marked":
        with office.database.transaction(CALLER) as connection:
            refresh_appeal(CALLER, connection, case.case_id, as_of=as_of)
        done = run_case(CALLER, office.means, case.case_id)
    assert done.state == "ready", (done.state, done.reason)
    with office.database.transaction(OTHER) as connection:
        approve_appeal(OTHER, connection, office.means, case.case_id, as_of=as_of)
        send_appeal(OTHER, connection, office.means, case.case_id, folder, as_of=as_of)
        return one_case(connection, case.case_id)


def test_two_appeals_of_a_claim_are_settled_each_by_its_own_line(office: Office, tmp_path: Path) -> None:
    answered(
        office, "A100", [Svc("99213", "100", ["CO-50:100"]), Svc("85025", "50", ["CO-50:50"])],
        status="4", trace="I1", paid_on="20260201",
    )  # fmt: skip
    office.document("A100")
    of_line = denials_of(office, "A100")
    first, second = (sent(office, of_line[line], tmp_path) for line in (1, 2))
    # The correction pays line 1 by the contract and repeats what was said of line 2.
    [won] = answered(
        office, "A100", [Svc("99213", "100", ["CO-45:20"]), Svc("85025", "50", ["CO-50:50"])],
        trace="I2", paid_on="20260410",
    )  # fmt: skip
    assert (won.case_id, won.state, won.recovered_cents) == (first.case_id, "won", 8_000)
    assert settled(office) == []
    again = denials_of(office, "A100")[2]
    with office.database.transaction(CALLER) as connection:
        # The second appeal is out: it isn't opened a second time.
        assert open_appeal(CALLER, connection, again, as_of=SENT_ON)[0].case_id == second.case_id
        # If the answer decides it, the reconsideration runs from there: 180 days (42 CFR 405.962) from
        # 15 April, 5 days after the notice, end on 12 October, which is Columbus Day.
        clocks = clocks_of(CALLER, connection, again, day("2026-04-20"), office.clinic.sealer)
    assert [(each.clock, each.due_on) for each in clocks if each.kind == "appeal"] == [
        ("medicare-reconsideration", day("2026-10-13"))
    ]
    # Then line 2 is paid in part: 30.00 of 50.00, the rest denied once more.
    [partly] = answered(
        office, "A100", [Svc("99213", "100", ["CO-45:20"]), Svc("85025", "50", ["CO-50:20"])],
        trace="I3", paid_on="20260501",
    ) or [None]  # fmt: skip
    assert partly is None, "an answer that no reversal makes room for waits"
    reversal = [Svc("99213", "-100", ["CO-45:-20"]), Svc("85025", "-50", ["CO-50:-50"])]
    [partly] = answered(office, "A100", reversal, status="22", trace="I2", paid_on="20260501")
    assert (partly.case_id, partly.state, partly.recovered_cents) == (second.case_id, "partly_won", 3_000)
    with office.database.transaction(CALLER) as connection:
        [record] = [each for each in template_outcomes(connection) if each.template_id == first.template_id]
    assert record.recovered_cents == 11_000


def test_an_answer_to_the_first_level_that_comes_late_does_not_end_the_second(
    office: Office, tmp_path: Path
) -> None:
    denied = [Svc("99214", "200", ["CO-50:200"])]
    answered(office, "A200", denied, status="4", trace="J1", paid_on="20260201")
    office.document("A200")
    first = sent(office, denials_of(office, "A200")[1], tmp_path)
    with office.database.transaction(CALLER) as connection:
        # The letter comes first: the second level is filed before the remittance is there.
        state_outcome(CALLER, connection, first.case_id, "lost", decided_on=day("2026-04-01"))
    second = sent(office, first.denial_id, tmp_path, day("2026-04-20"))
    assert (second.level, second.earlier_decided_on) == (2, day("2026-04-01"))
    assert answered(office, "A200", denied, status="4", trace="J2", paid_on="20260403") == []
    [lost] = answered(office, "A200", denied, status="4", trace="J3", paid_on="20260601")
    assert (lost.case_id, lost.state, lost.decided_on) == (second.case_id, "lost", day("2026-06-01"))


def test_a_denial_that_becomes_a_deductible_is_overturned_although_no_money_comes(
    office: Office, tmp_path: Path
) -> None:
    answered(office, "A600", [Svc("99212", "60", ["CO-50:60"])], status="4", trace="K1", paid_on="20260201")
    office.document("A600")
    case = sent(office, denials_of(office, "A600")[1], tmp_path)
    lines = [Svc("99212", "60", ["CO-45:20", "PR-1:40"])]
    [won] = answered(office, "A600", lines, trace="K2", paid_on="20260410")
    assert (won.case_id, won.state, won.recovered_cents) == (case.case_id, "won", 0)
