"""More remittance situations, with the postings worked out by hand: what the accounts must hold, in cents."""

# ruff: noqa: E501 - a situation reads best in one line
from __future__ import annotations

import dataclasses

import pytest

from .conftest import Clinic
from .known_answers import A100, ANN, DENIED, MARY, PAID, negated
from .test_posting import ONE
from .written_835 import Clp, Payment, Svc

SUE = {"last": "LOE", "first": "SUE", "member": "W5"}
VISIT = Clp("A100", lines=[Svc("99213", "100", ["CO-45:20"])], payer_number="1")
BLOOD = Clp("A100", lines=[Svc("85025", "50", ["CO-45:30"])], payer_number="2")
FIRST = Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], **ANN)

MORE = {
    "deductible, coinsurance and copay on two lines": (
        # Paid 100 - 20 - 50 - 6 = 24 and 50 - 15 = 35; the patient owes 50 + 6 + 15.
        [Clp("A100", lines=[Svc("99213", "100", ["CO-45:20", "PR-1:50", "PR-2:6"]), Svc("85025", "50", ["PR-3:15"])])],
        ["posted"], "A100", {"revenue": -15000, "unapplied": 5900, "contractual": 2000, "patient": 7100},
    ),
    "written down under another group code": (
        [Clp("A200", lines=[Svc("99214", "200", ["OA-45:80"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 12000, "contractual": 8000},
    ),
    "refused for two reasons": (
        [Clp("A200", "4", [Svc("99214", "200", ["CO-16:150", "CO-197:50"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "denied": 20000},
    ),
    "one line in part written down, in part refused": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:50", "CO-50:150"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "contractual": 5000, "denied": 15000},
    ),
    "refused as late": (
        [Clp("A200", "4", [Svc("99214", "200", ["CO-29:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "denied": 20000},
    ),
    "refused as a duplicate of what never came": (
        [Clp("A200", "4", [Svc("99214", "200", ["OA-18:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "denied": 20000},
    ),
    "not covered, and the patient's": (
        [Clp("A200", "4", [Svc("99214", "200", ["PR-96:200"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "patient": 20000},
    ),
    "an adjustment of nothing": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:0"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 20000},
    ),
    "refused as a whole, without lines": (
        [Clp("A100", "4", charge="150", adjustments=["CO-29:150"])], ["posted"], "A100",
        {"revenue": -15000, "denied": 15000},
    ),
    "all of a claim without lines to the deductible": (
        [Clp("A100", charge="150", adjustments=["PR-1:150"])], ["posted"], "A100",
        {"revenue": -15000, "patient": 15000},
    ),
    "three lines, each with its own fate": (
        [Clp("A500", lines=[Svc("80053", "40", control="L1"), Svc("80053", "40", ["CO-18:40"], control="L2"),
                            Svc("85025", "20", ["PR-1:20"], control="L3")], **SUE)],
        ["posted"], "A500", {"revenue": -10000, "unapplied": 4000, "denied": 4000, "patient": 2000},
    ),
    "the lines in another order": (
        [Clp("A100", lines=[Svc("85025", "50", ["CO-45:30"]), Svc("99213", "100", ["CO-45:20"])])], ["posted"],
        "A100", {"revenue": -15000, "unapplied": 10000, "contractual": 5000},
    ),
    "a modifier that the payer added": (
        [Clp("A100", lines=[Svc("99213:25", "100"), Svc("85025", "50", ["CO-45:30"])])], ["posted"], "A100",
        {"revenue": -15000, "unapplied": 12000, "contractual": 3000},
    ),
    "another day than ours": (
        [Clp("A200", lines=[Svc("99214", "200", ["CO-45:50"], day="20260116")], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 15000, "contractual": 5000},
    ),
    "the number in small letters": (
        [Clp("a200", lines=[Svc("99214", "200", ["CO-45:50"])], **MARY)], ["posted"], "A200",
        {"revenue": -20000, "unapplied": 15000, "contractual": 5000},
    ),
    "an original, its reversal and its correction": (
        [A100, negated(A100), dataclasses.replace(A100, lines=[Svc("99213", "100", ["CO-45:20"]),
                                                             Svc("85025", "50", ["CO-45:30"])], payer_number="9")],
        ["reversed", "posted", "posted"], "A100", {"revenue": -15000, "unapplied": 10000, "contractual": 5000},
    ),
    "one of two parts reversed": (
        [VISIT, BLOOD, negated(VISIT)], ["reversed", "posted", "posted"], "A100",
        {"revenue": -15000, "payer:P": 10000, "unapplied": 2000, "contractual": 3000},
    ),
    "paid, taken back and refused": (
        [dataclasses.replace(PAID, payer_number="1"), negated(dataclasses.replace(PAID, payer_number="1")),
         dataclasses.replace(DENIED, payer_number="3")],
        ["reversed", "posted", "posted"], "A200", {"revenue": -20000, "denied": 20000},
    ),
    "a predetermination, then the answer": (
        [Clp("A200", "25", [Svc("99214", "200", ["CO-101:200"])], payer_number="1", **MARY), PAID],
        ["noted", "posted"], "A200", {"revenue": -20000, "unapplied": 15000, "contractual": 5000},
    ),
    "the second payer pays what the patient owed": (
        [FIRST, Clp("A300", "2", [Svc("99213", "100", ["OA-23:88"])], payer_number="S1", **ANN)],
        # 48 of the first, 12 of the second.
        ["posted", "posted"], "A300", {"revenue": -10000, "unapplied": 6000, "contractual": 4000},
    ),
    "the second payer writes down what the patient owed": (
        [FIRST, Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "CO-45:12"])], payer_number="S1", **ANN)],
        ["posted", "posted"], "A300", {"revenue": -10000, "unapplied": 4800, "contractual": 5200},
    ),
    "a third payer before the first": (
        [Clp("A300", "3", [Svc("99213", "100", ["OA-23:100"])], payer_number="T1", **ANN)],
        ["waiting:earlier_payer_first"], "A300", {},
    ),
    "the remark says more than the reason": (
        [Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"], remarks=["MA130", "N290"])], **MARY)], ["posted"],
        "A200", {"revenue": -20000, "denied": 20000},
    ),
}  # fmt: skip


def test_at_least_sixty_situations_are_worked_out() -> None:
    assert not ONE.keys() & MORE.keys()
    assert len(ONE) + len(MORE) >= 60


@pytest.mark.parametrize("situation", MORE)
def test_one_remittance(clinic: Clinic, situation: str) -> None:
    claims, states, number, balance = MORE[situation]
    clinic.post(Payment(claims))
    found = [state + (f":{reason}" if reason else "") for state, reason in clinic.answers()]
    assert sorted(found) == sorted(states)
    assert clinic.balance(number) == balance
