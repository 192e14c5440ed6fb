"""The layout of each dataset in its published files: file names, columns and headers.

A layout is a table of `Column`s, found by their headers anywhere in the file. Files without headers, or that
are not tables, are read by the functions of `fixed_width`, `fee_files` and `documents`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from claimwright.domain.code_shapes import ICD10
from claimwright.reference import Dataset, dataset, datasets

from . import documents, fixed_width
from .columns import DIAGNOSIS, DOTTED_DIAGNOSIS, PROCEDURE, Column
from .fee_layouts import FEE_LAYOUTS
from .layout import Layout

Frame = pl.DataFrame


def _procedure(name: str, *headers: str, optional: bool = False) -> Column:
    return Column(name, headers, pattern=PROCEDURE, required=not optional, optional=optional, width=5)


def _day(name: str, *headers: str) -> Column:
    return Column(name, headers, kind="day", optional=True)


def _pairs(files: str) -> Layout:
    return Layout(
        files,
        (
            _procedure("column_1", "column_?1"),
            _procedure("column_2", "column_?2"),
            _day("valid_from", "effective_date"),
            _day("valid_to", "deletion_date.*"),
            Column("indicator", ("modifier.*",), pattern="[019]", required=True),
        ),
        text=fixed_width.pairs,
        # An edit whose indicator is 9 was deleted retroactively to its first day: it was never in force.
        finish=lambda frame: frame.filter(pl.col("indicator") != "9").with_columns(
            pl.col("indicator").cast(pl.UInt8)
        ),
    )


def _unlikely(files: str) -> Layout:
    return Layout(
        files,
        (
            _procedure("procedure", "hcpcs_cpt_code", "hcpcs_code", "hcpcs", "cpt_code"),
            Column("units", (".*mue_values?", "mue_units"), kind="whole", required=True),
            Column(
                "adjudication", ("mue_adjudication_indicator.*", "mue_mai"), pattern="[123].*", required=True
            ),
        ),
        finish=lambda frame: frame.with_columns(pl.col("adjudication").str.head(1).cast(pl.UInt8)),
    )


def _add_ons(frame: Frame) -> Frame:
    """The published table has the end of the edit and the deletion dates of both codes: the earliest
    applies.
    """
    last = pl.min_horizontal("valid_to", "add_on_deleted_on", "primary_deleted_on")
    return frame.with_columns(last.alias("valid_to"), pl.col("kind").cast(pl.UInt8))


def _adjustments(kind: str) -> Callable[[Frame], Frame]:
    """One published table contains groups, reasons and remarks; a list of one kind has no such column."""

    def finish(frame: Frame) -> Frame:
        return frame.filter(pl.col("kind").is_null() | (pl.col("kind") == kind))

    return finish


_CODE_COLUMNS = (
    _day("valid_from", "valid_from", "from", "start", "adj_start_date", "start_date", "effective_date"),
    _day(
        "valid_to",
        "valid_to",
        "to",
        "end",
        "stop",
        "adj_end_date",
        "stop_date",
        "end_date",
        "termination_date",
    ),
)


def _adjustment_list(kind: str) -> Layout:
    columns = (
        Column("code", ("code", "adj_code"), pattern=r"[0-9A-Z]{1,5}", required=True),
        Column("kind", ("type", "adj_type"), pattern="CARC|RARC|GROUP", optional=True),
        Column("label", ("label",), kind="text", optional=True),
        *_CODE_COLUMNS,
    )
    return Layout(rf"adj_codes|^{kind.lower()}", columns, finish=_adjustments(kind))


_PUBLISHED: Mapping[str, Layout] = {
    "icd10cm": Layout(
        r"icd10cm.*(order|codes)",
        (Column("code", ("code",), pattern=DIAGNOSIS, required=True),
         Column("billable", ("billable",), kind="flag", required=True),
         *_CODE_COLUMNS),
        text=fixed_width.diagnoses,
    ),
    "icd10cm_excludes1": Layout(
        r"icd10cm?.*tabular",
        (Column("code", ("code",), pattern=r"[A-Z][0-9A-Z]{2,6}", required=True),
         Column("excluded", ("excluded",), pattern=r"[A-Z][0-9A-Z]{2,6}", required=True)),
        xml=documents.excludes1,
    ),
    "poa_exempt": Layout(
        r"poa[-_ ]?exempt[-_ ]?codes",
        (Column("code", ("poaexemptcode", "code"), pattern=DOTTED_DIAGNOSIS, required=True),),
        text=fixed_width.exempt_diagnoses,
        finish=lambda frame: frame.with_columns(pl.col("code").str.replace(".", "", literal=True)),
    ),
    "icd10pcs": Layout(
        r"icd-?10-?pcs[-_ ].*(?:order|codes)",
        (Column("code", ("code",), pattern=r"[0-9A-HJ-NP-Z]{7}", required=True),
         Column("sex", ("sex",), pattern="[MF]", optional=True),
         Column("noncovered", ("noncovered",), kind="flag", optional=True),
         Column("limited_coverage", ("limited_coverage",), kind="flag", optional=True),
         *_CODE_COLUMNS),
        text=fixed_width.surgical_procedures,
    ),
    "ms_drg": Layout(
        r"table.?5|drg_weights",
        (Column("drg", ("ms_drg", "drg"), pattern="[0-9]{3}", required=True, width=3),
         Column("mdc", ("mdc",), optional=True),
         Column("kind", ("type", "kind"), pattern=r"SURG|MED|\*\*", optional=True),
         Column("weight", ("weights.*cap_applied", "weights?", "relative_weight"), kind="number",
                optional=True),
         Column("geometric_days", ("geometric_mean_los", "geometric_days"), kind="number", optional=True),
         Column("arithmetic_days", ("arithmetic_mean_los", "arithmetic_days"), kind="number", optional=True),
         Column("post_acute", (".*post_acute.*",), kind="flag", optional=True),
         Column("special_pay", (".*special_pay.*",), kind="flag", optional=True),
         *_CODE_COLUMNS),
        # Ungroupable cases are neither surgical nor medical.
        finish=lambda frame: frame.with_columns(pl.when(pl.col("kind") != "**").then("kind").alias("kind")),
    ),
    "hcpcs": Layout(
        r"hcpc.*anweb|hcpcs",
        (Column("code", ("hcpc", "code", "hcpcs"), pattern=r"[A-V][0-9]{4}|[0-9A-Z]{2}", required=True),
         Column("record", ("recid",), pattern="[0-9]+", optional=True),
         Column("pricing", ("price_?1", "pricing"), optional=True),
         Column("coverage", ("cov", "coverage"), optional=True),
         Column("short", ("short_description",), kind="text", optional=True),
         _day("valid_from", "add_dt", "valid_from"),
         _day("valid_to", "term_dt", "valid_to")),
        text=fixed_width.hcpcs,
        finish=fixed_width.hcpcs_rows,
    ),
    **FEE_LAYOUTS,
    "ncci_practitioner": _pairs(r"ccipra|ptp_practitioner"),
    "ncci_outpatient": _pairs(r"ccioph|ptp_outpatient"),
    "mue_practitioner": _unlikely(r"mue_?(practitioner|prac)"),
    "mue_outpatient": _unlikely(r"mue_?(outpatient|out)"),
    "mue_dme": _unlikely(r"mue_?dme"),
    "add_on": Layout(
        r"^aoc|ncci_aoc",
        (_procedure("add_on", "add_on_code", "add_on"),
         Column("primary", ("primary_code", "primary"), pattern=rf"{PROCEDURE}|CCCCC", required=True,
                width=5),
         Column("kind", ("aoc_edit_type", "edit_type", "kind"), pattern="[123]", required=True),
         _day("valid_from", "aoc_edit_eff_dt.*", "valid_from"),
         _day("valid_to", "aoc_edit_del_dt.*", "valid_to"),
         _day("add_on_deleted_on", "aoc_del_dt.*"),
         _day("primary_deleted_on", "primary_code_del_dt.*")),
        finish=_add_ons,
    ),
    "zip_localities": Layout(
        r"zip5",
        (Column("zip", ("zip_code", "zip"), pattern="[0-9]{5}", required=True, width=5),
         Column("state", ("state",), pattern="[A-Z]{2}", required=True),
         Column("contractor", ("carrier", "contractor"), pattern="[0-9]{5}", required=True, width=5),
         Column("locality", ("pricing_locality", "locality"), pattern="[0-9]{2}", required=True, width=2),
         Column("rural", ("rural_indicator", "rural_ind", "rural"), pattern="[RB]", optional=True)),
        text=fixed_width.zip_codes,
        inside=fixed_width.quarter_of_zip_codes,
    ),
    "excluded_providers": Layout(
        r"updated|leie",
        (Column("npi", ("npi",), pattern="[0-9]{10}"),
         Column("last_name", ("lastname",), kind="text"),
         Column("first_name", ("firstname",), kind="text"),
         Column("business_name", ("busname",), kind="text"),
         Column("state", ("state",), kind="text"),
         Column("exclusion_type", ("excltype",), kind="text", required=True),
         Column("excluded_on", ("excldate",), kind="day", required=True),
         Column("reinstated_on", ("reindate",), kind="day"),
         Column("waived_on", ("waiverdate",), kind="day"),
         Column("waiver_state", ("wvrstate",), kind="text")),
        # The list has ten zeros for a provider without an NPI.
        finish=lambda frame: frame.with_columns(
            pl.when(pl.col("npi") != "0000000000").then("npi").alias("npi")
        ),
    ),
    "carc": _adjustment_list("CARC"),
    "rarc": _adjustment_list("RARC"),
    "claim_adjustment_group": _adjustment_list("GROUP"),
    "taxonomy": Layout(
        r"nucc_taxonomy",
        (Column("code", ("code",), pattern="[0-9]{3}[0-9A-Z]{6}X", required=True),
         Column("label", ("section", "label"), kind="text", optional=True),
         *_CODE_COLUMNS),
    ),
    "place_of_service": Layout(
        r"pos_codes|place_of_service|clm-pos",
        (Column("code", ("code", "pos_code", "place_of_service_code_s"), pattern="[0-9]{2}", required=True,
                width=2),
         Column("label", ("label",), kind="text", optional=True),
         Column("published", ("pos_name", "display", "place_of_service_name"), kind="text", optional=True),
         *_CODE_COLUMNS),
        # The published table also lists unassigned codes.
        finish=lambda frame: frame.filter(
            ~pl.col("published").str.contains("(?i)^unassigned").fill_null(value=False)
        ),
    ),
}  # fmt: skip


_PATTERNS = {
    "npi": "[12][0-9]{9}",
    "procedure": PROCEDURE,
    "procedure_from": PROCEDURE,
    "procedure_to": PROCEDURE,
    "diagnosis_from": rf"{ICD10}|[A-Z][0-9]",
    "diagnosis_to": rf"{ICD10}|[A-Z][0-9]",
    "place_of_service": "[0-9]{2}",
    "revenue_from": "[0-9]{4}",
    "revenue_to": "[0-9]{4}",
    "modifier": "[0-9A-Z]{2}",
    "sex": "[MF]",
    "needs": "AUTHORIZATION|REFERRAL",
}
_NAMES = {"name", "label", "title", "payer_id", "member_id_pattern", "family", "policy"}
# Columns that may be empty in the user's own tables: a limit for any payer, a policy without an end.
_MAY_BE_EMPTY = {"payer_id", "claim_filing", "place_of_service", "diagnosis_to", "procedure_to", "needs"}


def _plain(about: Dataset) -> Layout:
    """A table whose headers are the dataset's column names."""
    columns = [_plain_column(about, name, dtype) for name, dtype in about.schema.items() if name not in _DAYS]
    return Layout(rf"^{about.name}\b", (*columns, *(_CODE_COLUMNS if about.row_days else ())))


_DAYS = {"valid_from", "valid_to"}


def _plain_column(about: Dataset, name: str, dtype: pl.DataType) -> Column:
    key = name in about.key and name not in _MAY_BE_EMPTY
    if dtype == pl.String():
        kind = "text" if name in _NAMES else "code"
    else:
        kind = "flag" if dtype == pl.Boolean() else "day" if dtype == pl.Date() else "whole"
    width = {"procedure": 5, "procedure_from": 5, "procedure_to": 5, "place_of_service": 2}.get(name, 0)
    return Column(
        name, (name,), kind, _PATTERNS.get(name, r".+"), required=key, optional=not key, width=width
    )


@cache
def layout_of(name: str) -> Layout:
    """How the files of a dataset are read.

    Raises:
        KeyError: there is no such dataset.
    """
    return _PUBLISHED.get(name) or _plain(dataset(name))


def recognised(file: str) -> tuple[str, ...]:
    """The datasets that a published file contains, judged by its name; empty if the name is not recognised.

    One published table may contain several lists, for example reasons and remarks.
    """
    named = file.lower()
    stem = named.split(".", 1)[0]
    if stem in datasets():
        return (stem,)
    return tuple(name for name in datasets() if name in _PUBLISHED and layout_of(name).pattern.search(named))
