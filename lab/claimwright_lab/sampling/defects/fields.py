"""Defects of identifiers and of what has to be there."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Whole

from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all


def _other_last_digit(name: str) -> pl.Expr:
    """The number with its last digit one further on, so that the check digit is wrong."""
    last = (pl.col(name).str.slice(-1).cast(pl.Int64) + 1) % 10
    return pl.col(name).str.head(-1) + last.cast(pl.String)


@add("billing-npi-check-digit-wrong", "NPI001")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_npi=_other_last_digit("billing_npi"))


@add("rendering-npi-check-digit-wrong", "NPI002", forms="PD", fits=pl.col("rendering_npi").is_not_null())
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, rendering_npi=_other_last_digit("rendering_npi"))


@add("referring-npi-check-digit-wrong", "NPI004", forms="P", fits=pl.col("referring_npi").is_not_null())
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, referring_npi=_other_last_digit("referring_npi"))


@add(
    "ordering-npi-check-digit-wrong",
    "NPI006",
    forms="P",
    line=1,
    rare=True,
    fits=pl.col("billing_taxonomy") == "332B00000X",
)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, line_ordering_npi=_other_last_digit("line_ordering_npi"))


@add("attending-npi-check-digit-wrong", "NPI007", forms="I")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, attending_npi=_other_last_digit("attending_npi"))


@add("facility-npi-check-digit-wrong", "NPI010", forms="P", fits=pl.col("facility_npi").is_not_null())
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, facility_npi=_other_last_digit("facility_npi"))


@add("billing-taxonomy-malformed", "IDN003")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_taxonomy="193200")


@add("billing-tax-number-malformed", "IDN001")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_tax_id=pl.col("billing_tax_id").str.head(8))


@add("medicare-number-malformed", "IDN007", forms="PI", fits=pl.col("claim_filing_code").is_in(["MA", "MB"]))
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_member_id="S123456789A")


@add("member-number-missing", "SYN050", forms="P")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_member_id=None, subscriber_id_qualifier=None)


@add("billing-address-is-a-post-box", "ADR001")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_address_1="PO BOX 1400")


@add("billing-zip-of-five-digits", "ADR002")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_zip=pl.col("billing_zip").str.head(5))


@add("attending-provider-missing", "REQ013", forms="I")
def _(draft: Draft, claims: Whole) -> None:
    names = ("entity_type", "name", "first_name", "id_qualifier", "npi", "taxonomy")
    draft.claim(claims, **{f"attending_{name}": None for name in names})


@add(
    "accident-date-missing",
    "REQ022",
    forms="P",
    rare=True,
    fits=pl.col("related_cause_1").is_in(["AA", "OA"]),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, accident_on=None)


@add("accident-state-missing", "REQ021", forms="P", rare=True, fits=pl.col("related_cause_1") == "AA")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, accident_state=None)


@add(
    "admission-date-missing",
    "REQ023",
    forms="P",
    rare=True,
    fits=(pl.col("place_of_service") == "21") & pl.col("first_procedure").str.starts_with("992"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, admitted_on=None, discharged_on=None)


@add(
    "laboratory-certificate-missing",
    "REQ026",
    forms="P",
    rare=True,
    fits=pl.col("has_waived_test") & (pl.col("claim_filing_code") == "MB"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, clia_number=None)


@add(
    "ambulance-pick-up-missing",
    "REQ024",
    forms="P",
    rare=True,
    fits=pl.col("billing_taxonomy") == "3416L0300X",
)
def _(draft: Draft, claims: Whole) -> None:
    names = ("entity_type", "address_1", "city", "state", "zip")
    draft.claim(claims, **{f"pick_up_{name}": None for name in names})


@add(
    "discharge-hour-missing",
    "REQ019",
    forms="I",
    fits=(pl.col("facility_type") == "11") & (pl.col("frequency_code") == "1"),
)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, discharged_at=None)


@add(
    "medicare-patient-as-dependent",
    "COV005",
    forms="PI",
    fits=pl.col("claim_filing_code").is_in(["MA", "MB"]),
)
def _(draft: Draft, claims: Whole) -> None:
    """The patient becomes the spouse of the subscriber that they were."""
    names = ("entity_type", "name", "first_name", "address_1", "city", "state", "zip", "birth_on", "sex")
    moved = {f"dependent_{name}": pl.col(f"subscriber_{name}") for name in names}
    draft.claim(claims, subscriber_relationship=None, dependent_relationship="01", **moved)


@add("billing-tax-number-invented", "IDN002")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_tax_id="999999999")


@add("admitting-diagnosis-missing", "REQ020", forms="I", rare=True, fits=pl.col("facility_type") == "11")
def _(draft: Draft, claims: Whole) -> None:
    rows = draft.rows(Level.DIAGNOSIS, claims)
    frame = draft.frame(Level.DIAGNOSIS)
    admitting = pl.Series(rows) & (frame["diagnosis_qualifier"] == "ABJ")
    draft.frames[Level.DIAGNOSIS] = frame.filter(~admitting)


@add("drug-quantity-missing", "SYN044", fits=pl.col("has_drug"), rare=True, forms="P")
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(Level.LINE, claims, pl.col("ndc").is_not_null(), ndc_quantity=None, ndc_unit=None)


@add("drug-code-malformed", "IDN014", forms="PI", fits=pl.col("has_drug"), rare=True)
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(Level.LINE, claims, pl.col("ndc").is_not_null(), ndc=pl.col("ndc").str.head(9))
