"""Claims as nested JSON documents: fields of the dictionary, with child rows inside their parents.

    {"transaction": {"submitter_name": "..."},
     "claims": [{"form": "P", "claim_id": "A1", "total_charge": "120.00",
                 "diagnoses": [{"diagnosis_qualifier": "ABK", "diagnosis": "M545"}],
                 "lines": [{"procedure": "99213", "charge": "120.00", "notes": [{"note": "..."}]}]}]}

Rows are numbered by their order. Amounts are text or integers, dates `YYYY-MM-DD`. The schema is generated
from the dictionary, so that each new field there can be sent. Missing qualifiers with only one possible value
are filled in: XX for an NPI, ABK for the first diagnosis, HC for a procedure.

DocumentError   a document cannot be used; names claim and field of each fault, never the value
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import KEYS, Field, Form, Kind, Level, fields_of, schema
from claimwright.engines.x12 import write_837
from claimwright.features.intake import read_blocks
from claimwright.foundation.errors import InputError

# The nesting: child levels by parent level.
INSIDE: Mapping[Level, tuple[Level, ...]] = {
    Level.CLAIM: (
        Level.LINE, Level.DIAGNOSIS, Level.PROCEDURE, Level.INSTITUTIONAL_CODE, Level.OTHER_PAYER,
        Level.ATTACHMENT, Level.NOTE, Level.CERTIFICATION, Level.TOOTH,
    ),
    Level.LINE: (Level.ADJUDICATION, Level.ATTACHMENT, Level.NOTE, Level.CERTIFICATION, Level.TOOTH),
    Level.OTHER_PAYER: (Level.ADJUSTMENT,),
    Level.ADJUDICATION: (Level.ADJUSTMENT,),
}  # fmt: skip
# The key that numbers the rows of a level within their parent.
_NUMBERED = {
    Level.LINE: "line",
    Level.OTHER_PAYER: "other_payer",
    Level.ADJUDICATION: "adjudication",
}
_MOST_FAULTS = 100


@dataclass(frozen=True)
class DocumentFault:
    """One fault: the 1-based number of the claim, the field and a message."""

    claim: int
    field: str
    message: str


class DocumentError(InputError):
    """A document cannot be used; `faults` lists the reasons."""

    def __init__(self, faults: Sequence[DocumentFault]) -> None:
        first = faults[0]
        super().__init__(f"claim {first.claim}, {first.field}: {first.message}")
        self.faults = list(faults)


def batch_of_documents(document: Mapping[str, Any], day: datetime.date) -> ClaimBatch:
    """The claims of a document, numbered from 1 in order. `made_on` is the creation date, if it has none.

    Raises:
        DocumentError: a field is unknown or has the wrong type, or `form` is missing; no claim is returned.
    """
    reader = _Reader()
    transaction = document.get("transaction", {})
    claims = document.get("claims")
    if not isinstance(claims, list) or not claims:
        raise DocumentError([DocumentFault(0, "claims", "send a list with at least one claim.")])
    if unknown := sorted(set(document) - {"transaction", "claims"}):
        raise DocumentError([DocumentFault(0, unknown[0][:40], "there is no such field at this level.")])
    reader.add(Level.TRANSACTION, transaction, {"transaction": 1}, "transaction")
    for number, claim in enumerate(claims, start=1):
        reader.claim = number
        form = claim.get("form") if isinstance(claim, dict) else None
        if form not in {each.value for each in Form}:
            reader.fault("form", "P for professional, I for institutional, D for dental.")
            continue
        keys = {"claim": number, "transaction": 1, "form": form}
        reader.add(Level.CLAIM, {k: v for k, v in claim.items() if k != "form"}, keys, "")
    if reader.faults:
        raise DocumentError(reader.faults)
    for name in ("interchange_created_on", "group_created_on", "transaction_created_on"):
        reader.rows[Level.TRANSACTION][0].setdefault(name, day)
    forms = {row["claim"]: row["form"] for row in reader.rows[Level.CLAIM]}
    for level, rows in reader.rows.items():
        for row in rows:
            _fill_qualifiers(level, row, forms.get(row.get("claim")))
    return ClaimBatch.of(
        {level: pl.DataFrame(rows, schema=schema(level), orient="row") for level, rows in reader.rows.items()}
    )


def document_as_837(document: Mapping[str, Any], day: datetime.date) -> bytes:
    """The 837 with the content of a document, verified by reading it back, so that nothing is lost.

    Raises:
        DocumentError: as for `batch_of_documents`; or the form of a claim has no element for a field.
        UnwritableError: a value is too long for its element of the envelope.
    """
    batch = batch_of_documents(document, day)
    content = b"".join(write_837([batch]))
    back = ClaimBatch.concat(reading.batch for reading in read_blocks([content], verbatim=False))
    if faults := [fault for level in Level for fault in _lost(level, batch, back)][:_MOST_FAULTS]:
        raise DocumentError(sorted(faults, key=lambda each: each.claim))
    return content


def _lost(level: Level, batch: ClaimBatch, back: ClaimBatch) -> Iterator[DocumentFault]:
    """Fields whose values are missing or different after reading back."""
    sent, got = batch.frame(level), back.frame(level)
    keys = [key for key in KEYS[level] if key in _IDENTIFYING]
    if level is Level.SEGMENT or level is Level.TRANSACTION or not sent.height:
        return
    both = sent.join(got, on=keys, how="left", suffix=_BACK, nulls_equal=True, maintain_order="left")
    for entry in fields_of(level):
        if sent[entry.name].null_count() == sent.height:
            continue
        lost = pl.col(entry.name).is_not_null() & pl.col(entry.name).ne_missing(pl.col(entry.name + _BACK))
        for claim in both.filter(lost)["claim"].unique(maintain_order=True):
            place = entry.name if level is Level.CLAIM else f"{level.value}.{entry.name}"
            yield DocumentFault(
                claim, place, "the claim's form has no element for this field, or not for this value."
            )


_BACK = ":back"
_IDENTIFYING = ("claim", "line", "position", "other_payer", "adjudication")
# The qualifier for each kind of identifier (NM108, 005010), by the end of the field's name.
_ID_QUALIFIERS = {"npi": "XX", "member_id": "MI", "payer_id": "PI"}
# Parties that are always organizations; a subscriber is a person by default (NM102).
_ORGANIZATIONS = ("payer", "submitter", "receiver")


def _fill_qualifiers(level: Level, row: dict[str, Any], form: str | None) -> None:
    """Fill in missing qualifiers that the given values imply."""
    fields = schema(level)

    def fill(name: str, value: str) -> None:
        if name in fields and row.get(name) is None:
            row[name] = value

    for name in [name for name, value in row.items() if value is not None]:
        for ending, qualifier in _ID_QUALIFIERS.items():
            if name.endswith(ending):
                party = name.removesuffix(ending) if ending != "payer_id" else "payer_"
                fill(f"{party}id_qualifier", qualifier)
        if name.endswith("_name") and f"{name.removesuffix('name')}entity_type" in fields:
            party = name.removesuffix("name")
            is_person = row.get(f"{party}first_name") is not None
            fill(f"{party}entity_type", "1" if is_person and party[:-1] not in _ORGANIZATIONS else "2")
    if level is Level.DIAGNOSIS:
        fill("diagnosis_qualifier", "ABK" if row["position"] == 1 else "ABF")
    elif level is Level.LINE and row.get("procedure") is not None:
        fill("procedure_qualifier", "AD" if form == "D" else "HC")
    elif level is Level.CLAIM:
        fill("facility_code_qualifier", "A" if form == "I" else "B")
    if level is Level.LINE and row.get("units") is not None and form != "D":
        fill("unit_basis", "UN")


class _Reader:
    """Collects the rows of each level, and the faults."""

    def __init__(self) -> None:
        self.rows: dict[Level, list[dict[str, Any]]] = {}
        self.faults: list[DocumentFault] = []
        self.claim = 0

    def fault(self, field: str, message: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(DocumentFault(self.claim, field, message))

    def add(self, level: Level, given: object, keys: Mapping[str, Any], place: str) -> None:
        """Add a row and its children; `place` is its position in the document."""
        if not isinstance(given, dict):
            self.fault(place or "claims", "this must be an object with fields.")
            return
        row: dict[str, Any] = {name: value for name, value in keys.items() if name in schema(level)}
        known = {entry.name: entry for entry in fields_of(level)}
        inside = {each.value: each for each in INSIDE.get(level, ())}
        for name, value in given.items():
            where = f"{place}.{name}".lstrip(".")
            if name in inside:
                self._add_all(inside[name], value, keys, where)
            elif name not in known:
                self.fault(where[:80], "the dictionary has no such field at this level.")
            elif value is not None:
                made = _value(known[name], value)
                if made is None:
                    self.fault(where, _WANTED[known[name].kind])
                else:
                    row[name] = made
        self.rows.setdefault(level, []).append(row)

    def _add_all(self, level: Level, given: object, keys: Mapping[str, Any], place: str) -> None:
        if not isinstance(given, list):
            self.fault(place, "this must be a list of objects.")
            return
        for number, each in enumerate(given, start=1):
            own = {_NUMBERED[level]: number} if level in _NUMBERED else {"position": number}
            self.add(level, each, {**keys, **own}, f"{place}[{number}]")


_WANTED = {
    Kind.TEXT: "this is text.",
    Kind.CODE: "this must be a code, as text.",
    Kind.DATE: "this must be a date, YYYY-MM-DD.",
    Kind.TIME: "this must be a time of day, HHMM, as text.",
    Kind.AMOUNT: 'this must be an amount in dollars with at most two decimals, as text such as "120.00".',
    Kind.QUANTITY: 'this must be a quantity with at most three decimals, as text such as "1.5".',
    Kind.INTEGER: "this must be a whole number.",
}
_DECIMALS = {Kind.AMOUNT: 2, Kind.QUANTITY: 3}
_INT32 = 2**31


def _value(entry: Field, given: object) -> Any:
    """The value in the type of its column; None if it has another type."""
    if entry.kind is Kind.INTEGER:
        return (
            given if isinstance(given, int) and not isinstance(given, bool) and abs(given) < _INT32 else None
        )
    if entry.kind in _DECIMALS:
        return _decimal(given, _DECIMALS[entry.kind], entry.dtype)
    if not isinstance(given, str):
        return None
    if entry.kind is Kind.DATE:
        try:
            return datetime.date.fromisoformat(given)
        except ValueError:
            return None
    return given


def _decimal(given: object, places: int, dtype: pl.DataType) -> Decimal | None:
    # Binary floats are not accepted as amounts: JSON numbers with a decimal point must be parsed as Decimal.
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        return None
    try:
        value = Decimal(given)
    except InvalidOperation:
        return None
    most = Decimal(10) ** (getattr(dtype, "precision", 18) - places)
    if not value.is_finite() or abs(value) >= most or value != round(value, places):
        return None
    return round(value, places)


_JSON_TYPES: Mapping[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.CODE: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "pattern": "^[0-9]{4,8}$"},
    Kind.AMOUNT: {"type": ["string", "integer"], "pattern": r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$"},
    Kind.QUANTITY: {"type": ["string", "integer"], "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,3})?$"},
    Kind.INTEGER: {"type": "integer"},
}


def document_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document, from the dictionary."""
    claim = _object(Level.CLAIM)
    claim["properties"] = {
        "form": {"enum": [each.value for each in Form], "description": "professional, institutional, dental"},
        **claim["properties"],
    }
    claim["required"] = ["form"]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["claims"],
        "properties": {
            "transaction": _object(Level.TRANSACTION),
            "claims": {"type": "array", "minItems": 1, "items": claim},
        },
    }


def _object(level: Level) -> dict[str, Any]:
    fields = {
        entry.name: {**_JSON_TYPES[entry.kind], "description": entry.meaning} for entry in fields_of(level)
    }
    inside = {each.value: {"type": "array", "items": _object(each)} for each in INSIDE.get(level, ())}
    return {"type": "object", "additionalProperties": False, "properties": {**fields, **inside}}
