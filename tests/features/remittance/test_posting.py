"""Remittance situations, with the postings worked out by hand.

Each test says in its comments what the accounts must hold, in cents, and why.
"""

# ruff: noqa: E501 - a situation reads best in one line
from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Sequence

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.remittance import (
    assign_answer,
    candidates_for,
    dismiss_answer,
    reconsider_waiting,
    release_payment,
)
from claimwright.foundation.errors import NotFoundError

from .conftest import Clinic
from .written_835 import Clp, Payment, Submitted, Svc, written

# 150.00 charged, 84.00 paid, 50.00 given up by contract, 16.00 coinsurance.
A100 = Clp("A100", lines=[Svc("99213", "100", ["CO-45:20", "PR-2:16"]), Svc("85025", "50", ["CO-45:30"])])
PAID_A100 = {"revenue": -15000, "unapplied": 8400, "contractual": 5000, "patient": 1600}
MARY = {"last": "ROE", "first": "MARY", "member": "W000000002"}
ANN = {"last": "POE", "first": "ANN", "member": "W000000003"}


def negated(claim: Clp) -> Clp:
    """The reversal of an answer: status 22, every amount with the other sign."""

    def turned(said: Sequence[str]) -> list[str]:
        return [code + ":" + (amount[1:] if amount.startswith("-") else f"-{amount}")
                for code, amount in (each.split(":") for each in said)]  # fmt: skip

    lines = [
        dataclasses.replace(line, charge=f"-{line.charge}", adjustments=turned(line.adjustments))
        for line in claim.lines
    ]
    charge = None if claim.charge is None else f"-{claim.charge}"
    paid = None if claim.paid is None else f"-{claim.paid}"
    return dataclasses.replace(
        claim, status="22", lines=lines, adjustments=turned(claim.adjustments), charge=charge, paid=paid
    )


# Situations of one remittance: answers, their states, the balance of one claim.
ONE = {
    "paid with contract and coinsurance": ([A100], ["posted"], "A100", PAID_A100),
    "paid in full": (
        [Clp("A200", lines=[Svc("99214", "200")], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 20000},
    ),
    "all to the deductible: nothing is paid, nothing is denied": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:80", "PR-1:120"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "contractual": 8000, "patient": 12000},
    ),
    "denied for want of authorization: the amount stays open": (
        [Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "denied": 20000},
    ),
    "partly denied: one line paid, one refused": (
        [Clp("A100", lines=[Svc("99213", "100", ["CO-45:20"]), Svc("85025", "50", ["CO-50:50"], remarks=["N115"])])],
        ["posted"], "A100", {"revenue": -15000, "unapplied": 8000, "contractual": 2000, "denied": 5000},
    ),
    "a denial that the patient owes is the patient's": (
        [Clp("A200", "4", [Svc("99214", "200", ["PR-27:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "patient": 20000},
    ),
    "an unknown reason is a denial, not a write-off": (
        [Clp("A200", "1", [Svc("99214", "200", ["CO-9Z9:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "denied": 20000},
    ),
    "bundled into another line": (
        [Clp("A100", lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-97:50"])])], ["posted"],
        "A100", {"revenue": -15000, "unapplied": 9000, "contractual": 1000, "denied": 5000},
    ),
    "recoded by the payer: SVC06 says what was submitted": (
        [Clp("A200", lines=[Svc("99213", "200", ["CO-45:120"], original="99214")], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 8000, "contractual": 12000},
    ),
    "capitated": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-24:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "capitated": 20000},
    ),
    "sequestration is given up by law": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:100", "CO-253:2"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 9800, "contractual": 10200},
    ),
    "paid to the patient": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:100", "OA-100:100"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "contractual": 10000, "patient": 10000},
    ),
    "adjusted as a whole, without lines": (
        [Clp("A100", charge="150", adjustments=["CO-45:100"])], ["posted"], "A100",
        {"revenue": -15000, "unapplied": 5000, "contractual": 10000},
    ),
    "adjusted at both levels": (
        [Clp("A100", lines=[Svc("99213", "100", ["CO-45:20"]), Svc("85025", "50")], adjustments=["PR-3:10"])],
        ["posted"], "A100", {"revenue": -15000, "unapplied": 12000, "contractual": 2000, "patient": 1000},
    ),
    "more paid than charged": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-94:-50"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 25000, "contractual": -5000},
    ),
    "two equal lines with different answers, by control number": (
        [Clp("A500", lines=[Svc("80053", "40", control="L2"), Svc("80053", "40", ["CO-18:40"], control="L1"),
                            Svc("85025", "20", control="L3")], last="LOE", first="SUE", member="W5")],
        ["posted"], "A500", {"revenue": -10000, "unapplied": 6000, "denied": 4000},
    ),
    "a line split by the payer": (
        [Clp("A200", lines=[Svc("99214", "150", ["CO-45:50"], control="L1"),
                            Svc("99214", "50", ["CO-45:50"], control="L1")], **MARY)],
        ["posted"], "A200", {"revenue": -20000, "unapplied": 10000, "contractual": 10000},
    ),
    "a claim split by the payer": (
        [Clp("A100", lines=[Svc("99213", "100", ["CO-45:20"])], payer_number="ICN1"),
         Clp("A100", lines=[Svc("85025", "50", ["CO-45:30"])], payer_number="ICN2")],
        ["posted", "posted"], "A100", {"revenue": -15000, "unapplied": 10000, "contractual": 5000},
    ),
    "the number cut to 20 characters": (
        [Clp("mixed-Case-Number-Be", lines=[Svc("99215", "300")], last="COE", first="TIM", member="W4")], ["posted"],
        "mixed-Case-Number-Beyond-20", {"revenue": -30000, "unapplied": 30000},
    ),
    "the number in capitals, cut": (
        [Clp("MIXED-CASE-NUMBER-BE", lines=[Svc("99215", "300")], last="COE", first="TIM", member="W4")], ["posted"],
        "mixed-Case-Number-Beyond-20", {"revenue": -30000, "unapplied": 30000},
    ),
    "another number, found by member, name, day and charge": (
        [Clp("ZZZ", lines=[Svc("99214", "200")], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 20000},
    ),
    "nobody's claim": (
        [Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")], ["waiting:unknown_claim"],
        "A200", {},
    ),
    "the number of another patient's claim": (
        [Clp("A200", lines=[Svc("99999", "5")], last="X", first="Y", member="Z")], ["waiting:below_threshold"],
        "A200", {},
    ),
    "a line of no claim of ours": (
        [Clp("A200", lines=[Svc("99999", "200")], **MARY)], ["waiting:lines_differ"], "A200", {},
    ),
    "a line missing": (
        [Clp("A100", lines=[Svc("99213", "100")], charge="100"),
         Clp("A700", lines=[Svc("99213", "90"), Svc("85025", "50")], last="NOE", first="LEE", member="W7")],
        ["posted", "waiting:lines_differ"], "A100", {"revenue": -15000, "unapplied": 10000, "payer:P": 5000},
    ),
    "out of balance by a cent in a line": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:100"], paid="99.99")], paid="99.99", **MARY)],
        ["waiting:out_of_balance"], "A200", {},
    ),
    "out of balance by a cent in a claim": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:100"])], paid="100.01", **MARY)],
        ["waiting:out_of_balance"], "A200", {},
    ),
    "a predetermination is no adjudication": (
        [Clp("A200", "25", [Svc("99214", "200", ["CO-101:200"])], **MARY)], ["noted"], "A200", {},
    ),
    "sent on to another payer": (
        [Clp("A200", "23", [Svc("99214", "200", ["OA-23:200"])], **MARY)], ["noted"], "A200", {},
    ),
    "a reversal without its original": ([negated(A100)], ["waiting:reversal_without_original"], "A100", {}),
    "an original and its reversal": ([A100, negated(A100)], ["reversed", "posted"], "A100", {"revenue": -15000, "payer:P": 15000}),
    "a corrected denial without reversal": (
        [Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], payer_number="1", **MARY),
         Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="2", **MARY)],
        ["superseded", "posted"], "A200", {"revenue": -20000, "unapplied": 15000, "contractual": 5000},
    ),
    "paid, then refused as a duplicate": (
        [Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="1", **MARY),
         Clp("A200", "4", [Svc("99214", "200", ["CO-18:200"])], payer_number="2", **MARY)],
        ["posted", "superseded"], "A200", {"revenue": -20000, "unapplied": 15000, "contractual": 5000},
    ),
    "paid twice": (
        [A100, dataclasses.replace(A100, payer_number="ICN2")], ["posted", "waiting:adjudicated_before"], "A100",
        PAID_A100,
    ),
    "the same answer twice": ([A100, A100], ["posted", "duplicate"], "A100", PAID_A100),
    "zero charged": (
        [Clp("A200", lines=[Svc("99214", "0")], **MARY)], ["waiting:lines_differ"], "A200", {},
    ),
    "an enormous amount": (
        [Clp("A200", lines=[Svc("99214", "99999999999.99")], **MARY)], ["waiting:lines_differ"], "A200", {},
    ),
    "first payer, then second payer": (
        [Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ANN),
         Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "PR-3:2"])], payer_number="S1", **ANN)],
        # 48 + 10 paid, 40 by contract, 2 left to the patient.
        ["posted", "posted"], "A300", {"revenue": -10000, "unapplied": 5800, "contractual": 4000, "patient": 200},
    ),
    "second payer before the first": (
        [Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "PR-3:2"])], payer_number="S1", **ANN)],
        ["waiting:earlier_payer_first"], "A300", {},
    ),
    "second payer counts otherwise than the first": (
        [Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ANN),
         Clp("A300", "2", [Svc("99213", "100", ["OA-23:80", "PR-3:2"])], payer_number="S1", **ANN)],
        ["posted", "waiting:earlier_payer_differs"], "A300",
        {"revenue": -10000, "unapplied": 4800, "contractual": 4000, "patient": 1200},
    ),
    "forwarded to a second payer that we sent no claim": (
        [Clp("A200", "19", [Svc("99214", "200", ["CO-45:100", "PR-2:20"])], **MARY),
         Clp("A200", "2", [Svc("99214", "200", ["OA-23:180"])], payer_number="S2", **MARY)],
        ["posted", "posted"], "A200", {"revenue": -20000, "unapplied": 10000, "contractual": 10000},
    ),
    "denied by the second payer: open, not the patient's": (
        [Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ANN),
         Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "CO-22:12"])], payer_number="S1", **ANN)],
        ["posted", "posted"], "A300", {"revenue": -10000, "unapplied": 4800, "contractual": 4000, "denied": 1200},
    ),
}  # fmt: skip


@pytest.mark.parametrize("situation", ONE)
def test_one_remittance(clinic: Clinic, situation: str) -> None:
    claims, states, number, balance = ONE[situation]
    clinic.post(Payment(claims))
    found = [state + (f":{reason}" if reason else "") for state, reason in clinic.answers()]
    # Of two equal answers of one day, either may be the one in force.
    assert sorted(found) == sorted(states)
    assert clinic.balance(number) == balance
    # Money received is money applied and money that waits.
    applied = clinic.totals().get("unapplied", 0)
    waiting = sum(
        cents for state, cents in clinic.rows("select state, paid_cents from remittance.answers")
        if state not in {"posted", "reversed"}
    )  # fmt: skip
    assert applied == -waiting


def test_what_a_payment_keeps_back_or_adds(clinic: Clinic) -> None:
    # 84.00 for the claim, 30.00 kept back for an old overpayment, 1.25 interest: the bank gets 55.25.
    posted = clinic.post(Payment([A100], plb=["WO:30", "L6:-1.25"]))
    assert posted.is_clean
    assert clinic.totals() == {
        "cash": 5525, "taken_back": 3000, "interest": -125, "contractual": 5000, "patient": 1600, "revenue": -15000,
    }  # fmt: skip


def test_a_negative_remittance_is_forwarded(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1"))
    # 84.00 are taken back; the payer carries them over to the next payment, and the bank gets nothing.
    clinic.post(Payment([negated(A100)], trace="2", day="20260301", plb=["FB:-84"]))
    assert clinic.answers() == [("reversed", None), ("posted", None)]
    assert clinic.totals() == {"cash": 8400, "forwarded": -8400, "payer": 15000, "revenue": -15000}


def test_a_reversal_and_a_correction_in_another_file(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1"))
    corrected = Clp(
        "A100",
        lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-45:30"])],
        payer_number="ICN2",
    )
    clinic.post(Payment([negated(A100), corrected], trace="2", day="20260301"))
    assert clinic.balance("A100") == {"revenue": -15000, "unapplied": 11000, "contractual": 4000}
    assert clinic.totals()["cash"] == 11000


def test_the_correction_comes_before_the_original(clinic: Clinic) -> None:
    corrected = Clp(
        "A100",
        lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-45:30"])],
        payer_number="ICN2",
    )
    clinic.post(Payment([corrected], trace="2", day="20260301"))
    clinic.post(Payment([A100], trace="1"))
    # The older answer counts, as if it had come first; the newer one waits for the reversal.
    assert clinic.answers() == [("waiting", "adjudicated_before"), ("posted", None)]
    clinic.post(Payment([negated(A100)], trace="3", day="20260301", plb=["FB:-84"]))
    assert clinic.answers() == [("posted", None), ("reversed", None), ("posted", None)]
    assert clinic.balance("A100") == {"revenue": -15000, "unapplied": 11000, "contractual": 4000}


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
    other = Clp("A700", lines=[Svc("99213", "100", ["CO-45:20", "PR-2:16"]), Svc("85025", "50", ["CO-45:30"])],
                last="NOE", first="LEE", member="W7")  # fmt: skip
    held = clinic.post(Payment([other]))
    assert held.payments.select("state", "reason").row(0) == ("held", "trace_number_used_before")
    assert clinic.answers()[-1] == ("waiting", "payment_held")
    assert clinic.totals()["cash"] == 8400


def test_a_payment_out_of_balance_by_a_cent_is_held_and_the_rest_of_the_file_posted(clinic: Clinic) -> None:
    good = Clp("A600", lines=[Svc("99212", "60")], last="MOE", first="KIM", member="W6")
    posted = clinic.post(Payment([A100], amount="84.01"), Payment([good], trace="9"))
    assert posted.payments["state"].to_list() == ["held", "posted"]
    assert posted.payments["reason"].to_list() == ["out_of_balance", None]
    assert clinic.balance("A100") == {}
    assert clinic.balance("A600") == {"revenue": -6000, "unapplied": 6000}
    payment = posted.payments["payment_id"][0]
    with clinic.database.transaction(CALLER) as connection:
        assert release_payment(CALLER, connection, clinic.sealer, payment) == {"posted": 1}
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
        assert reconsider_waiting(CALLER, connection, copied_clinic.sealer) == {"posted": 1}
    assert copied_clinic.totals() == {"cash": 7500, "revenue": -7500}


def test_a_person_chooses_the_claim(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("ZZZ", lines=[Svc("99214", "200")], last="", first="", member="")]))
    assert clinic.answers() == [("waiting", "below_threshold")]
    [(answer,)] = clinic.rows("select answer_id from remittance.answers")
    with clinic.database.transaction(CALLER) as connection:
        candidates = candidates_for(CALLER, connection, clinic.sealer, answer)
        assert candidates["claim_key"][0] == clinic.key_of("A200")
        assert assign_answer(CALLER, connection, clinic.sealer, answer, candidates["claim_key"][0]) == (
            "posted",
            None,
        )
    assert clinic.balance("A200") == {"revenue": -20000, "unapplied": 20000}
    with pytest.raises(NotFoundError, match="no answer"), clinic.database.transaction(CALLER) as connection:
        dismiss_answer(CALLER, connection, answer, "mistake")


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
DENIED = Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], payer_number="1", **MARY)
PAID = Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="2", **MARY)
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
    for number, order in enumerate(itertools.permutations(STORIES[story])):
        with contextlib.suppress(_UndoError), clinic.database.connection.transaction():
            for place, (claim, day) in enumerate(order):
                clinic.post(Payment([claim], trace=f"{number}-{place}", day=day, plb=(
                    [f"FB:{claim.paid_amount}"] if claim.paid_amount < 0 else [])))  # fmt: skip
            found.append(clinic.totals())
            raise _UndoError
    assert all(each == found[0] for each in found), found


class _UndoError(Exception):
    """Rolls a savepoint back."""
