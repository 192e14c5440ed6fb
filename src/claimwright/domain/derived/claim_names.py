"""Names that are derived for a claim: the patient, the service dates, what lines and diagnoses add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.dictionary import Level, Phi, field_named
from claimwright.foundation.columns import (
    chosen,
    days_between,
    first_known,
    gathered,
    present,
    truths,
    years_between,
)

from . import tallies
from .facts import Facts
from .names import AMOUNT, CODE, CODES, COUNT, DATE, FLAG, QUANTITY, Derivations

add = Derivations(Level.CLAIM)

add.together(
    lambda facts: {"as_of": pl.Series([facts.as_of]).new_from_index(0, facts.height(Level.CLAIM))},
    {"as_of": (DATE, "the day on which the claim is judged")},
)

add(
    "from_x12",
    FLAG,
    "the claim came as an 837, so that its required segments and elements have been checked",
    ("first_segment",),
    lambda segment: pl.Series(present(segment)),
)

# The patient is the dependent of loop 2000C where there is one, else the subscriber (005010X222A1, 2000B).
_PATIENT = [
    "entity_type",
    "name",
    "first_name",
    "middle_name",
    "name_suffix",
    "address_1",
    "address_2",
    "city",
    "state",
    "zip",
    "country",
    "subdivision",
    "birth_on",
    "sex",
    "died_on",
    "weight_lb",
    "pregnant",
    "ssn",
    "property_casualty_claim",
]
add(
    "patient_is_dependent",
    FLAG,
    "the patient is somebody else than the subscriber",
    ("dependent_relationship",),
    lambda relationship: pl.Series(present(relationship)),
)
for _suffix in _PATIENT:
    _field = field_named(f"dependent_{_suffix}")
    add(
        f"patient_{_suffix}",
        _field.dtype,
        f"the patient's {_suffix.removesuffix('_on').replace('_', ' ')}: "
        "of the dependent where there is one, else of the subscriber",
        ("patient_is_dependent", f"dependent_{_suffix}", f"subscriber_{_suffix}"),
        chosen,
        _field.phi,
    )
add(
    "patient_relationship",
    CODE,
    "the patient's relationship to the subscriber, 18 where they are the same",
    ("dependent_relationship", "subscriber_relationship"),
    first_known,
)
add(
    "patient_member_id",
    CODE,
    "the member number under which the claim goes to the payer",
    ("subscriber_member_id",),
    lambda member: member,
    Phi.IDENTIFIER,
)

add(
    "type_of_bill",
    CODE,
    "type of bill: facility type and frequency, three characters without a leading zero",
    ("facility_type", "frequency_code"),
    lambda facility, frequency: facility + frequency,
)


def _service_dates(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.LINE, Level.CLAIM), facts.height(Level.CLAIM)
    begun = facts.column(Level.LINE, "service_from_on")
    ended = facts.column(Level.LINE, "line_through_on")
    first, last = tallies.earliest(begun, rows, height), tallies.latest(ended, rows, height)
    names = ("statement_from_on", "statement_to_on", "claim_service_from_on", "claim_service_to_on")
    stated_from, stated_to, served_from, served_to = (facts.column(Level.CLAIM, name) for name in names)
    return {
        "first_service_on": first_known(stated_from, first, served_from),
        "last_service_on": first_known(stated_to, last, stated_from, served_to, served_from),
    }


add.together(
    _service_dates,
    {
        "first_service_on": (
            DATE, "first day of the statement, else of the lines, else of a dental claim as a whole",
        ),
        "last_service_on": (
            DATE, "last day of the statement, else of the lines, else of a dental claim as a whole",
        ),
    },
)  # fmt: skip
add(
    "days_since_service",
    COUNT,
    "days from the last day of service to the day on which the claim is judged",
    ("last_service_on", "as_of"),
    days_between,
)
add(
    "patient_age_years",
    COUNT,
    "the patient's age on the first day of service, in whole years",
    ("patient_birth_on", "first_service_on"),
    years_between,
)
add(
    "patient_age_days",
    COUNT,
    "the patient's age on the first day of service, in days",
    ("patient_birth_on", "first_service_on"),
    days_between,
)
add(
    "stay_days",
    COUNT,
    "days from the first to the last day of the statement: the nights of a stay",
    ("statement_from_on", "statement_to_on"),
    days_between,
)


def _line_totals(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.LINE, Level.CLAIM), facts.height(Level.CLAIM)
    # Revenue code 0001 is the total of a paper UB-04 and no service (NUBC, FL 42).
    services = np.where(truths(facts.column(Level.LINE, "revenue_code") == "0001"), -1, rows)
    return {
        "line_count": tallies.count(rows, height),
        "line_charge_total": tallies.total(facts.column(Level.LINE, "line_charge"), services, height),
        "noncovered_total": tallies.total(facts.column(Level.LINE, "noncovered_charge"), services, height),
    }


add.together(
    _line_totals,
    {
        "line_count": (COUNT, "how many service lines the claim has"),
        "line_charge_total": (AMOUNT, "sum of the line charges, without a total line (revenue code 0001)"),
        "noncovered_total": (AMOUNT, "sum of the noncovered charges of the lines"),
    },
)


def _accommodation(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.LINE, Level.CLAIM), facts.height(Level.CLAIM)
    revenue = facts.column(Level.LINE, "revenue_code")
    # Room and board is billed under revenue codes 0100 to 0219, of which 018x is leave of absence.
    on_leave = (revenue >= "0180") & (revenue < "0190")
    stays = np.where(truths((revenue >= "0100") & (revenue <= "0219") & ~on_leave), rows, -1)
    leaves = np.where(truths(on_leave), rows, -1)
    nurseries = np.where(truths((revenue >= "0170") & (revenue < "0180")), rows, -1)
    units = facts.column(Level.LINE, "units")
    return {
        "accommodation_lines": tallies.count(stays, height),
        "accommodation_days": tallies.total(units, stays, height),
        "leave_days": tallies.total(units, leaves, height),
        "nursery_days": tallies.total(units, nurseries, height),
    }


add.together(
    _accommodation,
    {
        "accommodation_lines": (
            COUNT,
            "how many lines bill room and board (010x to 021x, not 018x)",
        ),
        "accommodation_days": (QUANTITY, "days of room and board over those lines"),
        "leave_days": (QUANTITY, "days of leave of absence (018x)"),
        "nursery_days": (QUANTITY, "those days of room and board that are of a nursery (017x)"),
    },
)


def _gathers(
    name: str,
    level: Level,
    field: str,
    meaning: str,
    by: str | None = None,
    only: Callable[[pl.Series], pl.Series] = lambda column: column,
) -> None:
    def compute(facts: Facts) -> Mapping[str, pl.Series]:
        rows = facts.rows(level, Level.CLAIM)
        if by is not None:
            rows = np.where(truths(only(facts.column(level, by))), rows, -1)
        return {name: tallies.lists(facts.column(level, field), rows, facts.height(Level.CLAIM))}

    add.together(compute, {name: (CODES, meaning)})


def _is(text: str) -> Callable[[pl.Series], pl.Series]:
    return lambda column: column == text


_gathers("procedures", Level.LINE, "procedure", "the procedures of the lines, in order")
_gathers("revenue_codes", Level.LINE, "revenue_code", "the revenue codes of the lines, in order")


def _claim_modifiers(facts: Facts) -> Mapping[str, pl.Series]:
    rows = [facts.rows(Level.LINE, Level.CLAIM)] * 4
    values = [facts.column(Level.LINE, f"modifier_{number}") for number in (1, 2, 3, 4)]
    return {
        "claim_modifiers": tallies.lists(pl.concat(values), np.concatenate(rows), facts.height(Level.CLAIM))
    }


add.together(
    _claim_modifiers, {"claim_modifiers": (CODES, "the modifiers of all lines, first modifiers first")}
)
_gathers(
    "diagnoses",
    Level.DIAGNOSIS,
    "diagnosis",
    "the principal diagnosis and the others, in order",
    "diagnosis_role",
    lambda role: (role == "principal") | (role == "other"),
)
for _name, _list, _what in (
    ("condition_codes", "BG", "condition codes"),
    ("occurrence_codes", "BH", "occurrence codes"),
    ("occurrence_span_codes", "BI", "occurrence span codes"),
    ("value_codes", "BE", "value codes"),
):
    _gathers(
        _name,
        Level.INSTITUTIONAL_CODE,
        "institutional_code",
        f"the claim's {_what}, in order",
        "institutional_code_list",
        _is(_list),
    )


_gathers(
    "other_responsibilities",
    Level.OTHER_PAYER,
    "other_payer_responsibility",
    "the places of the other payers in the order of payment",
)
_gathers(
    "certification_categories",
    Level.CERTIFICATION,
    "certification_category",
    "the categories of the certifications of the claim and its lines, in order",
)
_gathers(
    "inpatient_procedures",
    Level.PROCEDURE,
    "surgical_procedure",
    "the claim's ICD-10-PCS procedures, the principal first",
    "surgical_code_set",
    _is("ICD10"),
)
_gathers(
    "reasons_for_visit",
    Level.DIAGNOSIS,
    "diagnosis",
    "the diagnoses given as the patient's reason for the visit",
    "diagnosis_role",
    _is("reason_for_visit"),
)


# UB-04 FL 39-41: the days of a stay, which value codes count.
# Source: Medicare Claims Processing Manual, ch. 25, section 75.3.
_DAY_COUNTS = {
    "covered_days": ("80", "covered days that value code 80 counts; null where not given"),
    "noncovered_days": ("81", "noncovered days that value code 81 counts; null where not given"),
    "coinsurance_days": ("82", "coinsurance days that value code 82 counts; null where not given"),
    "lifetime_reserve_days": (
        "83", "lifetime reserve days that value code 83 counts; null where not given",
    ),
}  # fmt: skip


def _day_counts(facts: Facts) -> Mapping[str, pl.Series]:
    level, height = Level.INSTITUTIONAL_CODE, facts.height(Level.CLAIM)
    rows = facts.rows(level, Level.CLAIM)
    amount = facts.column(level, "institutional_code_amount")
    code = facts.column(level, "institutional_code")
    is_value = truths(facts.column(level, "institutional_code_list") == "BE") & present(amount)
    counts = {}
    for name, (value_code, _) in _DAY_COUNTS.items():
        given = np.where(is_value & truths(code == value_code), rows, -1)
        none = tallies.count(given, height) == 0
        counts[name] = tallies.total(amount, given, height).set(none, None)
    return counts


add.together(_day_counts, {name: (AMOUNT, meaning) for name, (_, meaning) in _DAY_COUNTS.items()})


def _diagnosis_summary(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.DIAGNOSIS, Level.CLAIM), facts.height(Level.CLAIM)
    role = facts.column(Level.DIAGNOSIS, "diagnosis_role")
    code_set = facts.column(Level.DIAGNOSIS, "diagnosis_code_set")
    diagnosis = facts.column(Level.DIAGNOSIS, "diagnosis")

    def where(rule: pl.Series) -> npt.NDArray[np.int64]:
        return np.where(truths(rule), rows, -1)

    def first(rule: pl.Series) -> pl.Series:
        places = np.flatnonzero((where(rule) >= 0) & present(diagnosis))[::-1]
        found = np.full(height, -1, dtype=np.int64)
        # Backwards: where a claim has several, the first is written last.
        found[rows[places]] = places
        return gathered(diagnosis, found)

    return {
        "diagnosis_count": tallies.count(where((role == "principal") | (role == "other")), height),
        "principal_diagnosis": first(role == "principal"),
        "admitting_diagnosis": first(role == "admitting"),
        "has_icd9": tallies.count(where(code_set == "ICD9"), height) > 0,
        "has_icd10": tallies.count(where(code_set == "ICD10"), height) > 0,
    }


add.together(
    _diagnosis_summary,
    {
        "diagnosis_count": (COUNT, "how many diagnoses a line may point to: the principal and the others"),
        "principal_diagnosis": (CODE, "the principal, or first-listed, diagnosis"),
        "admitting_diagnosis": (CODE, "the admitting diagnosis"),
        "has_icd9": (FLAG, "some diagnosis is sent as ICD-9-CM"),
        "has_icd10": (FLAG, "some diagnosis is sent as ICD-10-CM"),
    },
)


def _other_payers(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.OTHER_PAYER, Level.CLAIM), facts.height(Level.CLAIM)
    return {
        "other_payer_count": tallies.count(rows, height),
        "other_payer_paid_total": tallies.total(
            facts.column(Level.OTHER_PAYER, "other_payer_paid"), rows, height
        ),
    }


add.together(
    _other_payers,
    {
        "other_payer_count": (COUNT, "how many other payers the claim names"),
        "other_payer_paid_total": (AMOUNT, "what the other payers paid on the claim, together"),
    },
)


def _adjustments(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.ADJUSTMENT, Level.CLAIM), facts.height(Level.CLAIM)
    amount = facts.column(Level.ADJUSTMENT, "adjustment_amount")
    of_line = present(facts.column(Level.ADJUSTMENT, "line"))
    return {
        "claim_adjustment_total": tallies.total(amount, np.where(of_line, -1, rows), height),
        "line_adjustment_total": tallies.total(amount, np.where(of_line, rows, -1), height),
    }


add.together(
    _adjustments,
    {
        "claim_adjustment_total": (AMOUNT, "adjustments that other payers made to the claim as a whole"),
        "line_adjustment_total": (AMOUNT, "adjustments that other payers made to the lines"),
    },
)


def _counts(name: str, level: Level, meaning: str) -> None:
    def compute(facts: Facts) -> Mapping[str, pl.Series]:
        of_line = present(facts.column(level, "line"))
        rows = np.where(of_line, -1, facts.rows(level, Level.CLAIM))
        return {name: tallies.count(rows, facts.height(Level.CLAIM))}

    add.together(compute, {name: (COUNT, meaning)})


_counts("claim_note_count", Level.NOTE, "how many notes the claim as a whole has")
_counts("claim_attachment_count", Level.ATTACHMENT, "how many attachments the claim as a whole announces")
_counts("claim_certification_count", Level.CERTIFICATION, "how many certifications the claim as a whole has")

NAMES = tuple(add.names)
