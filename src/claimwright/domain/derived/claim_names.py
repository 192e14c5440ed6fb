"""Names that are derived for a claim: the patient, the service dates, what lines and diagnoses add up to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from claimwright.domain.columns import truths
from claimwright.domain.dictionary import Level, Phi, field_named

from . import tallies
from .facts import Facts
from .names import AMOUNT, CODE, CODES, COUNT, DATE, FLAG, QUANTITY, Derivations

add = Derivations(Level.CLAIM)

add.together(
    lambda facts: {"as_of": pl.repeat(facts.as_of, facts.height(Level.CLAIM), dtype=pl.Date, eager=True)},
    {"as_of": (DATE, "the day on which the claim is judged")},
)

add(
    "from_x12",
    FLAG,
    "the claim came as an 837, so that its required segments and elements have been checked",
    pl.col("first_segment").is_not_null(),
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
_IS_DEPENDENT = pl.col("dependent_relationship").is_not_null()
for _suffix in _PATIENT:
    _field = field_named(f"dependent_{_suffix}")
    add(
        f"patient_{_suffix}",
        _field.dtype,
        f"the patient's {_suffix.removesuffix('_on').replace('_', ' ')}: "
        "of the dependent where there is one, else of the subscriber",
        pl.when(_IS_DEPENDENT).then(f"dependent_{_suffix}").otherwise(f"subscriber_{_suffix}"),
        _field.phi,
    )
add("patient_is_dependent", FLAG, "the patient is somebody else than the subscriber", _IS_DEPENDENT)
add(
    "patient_relationship",
    CODE,
    "the patient's relationship to the subscriber, 18 where they are the same",
    pl.coalesce("dependent_relationship", "subscriber_relationship"),
)
add(
    "patient_member_id",
    CODE,
    "the member number under which the claim goes to the payer",
    pl.col("subscriber_member_id"),
    Phi.IDENTIFIER,
)

add(
    "type_of_bill",
    CODE,
    "type of bill: facility type and frequency, three characters without a leading zero",
    pl.col("facility_type") + pl.col("frequency_code"),
)


def _service_dates(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.LINE, Level.CLAIM), facts.height(Level.CLAIM)
    begun = facts.column(Level.LINE, "service_from_on")
    ended = facts.column(Level.LINE, "line_through_on")
    dates = pl.DataFrame(
        {
            "first": tallies.earliest(begun, rows, height),
            "last": tallies.latest(ended, rows, height),
            **{
                name: facts.column(Level.CLAIM, name)
                for name in (
                    "statement_from_on", "statement_to_on", "claim_service_from_on", "claim_service_to_on"
                )
            },
        }
    ).select(
        first_service_on=pl.coalesce("statement_from_on", "first", "claim_service_from_on"),
        last_service_on=pl.coalesce(
            "statement_to_on", "last", "statement_from_on", "claim_service_to_on", "claim_service_from_on"
        ),
    )  # fmt: skip
    return dates.to_dict()


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
    (pl.col("as_of") - pl.col("last_service_on")).dt.total_days(),
)


def years_between(earlier: str, later: str) -> pl.Expr:
    """Whole years from one date to the other, as ages are counted: one more on each birthday."""

    def of_year(name: str) -> pl.Expr:
        # Polars gives the month in eight bits, which a hundred of it would overflow.
        return pl.col(name).dt.month().cast(pl.Int32) * 100 + pl.col(name).dt.day()

    before = (of_year(later) < of_year(earlier)).cast(pl.Int32)
    return pl.col(later).dt.year() - pl.col(earlier).dt.year() - before


add(
    "patient_age_years",
    COUNT,
    "the patient's age on the first day of service, in whole years",
    years_between("patient_birth_on", "first_service_on"),
)
add(
    "patient_age_days",
    COUNT,
    "the patient's age on the first day of service, in days",
    (pl.col("first_service_on") - pl.col("patient_birth_on")).dt.total_days(),
)
add(
    "stay_days",
    COUNT,
    "days from the first to the last day of the statement: the nights of a stay",
    (pl.col("statement_to_on") - pl.col("statement_from_on")).dt.total_days(),
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
    stays = ((revenue >= "0100") & (revenue <= "0219") & ~revenue.str.starts_with("018")).fill_null(False)
    chosen = np.where(stays.to_numpy(), rows, -1)
    return {
        "accommodation_lines": tallies.count(chosen, height),
        "accommodation_days": tallies.total(facts.column(Level.LINE, "units"), chosen, height),
    }


add.together(
    _accommodation,
    {
        "accommodation_lines": (
            COUNT,
            "how many lines bill room and board (010x to 021x, not 018x)",
        ),
        "accommodation_days": (QUANTITY, "days of room and board over those lines"),
    },
)


def _gathers(name: str, level: Level, field: str, meaning: str, only: pl.Expr | None = None) -> None:
    def compute(facts: Facts) -> Mapping[str, pl.Series]:
        rows = facts.rows(level, Level.CLAIM)
        if only is not None:
            roots = [facts.column(level, root) for root in only.meta.root_names()]
            rows = np.where(truths(pl.DataFrame(roots).select_seq(only).to_series()), rows, -1)
        return {name: tallies.lists(facts.column(level, field), rows, facts.height(Level.CLAIM))}

    add.together(compute, {name: (CODES, meaning)})


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
    pl.col("diagnosis_role").is_in(["principal", "other"]),
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
        pl.col("institutional_code_list") == _list,
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
    is_value = (facts.column(level, "institutional_code_list") == "BE") & amount.is_not_null()
    counts = {}
    for name, (value_code, _) in _DAY_COUNTS.items():
        chosen = np.where(truths(is_value & (code == value_code)), rows, -1)
        given = tallies.count(chosen, height) > 0
        counts[name] = tallies.total(amount, chosen, height).set(~given, None)
    return counts


add.together(_day_counts, {name: (AMOUNT, meaning) for name, (_, meaning) in _DAY_COUNTS.items()})


def _diagnosis_summary(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.DIAGNOSIS, Level.CLAIM), facts.height(Level.CLAIM)
    role = facts.column(Level.DIAGNOSIS, "diagnosis_role")
    code_set = facts.column(Level.DIAGNOSIS, "diagnosis_code_set")
    diagnosis = facts.column(Level.DIAGNOSIS, "diagnosis")

    def chosen(rule: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.where(truths(rule), rows, -1)

    def first(rule: pl.Series) -> pl.Series:
        return tallies.lists(diagnosis, chosen(rule), height).list.first()

    return {
        "diagnosis_count": tallies.count(chosen((role == "principal") | (role == "other")), height),
        "principal_diagnosis": first(role == "principal"),
        "admitting_diagnosis": first(role == "admitting"),
        "has_icd9": tallies.count(chosen(code_set == "ICD9"), height) > 0,
        "has_icd10": tallies.count(chosen(code_set == "ICD10"), height) > 0,
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
    of_line = facts.column(Level.ADJUSTMENT, "line").is_not_null().to_numpy()
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
        of_claim = facts.column(level, "line").is_null().to_numpy()
        rows = np.where(of_claim, facts.rows(level, Level.CLAIM), -1)
        return {name: tallies.count(rows, facts.height(Level.CLAIM))}

    add.together(compute, {name: (COUNT, meaning)})


_counts("claim_note_count", Level.NOTE, "how many notes the claim as a whole has")
_counts("claim_attachment_count", Level.ATTACHMENT, "how many attachments the claim as a whole announces")
_counts("claim_certification_count", Level.CERTIFICATION, "how many certifications the claim as a whole has")

NAMES = tuple(add.names)
