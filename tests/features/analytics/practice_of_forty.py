"""A practice of 40 claims, whose every number can be worked out by hand.

Two facilities and two payers make four groups; a claim of a group charges what the table says, for one line
of procedure 99213 of December 31, 2025. Claims come in on January 5, 2026, and 1 to 9 of each group are
sent on January 6. Payer 12345 answers on January 20, payer 67890 on February 5; what they pay later, they
pay on February 20 and on March 5. All days are of 2026. `c` is the charge.

    group        A        B        C        D
    facility   NORTH    NORTH    SOUTH    SOUTH
    payer      12345    67890    12345    67890     all
    c         100.00   200.00   300.00   400.00   1,000.00

    claim   first answer                                  afterwards
    1       paid .7 c, contract .2 c, patient .1 c        the patient pays .1 c on February 10
    2-5     paid .7 c, contract .2 c, patient .1 c
    6       denied c, no authorization (197)              of A, written off on March 10
    7       denied c, information missing (16)            paid .8 c, contract .2 c
    8       paid .5 c, contract .2 c, denied .3 c (50)
    9       none                                          of A, see below
    10      not sent

On March 20 comes, late, an answer of January 25 that denies claim 9 of group A (29, too late).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER, stage
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.written_835 import Clp, Payment, Submitted, Svc, submitted

from claimwright.domain.caller import Caller
from claimwright.features.claims import release
from claimwright.features.remittance import approve_write_off, post_patient_payment, propose_write_off
from claimwright.foundation import clock

GROUPS = {"A": ("NORTH", "12345", 100), "B": ("NORTH", "67890", 200), "C": ("SOUTH", "12345", 300),
          "D": ("SOUTH", "67890", 400)}  # fmt: skip
FIRST = {"12345": "20260120", "67890": "20260205"}
SECOND = {"12345": "20260220", "67890": "20260305"}
REASON = "Worked out by hand for a test"
APPROVER = Caller(CALLER.tenant, "user:2")


@dataclass
class Practice:
    """The practice, and its clock."""

    clinic: Clinic
    patch: pytest.MonkeyPatch

    def at(self, day: str, hour: int = 15) -> None:
        """It is this day, at an hour in UTC."""
        now = datetime.datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")
        self.patch.setattr(clock, "now", lambda: now)
        self.patch.setattr(clock, "today", now.date)

    def key_of(self, number: str) -> int:
        """The key of a claim, such as A7."""
        facility = GROUPS[number[0]][0]
        [(key,)] = self.clinic.rows(
            "select c.claim_key from production.claims c join staging.files f using (tenant, file_id) "  # noqa: S608
            f"where c.facility = '{facility}' and c.position = {int(number[1:])} "
            f"and c.payer_id = '{GROUPS[number[0]][1]}'"
        )
        return int(key)

    def numbers(self) -> list[str]:
        """The numbers of all claims."""
        return [f"{group}{number}" for group in GROUPS for number in range(1, 11)]


def patient_of(number: str) -> dict[str, str]:
    """Who the patient of a claim is."""
    return {"last": f"LAST{number}", "first": "ANN", "member": f"W{ord(number[0])}{number[1:]:0>4}"}


def amounts(number: str, *shares: str) -> list[str]:
    """Adjustments such as `CO-45:.2` as amounts of the charge."""
    charge = GROUPS[number[0]][2]
    made = []
    for each in shares:
        code, share = each.split(":")
        made.append(f"{code}:{(Decimal(share) * charge).quantize(Decimal('0.01'))}")
    return made


def answered(number: str, status: str, *shares: str, payer_number: str = "") -> Clp:
    """An answer to a claim."""
    charge = str(GROUPS[number[0]][2])
    line = Svc("99213", charge, amounts(number, *shares), day="20251231")
    return Clp(number, status, [line], payer_number=payer_number or f"ICN{number}", **patient_of(number))


def first_answers(group: str) -> list[Clp]:
    """What the payer of a group answers first."""
    shared = ("CO-45:.2", "PR-2:.1")
    return [
        *(answered(f"{group}{number}", "1", *shared) for number in range(1, 6)),
        answered(f"{group}6", "4", "CO-197:1"),
        answered(f"{group}7", "4", "CO-16:1"),
        answered(f"{group}8", "1", "CO-45:.2", "CO-50:.3"),
    ]


def fill(practice: Practice) -> None:
    """Everything happens, day by day."""
    clinic = practice.clinic
    practice.at("2026-01-05")
    for group, (facility, payer, charge) in GROUPS.items():
        claims = [
            Submitted(
                f"{group}{number}", [("99213", str(charge))], day="20251231", **patient_of(f"{group}{number}")
            )
            for number in range(1, 11)
        ]
        content = submitted(*claims).replace(b"PI*12345", b"PI*" + payer.encode())
        stage(clinic.database, clinic.sealer, content, facility)
    clinic.submit()
    practice.at("2026-01-06")
    sent = [practice.key_of(number) for number in practice.numbers() if not number.endswith("10")]
    with clinic.database.transaction(CALLER) as connection:
        release(CALLER, connection, sent, reason=REASON)
    for payer, day in FIRST.items():
        practice.at(f"{day[:4]}-{day[4:6]}-{day[6:]}")
        clps = [clp for group, told in GROUPS.items() if told[1] == payer for clp in first_answers(group)]
        clinic.post(Payment(clps, trace=f"1{payer}", day=day))
        if payer == "67890":
            practice.at("2026-02-10")
            for group, (_, _, charge) in GROUPS.items():
                _patient_pays(clinic, practice.key_of(f"{group}1"), charge)
    for payer, day in SECOND.items():
        practice.at(f"{day[:4]}-{day[4:6]}-{day[6:]}")
        groups = [group for group, told in GROUPS.items() if told[1] == payer]
        paid = [answered(f"{group}7", "1", "CO-45:.2", payer_number=f"AGAIN{group}") for group in groups]
        clinic.post(Payment(paid, trace=f"2{payer}", day=day))
    practice.at("2026-03-10")
    with clinic.database.transaction(CALLER) as connection:
        proposed = propose_write_off(
            CALLER, connection, practice.key_of("A6"), Decimal("100.00"), reason=REASON
        )
    with clinic.database.transaction(APPROVER) as connection:
        approve_write_off(APPROVER, connection, proposed.write_off_id)
    practice.at("2026-03-20")
    clinic.post(Payment([answered("A9", "4", "CO-29:1")], trace="late", day="20260125"))
    practice.at("2026-04-15")


def _patient_pays(clinic: Clinic, key: int, charge: int) -> Any:
    with clinic.database.transaction(CALLER) as connection:
        return post_patient_payment(CALLER, connection, key, Decimal(charge) / 10)
