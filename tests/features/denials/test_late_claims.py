"""A claim that was denied as late: what our records say, and which step follows."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import MARY
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.engines.deadlines import Override
from claimwright.features.denials import (
    WorkItem,
    acceptance_report,
    denial_sheet,
    list_denials,
    post_rejections,
    work_list,
)
from claimwright.features.documents import add_document

from .test_rejecting import interchange

DAY = datetime.date(2026, 6, 1)
# The service was on 15 January 2026.
LATE = Clp("A200", "4", [Svc("99214", "200", ["CO-29:200"])], **MARY)
CONTRACT = Override("12345", "Contract 2026, section 7", 90, kind="filing")


def acknowledgment(day: str, *, source: str = "PR", status: str = "A2:20:PR") -> bytes:
    """A 277CA that accepts A200 on a day."""
    return interchange(
        "HN", "005010X214", "277", f"BHT*0085*08*{day}*{day}*0600*TH", "HL*1**20*1",
        f"NM1*{source}*2*GOOD PAYER*****PI*12345", f"TRN*1*B{day}", f"DTP*050*D8*{day}", f"DTP*009*D8*{day}",
        "HL*2*1*21*1", "NM1*41*2*CLEARING*****46*S1", "TRN*2*B2", f"STC*A1:19:PR*{day}*WQ*450",
        "HL*3*2*19*1", "NM1*85*2*CLINIC ONE*****XX*1234567893",
        "HL*4*3*PT", "NM1*QC*1*ROE*MARY****MI*W000000002", "TRN*2*A200", f"STC*{status}*{day}*WQ*200",
        "REF*1K*ICN77",
    )  # fmt: skip


def post(clinic: Clinic, content: bytes) -> int:
    with clinic.database.transaction(CALLER) as connection:
        return post_rejections(CALLER, connection, clinic.sealer, content, "answer.277ca").accepted


def worked(clinic: Clinic, *overrides: Override, answer: Clp = LATE, **options: Any) -> WorkItem:
    # The payer's notice, after the limit of 15 April.
    clinic.post(Payment([answer], **({"day": "20260520"} | options)))
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, DAY, clinic.sealer, overrides=overrides)
    return item


def test_a_claim_that_the_payer_accepted_in_time_is_appealed_with_the_proof(clinic: Clinic) -> None:
    # 90 days from 15 January 2026 end on 15 April.
    assert post(clinic, acknowledgment("20260120")) == 1
    item = worked(clinic, CONTRACT)
    assert (item.next_step, item.root_cause) == ("appeal", "late-claim-payer-error")
    assert item.reason == (
        "The payer accepted the claim on 2026-01-20 (277CA), within the limit of 2026-04-15 "
        "(Contract 2026, section 7)."
    )
    # 44 % of 200.00 less 118.00 of work.
    assert item.expected_recovery == Decimal("-30.00")
    assert item.known == "sent_in_time"


def test_a_claim_that_the_payer_accepted_late_is_proposed_for_a_write_off(clinic: Clinic) -> None:
    post(clinic, acknowledgment("20260416"))
    item = worked(clinic, CONTRACT)
    assert (item.next_step, item.root_cause) == ("write_off_for_approval", "late-claim")
    assert "2026-04-16 (277CA), after the limit of 2026-04-15" in item.reason
    assert item.probability == 0


def test_where_no_limit_is_certain_a_person_decides(clinic: Clinic) -> None:
    post(clinic, acknowledgment("20260120"))
    item = worked(clinic)
    assert (item.next_step, item.root_cause) == ("review", "late-claim")
    assert item.reason.startswith(
        "The payer accepted the claim on 2026-01-20 (277CA). Whether that was in time: the filing limit"
    )
    assert "set-contracts" in item.reason


def test_without_any_acceptance_the_proof_is_looked_for_first(clinic: Clinic) -> None:
    item = worked(clinic)
    assert item.next_step == "review"
    assert item.reason.startswith("No acceptance by the payer is stored. Get the payer's 277CA")


def test_a_notice_before_the_limit_shows_by_itself_that_the_claim_was_not_late(clinic: Clinic) -> None:
    item = worked(clinic, CONTRACT, day="20260201")
    assert (item.next_step, item.probability) == ("review", 0.44)
    assert item.reason.startswith(
        "The payer's own notice of 2026-02-01 is before the limit of 2026-04-15 (Contract 2026, section 7): "
        "the claim was not late. Ask the payer to process it, or appeal"
    )


def test_original_medicare_is_only_asked_where_its_own_notice_shows_it(clinic: Clinic) -> None:
    item = worked(clinic, answer=dataclasses.replace(LATE, filing="MB"))
    assert item.next_step == "review"
    assert item.reason.endswith("the claim was not late. Ask the payer to process it.")


def test_a_clearinghouse_or_a_receipt_is_no_acceptance_by_the_payer(clinic: Clinic) -> None:
    assert post(clinic, acknowledgment("20260120", source="AY", status="A2:20:AY")) == 1
    assert post(clinic, acknowledgment("20260121", status="A1:19:PR")) == 1
    item = worked(clinic, CONTRACT)
    assert item.next_step == "review"
    assert "Only a clearinghouse's acceptance of 2026-01-20" in item.reason


def test_what_the_same_report_rejects_is_not_accepted(clinic: Clinic) -> None:
    mixed = acknowledgment("20260120").replace(b"REF*1K", b"STC*A7:254*20260120*U*200~REF*1K")
    assert post(clinic, mixed) == 0
    assert clinic.rows("select count(*) from remittance.acceptances") == [(0,)]


def test_original_medicare_gives_no_appeal_but_is_asked_to_process_the_claim(clinic: Clinic) -> None:
    post(clinic, acknowledgment("20260120"))
    # One calendar year: until 15 January 2027, 42 CFR 424.44(a).
    item = worked(clinic, answer=dataclasses.replace(LATE, filing="MB"))
    assert (item.next_step, item.root_cause) == ("review", "late-claim-payer-error")
    assert "within the limit of 2027-01-15 (42 CFR 424.44(a)). This decision has no appeal" in item.reason
    with clinic.database.transaction(CALLER) as connection:
        assert not denial_sheet(
            CALLER, connection, item.denial_id, DAY, clinic.sealer
        ).weighed.denial.appealable


def test_a_report_that_a_person_added_is_proof_too(clinic: Clinic) -> None:
    with clinic.database.transaction(CALLER) as connection:
        add_document(
            CALLER, connection, clinic.sealer, clinic.key_of("A200"), "report.txt",
            b"Clearinghouse report\nReport date: 01/20/2026\nClaim A200 accepted by payer.",
        )  # fmt: skip
    item = worked(clinic, CONTRACT)
    assert item.next_step == "appeal"
    assert item.reason.startswith("A report of acceptance of 2026-01-20 is among the documents, within")


def test_an_acceptance_in_time_is_no_help_once_the_time_to_appeal_is_over(clinic: Clinic) -> None:
    post(clinic, acknowledgment("20260120"))
    clinic.post(Payment([LATE]))
    # 180 days from the notice of 1 February end on 31 July; the acceptance is of before that notice.
    with clinic.database.transaction(CALLER) as connection:
        [item] = work_list(CALLER, connection, datetime.date(2026, 8, 1), clinic.sealer, overrides=[CONTRACT])
    assert (item.next_step, item.reason) == ("write_off_for_approval", "Every clock has lapsed.")


def test_the_report_is_sealed_and_names_the_claim_the_day_and_the_payers_number(clinic: Clinic) -> None:
    post(clinic, acknowledgment("20260120"))
    post(clinic, acknowledgment("20260125"))
    with clinic.database.transaction(CALLER) as connection:
        found = acceptance_report(CALLER, connection, clinic.sealer, clinic.key_of("A200"))
        none = acceptance_report(CALLER, connection, clinic.sealer, clinic.key_of("A100"))
    assert none is None
    assert found is not None
    day, report = found
    assert day == datetime.date(2026, 1, 20)
    assert report.splitlines() == [
        "Claim acceptance report, from the payer's claim acknowledgment (277CA)",
        "Report date: 01/20/2026", "Report of: GOOD PAYER", "Identifier: 12345", "Claim number: A200",
        "Patient's last name: ROE", "Patient's first name: MARY", "Member ID: W000000002",
        "Total charge: 200.00", "Payer's claim number: ICN77", "Billing provider: CLINIC ONE",
        "NPI: 1234567893", "Status of the claim: A2:20:PR (accepted for adjudication)",
    ]  # fmt: skip
    sealed = clinic.rows("select encode(sealed, 'escape') from remittance.acceptances")
    assert not any("ROE" in text for (text,) in sealed)


def test_the_list_finds_what_the_records_made_of_the_cause(clinic: Clinic) -> None:
    post(clinic, acknowledgment("20260120"))
    clinic.post(Payment([dataclasses.replace(LATE, filing="MB")]))
    with clinic.database.transaction(CALLER) as connection:
        found = list_denials(
            CALLER, connection, DAY, clinic.sealer, root_cause="late-claim-payer-error"
        ).denials
    assert [each.denial.carc for each in found] == ["29"]
