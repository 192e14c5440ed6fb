"""The frames of a remittance, with their columns and types.

Columns of the frames, in addition to the keys `payment`, `claim` and `line`, which count from 1 (`line`
within its claim) and are null if a row has no claim or line, and `segment`, the position in the file:

    payments     the envelope's control numbers and partners; transaction_control_number, payment_handling
                 (BPR01), payment_amount, credit_debit (BPR03), payment_method, banks and accounts, paid_on
                 (BPR16), trace_number (TRN02), originating_company (TRN03), currency, receiver_id (REF EV),
                 version (REF F2), produced_on; payer and payee with identifiers, address and delivery
    batches      one row per LX: batch (counts from 1), batch_number, the totals of TS3 and TS2
    claims       batch; claim_id (CLP01), claim_status, charge, paid, patient_responsibility, claim_filing,
                 payer_claim_number (CLP07), facility_code, frequency, drg, drg_weight, discharge_fraction;
                 the parties patient (NM1 QC), subscriber (IL), corrected (74), rendering (82),
                 crossover_payer (TT), corrected_payer (PR), other_subscriber (GB); coverage_expires_on
                 (DTM 036), received_on (050), service_from_on (232), service_to_on (233), coverage_amount
                 (AMT AU), interest (AMT I)
    lines        procedure_qualifier, procedure, modifier_1 to 4, charge, paid, revenue_code, paid_units, the
                 same with original_ for what was submitted (SVC06), original_units, service_from_on,
                 service_to_on, control (REF 6R), rendering_npi (REF HPI), allowed (AMT B6)
    adjustments  position, group, reason, amount, quantity: CAS of claims and of lines
    remarks      code: LQ HE of lines, MOA and MIA of claims; pharmacy_codes: code, LQ RX of lines
    references   qualifier, value: REF of claims and of lines
    payment_references  qualifier, value: REF of the transaction, of the payer and of the payee
    dates        qualifier, dated_on: every DTM
    amounts      qualifier, amount: AMT; quantities: qualifier, quantity: QTY
    contacts     function, name, qualifier_1, number_1, ...: PER of the payer and of claims
    inpatient    amounts and days of MIA; outpatient: of MOA
    provider_adjustments  position, provider_id, fiscal_period_on, reason, reference, amount: PLB
    faults       code, segment, element, detail, and their place, as for claims

Amounts are decimals of two places, quantities of three, ratios of six. A value that can't be read is null and
a fault.

Source: ASC X12N 005010X221A1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache

import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.checks.fault_collector import SCHEMA as _FAULTS_IN_FULL

from .layout import (
    BATCH_COLUMNS,
    CLAIM_COLUMNS,
    ENVELOPE_COLUMNS,
    LINE_COLUMNS,
    PAYMENT_COLUMNS,
    REPEATING,
    Column,
)

PAYMENT_KEYS = ("payment", "segment")
CLAIM_KEYS = ("payment", "claim", "segment")
LINE_KEYS = ("payment", "claim", "line", "segment")
FAULTS: dict[str, pl.DataType] = {
    name: _FAULTS_IN_FULL[name] for name in ("code", "segment", "element", "detail", *_FAULTS_IN_FULL)
}
"""The columns of a frame of faults: the first four say what and where, the others in which claim and loop."""


@dataclass(frozen=True)
class Remittance:
    """The content of an 835; the module's docstring lists the columns of each frame."""

    payments: pl.DataFrame
    claims: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame
    remarks: pl.DataFrame
    references: pl.DataFrame
    faults: pl.DataFrame
    batches: pl.DataFrame
    payment_references: pl.DataFrame
    dates: pl.DataFrame
    amounts: pl.DataFrame
    quantities: pl.DataFrame
    contacts: pl.DataFrame
    inpatient: pl.DataFrame
    outpatient: pl.DataFrame
    provider_adjustments: pl.DataFrame
    pharmacy_codes: pl.DataFrame

    def estimated_bytes(self) -> int:
        """About how much memory the frames take."""
        return sum(getattr(self, name).estimated_size() for name in schemas())

    @staticmethod
    def of(**frames: pl.DataFrame) -> Remittance:
        """A remittance of these frames; frames and columns that are not given are empty.

        Raises:
            ValueError: a frame or a column that no remittance has.
        """
        made = {}
        if unknown := set(frames) - set(schemas()):
            raise ValueError(f"a remittance has no frame {min(unknown)}")
        for name, schema in schemas().items():
            frame = frames.get(name, pl.DataFrame(schema=schema))
            if strange := set(frame.columns) - set(schema):
                raise ValueError(f"{name}: a remittance has no column {min(strange)}")
            made[name] = frame.select(
                pl.col(column).cast(dtype) if column in frame.columns else pl.lit(None, dtype).alias(column)
                for column, dtype in schema.items()
            )
        return Remittance(**made)

    def renumbered(self, payments: int, batches: int, claims: int) -> Remittance:
        """The same with keys that continue after as many payments, batches and claims."""
        shifts = {"payment": payments, "batch": batches, "claim": claims}
        made = {}
        for name in schemas():
            frame: pl.DataFrame = getattr(self, name)
            # Faults know their claim; transactions are payments.
            own = shifts if name != "faults" else {"claim": claims, "transaction": payments}
            moved = [pl.col(key) + by for key, by in own.items() if by and key in frame.columns]
            made[name] = frame.with_columns(moved) if moved else frame
        return Remittance(**made)

    @staticmethod
    def concat(parts: Iterable[Remittance]) -> Remittance:
        """Parts of one file, in its order, as one; without parts, empty frames."""
        found = list(parts)
        made = {}
        for name, schema in schemas().items():
            frames = [getattr(part, name) for part in found]
            made[name] = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
        return Remittance(**made)


@cache
def schemas() -> dict[str, dict[str, pl.DataType]]:
    """The columns of each frame and their types."""
    of_line = _keys(LINE_KEYS)
    made = {
        "payments": {**_keys(PAYMENT_KEYS), **_typed((*ENVELOPE_COLUMNS, *PAYMENT_COLUMNS))},
        "batches": {**_keys(("payment", "batch", "segment")), **_typed(BATCH_COLUMNS)},
        "claims": {**_keys((*CLAIM_KEYS, "batch")), **_typed(CLAIM_COLUMNS)},
        "lines": {**of_line, **_typed(LINE_COLUMNS)},
        "adjustments": {
            **of_line,
            "position": pl.Int32(),
            "group": pl.String(),
            "reason": pl.String(),
            "amount": Kind.AMOUNT.dtype,
            "quantity": Kind.QUANTITY.dtype,
        },
        "remarks": {**of_line, "code": pl.String()},
        "pharmacy_codes": {**of_line, "code": pl.String()},
        "provider_adjustments": {
            **_keys(PAYMENT_KEYS),
            "position": pl.Int32(),
            "provider_id": pl.String(),
            "fiscal_period_on": pl.Date(),
            "reason": pl.String(),
            "reference": pl.String(),
            "amount": Kind.AMOUNT.dtype,
        },
        "faults": FAULTS,
    }
    for name, repeating in REPEATING.items():
        made[name] = {**of_line, **{column: kind.dtype for column, _, kind in repeating.columns}}
    return {each.name: made[each.name] for each in fields(Remittance)}


def _keys(names: Iterable[str]) -> dict[str, pl.DataType]:
    return {name: pl.Int64() for name in names}


def _typed(columns: Iterable[Column]) -> dict[str, pl.DataType]:
    return {column.name: column.kind.dtype for column in columns}
