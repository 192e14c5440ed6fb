"""Remittances written for tests, segment by segment: each says in one line what a payer answered.

An answer is a `Clp`: number, status, lines; a line is a `Svc`: procedure, charge, paid, adjustments such as
`"CO-45:20.00"`. What is not said is computed, so that what a test does not break balances.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         "
    "*260201*0101*^*00501*{control:09}*0*P*:"
)
_CONTROL = itertools.count(1)


@dataclass(frozen=True)
class Svc:
    """A service line. `adjustments` are `GROUP-REASON:AMOUNT`; `paid` is computed."""

    procedure: str
    charge: str
    adjustments: Sequence[str] = ()
    day: str = "20260115"
    control: str = ""
    original: str = ""
    remarks: Sequence[str] = ()
    paid: str | None = None

    @property
    def paid_amount(self) -> Decimal:
        """Charge less adjustments, or what is said."""
        return Decimal(self.paid) if self.paid is not None else Decimal(self.charge) - total(self.adjustments)

    def segments(self) -> list[str]:
        """SVC and what belongs to it."""
        original = f"**HC:{self.original}" if self.original else ""
        made = [f"SVC*HC:{self.procedure}*{self.charge}*{self.paid_amount}*{original}".rstrip("*")]
        made.append(f"DTM*472*{self.day}")
        made += cas(self.adjustments)
        if self.control:
            made.append(f"REF*6R*{self.control}")
        made += [f"LQ*HE*{remark}" for remark in self.remarks]
        return made


@dataclass(frozen=True)
class Clp:
    """An answer to a claim. `adjustments` are those of the claim itself; amounts are computed unless said."""

    number: str
    status: str = "1"
    lines: Sequence[Svc] = ()
    adjustments: Sequence[str] = ()
    payer_number: str = "ICN1"
    charge: str | None = None
    paid: str | None = None
    last: str = "DOE"
    first: str = "JOHN"
    member: str = "W000000001"
    frequency: str = ""
    received: str = ""
    filing: str = "12"

    @property
    def charge_amount(self) -> Decimal:
        """The sum of the lines, or what is said."""
        return (
            Decimal(self.charge)
            if self.charge is not None
            else sum((Decimal(e.charge) for e in self.lines), Decimal(0))
        )

    @property
    def paid_amount(self) -> Decimal:
        """What the lines are paid less the claim's own adjustments, or what is said."""
        if self.paid is not None:
            return Decimal(self.paid)
        if not self.lines:
            return self.charge_amount - total(self.adjustments)
        return sum((each.paid_amount for each in self.lines), Decimal(0)) - total(self.adjustments)

    def segments(self) -> list[str]:
        """CLP and what belongs to it."""
        said = [*self.adjustments, *(a for line in self.lines for a in line.adjustments)]
        patient = total([each for each in said if each.startswith("PR-")])
        made = [
            f"CLP*{self.number}*{self.status}*{self.charge_amount}*{self.paid_amount}*{patient}*{self.filing}"
            f"*{self.payer_number}*11*{self.frequency or 1}"
        ]
        made += cas(self.adjustments)
        if self.last:
            made.append(f"NM1*QC*1*{self.last}*{self.first}****MI*{self.member}")
        if self.received:
            made.append(f"DTM*050*{self.received}")
        made += [segment for line in self.lines for segment in line.segments()]
        return made


@dataclass(frozen=True)
class Payment:
    """A payment: one transaction. The amount is computed unless it is said."""

    claims: Sequence[Clp]
    trace: str = "EFT1"
    day: str = "20260201"
    payer: str = "GOOD PAYER"
    payer_id: str = "1123456789"
    payee: str = "1234567893"
    plb: Sequence[str] = ()
    amount: str | None = None

    @property
    def paid_amount(self) -> Decimal:
        """Paid claims less provider adjustments, or what is said."""
        if self.amount is not None:
            return Decimal(self.amount)
        return sum((each.paid_amount for each in self.claims), Decimal(0)) - total(self.plb)

    def segments(self, number: int) -> list[str]:
        """ST to SE."""
        method = "ACH" if self.paid_amount else "NON"
        made = [
            f"ST*835*{number:04}",
            f"BPR*I*{self.paid_amount}*C*{method}*CCP*01*999999992*DA*123*{self.payer_id}**01*999988880*DA*98765*{self.day}"
            if self.paid_amount
            else f"BPR*H*0*C*NON************{self.day}",
            f"TRN*1*{self.trace}*{self.payer_id}",
            f"DTM*405*{self.day}",
            f"N1*PR*{self.payer}",
            "N3*1 PAYER ST",
            "N4*BALTIMORE*MD*21201",
            "PER*BL*HELP*TE*8005551212",
            f"N1*PE*CLINIC ONE*XX*{self.payee}",
            "LX*1",
        ]
        made += [segment for claim in self.claims for segment in claim.segments()]
        for said in self.plb:
            reason, amount = said.split(":", 1)
            made.append(f"PLB*{self.payee}*20261231*{reason}:REF*{amount}")
        return [*made, f"SE*{len(made) + 1}*{number:04}"]


def written(*payments: Payment, cut: int | None = None) -> bytes:
    """An interchange of payments; cut after so many segments, if asked for."""
    control = next(_CONTROL)
    body = [segment for number, each in enumerate(payments, 1) for segment in each.segments(number)]
    made = [
        ISA.format(control=control), f"GS*HP*PAYER*CLINIC*20260201*0101*{control}*X*005010X221A1", *body,
        f"GE*{len(payments)}*{control}", f"IEA*1*{control:09}",
    ]  # fmt: skip
    return "".join(f"{segment}~\n" for segment in made[:cut]).encode()


def cas(adjustments: Sequence[str]) -> list[str]:
    """One CAS for each adjustment."""
    made = []
    for said in adjustments:
        code, amount = said.split(":")
        group, reason = code.split("-")
        made.append(f"CAS*{group}*{reason}*{amount}")
    return made


def total(adjustments: Sequence[str]) -> Decimal:
    """The sum of their amounts."""
    return sum((Decimal(each.split(":", 1)[1]) for each in adjustments), Decimal(0))


@dataclass(frozen=True)
class Submitted:
    """A claim of the clinic: its number, and lines of procedure, charge and day."""

    number: str
    lines: Sequence[tuple[str, str]]
    turn: str = "P"
    frequency: str = "1"
    original: str = ""
    day: str = "20260115"
    last: str = "DOE"
    first: str = "JOHN"
    member: str = "W000000001"
    segments_of_lines: Sequence[str] = field(default=())
    # Loop 2320 and below, where the claim names another payer.
    other_payer: Sequence[str] = field(default=())

    def segments(self, hl: int) -> list[str]:
        """The subscriber's level and the claim."""
        charge = sum((Decimal(amount) for _, amount in self.lines), Decimal(0))
        made = [
            f"HL*{hl}*1*22*0",
            f"SBR*{self.turn}*18*******CI",
            f"NM1*IL*1*{self.last}*{self.first}****MI*{self.member}",
            "N3*12 ELM ST",
            "N4*BALTIMORE*MD*212021234",
            "DMG*D8*19800101*M",
            "NM1*PR*2*GOOD PAYER*****PI*12345",
            f"CLM*{self.number}*{charge}***11:B:{self.frequency}*Y*A*Y*Y",
        ]
        if self.original:
            made.append(f"REF*F8*{self.original}")
        made.append("HI*ABK:E119")
        made += self.other_payer
        for number, (procedure, amount) in enumerate(self.lines, 1):
            made += [
                f"LX*{number}", f"SV1*HC:{procedure}*{amount}*UN*1***1", f"DTP*472*D8*{self.day}",
                f"REF*6R*L{number}",
            ]  # fmt: skip
        return made


def submitted(*claims: Submitted) -> bytes:
    """An 837 of these claims."""
    made = [
        "ST*837*0001*005010X222A1", "BHT*0019*00*BATCH7*20260120*0101*CH",
        "NM1*41*2*BILLING SERVICE*****46*ABC123", "PER*IC*HELP DESK*TE*8005551212",
        "NM1*40*2*GOOD PAYER*****46*PAY01", "HL*1**20*1",
        "PRV*BI*PXC*207Q00000X", "NM1*85*2*CLINIC ONE*****XX*1234567893", "N3*1 MAIN ST",
        "N4*BALTIMORE*MD*212011234", "REF*EI*123456789",
    ]  # fmt: skip
    made += [segment for number, each in enumerate(claims, 2) for segment in each.segments(number)]
    made.append(f"SE*{len(made) + 1}*0001")
    control = next(_CONTROL)
    isa = ISA.format(control=control).replace("PAYER          ", "CLINIC         ", 1)
    whole = [
        isa, f"GS*HC*CLINIC*PAYER*20260120*0101*{control}*X*005010X222A1", *made, f"GE*1*{control}",
        f"IEA*1*{control:09}",
    ]  # fmt: skip
    return "".join(f"{segment}~\n" for segment in whole).encode()
