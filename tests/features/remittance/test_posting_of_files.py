"""Remittances one after another: reversals, corrections, duplicates, held payments, decisions of people."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from decimal import Decimal

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.remittance import (
    PostingRefusedError,
    RemittanceError,
    assign_answer,
    candidates_for,
    dismiss_answer,
    post_refund_of_payment,
    reconsider_waiting,
    release_payment,
)
from claimwright.foundation.errors import NotFoundError
from claimwright.store.remittance_listings import list_payments

from .conftest import SEARCH, Clinic
from .known_answers import A100, ANN, DENIED, MARY, PAID, PAID_A100, negated
from .written_835 import Clp, Payment, Submitted, Svc, written

BETTER_PAID = Clp(
    "A100",
    lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-45:30"])],
    payer_number="ICN2",
)


def test_what_a_payment_keeps_back_or_adds(clinic: Clinic) -> None:
    # 84.00 for the claim, 30.00 kept back for an old overpayment, 1.25 interest: the bank gets 55.25.
    posted = clinic.post(Payment([A100], plb=["WO:30", "L6:-1.25"]))
    assert posted.is_clean
    assert clinic.totals() == {
        "cash": 5525, "taken_back": 3000, "interest": -125, "contractual": 5000, "patient": 1600,
        "revenue": -15000,
    }  # fmt: skip


def test_a_negative_remittance_is_forwarded(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1"))
    # 84.00 are taken back; the payer carries them over to the next payment, and the bank gets nothing.
    clinic.post(Payment([negated(A100)], trace="2", day="20260301", plb=["FB:-84"]))
    assert clinic.answers() == [("reversed", None), ("posted", None)]
    assert clinic.totals() == {"cash": 8400, "forwarded": -8400, "payer": 15000, "revenue": -15000}


def test_a_reversal_and_a_correction_in_another_file(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1"))
    clinic.post(Payment([negated(A100), BETTER_PAID], trace="2", day="20260301"))
    assert clinic.balance("A100") == {"revenue": -15000, "unapplied": 11000, "contractual": 4000}
    assert clinic.totals()["cash"] == 11000


def test_the_correction_comes_before_the_original(clinic: Clinic) -> None:
    clinic.post(Payment([BETTER_PAID], trace="2", day="20260301"))
    clinic.post(Payment([A100], trace="1"))
    # The older answer counts, as if it had come first; the newer one waits for the reversal.
    assert clinic.answers() == [("waiting", "adjudicated_before"), ("posted", None)]
    clinic.post(Payment([negated(A100)], trace="3", day="20260301", plb=["FB:-84"]))
    assert clinic.answers() == [("posted", None), ("reversed", None), ("posted", None)]
    assert clinic.balance("A100") == {"revenue": -15000, "unapplied": 11000, "contractual": 4000}


def test_a_second_payers_answer_is_reversed(clinic: Clinic) -> None:
    """Status 22 does not say whose turn it was; the payer's claim number does."""
    clinic.post(Payment([FIRST], trace="1"))
    clinic.post(Payment([SECOND], trace="2", day="20260205"))
    assert clinic.balance("A300")["patient"] == 200
    clinic.post(Payment([negated(SECOND)], trace="3", day="20260301", plb=["FB:-10"]))
    assert [state for state, _ in clinic.answers()] == ["posted", "reversed", "posted"]
    assert clinic.balance("A300") == {
        "revenue": -10000, "unapplied": 4800, "contractual": 4000, "patient": 1200,
    }  # fmt: skip


def test_reversed_twice(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1"))
    clinic.post(Payment([negated(A100)], trace="2", day="20260301", plb=["FB:-84"]))
    clinic.post(Payment([negated(A100)], trace="3", day="20260302", plb=["FB:-84"]))
    assert clinic.answers() == [("reversed", None), ("posted", None), ("waiting", "reversed_before")]
    assert clinic.balance("A100") == {"revenue": -15000, "payer:P": 15000}


def test_a_denial_of_a_later_day_does_not_replace_what_was_paid(clinic: Clinic) -> None:
    clinic.post(Payment([PAID], trace="1"))
    clinic.post(Payment([dataclasses.replace(DENIED, payer_number="3")], trace="2", day="20260301"))
    assert clinic.answers() == [("posted", None), ("waiting", "adjudicated_before")]
    assert clinic.balance("A200") == {"revenue": -20000, "unapplied": 15000, "contractual": 5000}


def test_the_same_file_again(clinic: Clinic) -> None:
    content = written(Payment([A100]))
    first = clinic.post(content=content)
    again = clinic.post(content=content)
    assert again.earlier == first.file_id
    assert clinic.answers() == [("posted", None)]


def test_the_same_payment_in_another_file(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    again = clinic.post(
        Payment([A100]),
        Payment([Clp("A600", lines=[Svc("99212", "60")], last="MOE", first="KIM", member="W6")], trace="9"),
    )
    assert again.payments["state"].to_list() == ["duplicate", "posted"]
    assert clinic.totals()["cash"] == 8400 + 6000


def test_the_same_trace_number_of_another_payer(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    other = Payment(
        [Clp("A600", lines=[Svc("99212", "60", ["CO-45:10"])], last="MOE", first="KIM", member="W6")],
        payer="OTHER PAYER", payer_id="1999999999",
    )  # fmt: skip
    assert clinic.post(other).payments["state"].to_list() == ["posted"]


def test_the_same_trace_number_with_other_claims_is_held(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    other = dataclasses.replace(A100, number="A700", last="NOE", first="LEE", member="W7")
    held = clinic.post(Payment([other]))
    assert held.payments.select("state", "reason").row(0) == ("held", "trace_number_used_before")
    assert clinic.answers()[-1] == ("waiting", "payment_held")
    assert clinic.totals()["cash"] == 8400


def test_an_answer_with_an_unknown_group_code_waits(clinic: Clinic) -> None:
    # 1 is the deductible, but who owes it depends on the group.
    clinic.post(Payment([Clp("A200", "1", [Svc("99214", "200", ["QQ-1:50"])], **MARY)]))
    assert clinic.answers() == [("waiting", "unknown_group")]
    assert clinic.totals() == {"cash": 15000, "unapplied": -15000}


def test_a_payment_whose_end_is_missing_is_not_released(clinic: Clinic) -> None:
    content = written(Payment([Clp("A200", "1", [Svc("99214", "200")], **MARY)]))
    posted = clinic.post(content=content[: content.index(b"SVC")])
    assert posted.payments["reason"].to_list() == ["truncated"]
    with (
        pytest.raises(PostingRefusedError, match="Ask the sender for the whole file"),
        clinic.database.transaction(CALLER) as connection,
    ):
        release_payment(CALLER, connection, clinic.sealer, posted.payments["payment_id"][0], search=SEARCH)
    assert clinic.totals() == {}


def test_a_payment_out_of_balance_by_a_cent_is_held_and_the_rest_of_the_file_posted(clinic: Clinic) -> None:
    good = Clp("A600", lines=[Svc("99212", "60")], last="MOE", first="KIM", member="W6")
    posted = clinic.post(Payment([A100], amount="84.01"), Payment([good], trace="9"))
    assert posted.payments["state"].to_list() == ["held", "posted"]
    assert posted.payments["reason"].to_list() == ["out_of_balance", None]
    assert clinic.balance("A100") == {}
    assert clinic.balance("A600") == {"revenue": -6000, "unapplied": 6000}
    payment = posted.payments["payment_id"][0]
    with clinic.database.transaction(CALLER) as connection:
        assert release_payment(CALLER, connection, clinic.sealer, payment, search=SEARCH) == {"posted": 1}
    # What nobody can explain stays unapplied.
    assert clinic.balance("A100") == PAID_A100
    assert clinic.totals()["unapplied"] == -1


def test_a_file_cut_in_the_middle(clinic: Clinic) -> None:
    good = Clp("A600", lines=[Svc("99212", "60")], last="MOE", first="KIM", member="W6")
    whole = written(Payment([good], trace="9"), Payment([A100]))
    cut = b"~\n".join(whole.split(b"~\n")[:-5]) + b"~\n"
    posted = clinic.post(content=cut)
    assert posted.payments["state"].to_list() == ["posted", "held"]
    assert posted.payments["reason"][1] == "truncated"
    assert clinic.answers() == [("posted", None), ("waiting", "payment_held")]


def test_a_corrected_claim_is_charged_anew(copied_clinic: Clinic) -> None:
    """Frequency 7: the replacement is another version of the claim, with other charges."""
    replacement = Submitted(
        "A200",
        [("99213", "150")],
        frequency="7",
        original="ICN1",
        last="ROE",
        first="MARY",
        member="W000000002",
    )
    copied_clinic.submit(replacement)
    copied_clinic.post(Payment([Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], **MARY)], trace="1"))
    assert copied_clinic.balance("A200") == {"revenue": -20000, "denied": 20000}
    paid = Clp("A200", lines=[Svc("99213", "150", ["CO-45:50"])], payer_number="ICN2", frequency="7", **MARY)
    copied_clinic.post(Payment([paid], trace="2", day="20260301"))
    assert copied_clinic.balance("A200") == {"revenue": -15000, "unapplied": 10000, "contractual": 5000}


def test_an_answer_that_came_before_its_claim_is_found_later(copied_clinic: Clinic) -> None:
    late = Submitted("LATE1", [("99213", "75")], last="FOE", first="PAT", member="W9")
    copied_clinic.post(
        Payment([Clp("LATE1", lines=[Svc("99213", "75")], last="FOE", first="PAT", member="W9")])
    )
    assert copied_clinic.answers() == [("waiting", "unknown_claim")]
    copied_clinic.submit(late)
    with copied_clinic.database.transaction(CALLER) as connection:
        assert reconsider_waiting(CALLER, connection, copied_clinic.sealer, search=SEARCH) == {"posted": 1}
    assert copied_clinic.totals() == {"cash": 7500, "revenue": -7500}


def test_a_person_chooses_the_claim(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("ZZZ", lines=[Svc("99214", "200")], last="", first="", member="")]))
    assert clinic.answers() == [("waiting", "below_threshold")]
    [(answer,)] = clinic.rows("select answer_id from remittance.answers")
    with clinic.database.transaction(CALLER) as connection:
        candidates = candidates_for(CALLER, connection, clinic.sealer, answer)
        assert candidates["claim_key"][0] == clinic.key_of("A200")
        assert assign_answer(
            CALLER, connection, clinic.sealer, answer, candidates["claim_key"][0], search=SEARCH
        ) == (
            "posted",
            None,
        )
    assert clinic.balance("A200") == {"revenue": -20000, "unapplied": 20000}
    with pytest.raises(NotFoundError, match="no answer"), clinic.database.transaction(CALLER) as connection:
        dismiss_answer(CALLER, connection, answer, "a mistake")


def test_an_answer_is_dismissed_and_its_money_stays_unapplied(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")]))
    [(answer,)] = clinic.rows("select answer_id from remittance.answers")
    with clinic.database.transaction(CALLER) as connection:
        dismiss_answer(CALLER, connection, answer, "of another practice")
    assert clinic.answers() == [("dismissed", "of another practice")]
    assert clinic.totals() == {"cash": 77700, "unapplied": -77700}


ORIGINAL, CORRECTED = (
    A100,
    Clp(
        "A100",
        lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-50:50"])],
        payer_number="ICN2",
    ),
)
SECOND = Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "PR-3:2"])], payer_number="S1", **ANN)
FIRST = Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ANN)
STORIES: dict[str, list[tuple[Clp, str]]] = {
    "corrected": [(ORIGINAL, "20260201"), (negated(ORIGINAL), "20260301"), (CORRECTED, "20260301")],
    "second payer": [(FIRST, "20260201"), (SECOND, "20260301")],
    "denied, then paid": [(DENIED, "20260201"), (PAID, "20260301")],
    "first payer corrected under the second": [
        (FIRST, "20260201"), (SECOND, "20260205"), (negated(FIRST), "20260301"), (FIRST, "20260302"),
    ],
    "paid, taken back": [(PAID, "20260201"), (negated(PAID), "20260401")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_balances_do_not_depend_on_the_order_of_arrival(clinic: Clinic, story: str) -> None:
    found = []
    # Of four, a third of the orders, with each of them first and last.
    step = 3 if len(STORIES[story]) > 3 else 1
    for number, order in enumerate(itertools.islice(itertools.permutations(STORIES[story]), 0, None, step)):
        with contextlib.suppress(_UndoError), clinic.database.connection.transaction():
            for place, (claim, day) in enumerate(order):
                clinic.post(Payment([claim], trace=f"{number}-{place}", day=day, plb=(
                    [f"FB:{claim.paid_amount}"] if claim.paid_amount < 0 else [])))  # fmt: skip
            found.append(clinic.totals())
            raise _UndoError
    assert all(each == found[0] for each in found), found


class _UndoError(Exception):
    """Rolls a savepoint back."""


def _payments(clinic: Clinic) -> list[tuple[str, str | None, int]]:
    """State, reason and what is not applied to claims, in the order in which they came."""
    with clinic.database.transaction(CALLER) as connection:
        listed = list_payments(connection, sort="payment_id")
    return [(each.state, each.reason, each.unapplied_cents) for each in listed]


@pytest.mark.parametrize("cut_before", [b"SVC", b"CLP"])
def test_the_whole_file_takes_the_place_of_one_that_ended_in_the_middle(
    clinic: Clinic, cut_before: bytes
) -> None:
    """What a poster is told to do with a truncated payment: post the whole file."""
    content = written(Payment([Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], **MARY)]))
    clinic.post(content=content[: content.index(cut_before)])
    assert _payments(clinic) == [("held", "truncated", 0)]
    whole = clinic.post(content=content)
    assert whole.is_clean
    assert _payments(clinic) == [("duplicate", "came_whole", 0), ("posted", None, 0)]
    assert ("waiting", "payment_held") not in clinic.answers()
    assert clinic.balance("A200") == {"revenue": -20000, "unapplied": 15000, "contractual": 5000}
    # The whole one in a third file is the same payment again.
    assert clinic.post(content=content + b"\n").payments["state"].to_list() == ["duplicate"]


def test_a_corrected_payment_takes_the_place_of_one_that_did_not_add_up(clinic: Clinic) -> None:
    off = Clp("A200", "1", [Svc("99214", "200", ["CO-45:50.01"])], **MARY)
    right = Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], **MARY)
    held = clinic.post(Payment([off], amount="150"))
    assert held.payments["reason"].to_list() == ["out_of_balance"]
    assert clinic.post(Payment([off], amount="150"), Payment([A100], trace="2")).payments[
        "state"
    ].to_list() == ["duplicate", "posted"]
    assert clinic.post(Payment([right])).is_clean
    assert _payments(clinic)[0][:2] == ("duplicate", "came_whole")
    with (
        pytest.raises(NotFoundError, match="is held"),
        clinic.database.transaction(CALLER) as connection,
    ):
        release_payment(CALLER, connection, clinic.sealer, held.payments["payment_id"][0], search=SEARCH)


def test_money_that_a_reversal_took_back_is_open_on_neither_payment(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1"))
    # The payer nets 84.00 against the corrected 110.00, and sends 26.00.
    clinic.post(Payment([negated(A100), BETTER_PAID], trace="2", day="20260301"))
    assert [unapplied for _, _, unapplied in _payments(clinic)] == [0, 0]
    # So nobody pays the 84.00 back a second time.
    first = clinic.rows("select min(payment_id) from remittance.payments")[0][0]
    with (
        pytest.raises(PostingRefusedError, match=r"0\.00 of payment \d+ is unapplied"),
        clinic.database.transaction(CALLER) as connection,
    ):
        post_refund_of_payment(CALLER, connection, first, Decimal("84.00"), reason="tried by a test")


def test_a_line_that_the_payer_splits_without_saying_so(clinic: Clinic) -> None:
    split = Clp(
        "A200", "1", [Svc("99214", "80", ["CO-45:30"]), Svc("99214", "120", ["CO-45:40", "PR-2:10"])], **MARY
    )
    assert clinic.post(Payment([split])).is_clean
    assert clinic.balance("A200") == {
        "revenue": -20000, "unapplied": 12000, "contractual": 7000, "patient": 1000,
    }  # fmt: skip


def test_parts_that_do_not_add_up_to_a_line_wait(clinic: Clinic) -> None:
    split = Clp("A200", "1", [Svc("99214", "80"), Svc("99214", "119")], **MARY)
    clinic.post(Payment([split]))
    assert clinic.answers() == [("waiting", "lines_differ")]


def test_the_reasons_of_a_match_name_the_number_once(clinic: Clinic) -> None:
    clinic.post(Payment([A100]), Payment([dataclasses.replace(PAID, number="a200")], trace="2"))
    said = [
        set(words.split("; "))
        for (words,) in clinic.rows("select score_reasons from remittance.answers order by answer_id")
    ]
    assert ["claim number" in each for each in said] == [True, False]
    assert ["claim number, cut or in other case" in each for each in said] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"005010X221A1", b"004010X091A1", "another version than 005010X221A1. Ask the payer"),
        (b"ST*835", b"ST*837", "contains no 835"),
    ],
)
def test_what_is_no_835_of_this_version_says_which_it_is(
    clinic: Clinic, old: bytes, new: bytes, says: str
) -> None:
    with pytest.raises(RemittanceError, match=says):
        clinic.post(content=written(Payment([A100])).replace(old, new))
