"""The datasets: what each holds, who publishes it, by what a row is known, which files it is loaded from.

Two kinds of date stand beside each other. A version of a dataset, which is what one load makes, is in force
between two days. Within a version a row may have days of its own, `valid_from` and `valid_to`, both
included, null where open.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from .code_lists import code_list_names
from .dataset_schema import COUNT, DAY, FLAG, RELATIVE_VALUES, SMALL, TEXT, Dataset
from .fee_datasets import FEE_DATASETS

__all__ = ["RELATIVE_VALUES", "Dataset", "dataset", "datasets"]


def _pairs(setting: str, files: str) -> Dataset:
    return Dataset(
        f"ncci_{setting}",
        f"NCCI procedure-to-procedure edits, {setting}",
        "CMS, Medicare NCCI Procedure to Procedure (PTP) Edits",
        {"column_1": TEXT, "column_2": TEXT, "indicator": SMALL},
        ("column_1", "column_2"),
        f"{files}-*.txt or .xlsx, all parts of a quarter, in their zips",
        least_rows=500_000,
        row_days=True,
    )


def _unlikely(setting: str, files: str, least: int) -> Dataset:
    return Dataset(
        f"mue_{setting}",
        f"Medically unlikely edits, {setting}",
        "CMS, Medicare NCCI Medically Unlikely Edits",
        {"procedure": TEXT, "units": COUNT, "adjudication": SMALL},
        ("procedure",),
        f"MCR_MUE_{files}_Eff_MM-DD-YYYY.csv or .xlsx, in its zip",
        least_rows=least,
    )


_DIAGNOSES = (
    Dataset(
        "icd10cm",
        "ICD-10-CM diagnosis codes",
        "CDC/NCHS and CMS, ICD-10-CM",
        {"code": TEXT, "billable": FLAG},
        ("code",),
        "icd10cm-order-YYYY.txt or icd10cm_order_YYYY.txt, in its zip",
        least_rows=70_000,
        row_days=True,
    ),
    Dataset(
        "icd10cm_edits",
        "ICD-10-CM age, sex and principal-diagnosis edits",
        "CMS, Definitions of Medicare Code Edits",
        {
            "code": TEXT, "sex": TEXT, "age_from": SMALL, "age_to": SMALL, "manifestation": FLAG,
            "unacceptable_principal": FLAG, "external_cause": FLAG, "unspecified": FLAG,
        },
        ("code",),
        "a CSV with these columns",
        least_rows=5_000,
        row_days=True,
    ),
    Dataset(
        "icd10cm_excludes1",
        "ICD-10-CM codes that exclude each other (excludes1)",
        "CDC/NCHS, ICD-10-CM Tabular List",
        {"code": TEXT, "excluded": TEXT},
        ("code", "excluded"),
        "icd10cm-tabular-YYYY.xml, in its zip",
        least_rows=3_000,
    ),
    Dataset(
        "icd10cm_sides",
        "ICD-10-CM codes that name a side",
        "CDC/NCHS, ICD-10-CM Tabular List",
        {"code": TEXT, "side": TEXT},
        ("code",),
        "a CSV with these columns",
        least_rows=20_000,
    ),
    Dataset(
        "diagnosis_classes",
        "Classes of diagnoses",
        "named at the head of the table",
        {"class": TEXT, "diagnosis_from": TEXT, "diagnosis_to": TEXT},
        ("class", "diagnosis_from"),
        "a CSV with these columns",
        row_days=True,
    ),
    Dataset(
        "poa_exempt",
        "ICD-10-CM codes that need no present-on-admission indicator",
        "CMS, Present on Admission (POA) Exempt List",
        {"code": TEXT},
        ("code",),
        "POAexemptCodesFYyy.txt or .xlsx, in its zip",
        least_rows=30_000,
    ),
    Dataset(
        "icd10pcs",
        "ICD-10-PCS procedure codes",
        "CMS, ICD-10-PCS",
        {"code": TEXT, "sex": TEXT, "noncovered": FLAG, "limited_coverage": FLAG},
        ("code",),
        "icd10pcs_order_YYYY.txt, in its zip",
        least_rows=70_000,
        row_days=True,
    ),
    Dataset(
        "ms_drg",
        "MS-DRGs with relative weights",
        "CMS, IPPS Final Rule, Table 5",
        {
            "drg": TEXT, "mdc": TEXT, "kind": TEXT, "weight": pl.Decimal(8, 4),
            "geometric_days": pl.Decimal(6, 1), "arithmetic_days": pl.Decimal(6, 1), "post_acute": FLAG,
            "special_pay": FLAG,
        },
        ("drg",),
        "CMS-*-TABLE-5*.txt or .xlsx, in its zip",
        least_rows=700,
        row_days=True,
    ),
)  # fmt: skip

_PROCEDURES = (
    Dataset(
        "hcpcs",
        "HCPCS level II codes",
        "CMS, HCPCS Quarterly Update",
        {"code": TEXT, "pricing": TEXT, "coverage": TEXT},
        ("code",),
        "HCPCYYYY_MMM_ANWEB.txt or .xlsx, in its zip",
        least_rows=7_000,
        row_days=True,
    ),
    *FEE_DATASETS,
    _pairs("practitioner", "ccipra-vNNNr0-fN"),
    _pairs("outpatient", "ccioph-vNNNr0-fN"),
    _unlikely("practitioner", "PractitionerServices", 10_000),
    _unlikely("outpatient", "OutpatientHospitalServices", 10_000),
    _unlikely("dme", "DMESupplierServices", 2_000),
    Dataset(
        "add_on",
        "Add-on codes and their primary procedures",
        "CMS, Medicare NCCI Add-on Code Edits",
        {"add_on": TEXT, "primary": TEXT, "kind": SMALL},
        ("add_on", "primary"),
        "AOC_VyyyyQn-MCR.txt or .xlsx, in its zip",
        least_rows=3_000,
        row_days=True,
    ),
    Dataset(
        "modifier_families",
        "Modifiers by family",
        "CMS, HCPCS level II modifiers; Medicare Claims Processing Manual, ch. 12",
        {"modifier": TEXT, "family": TEXT},
        ("modifier", "family"),
        "a CSV with these columns",
    ),
    Dataset(
        "modifier_procedures",
        "Procedures to which a family of modifiers is confined",
        "Medicare Claims Processing Manual, ch. 12, 15 and 5",
        {"family": TEXT, "procedure_from": TEXT, "procedure_to": TEXT},
        ("family", "procedure_from"),
        "a CSV with these columns",
    ),
    Dataset(
        "procedure_classes",
        "Classes of procedures",
        "named at the head of the table",
        {"class": TEXT, "procedure_from": TEXT, "procedure_to": TEXT},
        ("class", "procedure_from"),
        "a CSV with these columns",
        row_days=True,
    ),
    Dataset(
        "procedure_ages",
        "Procedures that are given at some ages only",
        "named at the head of the table",
        {"procedure_from": TEXT, "procedure_to": TEXT, "age_from": SMALL, "age_to": SMALL},
        ("procedure_from",),
        "a CSV with these columns",
    ),
    Dataset(
        "revenue_code_conflicts",
        "Revenue codes and procedures of different departments",
        "NUBC, UB-04 Data Specifications Manual, FL 42; Medicare Claims Processing Manual, ch. 4, section 20",
        {"revenue_from": TEXT, "revenue_to": TEXT, "procedure_from": TEXT, "procedure_to": TEXT},
        ("revenue_from", "procedure_from"),
        "a CSV with these columns",
    ),
    Dataset(
        "revenue_code_billing",
        "Revenue codes that need a procedure",
        "Medicare Claims Processing Manual, ch. 25, section 75.4, and ch. 4, section 20.5",
        {"revenue_from": TEXT, "revenue_to": TEXT, "needs_procedure": FLAG},
        ("revenue_from",),
        "a CSV with these columns",
        row_days=True,
    ),
)  # fmt: skip

_PLACES = (
    Dataset(
        "zip_localities",
        "ZIP codes with their Medicare contractor and payment locality",
        "CMS, ZIP Code to Carrier Locality File",
        {"zip": TEXT, "state": TEXT, "contractor": TEXT, "locality": TEXT, "rural": TEXT},
        ("zip",),
        "ZIP5_MMMYYYY.txt, in its zip",
        least_rows=30_000,
    ),
    Dataset(
        "excluded_providers",
        "Providers excluded from federal health care programs",
        "HHS Office of Inspector General, List of Excluded Individuals/Entities (LEIE)",
        {
            "npi": TEXT, "last_name": TEXT, "first_name": TEXT, "business_name": TEXT, "state": TEXT,
            "exclusion_type": TEXT, "excluded_on": DAY, "reinstated_on": DAY, "waived_on": DAY,
            "waiver_state": TEXT,
        },
        (),
        "UPDATED.csv",
        least_rows=50_000,
    ),
)  # fmt: skip


def _own(name: str, title: str, columns: Mapping[str, pl.DataType], key: tuple[str, ...]) -> Dataset:
    return Dataset(name, title, "your own table", columns, key, "a CSV or XLSX with these columns",
                   row_days=True, is_of_user=True)  # fmt: skip


_USERS = (
    _own(
        "payers", "Payers with their limits for timely filing",
        {"payer_id": TEXT, "claim_filing": TEXT, "name": TEXT, "filing_days": COUNT, "corrected_days": COUNT,
         "appeal_days": COUNT, "member_id_pattern": TEXT},
        ("payer_id", "claim_filing"),
    ),
    _own("facilities", "Facilities", {"npi": TEXT, "name": TEXT, "facility_type": TEXT,
         "place_of_service": TEXT, "tax_id": TEXT}, ("npi",)),
    _own("financial_classes", "Financial classes", {"code": TEXT, "claim_filing": TEXT, "label": TEXT},
         ("code",)),
    _own("credentials", "Providers' credentialing with payers", {"npi": TEXT, "payer_id": TEXT},
         ("npi", "payer_id")),
    _own(
        "medical_necessity", "Diagnoses that support a procedure, by policy",
        {"policy": TEXT, "payer_id": TEXT, "procedure": TEXT, "diagnosis_from": TEXT, "diagnosis_to": TEXT},
        ("policy", "payer_id", "procedure", "diagnosis_from"),
    ),
    _own(
        "prior_authorization", "Procedures that need prior authorization or a referral, by payer",
        {"payer_id": TEXT, "procedure_from": TEXT, "procedure_to": TEXT, "place_of_service": TEXT,
         "needs": TEXT},
        ("payer_id", "procedure_from", "place_of_service", "needs"),
    ),
    _own(
        "frequency_limits", "How often a procedure is paid, by payer",
        {"payer_id": TEXT, "procedure": TEXT, "units": COUNT, "days": COUNT},
        ("payer_id", "procedure"),
    ),
)  # fmt: skip

_LIST_TITLES = {
    "admission_type": "Types of admission",
    "always_therapy": "Procedures that are always therapy",
    "carc": "Claim adjustment reason codes (CARC)",
    "claim_adjustment_group": "Claim adjustment group codes",
    "claim_filing": "Claim filing indicator codes",
    "claim_frequency": "Claim frequency: the last digit of the type of bill",
    "claim_status": "Claim status codes",
    "claim_status_category": "Claim status category codes",
    "condition_code": "Condition codes",
    "facility_type": "Type of bill: facility and class",
    "modifier": "Procedure modifiers",
    "occurrence_code": "Occurrence codes",
    "occurrence_span_code": "Occurrence span codes",
    "patient_status": "Patient discharge status",
    "place_of_service": "Places of service",
    "point_of_origin": "Points of origin",
    "point_of_origin_newborn": "Points of origin of newborns",
    "rarc": "Remittance advice remark codes (RARC)",
    "revenue_code": "Revenue codes",
    "state": "States and provinces",
    "taxonomy": "Provider taxonomy codes",
    "unlisted_procedure": "Unlisted procedures",
    "value_code": "Value codes",
}
_LIST_FILES = {
    "taxonomy": "nucc_taxonomy_NNN.csv",
    "place_of_service": "the place-of-service code set as CSV, or a CSV with these columns",
    "carc": "the list of X12 as CSV (code, type, start, end), or a CSV with these columns",
    "rarc": "the list of X12 as CSV (code, type, start, end), or a CSV with these columns",
}


def _list(name: str) -> Dataset:
    title = _LIST_TITLES.get(name, name.replace("_", " ").capitalize() + "s")
    return Dataset(
        name, title, "named at the head of the list", {"code": TEXT, "label": TEXT}, ("code",),
        _LIST_FILES.get(name, "a CSV with these columns"), row_days=True,
    )  # fmt: skip


@cache
def datasets() -> Mapping[str, Dataset]:
    """Every dataset by name: diagnoses, procedures, places, the user's own, then the short code lists."""
    lists = sorted({*_LIST_TITLES, *code_list_names()})
    named = (*_DIAGNOSES, *_PROCEDURES, *_PLACES, *_USERS, *(_list(name) for name in lists))
    return {entry.name: entry for entry in named}


def dataset(name: str) -> Dataset:
    """The dataset of this name.

    Raises:
        KeyError: there is none.
    """
    return datasets()[name]
