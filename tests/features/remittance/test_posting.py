"""Remittance situations, with the postings worked out by hand: what the accounts must hold, in cents."""

# ruff: noqa: E501 - a situation reads best in one line
from __future__ import annotations

import dataclasses

import pytest

from .conftest import Clinic
from .known_answers import A100, ANN, MARY, PAID_A100, negated
from .written_835 import Clp, Payment, Svc

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
