"""What one entry of the dictionary says, and the small vocabulary that it is written in.

Locators
    A locator names the place of a field in an 837, in the order loop, segment, qualifier, element:

    ``2300/CLM05-1``          loop 2300, segment CLM, element 05, component 1
    ``2300/REF[G1]02``        the REF whose qualifier (its first element) is G1, element 02
    ``2010AA/REF[EI|SY]02``   either qualifier
    ``2310A[P3]/REF[0B]02``   in the loop that NM1*P3 opens, where another party has the same loop
    ``2300/DTP[434]03.from``  first day of the DTP's period; ``.to`` the last
    ``2300/DTP[435]03.day``   the day of a DTP that may have a time with it; ``.time`` that time
    ``2300/DTP[096]03.hour``  a time of day alone
    ``1000A/PER[IC]TE``       the number that a PER gives with communication qualifier TE
    ``2300/HI[ABF]nn-2``      the component in every repetition of the element

    Where the guides differ, a mapping from forms to locators: ``{"PD": "2300/CLM05-1"}``.

Sources: ASC X12N 005010X222A1, X223A2 and X224A2 for the X12 places; NUCC 1500 claim form 02/12
and NUBC UB-04 for the boxes; HL7 FHIR R4 ``Claim`` for the paths.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


class Form(enum.StrEnum):
    """The three claim forms, by the letter of their implementation guide."""

    PROFESSIONAL = "P"
    INSTITUTIONAL = "I"
    DENTAL = "D"


class Level(enum.StrEnum):
    """What one row is; the value is the name of the frame in a `ClaimBatch`."""

    TRANSACTION = "transactions"
    CLAIM = "claims"
    LINE = "lines"
    DIAGNOSIS = "diagnoses"
    PROCEDURE = "procedures"
    INSTITUTIONAL_CODE = "institutional_codes"
    OTHER_PAYER = "other_payers"
    ADJUDICATION = "line_adjudications"
    ADJUSTMENT = "adjustments"
    ATTACHMENT = "attachments"
    NOTE = "notes"
    CERTIFICATION = "certifications"
    TOOTH = "teeth"
    SEGMENT = "segments"


class Kind(enum.Enum):
    """The type and unit of a field's values."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    TIME = "time of day, HHMM"
    AMOUNT = "US dollars"
    QUANTITY = "quantity"
    INTEGER = "whole number"
    RATIO = "ratio"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of a column of this kind."""
        return _DTYPES[self]


# X12 allows a monetary amount 18 digits and a quantity 15; the guides use at most two decimals
# in the one and three in the other (005010X222A1, appendix B.1.1.3.1.2).
_DTYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.CODE: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.TIME: pl.String(),
    Kind.AMOUNT: pl.Decimal(18, 2),
    Kind.QUANTITY: pl.Decimal(15, 3),
    Kind.INTEGER: pl.Int32(),
    # Such as the weight of a DRG, with four decimals or more.
    Kind.RATIO: pl.Decimal(15, 6),
}


class Phi(enum.Enum):
    """Which kind of identifier of 45 CFR 164.514(b)(2) a value is; decides how it is masked."""

    NONE = "none"
    NAME = "name"
    ADDRESS = "address"
    DATE = "date"
    CONTACT = "contact"
    IDENTIFIER = "identifier"
    NARRATIVE = "narrative"
    CLINICAL = "clinical"


@dataclass(frozen=True, slots=True)
class Field:
    """One entry: a name that is unique over all levels, and everything that derives from it."""

    name: str
    level: Level
    kind: Kind
    meaning: str
    x12: Mapping[str, str] = field(default_factory=dict)
    phi: Phi = Phi.NONE
    cms1500: str = ""
    ub04: str = ""
    fhir: str = ""

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the field's column."""
        return self.kind.dtype

    @property
    def forms(self) -> str:
        """The forms that carry the field, as letters: ``PID``."""
        return "".join(form for form in "PID" if any(form in forms for forms in self.x12))

    def locator(self, form: str) -> str | None:
        """The field's place in the 837 of this form, or None where the form has no such place."""
        return next((place for forms, place in self.x12.items() if form in forms), None)


class Entries:
    """Collects the fields of one level, so that an entry is one readable line."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.fields: list[Field] = []

    def __call__(
        self,
        name: str,
        kind: Kind,
        x12: str | Mapping[str, str],
        meaning: str,
        *,
        phi: Phi = Phi.NONE,
        cms1500: str = "",
        ub04: str = "",
        fhir: str = "",
    ) -> None:
        """Add one field; a plain `x12` locator holds for all three forms."""
        places = {"PID": x12} if isinstance(x12, str) else dict(x12)
        self.fields.append(Field(name, self.level, kind, meaning, places, phi, cms1500, ub04, fhir))
