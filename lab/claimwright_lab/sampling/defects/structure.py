"""Defects of form: what a receiver's translator finds (SNIP types 1, 2 and 4)."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Whole

from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all

_SELF = pl.col("subscriber_relationship") == "18"
_DEPENDENT = pl.col("dependent_relationship").is_not_null()
_ELEMENT, _COMPONENT = "\x1d", "\x1f"


def _segment(draft: Draft, claims: Whole, name: str, *elements: str) -> None:
    """Put a segment, verbatim, into loop 2300 of these claims."""
    text = _ELEMENT.join([name.partition("[")[0], *elements])
    carried = pl.DataFrame({"claim": claims}).with_columns(
        segment_loop=pl.lit("2300"),
        segment_name=pl.lit(name),
        segment_occurrence=pl.lit(0, pl.Int32),
        segment_place=pl.lit(0, pl.Int32),
        segment_text=pl.lit(text),
    )
    transactions = draft.frame(Level.CLAIM).select("claim", "transaction")
    draft.append(Level.SEGMENT, carried.join(transactions, on="claim", how="left", maintain_order="left"))


@add("replaced-claim-number-missing", "SYN076")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, frequency_code="7", original_claim_number=None)


@add("subscriber-birth-and-sex-missing", "SYN070", fits=_SELF)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_birth_on=None, subscriber_sex=None)


@add("subscriber-address-missing", "SYN071", fits=_SELF)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(
        claims, subscriber_address_1=None, subscriber_city=None, subscriber_state=None, subscriber_zip=None
    )


@add("patient-missing", "SYN072", fits=_SELF)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_relationship=None)


@add("patient-superfluous", "SYN073", fits=_DEPENDENT, rare=True)
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, subscriber_relationship="18")


@add("provider-state-missing", "SYN074")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_state=None)


@add("provider-zip-missing", "SYN075")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, billing_zip=None)


@add("group-name-too-long", "SYN053", fits=pl.col("group_name").is_not_null())
def _(draft: Draft, claims: Whole) -> None:
    # SBR04 holds 60 characters (data element 93).
    draft.claim(claims, group_name="EXAMPLE EMPLOYER TRUST " * 3)


@add("release-code-illegal", "SYN057")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, release_of_information="Q")


@add("assignment-missing", "SYN050")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, assignment=None)


@add("service-date-missing", "SYN044", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, service_from_on=None, service_to_on=None)


@add("diagnoses-missing", "SYN044", forms="PI")
def _(draft: Draft, claims: Whole) -> None:
    draft.remove(Level.DIAGNOSIS, claims)
    draft.line(claims, None, **{f"diagnosis_pointer_{n}": None for n in (1, 2, 3, 4)})


@add("note-repeated", "SYN043", forms="P")
def _(draft: Draft, claims: Whole) -> None:
    draft.remove(Level.NOTE, claims)
    notes = pl.DataFrame({"claim": claims}).join(
        pl.DataFrame(
            {"position": [1, 2], "note_type": ["ADD", "ADD"], "note": ["FIRST NOTE", "SECOND NOTE"]}
        ),
        how="cross",
    )
    draft.append(Level.NOTE, notes.with_columns(line=pl.lit(None, pl.Int32)))


@add("amount-not-a-number", "SYN054", forms="PD")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, patient_paid=None)
    _segment(draft, claims, "AMT[F5]", "F5", "TEN")


@add("calendar-date-impossible", "SYN055", forms="P")
def _(draft: Draft, claims: Whole) -> None:
    _segment(draft, claims, "DTP[050]", "050", "D8", "20250231")


@add("segment-unknown", "SYN040")
def _(draft: Draft, claims: Whole) -> None:
    _segment(draft, claims, "ZZZ", "1", "2")


@add("elements-too-many", "SYN058")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, clearinghouse_claim_number=None)
    _segment(draft, claims, "REF[D9]", "D9", "CLEARING1", "", "", "SURPLUS")


@add("companion-element-missing", "SYN062", fits=pl.col("referring_npi").is_not_null(), forms="P")
def _(draft: Draft, claims: Whole) -> None:
    # NM108 without NM109.
    draft.claim(claims, referring_npi=None)
