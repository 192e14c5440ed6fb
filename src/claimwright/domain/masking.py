"""Claims with every mark of a patient masked, for a copy that is no production: same people, nobody's data.

What is masked follows from the dictionary's kinds of identifier, after the safe harbor of
45 CFR 164.514(b)(2), with consistent stand-ins: `Patient_001` is the same patient in
all claims.

    name         `Patient_001`, first name `Given_001`, middle `X`, no suffix
    identifier   `ID000001`; a social security number `XXX-XX-0001`. Equal numbers stay equal in all fields
    date         the first day of its year; a birth year of an age over 89 becomes that of age 90
    address      one street, one city; three digits of the ZIP, none where under 20,000 people share them;
                 the state stays, which the safe harbor allows
    contact      a number of the range that is kept for fiction (555-0100 to 555-0199)
    narrative    `MASKED`
    clinical     stays: codes say what was done, not to whom

In a file whose elements are out of place anything may stand anywhere. So a value of no kind of identifier
stays only where it has the shape of its field: a state, a code, an NPI, a time, an amount. Free text and
numbers without a shape of their own (names and addresses of providers and payers, tax and license numbers)
are masked as a patient's are. What has the shape and is misplaced can't be told: a surname of two letters as
a modifier, a ZIP code as a payer's number.

Segments that no field has a place for are taken out: nobody has looked at what they hold. So a masked claim
is for trying things out, not for counting findings: dates and numbers no longer say what rules ask of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from . import code_shapes
from .batch import ClaimBatch, empty_frame
from .code_shapes import ICD10, Shape
from .dictionary import Field, Kind, Level, Phi, fields_of

# HHS, "Guidance Regarding Methods for De-identification", 2012: the three-digit ZIP areas with 20,000
# people or fewer, by the census of 2000.
SMALL_ZIP_AREAS = frozenset("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split())
# 45 CFR 164.514(b)(2)(i)(C): ages over 89, and everything that tells them, are one category.
OLDEST_AGE = 89
# Places of an ambulance: not the patient's address by name, often the patient's home in fact.
_HOMES = ("pick_up_", "drop_off_")

STREET, CITY, WORDS, PHONE = "1 MASKED STREET", "MASKED", "MASKED", "5555550100"
# What a value must look like to stay, by the end of the name of its field, the longest end first.
_STATE, _COUNTRY, _CLINICAL = (r"^[A-Z]{2}$",), (r"^[A-Z]{2,3}$",), (r"^[A-Z0-9]{1,2}$",)
# Lists of the HI segment, and kinds of notes: 005010X222A1, X223A2 and X224A2, HI and NTE01.
_CODE_LIST: Shape = (r"^(?:A(?:BK|BF|BJ|BN|PR)|B(?:BR|BQ|[EFGHIJKNOPQR])|CAH|DR|PR|TC)$",)
_NOTES = "ADD ALG CER DCP DGN DME MED NTR ODT PMT RHB RLH RNH SET SFM SPT TPO UPI"
_SHAPES: dict[str, Shape] = {
    "diagnosis_qualifier": _CODE_LIST,
    "surgical_procedure_qualifier": _CODE_LIST,
    "institutional_code_list": _CODE_LIST,
    "note_type": (rf"^(?:{_NOTES.replace(' ', '|')})$",),
    "diagnosis": (rf"^({ICD10}|[0-9]{{3,5}}|[EV][0-9]{{2,4}})$",),
    "surgical_procedure": (r"^([A-HJ-NP-Z0-9]{7}|[0-9]{3,4})$",),
    "accident_state_reference": _STATE,
    "currency": (r"^(?:USD|CAD|MXN)$",),
    "guide_version": (r"^[0-9]{6}X[0-9]{3}(?:A[0-9])?$",),
    "control_number": (r"^[0-9]{1,9}$",),
    "clia_number": code_shapes.CLIA_NUMBER,
    "revenue_code": code_shapes.REVENUE_CODE,
    "procedure": code_shapes.PROCEDURE,
    "equipment": code_shapes.PROCEDURE,
    "taxonomy": code_shapes.TAXONOMY,
    "npi": code_shapes.NPI,
    "ndc": (r"^[0-9]{11}$",),
}
# Numbers without a shape of their own are masked; these stay where they have one.
_NUMBERS: dict[str, Shape | None] = {
    "payer_id": code_shapes.PAYER_ID,
    "plan_id": code_shapes.PAYER_ID,
    **dict.fromkeys(
        "tax_id license upin commercial_id location_id secondary_id sender_id receiver_id submitter_id "
        "application_sender application_receiver batch_reference contract_code contract_version "
        "mammography_certification device_exemption care_plan_oversight repricing_organization "
        "immunization_batch purchased_service_provider".split()
    ),
}
# Counts, quantities and amounts below these can't be a birth date (CCYYMMDD) or a social security number.
_LARGEST = {Kind.INTEGER: 999_999, Kind.QUANTITY: 9_999_999, Kind.AMOUNT: 9_999_999}
_NAME_PARTS = ("first_name", "middle_name", "name_suffix")


class Masker:
    """Masks batch after batch of one copy. It remembers who is who, in memory, until it is gone.

    The stand-ins are numbered in the order in which their originals first appear, so the same claims in the
    same order make the same copy.
    """

    def __init__(self, *, year: int) -> None:
        """The year of the copy, from which ages are told."""
        self._oldest_year = year - OLDEST_AGE - 1
        self._people: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def mask(self, batch: ClaimBatch) -> ClaimBatch:
        """The same claims, with keys and amounts as they were and every mark of a patient masked."""
        frames = {level: self._frame(level, frame) for level, frame in batch.frames().items()}
        frames[Level.SEGMENT] = empty_frame(Level.SEGMENT)
        return ClaimBatch.of(frames)

    def _frame(self, level: Level, frame: pl.DataFrame) -> pl.DataFrame:
        if not frame.height:
            return frame
        masked: list[pl.Series] = []
        for entry in fields_of(level):
            column = frame[entry.name]
            if column.null_count() == frame.height:
                continue
            made = self._column(entry, column, frame)
            if made is not None:
                masked.append(made.alias(entry.name))
        return frame.with_columns(masked)

    def _column(self, entry: Field, column: pl.Series, frame: pl.DataFrame) -> pl.Series | None:
        """What takes the column's place, or None where it stays."""
        if entry.name.startswith(_HOMES) and not entry.name.endswith("_entity_type"):
            return _address(entry.name, column)
        if entry.phi is Phi.NAME:
            return self._name(entry.name, column, frame)
        if entry.phi is Phi.IDENTIFIER:
            return self._identifier(entry.name, column)
        if entry.phi is Phi.DATE:
            return self._date(entry.name, column)
        if entry.phi is Phi.ADDRESS:
            return _address(entry.name, column)
        if entry.phi is Phi.CONTACT:
            return _contact(entry.name, column)
        if entry.phi is Phi.NARRATIVE:
            return _same(column, WORDS)
        return self._unidentified(entry, column, frame)

    def _unidentified(self, entry: Field, column: pl.Series, frame: pl.DataFrame) -> pl.Series | None:
        """A column of no kind of identifier: what has the shape of its field stays."""
        name, largest = entry.name, _LARGEST.get(entry.kind)
        if largest is not None:
            return pl.select(pl.when(column.abs() <= largest).then(column)).to_series()
        if entry.kind is Kind.DATE:
            return None
        if entry.kind is Kind.TIME:
            return _shaped(column, code_shapes.TIME)
        if "contact_" in name:
            return _contact(name, column)
        if name.endswith(("_address_1", "_address_2", "_city", "_zip", "_state", "_country", "_subdivision")):
            return _address(name, column)
        if entry.kind is Kind.TEXT:
            return (
                self._name(name, column, frame, "Name_{:03}")
                if name.endswith("name")
                else _same(column, None)
            )
        number = _by_ending(name, _NUMBERS)
        if number is not None:
            stay = _shaped(column, _NUMBERS[number] or ("^$",))
            return stay.zip_with(stay.is_not_null(), self._identifier(name, column))
        shape = _by_ending(name, _SHAPES)
        usual = _CLINICAL if entry.phi is Phi.CLINICAL else code_shapes.SHORT_CODE
        return _shaped(column, _SHAPES[shape] if shape else usual)

    def _name(
        self, name: str, column: pl.Series, frame: pl.DataFrame, stand_in: str = "Patient_{:03}"
    ) -> pl.Series:
        if name.endswith("middle_name"):
            return _same(column, "X")
        if name.endswith("name_suffix"):
            return _same(column, None)
        is_first = name.endswith("first_name")
        party = name.removesuffix("first_name") if is_first else name.removesuffix("name")
        parts = [frame[party + part] for part in ("name", *_NAME_PARTS) if party + part in frame.columns]
        people = pl.DataFrame([part.alias(str(place)) for place, part in enumerate(parts)]).select(
            pl.concat_str(pl.all().fill_null("").str.strip_chars().str.to_uppercase(), separator="\x1f")
        )
        made = _numbered(people.to_series(), self._people, "Given_{:03}" if is_first else stand_in)
        return made.set(column.is_null(), None)

    def _identifier(self, name: str, column: pl.Series) -> pl.Series:
        return _numbered(column, self._numbers, "XXX-XX-{:04}" if name.endswith("_ssn") else "ID{:06}")

    def _date(self, name: str, column: pl.Series) -> pl.Series:
        year = column.dt.year()
        if "birth" in name:
            year = year.clip(lower_bound=self._oldest_year)
        return pl.select(pl.date(pl.lit(year), 1, 1)).to_series()


def _numbered(column: pl.Series, known: dict[str, int], stand_in: str) -> pl.Series:
    """Each value's number, which it keeps, written as the stand-in says."""
    values: Iterable[str] = column.drop_nulls().unique(maintain_order=True)
    numbers = {value: known.setdefault(value, len(known) + 1) for value in values}
    return column.replace_strict(
        {value: stand_in.format(number) for value, number in numbers.items()},
        default=None,
        return_dtype=pl.String(),
    )


def _same(column: pl.Series, value: str | None) -> pl.Series:
    """The value wherever the column has one."""
    return pl.select(pl.when(column.is_not_null()).then(pl.lit(value, pl.String()))).to_series()


def _shaped(column: pl.Series, shape: Shape) -> pl.Series:
    """The values that look as they should, null for the others."""
    fits = pl.all_horizontal(column.str.contains(pattern) for pattern in shape)
    return pl.select(pl.when(fits).then(column)).to_series()


def _by_ending(name: str, known: Iterable[str]) -> str | None:
    """The one of these that the name of a field is, or ends in after an underscore."""
    return next((each for each in known if name == each or name.endswith(f"_{each}")), None)


def _address(name: str, column: pl.Series) -> pl.Series | None:
    if name.endswith("address_1"):
        return _same(column, STREET)
    if name.endswith(("city", "_name")):
        return _same(column, CITY)
    if name.endswith("zip"):
        area = column.str.slice(0, 3)
        small = area.is_in(sorted(SMALL_ZIP_AREAS)) | ~column.str.contains(code_shapes.ZIP[0])
        return pl.select(
            pl.when(column.is_null()).then(None).when(small).then(pl.lit("00000")).otherwise(area + "00")
        ).to_series()
    if name.endswith(("address_2", "subdivision")):
        return _same(column, None)
    if name.endswith("_state"):
        return _shaped(column, _STATE)
    return _shaped(column, _COUNTRY) if name.endswith("_country") else None


def _contact(name: str, column: pl.Series) -> pl.Series:
    if name.endswith(("phone", "fax")):
        return _same(column, PHONE)
    return _same(column, None if name.endswith("extension") else WORDS)
