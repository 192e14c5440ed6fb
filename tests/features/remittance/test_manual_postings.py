"""What people post: payments of patients, refunds, write-offs, the undoing of a posting. Cents by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.remittance import (
    NothingPostedError,
    PostingRefusedError,
    account_of_claim,
    approve_write_off,
    ledger_totals,
    list_answers,
    list_payments,
    list_write_offs,
    post_patient_payment,
    post_refund_of_claim,
    post_refund_of_payment,
    postings_of_account,
    propose_write_off,
    refuse_write_off,
    undo_posting,
)
from claimwright.platform.audit import AuditError
from claimwright.platform.database import Connection

from .conftest import SEARCH, Clinic
from .known_answers import A100, DENIED, MARY, PAID, PAID_A100
from .written_835 import Clp, Payment, Svc

WHY = "agreed with the payer"
OTHER = replace(CALLER, actor="user:2")


def kinds(clinic: Clinic) -> list[str]:
    return [kind for (kind,) in clinic.rows("select kind from remittance.postings order by posting_id")]


def undo(clinic: Clinic, connection: Connection, posting_id: int, reason: str) -> int:
    return undo_posting(CALLER, connection, clinic.sealer, posting_id, search=SEARCH, reason=reason)


def posting(clinic: Clinic, kind: str) -> int:
    [(found,)] = clinic.rows(
        f"select posting_id from remittance.postings p where kind = '{kind}' "  # noqa: S608
        "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id)"
    )
    return int(found)


def test_a_patient_pays_no_more_than_is_owed(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    key = clinic.key_of("A100")
    with clinic.database.transaction(CALLER) as connection:
        post_patient_payment(CALLER, connection, key, Decimal("10.00"))
        assert clinic.balance("A100") == {**PAID_A100, "patient": 600, "cash": 1000}
        # 16.00 owed, 10.00 paid.
        with pytest.raises(PostingRefusedError, match=r"the patient owes 6\.00"):
            post_patient_payment(CALLER, connection, key, Decimal("6.01"))
        for amount in ("0", "-1", "1.001", "NaN", "Infinity", "1e30"):
            with pytest.raises(PostingRefusedError, match="dollars and cents above zero"):
                post_patient_payment(CALLER, connection, key, Decimal(amount))
        with pytest.raises(NothingPostedError, match="nothing of claim"):
            post_patient_payment(CALLER, connection, clinic.key_of("A600"), Decimal("1.00"))


def test_a_denied_amount_is_written_off_with_another_persons_approval_and_that_is_undone(
    clinic: Clinic,
) -> None:
    clinic.post(Payment([DENIED]))
    key = clinic.key_of("A200")
    with clinic.database.transaction(CALLER) as connection:
        with pytest.raises(PostingRefusedError, match=r"200\.00 of claim \d+ is denied"):
            propose_write_off(CALLER, connection, key, Decimal("200.01"), reason=WHY)
        number = propose_write_off(CALLER, connection, key, Decimal(50), reason=WHY).write_off_id
        with pytest.raises(PostingRefusedError, match="by another person"):
            approve_write_off(CALLER, connection, number)
    assert clinic.balance("A200") == {"revenue": -20000, "denied": 20000}
    with clinic.database.transaction(OTHER) as connection:
        with pytest.raises(NothingPostedError, match="no write-off"):
            approve_write_off(OTHER, connection, number, facilities=["ELSEWHERE"])
        with pytest.raises(PostingRefusedError, match="by a person"):
            approve_write_off(replace(CALLER, actor="client:7"), connection, number)
        made = approve_write_off(OTHER, connection, number)
        with pytest.raises(PostingRefusedError, match="is approved already"):
            approve_write_off(OTHER, connection, number)
    with clinic.database.transaction(CALLER) as connection:
        [posting] = [each for each in postings_of_account(connection, key)[0] if each.posting_id == made]
        assert (posting.posted_by, posting.approved_by) == (CALLER.actor, OTHER.actor)
        assert clinic.balance("A200") == {"revenue": -20000, "denied": 15000, "written_off": 5000}
        undone = undo(clinic, connection, made, "approved in error")
        assert clinic.balance("A200") == {"revenue": -20000, "denied": 20000}
        with pytest.raises(PostingRefusedError, match=f"undone already, by posting {undone}"):
            undo(clinic, connection, made, "approved in error")
        with pytest.raises(PostingRefusedError, match="post anew"):
            undo(clinic, connection, undone, "approved in error")
    log = clinic.rows(
        "select action, body::jsonb -> 'detail' ->> 'approved_by', body::jsonb -> 'detail' ->> 'reason'"
        " from platform.audit_log where action like 'ledger.%' order by sequence"
    )
    assert log == [
        ("ledger.write_off_proposed", None, WHY),
        ("ledger.write_off", OTHER.actor, WHY),
        ("ledger.undone", None, "approved in error"),
    ]


def test_a_write_off_that_is_refused_or_no_longer_open_is_not_posted(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED]))
    key = clinic.key_of("A200")
    with clinic.database.transaction(CALLER) as connection:
        first, second, third = (
            propose_write_off(CALLER, connection, key, Decimal(150), reason=WHY).write_off_id
            for _ in range(3)
        )
    with clinic.database.transaction(OTHER) as connection:
        refuse_write_off(OTHER, connection, first, reason="it will be appealed")
        with pytest.raises(PostingRefusedError, match="is refused already"):
            approve_write_off(OTHER, connection, first)
        approve_write_off(OTHER, connection, second)
        with pytest.raises(PostingRefusedError, match=r"50\.00 of claim"):
            approve_write_off(OTHER, connection, third)
        assert [each.write_off_id for each in list_write_offs(connection, state="waiting")] == [third]
    assert clinic.balance("A200") == {"revenue": -20000, "denied": 5000, "written_off": 15000}


def test_money_that_belongs_to_no_claim_is_paid_back(clinic: Clinic) -> None:
    posted = clinic.post(Payment([Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")]))
    payment = posted.payments["payment_id"][0]
    with clinic.database.transaction(CALLER) as connection:
        assert list_payments(connection)[0].unapplied_cents == 77700
        with pytest.raises(PostingRefusedError, match=r"777\.00 of payment \d+ is unapplied"):
            post_refund_of_payment(CALLER, connection, payment, Decimal(778), reason=WHY)
        post_refund_of_payment(CALLER, connection, payment, Decimal(777), reason=WHY)
        assert clinic.totals() == {"cash": 77700, "refunded": -77700}
        with pytest.raises(PostingRefusedError, match=r"0\.00 of payment"):
            post_refund_of_payment(CALLER, connection, payment, Decimal(1), reason=WHY)
        with pytest.raises(NothingPostedError, match="no payment 999999"):
            post_refund_of_payment(CALLER, connection, 999999, Decimal(1), reason=WHY)


def test_a_credit_of_the_patient_is_paid_back(clinic: Clinic) -> None:
    """16.00 coinsurance is paid; then the payer corrects its answer: the patient owes 4.00."""
    clinic.post(Payment([A100], trace="1"))
    key = clinic.key_of("A100")
    with clinic.database.transaction(CALLER) as connection:
        post_patient_payment(CALLER, connection, key, Decimal(16))
        with pytest.raises(PostingRefusedError, match=r"the patient has 0\.00 in credit"):
            post_refund_of_claim(CALLER, connection, key, Decimal(1), "patient", reason=WHY)
        undo_posting(
            CALLER,
            connection,
            clinic.sealer,
            posting(clinic, "answer"),
            search=SEARCH,
            reason="other coinsurance",
        )
        assert clinic.answers() == [("waiting", "undone")]
    corrected = Clp(
        "A100", lines=[Svc("99213", "100", ["CO-45:20", "PR-2:4"]), Svc("85025", "50", ["CO-45:30"])]
    )
    clinic.post(Payment([corrected], trace="2", day="20260301"))
    with clinic.database.transaction(CALLER) as connection:
        assert clinic.balance("A100")["patient"] == -1200
        post_refund_of_claim(CALLER, connection, key, Decimal(12), "patient", reason=WHY)
    assert clinic.balance("A100") == {
        "revenue": -15000, "unapplied": 9600, "contractual": 5000, "cash": 1600, "refunded": -1200,
    }  # fmt: skip


def test_an_answer_that_was_undone_waits_and_what_it_superseded_is_in_force_again(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED], trace="1"))
    clinic.post(Payment([PAID], trace="2", day="20260301"))
    assert clinic.answers() == [("superseded", None), ("posted", None)]
    with clinic.database.transaction(CALLER) as connection:
        with pytest.raises(AuditError):
            undo_posting(
                CALLER, connection, clinic.sealer, posting(clinic, "answer"), search=SEARCH, reason="no"
            )
        undo_posting(
            CALLER,
            connection,
            clinic.sealer,
            posting(clinic, "answer"),
            search=SEARCH,
            reason="of another claim",
        )
    assert clinic.answers() == [("posted", None), ("waiting", "undone")]
    assert clinic.balance("A200") == {"revenue": -20000, "denied": 20000}


def test_what_is_not_undone_by_hand_says_why(clinic: Clinic) -> None:
    clinic.post(Payment([A100], plb=["WO:10"]))
    with clinic.database.transaction(CALLER) as connection:
        for kind, why in (("charge", "comes and goes"), ("payment", "refund"), ("provider", "their payment")):
            with pytest.raises(PostingRefusedError, match=why):
                undo_posting(
                    CALLER,
                    connection,
                    clinic.sealer,
                    posting(clinic, kind),
                    search=SEARCH,
                    reason="a mistake",
                )
        with pytest.raises(NothingPostedError, match="no posting 999999"):
            undo(clinic, connection, 999999, "a mistake")


def test_lists_show_what_is_of_the_callers_facilities(clinic: Clinic) -> None:
    clinic.post(Payment([A100, Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")]))
    clinic.post(Payment([Clp("A200", lines=[Svc("99214", "200")], **MARY)], trace="2"))
    key = clinic.key_of("A100")
    with clinic.database.transaction(CALLER) as connection:
        assert [each.claim_key for each in list_answers(connection)] == [clinic.key_of("A200"), None, key]
        assert [each.claims for each in list_payments(connection)] == [1, 2]
        assert len(list_answers(connection, facilities=["FAC001"])) == 2
        assert list_answers(connection, facilities=["FAC009"]) == []
        assert list_payments(connection, facilities=["FAC009"]) == []
        assert ledger_totals(connection, facilities=["FAC009"]) == []
        assert sum(each.amount_cents for each in ledger_totals(connection)) == 0
        assert account_of_claim(connection, key, facilities=["FAC009"]) is None
        assert account_of_claim(connection, key) == key
        postings, entries = postings_of_account(connection, key)
    assert [each.kind for each in postings] == ["charge", "answer"]
    assert sum(each.amount_cents for each in entries) == 0
