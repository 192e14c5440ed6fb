"""Defects of codes: malformed, unknown, or at odds with each other and with the patient."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Whole

from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all

_SELF = pl.col("subscriber_relationship") == "18"
# Medicare no longer compares the sex: there these are notes under codes of their own.
_ASKS_SEX = ~pl.col("claim_filing_code").is_in(["MA", "MB"])


@add("place-of-service-unknown", "POS001", forms="PD")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, place_of_service="98")


@add("facility-type-unknown", "TOB001", forms="I")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, facility_type="99")


@add("revenue-code-malformed", "REV001", forms="I", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, revenue_code="12")


@add("diagnosis-malformed", "DXC001", forms="PI")
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(
        Level.DIAGNOSIS, claims, pl.col("diagnosis_qualifier") == "ABK", diagnosis="4" + pl.col("diagnosis")
    )


@add("diagnosis-of-an-older-code-set", "DXC004", forms="PI")
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(
        Level.DIAGNOSIS,
        claims,
        pl.col("diagnosis_qualifier") == "ABK",
        diagnosis_qualifier="BK",
        diagnosis="4019",
    )


@add("diagnosis-repeated", "DXC007", forms="P", fits=pl.col("diagnosis_count") >= 2)
def _(draft: Draft, claims: Whole) -> None:
    frame = draft.frame(Level.DIAGNOSIS)
    first = frame.select("claim").join(
        frame.filter(pl.col("position") == 1).select("claim", first="diagnosis"),
        on="claim", how="left", maintain_order="left",
    )["first"]  # fmt: skip
    draft.repeating(Level.DIAGNOSIS, claims, pl.col("position") == 2, diagnosis=pl.lit(first))


@add("pointer-to-no-diagnosis", "PTR001", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, diagnosis_pointer_1=9)


@add("procedure-malformed", "PRC001", forms="P", line=1)
@add("dental-procedure-malformed", "PRC002", forms="D", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, procedure=pl.col("procedure").str.head(4))


@add("patient-status-unknown", "TOB005", forms="I")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, patient_status="99")


@add("admission-type-unknown", "TOB006", forms="I")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, admission_type="8")


@add("billing-state-unknown", "ADR005")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_state="ZQ")


@add(
    "outpatient-service-without-procedure",
    "REV004",
    forms="I",
    line=1,
    fits=(pl.col("facility_type") == "13")
    & pl.col("first_procedure").is_in(["99283", "99284", "74177", "77067"]),
)
def _(draft: Draft, claims: Whole) -> None:
    modifiers = {f"modifier_{n}": None for n in (1, 2, 3, 4)}
    draft.line(claims, procedure=None, procedure_qualifier=None, **modifiers)


@add(
    "present-on-admission-missing",
    "DXC009",
    forms="I",
    rare=True,
    fits=(pl.col("facility_type") == "11")
    & (pl.col("claim_filing_code") == "MA")
    & (pl.col("first_diagnosis") == "J189"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(Level.DIAGNOSIS, claims, pl.lit(True), poa=None)


@add(
    "anesthesia-without-minutes",
    "PRC003",
    forms="P",
    line=1,
    rare=True,
    fits=pl.col("first_procedure").is_in(["00840", "00812"]),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, unit_basis="UN")


@add(
    "hospital-visit-in-an-office",
    "POS004",
    forms="P",
    line=1,
    rare=True,
    fits=pl.col("first_procedure").is_in(["99222", "99223"]),
)
def _(draft: Draft, claims: Whole) -> None:
    facility = ("entity_type", "name", "id_qualifier", "npi", "address_1", "city", "state", "zip")
    draft.claim(
        claims,
        place_of_service="11",
        admitted_on=None,
        discharged_on=None,
        **{f"facility_{name}": None for name in facility},
    )


@add("modifier-malformed", "MOD001", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, modifier_1="#%")


@add("modifier-repeated", "MOD002", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, modifier_1="59", modifier_2="59")


_FILLINGS = ("D2331", "D2391", "D2392")


@add(
    "filling-without-tooth",
    "REQ027",
    forms="D",
    line=1,
    rare=True,
    fits=pl.col("first_procedure").is_in(_FILLINGS),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.remove(Level.TOOTH, claims)


@add(
    "filling-without-surface",
    "REQ028",
    forms="D",
    line=1,
    rare=True,
    fits=pl.col("first_procedure").is_in(_FILLINGS),
)
def _(draft: Draft, claims: Whole) -> None:
    surfaces = {f"tooth_surface_{n}": None for n in (1, 2, 3, 4)}
    draft.repeating(Level.TOOTH, claims, pl.lit(True), **surfaces)


@add(
    "pregnancy-of-a-man",
    "DEM013",
    forms="P",
    rare=True,
    fits=_SELF & pl.col("last_menstrual_period_on").is_not_null(),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_sex="M")


@add(
    "service-for-women-to-a-man",
    "DEM012",
    forms="P",
    line=1,
    rare=True,
    fits=_SELF & _ASKS_SEX & (pl.col("first_procedure") == "58300"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_sex="M")


@add(
    "service-for-men-to-a-woman",
    "DEM011",
    forms="P",
    line=1,
    rare=True,
    fits=_SELF & _ASKS_SEX & (pl.col("first_procedure") == "55250"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_sex="F")


@add(
    "disease-of-men-in-a-woman",
    "DEM003",
    forms="P",
    rare=True,
    fits=_SELF & _ASKS_SEX & (pl.col("first_diagnosis") == "N401"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_sex="F")


@add(
    "visit-of-childhood-by-an-adult",
    "DEM007",
    forms="P",
    line=1,
    rare=True,
    fits=_SELF & pl.col("first_procedure").is_in(["99392", "99393", "99394"]),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_birth_on=pl.col("subscriber_birth_on").dt.offset_by("-45y"))


@add("birth-of-an-adult", "DEM005", forms="I", rare=True, fits=_SELF & (pl.col("first_diagnosis") == "Z3800"))
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_birth_on=pl.col("subscriber_birth_on").dt.offset_by("-30y"))


@add("patient-older-than-anybody", "DAT006", fits=_SELF)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_birth_on=pl.lit("1869-07-14").str.to_date())
