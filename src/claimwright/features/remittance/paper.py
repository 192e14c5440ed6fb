"""A paper explanation of benefits, typed by a person: one payment with its claims and lines, as YAML or JSON.

PaperError   it can't be used as it was typed; the message says which line, or what does not add up
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator

from claimwright.engines.x12 import Remittance
from claimwright.foundation.errors import InputError
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated

TEMPLATE = """\
# A paper explanation of benefits. Amounts are dollars and cents; leave out what the paper does not say.
payer: GOOD PAYER
payer_id: "12345"                     # optional
payee_npi: "1234567893"
trace_number: "10017"                 # the number of the check or transfer
paid_on: 2026-02-01
amount: 84.00                         # of the check
claims:
  - claim_id: A100                    # your claim number
    payer_claim_number: ICN1
    status: "1"                       # processed as primary 1, secondary 2, tertiary 3; denied 4; reversal 22
    charge: 150.00
    paid: 84.00
    patient_last_name: DOE
    patient_first_name: JOHN
    patient_id: W000000001            # the member ID
    adjustments: []                   # of the claim as a whole; those of its lines are below
    lines:
      - procedure: "99213"
        modifiers: []
        service_on: 2026-01-15
        charge: 100.00
        paid: 64.00
        adjustments: [CO-45 20.00, PR-2 16.00]   # group, reason, amount
        remarks: []
      - procedure: "85025"
        service_on: 2026-01-15
        charge: 50.00
        paid: 20.00
        adjustments: [CO-45 30.00]
provider_adjustments: []              # what is kept back from the check: WO 5.00; added to it: L6 -1.25
"""
_ZERO = Decimal(0)
_ADJUSTMENT = r"^(CO|PR|OA|PI|CR)-[A-Z0-9]{1,5} +-?[0-9]{1,11}(\.[0-9]{1,2})?$"
_PROVIDER = r"^[A-Z0-9]{2} +-?[0-9]{1,11}(\.[0-9]{1,2})?$"


# Dollars and cents, as text: a binary fraction is none.
Money = Annotated[Decimal, WithJsonSchema({"type": "string", "examples": ["84.00"]})]


class PaperError(InputError):
    """A paper remittance can't be used as it was typed."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("amount", "charge", "paid", check_fields=False)
    @classmethod
    def _is_money(cls, value: Decimal) -> Decimal:
        if not value.is_finite() or abs(value) >= 10**11 or value != value.quantize(Decimal("0.01")):
            raise ValueError("it is no amount of dollars and cents")
        return value


class PaperLine(_Strict):
    """A service line."""

    procedure: str | None = Field(default=None, max_length=48)
    revenue_code: str | None = Field(default=None, max_length=4)
    modifiers: list[str] = Field(default=[], max_length=4)
    service_on: datetime.date | None = None
    control: str | None = Field(default=None, max_length=50)
    charge: Money
    paid: Money
    adjustments: list[str] = []
    remarks: list[str] = []

    @field_validator("adjustments")
    @classmethod
    def _are_adjustments(cls, value: list[str]) -> list[str]:
        return _checked(value)


class PaperClaim(_Strict):
    """An answer to a claim."""

    claim_id: str = Field(min_length=1, max_length=38)
    payer_claim_number: str | None = Field(default=None, max_length=50)
    status: str = Field(default="1", pattern=r"^[0-9]{1,2}$")
    charge: Money
    paid: Money
    patient_last_name: str | None = None
    patient_first_name: str | None = None
    patient_id: str | None = None
    service_from_on: datetime.date | None = None
    service_to_on: datetime.date | None = None
    claim_filing: str | None = Field(default=None, max_length=2)
    adjustments: list[str] = []
    lines: list[PaperLine] = []

    @field_validator("adjustments")
    @classmethod
    def _are_adjustments(cls, value: list[str]) -> list[str]:
        return _checked(value)


class PaperPayment(_Strict):
    """A payment as the paper has it."""

    payer: str = Field(min_length=1, max_length=60)
    payer_id: str | None = Field(default=None, max_length=80)
    payee_npi: str | None = Field(default=None, max_length=10)
    trace_number: str = Field(min_length=1, max_length=50)
    paid_on: datetime.date
    amount: Money
    method: str = Field(default="CHK", pattern=r"^(ACH|BOP|CHK|FWT|NON)$")
    claims: list[PaperClaim] = Field(min_length=1)
    provider_adjustments: list[str] = []

    @field_validator("provider_adjustments")
    @classmethod
    def _are_adjustments(cls, value: list[str]) -> list[str]:
        return _checked(value, _PROVIDER)


@dataclass(frozen=True)
class Paper:
    """A paper remittance, and the digest of what it says."""

    remittance: Remittance
    digest: bytes


def read_paper(text: str, name: str) -> Paper:
    """A paper remittance from YAML or JSON.

    Raises:
        PaperError: it can't be read, or does not add up.
    """
    try:
        top = read_yaml(text, name)
        if top is None:
            raise PaperError(f"{name}: is empty. Start from the template: --template.")
        typed = validated(top, PaperPayment)
    except YamlError as problem:
        raise PaperError(str(problem)) from None
    return paper_of(typed, name)


def paper_of(typed: PaperPayment, name: str) -> Paper:
    """A typed payment as a remittance.

    Raises:
        PaperError: it does not add up.
    """
    if problems := list(_imbalances(typed)):
        raise PaperError(f"{name}: {' '.join(problems[:5])} Compare with the paper, and correct it.")
    return Paper(_remittance(typed), hashlib.sha256(typed.model_dump_json().encode()).digest())


def _checked(value: list[str], pattern: str = _ADJUSTMENT) -> list[str]:
    import re

    for each in value:
        if not re.fullmatch(pattern, each):
            raise ValueError("it is no adjustment such as CO-45 20.00, or WO 5.00 of the provider")
    return value


def _parts(said: str) -> tuple[str, Decimal]:
    code, amount = said.split()
    return code, Decimal(amount)


def _total(said: list[str]) -> Decimal:
    return sum((_parts(each)[1] for each in said), _ZERO)


def _imbalances(typed: PaperPayment) -> Iterator[str]:
    """What does not add up. Places are counted, since numbers of claims are a patient's.

    Source: 005010X221A1, 1.10.2.
    """
    for number, claim in enumerate(typed.claims, 1):
        adjusted = _total(claim.adjustments) + sum((_total(e.adjustments) for e in claim.lines), _ZERO)
        if claim.charge - adjusted != claim.paid:
            yield (
                f"Claim {number}: {claim.charge} charged less {adjusted} adjusted is "
                f"{claim.charge - adjusted}, not {claim.paid}."
            )
        for place, line in enumerate(claim.lines, 1):
            left = line.charge - _total(line.adjustments)
            if left != line.paid:
                yield f"Claim {number}, line {place}: charge less adjustments is {left}, not {line.paid}."
        charged = sum((each.charge for each in claim.lines), _ZERO)
        if claim.lines and charged != claim.charge:
            yield f"Claim {number}: its lines charge {charged}, not {claim.charge}."
    kept = _total(typed.provider_adjustments)
    paid = sum((each.paid for each in typed.claims), _ZERO) - kept
    if paid != typed.amount:
        yield f"Payment: claims less provider adjustments are {paid}, not {typed.amount}."


def _remittance(typed: PaperPayment) -> Remittance:
    claims, lines, adjustments, remarks = [], [], [], []
    for number, claim in enumerate(typed.claims, 1):
        place: dict[str, Any] = {"payment": 1, "claim": number, "segment": number}
        said = [*claim.adjustments, *(each for line in claim.lines for each in line.adjustments)]
        patient = _total([each for each in said if each.startswith("PR-")])
        kept = claim.model_dump(exclude={"lines", "adjustments", "status"})
        claims.append({**place, **kept, "claim_status": claim.status, "patient_responsibility": patient})
        adjustments += _adjustments(place, None, claim.adjustments)
        for at, line in enumerate(claim.lines, 1):
            lines.append(
                {
                    **place, "line": at, "procedure": line.procedure, "revenue_code": line.revenue_code,
                    "procedure_qualifier": "HC" if line.procedure else None, "control": line.control,
                    "charge": line.charge, "paid": line.paid, "service_from_on": line.service_on,
                    **{f"modifier_{n}": each for n, each in enumerate(line.modifiers, 1)},
                }
            )  # fmt: skip
            adjustments += _adjustments(place, at, line.adjustments)
            remarks += [{**place, "line": at, "code": code} for code in line.remarks]
    payment = {
        "payment": 1, "segment": 1, "payment_handling": "I", "payment_amount": typed.amount,
        "credit_debit": "C", "payment_method": typed.method, "paid_on": typed.paid_on,
        "trace_number": typed.trace_number, "payer_name": typed.payer, "payer_id": typed.payer_id,
        "payee_npi": typed.payee_npi, "payee_id": typed.payee_npi,
    }  # fmt: skip
    provider = [
        {"payment": 1, "segment": 1, "position": at, "reason": reason, "amount": amount}
        for at, (reason, amount) in enumerate(map(_parts, typed.provider_adjustments), 1)
    ]
    frames = {
        "payments": [payment], "claims": claims, "lines": lines, "adjustments": adjustments,
        "remarks": remarks, "provider_adjustments": provider,
    }  # fmt: skip
    made = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in frames.items() if rows}
    return Remittance.of(**made)


def _adjustments(place: dict[str, Any], line: int | None, said: list[str]) -> list[dict[str, Any]]:
    return [
        {
            **place, "line": line, "position": at, "group": code.partition("-")[0],
            "reason": code.partition("-")[2], "amount": amount,
        }
        for at, (code, amount) in enumerate(map(_parts, said), 1)
    ]  # fmt: skip
