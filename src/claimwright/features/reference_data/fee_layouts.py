"""Layouts of Medicare's payment files: physician fee schedule releases, the laboratory and drug schedules,
and the addenda of the outpatient prospective payment system.

Columns are found by their headers. In relative value files the header spans five lines, and 2026 inserted
a column.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from claimwright.reference.datasets import RELATIVE_VALUES

from . import fee_files, json_files
from .columns import PROCEDURE, Column
from .layout import Layout

_CONTRACTOR = Column(
    "contractor", ("medicare_adm.*contractor.*", "mac", "contractor", "carrier"),
    pattern="[0-9]{5}", required=True, width=5,
)  # fmt: skip
_NUMBER = Column("number", ("locality_number", "locality"), pattern="[0-9]{2}", required=True, width=2)


def _code(name: str, *headers: str) -> Column:
    return Column(name, headers, pattern=PROCEDURE, required=True, width=5)


def _amount(name: str, *headers: str, required: bool = False) -> Column:
    return Column(name, headers, kind="number", required=required, optional=not required)


_HCPCS = _code("procedure", "hcpcs", "hcpcs_code", "code")
_MODIFIER = Column("modifier", ("mod", "modifier"), pattern="26|TC|53")

_HEADERS: Mapping[str, str] = {
    "work": "work_rvu",
    "pe_nonfacility": "non_fac(?:ility)?_pe_rvu",
    "pe_facility": "facility_pe_rvu",
    "malpractice": "mp_rvu",
    "preoperative": "pre_op",
    "intraoperative": "intra_op",
    "postoperative": "post_op",
    "opps_pe_nonfacility": "non_facility_pe_used_for_opps_payment_amount",
    "opps_pe_facility": "facility_pe_used_for_opps_payment_amount",
    "opps_malpractice": "mp_used_for_opps_payment_amount",
}
_INDICATORS: Mapping[str, str] = {
    "professional_technical": "pctc_ind",
    "multiple_procedure": "mult_proc",
    "bilateral": "bilat_surg",
    "assistant": "asst_surg",
    "co_surgeon": "co_surg",
    "team_surgeon": "team_surg",
}

_RELATIVE_VALUES = Layout(
    r"pprrvu",
    (
        _code("procedure", "hcpcs"),
        _MODIFIER,
        Column("status", ("status_code",), pattern="[A-Z]", required=True),
        *(Column(name, (_HEADERS[name],), kind="hundredths") for name in RELATIVE_VALUES),
        Column("total_nonfacility", ("non_facility_total",), kind="hundredths", optional=True),
        Column("total_facility", ("facility_total",), kind="hundredths", optional=True),
        Column("nonfacility_na", ("non_fac(?:ility)?(?:_na)?_indicator",), kind="na"),
        Column("facility_na", ("facility(?:_na)?_indicator",), kind="na"),
        *(Column(name, (header,), pattern="[0-9]", required=True) for name, header in _INDICATORS.items()),
        Column("global_days", ("glob_days",), pattern="[0-9]{3}|[MXYZ]{3}", required=True, width=3),
        Column("endoscopic_base", ("endo_base",), pattern=PROCEDURE, width=5),
        Column("conversion_factor", ("conv_factor",), kind="number", required=True),
    ),
    text=fee_files.relative_values,
    check=fee_files.totals_add_up,
    finish=fee_files.finish_relative_values,
    notes=True,
    inside=fee_files.release,
)

_INDICES = Layout(
    r"gpci",
    (
        _CONTRACTOR,
        Column("state", ("state",), pattern="[A-Z]{2}", optional=True),
        _NUMBER,
        Column("area", ("locality_name",), kind="text", optional=True),
        # Since 2026 there are two work indices, without and with the floor of 1.0. The floor applies: only
        # with it do the published payment amounts of 2026 result.
        _amount("work", r"(?:20[0-9]{2}_)?pw_gpci(?:_with_1_0_floor)?", "gpci_work", "work", required=True),
        _amount("practice_expense", r"(?:20[0-9]{2}_)?pe_gpci", "gpci_pe", "practice_expense", required=True),
        _amount("malpractice", r"(?:20[0-9]{2}_)?mp_gpci", "gpci_mp", "malpractice", required=True),
    ),
    finish=fee_files.localities,
    notes=True,
    inside=fee_files.year_of_indices,
)

_NON_QUALIFYING = r"non_?qualif\w*.*|non_?qpp?_.*"
_ANESTHESIA = Layout(
    r"^anes(?!thesia_?base)",
    (
        _CONTRACTOR,
        _NUMBER,
        Column("area", ("locality_name",), kind="text", optional=True),
        _amount("amount", rf"national_anes_cf.*|amount|{_NON_QUALIFYING}|.*\bnon_?qualif.*", required=True),
        _amount("amount_qualifying_apm", r"(?!.*non_?q).*(?:qualif|qpp?_|apm).*"),
    ),
    finish=fee_files.localities,
    notes=True,
)


def _payment_amounts(frame: pl.DataFrame) -> pl.DataFrame:
    return fee_files.localities(frame).with_columns(fee_files.component("modifier").alias("component"))


def _counties(frame: pl.DataFrame) -> pl.DataFrame:
    """Only the first locality of a state has the state's name, and a locality may be listed twice."""
    filled = fee_files.localities(frame).with_columns(pl.col("state").forward_fill())
    return filled.unique(["locality", "area"], keep="first", maintain_order=True)


FEE_LAYOUTS: Mapping[str, Layout] = {
    "physician_fee_schedule": _RELATIVE_VALUES,
    "practice_cost_indices": _INDICES,
    "anesthesia_factors": _ANESTHESIA,
    "anesthesia_base_units": Layout(
        r"anesthesia_?base",
        (_code("procedure", "code", "procedure"),
         Column("base_units", (r"20[0-9]{2}_base_unit", "base_units?"), kind="whole", required=True)),
    ),
    "payment_amounts": Layout(
        r"pfrev|pfall",
        (_CONTRACTOR, _NUMBER, _HCPCS, _MODIFIER,
         _amount("nonfacility", "nonfacility_amount", "nonfacility", required=True),
         _amount("facility", "facility_amount", "facility")),
        text=fee_files.payment_amounts,
        finish=_payment_amounts,
    ),
    "outpatient_caps": Layout(
        r"opps_?cap",
        (_HCPCS, _MODIFIER, _CONTRACTOR, _NUMBER,
         _amount("facility", "facility_price", required=True),
         _amount("nonfacility", "non_facili?ty_price", required=True)),
        finish=_payment_amounts,
        notes=True,
    ),
    "locality_counties": Layout(
        r"locco",
        (_CONTRACTOR, _NUMBER,
         Column("state", ("state",), kind="text"),
         Column("area", ("fee_schedule_area",), kind="text", required=True),
         Column("counties", ("counties",), kind="text", required=True)),
        finish=_counties,
        notes=True,
    ),
    "clinical_laboratory_fees": Layout(
        r"clfs|clab",
        (_HCPCS,
         Column("modifier", ("mod", "modifier"), pattern="[A-Z0-9]{2}"),
         Column("indicator", ("indicator",), pattern="[A-Z]", optional=True),
         _amount("amount", "rate", "amount", required=True)),
        finish=lambda frame: frame.with_columns(pl.col("modifier").fill_null("")),
        notes=True,
    ),
    "drug_payment_limits": Layout(
        r"asp[-_ ](?:payment|pricing)|payment[-_ ]limit",
        (_HCPCS,
         Column("dosage", ("(?:hcpcs_code_)?dosage",), kind="text", optional=True),
         Column("amount", ("payment_limit", "amount"), kind="number")),
        # Some codes have a dosage and no payment limit: contractors price them.
        finish=lambda frame: frame.drop_nulls("amount"),
        notes=True,
    ),
    "opps_status": Layout(
        r"addendum[-_ .]?b\b",
        (_HCPCS,
         Column("status", ("si", "status", "status_indicator"), pattern="[A-Z][0-9]?", required=True),
         Column("apc", ("apc",), pattern="[0-9]{4}", optional=True, width=4),
         _amount("weight", "relative_weight", "weight"),
         _amount("amount", "payment_rate", "amount")),
        notes=True,
    ),
    "opps_groups": Layout(
        r"addendum[-_ .]?a\b",
        (Column("apc", ("apc",), pattern="[0-9]{4}", required=True, width=4),
         Column("status", ("si", "status"), pattern="[A-Z][0-9]?", required=True),
         _amount("weight", "relative_weight", "weight"),
         _amount("amount", "payment_rate", "amount"),
         _amount("copayment", "national_unadjusted_copayment", "copayment"),
         _amount("minimum_copayment", "minimum_unadjusted_copayment", "minimum_copayment")),
        notes=True,
    ),
    "inpatient_only": Layout(
        r"addendum[-_ .]?e\b",
        (_HCPCS, Column("status", ("si",), pattern="C", required=True)),
        notes=True,
    ),
    "opps_complexity": Layout(
        r"addendum[-_ .]?j",
        (_code("primary", "primary"), _code("secondary", "secondary"),
         Column("apc", ("adjusted_apc", "apc"), pattern="[0-9]{4}", required=True, width=4)),
    ),
    "opps_status_indicators": Layout(
        r"addendum[-_ .]?d1",
        (Column("status", ("status_indicator", "status"), pattern="[A-Z][0-9]?"),
         Column("said", ("opps_payment_status",), kind="text")),
        finish=lambda frame: frame.drop_nulls("status").with_columns(
            paid=pl.col("said").str.contains("(?i)^paid under OPPS"),
        ),
    ),
    "lcd_coverage": Layout(
        r"lcd[-_ ]?coverage",
        (_HCPCS,
         Column("diagnosis", ("diagnosis",), required=True),
         Column("covered", ("covered",), kind="flag", required=True)),
        text=json_files.covered_diagnoses,
    ),
}  # fmt: skip
