"""Defects of codes: malformed, unknown, or at odds with each other and with the patient."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright.features.sampling.draws import Whole

from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all

_SELF = pl.col("subscriber_relationship") == "18"


@add("place-of-service-unknown", "?", forms="PD")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, place_of_service="98")


@add("facility-type-unknown", "?", forms="I")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, facility_type="99")


@add("revenue-code-malformed", "?", forms="I", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, revenue_code="12")


@add("diagnosis-malformed", "?", forms="PI")
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(
        Level.DIAGNOSIS, claims, pl.col("diagnosis_qualifier") == "ABK", diagnosis="4" + pl.col("diagnosis")
    )


@add("diagnosis-of-an-older-code-set", "?", forms="PI")
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(
        Level.DIAGNOSIS, claims, pl.col("diagnosis_qualifier") == "ABK", diagnosis_qualifier="BK", diagnosis="4019"
    )


@add("diagnosis-repeated", "?", forms="P", fits=pl.col("diagnosis_count") >= 2)
def _(draft: Draft, claims: Whole) -> None:
    frame = draft.frame(Level.DIAGNOSIS)
    first = frame.select("claim").join(
        frame.filter(pl.col("position") == 1).select("claim", first="diagnosis"),
        on="claim", how="left", maintain_order="left",
    )["first"]  # fmt: skip
    draft.repeating(Level.DIAGNOSIS, claims, pl.col("position") == 2, diagnosis=pl.lit(first))


@add("pointer-to-no-diagnosis", "?", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, diagnosis_pointer_1=9)


@add("procedure-malformed", "?", forms="PD", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, procedure=pl.col("procedure").str.head(4))


@add("modifier-malformed", "?", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, modifier_1="*%".replace("*", "#"))


@add("modifier-repeated", "?", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, modifier_1="59", modifier_2="59")


@add("tooth-unknown", "?", forms="D", rare=True)
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(Level.TOOTH, claims, pl.lit(True), tooth="77")


_FEMALE_ONLY = ("77067", "76805", "59400", "58300")


@add("sex-at-odds-with-service", "?", forms="P", rare=True, fits=_SELF & pl.col("first_procedure").is_in(_FEMALE_ONLY))
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_sex="M")


@add("age-at-odds-with-service", "?", forms="P", rare=True,
     fits=_SELF & pl.col("first_procedure").is_in(["99392", "99393", "99394"]))
def _(draft: Draft, claims: Whole) -> None:
    """A visit of childhood, for somebody of fifty."""
    draft.claim(claims, subscriber_birth_on=pl.col("subscriber_birth_on").dt.offset_by("-45y"))


@add("patient-older-than-anybody", "?", fits=_SELF)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_birth_on=pl.lit("1869-07-14").str.to_date())
