"""The positions of the values in an 835: one row of a table is one column of a result.

Reading and writing use the same tables. Source: ASC X12N 005010X221A1, loops HEADER, 1000A, 1000B, 2000 (LX),
2100 (CLP), 2110 (SVC) and the provider adjustments after them.
"""

from __future__ import annotations

from typing import NamedTuple

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.syntax.grammar import Grammar, grammar
from claimwright.engines.x12.syntax.transaction_set import Level, TransactionSet

REMITTANCE_835 = TransactionSet(
    identifier="835",
    functional_group="HP",
    guides=("835",),
    unit="CLP",
    line="SVC",
    # The provider's batch that contains a claim.
    levels=(Level("LX"),),
)
TRANSACTION, BATCH, CLAIM, LINE = range(4)
"""The stages of loops: the transaction, its LX, the claim, its service line."""


def remittance_grammar() -> Grammar:
    """The envelope and the 835 guide."""
    return grammar(REMITTANCE_835)


class Column(NamedTuple):
    """A column: its name, and its segment, element and component (from 1; 0 for a simple element).

    `qualifiers` are those of its segment, none if the tag alone identifies it; the first segment with a
    value counts. `only` is an element of the segment and the value that it must have. A name that occurs
    twice has the later places where the earlier ones have no value.
    """

    name: str
    loop: str
    tag: str
    element: int
    kind: Kind
    qualifiers: tuple[str, ...] = ()
    component: int = 0
    only: tuple[int, str] | None = None


def _address(prefix: str, loop: str) -> tuple[Column, ...]:
    return (
        Column(f"{prefix}_address_1", loop, "N3", 1, Kind.TEXT),
        Column(f"{prefix}_address_2", loop, "N3", 2, Kind.TEXT),
        Column(f"{prefix}_city", loop, "N4", 1, Kind.TEXT),
        Column(f"{prefix}_state", loop, "N4", 2, Kind.CODE),
        Column(f"{prefix}_postal_code", loop, "N4", 3, Kind.CODE),
        Column(f"{prefix}_country", loop, "N4", 4, Kind.CODE),
        Column(f"{prefix}_subdivision", loop, "N4", 7, Kind.CODE),
    )


PAYMENT_COLUMNS = (
    Column("transaction_control_number", "HEADER", "ST", 2, Kind.TEXT),
    Column("payment_handling", "HEADER", "BPR", 1, Kind.CODE),
    Column("payment_amount", "HEADER", "BPR", 2, Kind.AMOUNT),
    Column("credit_debit", "HEADER", "BPR", 3, Kind.CODE),
    Column("payment_method", "HEADER", "BPR", 4, Kind.CODE),
    Column("payment_format", "HEADER", "BPR", 5, Kind.CODE),
    Column("sender_bank_qualifier", "HEADER", "BPR", 6, Kind.CODE),
    Column("sender_bank", "HEADER", "BPR", 7, Kind.TEXT),
    Column("sender_account_qualifier", "HEADER", "BPR", 8, Kind.CODE),
    Column("sender_account", "HEADER", "BPR", 9, Kind.TEXT),
    Column("sender_company", "HEADER", "BPR", 10, Kind.TEXT),
    Column("sender_company_code", "HEADER", "BPR", 11, Kind.TEXT),
    Column("receiver_bank_qualifier", "HEADER", "BPR", 12, Kind.CODE),
    Column("receiver_bank", "HEADER", "BPR", 13, Kind.TEXT),
    Column("receiver_account_qualifier", "HEADER", "BPR", 14, Kind.CODE),
    Column("receiver_account", "HEADER", "BPR", 15, Kind.TEXT),
    Column("paid_on", "HEADER", "BPR", 16, Kind.DATE),
    Column("trace_number", "HEADER", "TRN", 2, Kind.TEXT),
    Column("originating_company", "HEADER", "TRN", 3, Kind.TEXT),
    Column("originating_company_code", "HEADER", "TRN", 4, Kind.TEXT),
    Column("currency", "HEADER", "CUR", 2, Kind.CODE),
    Column("receiver_id", "HEADER", "REF", 2, Kind.TEXT, ("EV",)),
    Column("version", "HEADER", "REF", 2, Kind.TEXT, ("F2",)),
    Column("produced_on", "HEADER", "DTM", 2, Kind.DATE, ("405",)),
    Column("payer_name", "1000A", "N1", 2, Kind.TEXT),
    Column("payer_id_qualifier", "1000A", "N1", 3, Kind.CODE),
    Column("payer_id", "1000A", "N1", 4, Kind.TEXT),
    Column("payer_plan_id", "1000A", "N1", 4, Kind.TEXT, (), 0, (3, "XV")),
    *_address("payer", "1000A"),
    Column("payer_number", "1000A", "REF", 2, Kind.TEXT, ("2U",)),
    Column("payer_naic", "1000A", "REF", 2, Kind.TEXT, ("NF",)),
    Column("payee_name", "1000B", "N1", 2, Kind.TEXT),
    Column("payee_id_qualifier", "1000B", "N1", 3, Kind.CODE),
    Column("payee_id", "1000B", "N1", 4, Kind.TEXT),
    Column("payee_npi", "1000B", "N1", 4, Kind.TEXT, (), 0, (3, "XX")),
    Column("payee_tax_id", "1000B", "N1", 4, Kind.TEXT, (), 0, (3, "FI")),
    Column("payee_tax_id", "1000B", "REF", 2, Kind.TEXT, ("TJ",)),
    *_address("payee", "1000B"),
    Column("delivery_method", "1000B", "RDM", 1, Kind.CODE),
    Column("delivery_name", "1000B", "RDM", 2, Kind.TEXT),
    Column("delivery_number", "1000B", "RDM", 3, Kind.TEXT),
)
# Of the interchange and the group around a transaction: nothing if the file has none.
ENVELOPE_COLUMNS = (
    Column("interchange_sender_qualifier", "ISA", "ISA", 5, Kind.CODE),
    Column("interchange_sender", "ISA", "ISA", 6, Kind.TEXT),
    Column("interchange_receiver_qualifier", "ISA", "ISA", 7, Kind.CODE),
    Column("interchange_receiver", "ISA", "ISA", 8, Kind.TEXT),
    Column("interchange_date", "ISA", "ISA", 9, Kind.CODE),
    Column("interchange_time", "ISA", "ISA", 10, Kind.CODE),
    Column("interchange_control_number", "ISA", "ISA", 13, Kind.TEXT),
    Column("interchange_usage", "ISA", "ISA", 15, Kind.CODE),
    Column("group_sender", "GS", "GS", 2, Kind.TEXT),
    Column("group_receiver", "GS", "GS", 3, Kind.TEXT),
    Column("group_date", "GS", "GS", 4, Kind.CODE),
    Column("group_time", "GS", "GS", 5, Kind.CODE),
    Column("group_control_number", "GS", "GS", 6, Kind.TEXT),
)


def _person(prefix: str, qualifier: str) -> tuple[Column, ...]:
    of = (qualifier,)
    return (
        Column(f"{prefix}_entity", "2100", "NM1", 2, Kind.CODE, of),
        Column(f"{prefix}_last_name", "2100", "NM1", 3, Kind.TEXT, of),
        Column(f"{prefix}_first_name", "2100", "NM1", 4, Kind.TEXT, of),
        Column(f"{prefix}_middle_name", "2100", "NM1", 5, Kind.TEXT, of),
        Column(f"{prefix}_name_suffix", "2100", "NM1", 7, Kind.TEXT, of),
        Column(f"{prefix}_id_qualifier", "2100", "NM1", 8, Kind.CODE, of),
        Column(f"{prefix}_id", "2100", "NM1", 9, Kind.TEXT, of),
    )


def _organization(prefix: str, qualifier: str) -> tuple[Column, ...]:
    of = (qualifier,)
    return (
        Column(f"{prefix}_name", "2100", "NM1", 3, Kind.TEXT, of),
        Column(f"{prefix}_id_qualifier", "2100", "NM1", 8, Kind.CODE, of),
        Column(f"{prefix}_id", "2100", "NM1", 9, Kind.TEXT, of),
    )


CLAIM_COLUMNS = (
    Column("claim_id", "2100", "CLP", 1, Kind.TEXT),
    Column("claim_status", "2100", "CLP", 2, Kind.CODE),
    Column("charge", "2100", "CLP", 3, Kind.AMOUNT),
    Column("paid", "2100", "CLP", 4, Kind.AMOUNT),
    Column("patient_responsibility", "2100", "CLP", 5, Kind.AMOUNT),
    Column("claim_filing", "2100", "CLP", 6, Kind.CODE),
    Column("payer_claim_number", "2100", "CLP", 7, Kind.TEXT),
    Column("facility_code", "2100", "CLP", 8, Kind.CODE),
    Column("frequency", "2100", "CLP", 9, Kind.CODE),
    Column("drg", "2100", "CLP", 11, Kind.CODE),
    Column("drg_weight", "2100", "CLP", 12, Kind.RATIO),
    Column("discharge_fraction", "2100", "CLP", 13, Kind.RATIO),
    *_person("patient", "QC"),
    *_person("subscriber", "IL"),
    *_person("corrected", "74"),
    *_person("rendering", "82"),
    Column("rendering_npi", "2100", "NM1", 9, Kind.TEXT, ("82",), 0, (8, "XX")),
    *_organization("crossover_payer", "TT"),
    *_organization("corrected_payer", "PR"),
    *_person("other_subscriber", "GB"),
    Column("coverage_expires_on", "2100", "DTM", 2, Kind.DATE, ("036",)),
    Column("received_on", "2100", "DTM", 2, Kind.DATE, ("050",)),
    Column("service_from_on", "2100", "DTM", 2, Kind.DATE, ("232",)),
    Column("service_to_on", "2100", "DTM", 2, Kind.DATE, ("233",)),
    Column("coverage_amount", "2100", "AMT", 2, Kind.AMOUNT, ("AU",)),
    Column("interest", "2100", "AMT", 2, Kind.AMOUNT, ("I",)),
)
LINE_COLUMNS = (
    Column("procedure_qualifier", "2110", "SVC", 1, Kind.CODE, (), 1),
    Column("procedure", "2110", "SVC", 1, Kind.CODE, (), 2),
    *(Column(f"modifier_{n}", "2110", "SVC", 1, Kind.CODE, (), n + 2) for n in range(1, 5)),
    Column("charge", "2110", "SVC", 2, Kind.AMOUNT),
    Column("paid", "2110", "SVC", 3, Kind.AMOUNT),
    Column("revenue_code", "2110", "SVC", 4, Kind.CODE),
    Column("paid_units", "2110", "SVC", 5, Kind.QUANTITY),
    Column("original_procedure_qualifier", "2110", "SVC", 6, Kind.CODE, (), 1),
    Column("original_procedure", "2110", "SVC", 6, Kind.CODE, (), 2),
    *(Column(f"original_modifier_{n}", "2110", "SVC", 6, Kind.CODE, (), n + 2) for n in range(1, 5)),
    Column("original_description", "2110", "SVC", 6, Kind.TEXT, (), 7),
    Column("original_units", "2110", "SVC", 7, Kind.QUANTITY),
    Column("service_from_on", "2110", "DTM", 2, Kind.DATE, ("150", "472")),
    Column("service_to_on", "2110", "DTM", 2, Kind.DATE, ("151", "472")),
    Column("control", "2110", "REF", 2, Kind.TEXT, ("6R",)),
    Column("rendering_npi", "2110", "REF", 2, Kind.TEXT, ("HPI",)),
    Column("allowed", "2110", "AMT", 2, Kind.AMOUNT, ("B6",)),
)

# Segments that repeat: one row each. The loops, and the columns without their loop and segment.
HEADING_LOOPS = ("HEADER", "1000A", "1000B")
CLAIM_LOOPS = ("2100", "2110")


class Repeating(NamedTuple):
    """A frame with a row per segment of these loops and this tag."""

    tag: str
    loops: tuple[str, ...]
    columns: tuple[tuple[str, int, Kind], ...]


REPEATING = {
    "references": Repeating("REF", CLAIM_LOOPS, (("qualifier", 1, Kind.CODE), ("value", 2, Kind.TEXT))),
    "payment_references": Repeating(
        "REF", HEADING_LOOPS, (("qualifier", 1, Kind.CODE), ("value", 2, Kind.TEXT))
    ),
    "dates": Repeating(
        "DTM", ("HEADER", *CLAIM_LOOPS), (("qualifier", 1, Kind.CODE), ("dated_on", 2, Kind.DATE))
    ),
    "amounts": Repeating("AMT", CLAIM_LOOPS, (("qualifier", 1, Kind.CODE), ("amount", 2, Kind.AMOUNT))),
    "quantities": Repeating(
        "QTY", CLAIM_LOOPS, (("qualifier", 1, Kind.CODE), ("quantity", 2, Kind.QUANTITY))
    ),
    "contacts": Repeating(
        "PER",
        ("1000A", "2100"),
        (
            ("function", 1, Kind.CODE),
            ("name", 2, Kind.TEXT),
            ("qualifier_1", 3, Kind.CODE),
            ("number_1", 4, Kind.TEXT),
            ("qualifier_2", 5, Kind.CODE),
            ("number_2", 6, Kind.TEXT),
            ("qualifier_3", 7, Kind.CODE),
            ("number_3", 8, Kind.TEXT),
        ),
    ),
    "inpatient": Repeating(
        "MIA",
        ("2100",),
        (
            ("covered_days", 1, Kind.QUANTITY),
            ("outlier_amount", 2, Kind.AMOUNT),
            ("lifetime_psychiatric_days", 3, Kind.QUANTITY),
            ("drg_amount", 4, Kind.AMOUNT),
            ("remark_1", 5, Kind.CODE),
            ("disproportionate_share_amount", 6, Kind.AMOUNT),
            ("msp_pass_through_amount", 7, Kind.AMOUNT),
            ("pps_capital_amount", 8, Kind.AMOUNT),
            ("pps_capital_federal_drg_amount", 9, Kind.AMOUNT),
            ("pps_capital_hospital_drg_amount", 10, Kind.AMOUNT),
            ("pps_capital_disproportionate_share_amount", 11, Kind.AMOUNT),
            ("old_capital_amount", 12, Kind.AMOUNT),
            ("pps_capital_medical_education_amount", 13, Kind.AMOUNT),
            ("pps_operating_hospital_drg_amount", 14, Kind.AMOUNT),
            ("cost_report_days", 15, Kind.QUANTITY),
            ("pps_operating_federal_drg_amount", 16, Kind.AMOUNT),
            ("pps_capital_outlier_amount", 17, Kind.AMOUNT),
            ("indirect_teaching_amount", 18, Kind.AMOUNT),
            ("professional_component_amount", 19, Kind.AMOUNT),
            ("remark_2", 20, Kind.CODE),
            ("remark_3", 21, Kind.CODE),
            ("remark_4", 22, Kind.CODE),
            ("remark_5", 23, Kind.CODE),
            ("pps_capital_exception_amount", 24, Kind.AMOUNT),
        ),
    ),
    "outpatient": Repeating(
        "MOA",
        ("2100",),
        (
            ("reimbursement_rate", 1, Kind.RATIO),
            ("hcpcs_payable_amount", 2, Kind.AMOUNT),
            ("remark_1", 3, Kind.CODE),
            ("remark_2", 4, Kind.CODE),
            ("remark_3", 5, Kind.CODE),
            ("remark_4", 6, Kind.CODE),
            ("remark_5", 7, Kind.CODE),
            ("esrd_amount", 8, Kind.AMOUNT),
            ("professional_component_amount", 9, Kind.AMOUNT),
        ),
    ),
}
# One row per batch (LX), with its TS3 and TS2 if it has them.
BATCH_COLUMNS = (
    Column("batch_number", "2000", "LX", 1, Kind.TEXT),
    Column("provider_id", "2000", "TS3", 1, Kind.TEXT),
    Column("facility_code", "2000", "TS3", 2, Kind.CODE),
    Column("fiscal_period_on", "2000", "TS3", 3, Kind.DATE),
    Column("claim_count", "2000", "TS3", 4, Kind.QUANTITY),
    Column("total_charge", "2000", "TS3", 5, Kind.AMOUNT),
    Column("msp_payer_amount", "2000", "TS3", 13, Kind.AMOUNT),
    Column("non_lab_charge", "2000", "TS3", 15, Kind.AMOUNT),
    Column("hcpcs_reportable_charge", "2000", "TS3", 17, Kind.AMOUNT),
    Column("hcpcs_payable_amount", "2000", "TS3", 18, Kind.AMOUNT),
    Column("professional_component_amount", "2000", "TS3", 20, Kind.AMOUNT),
    Column("msp_patient_liability_amount", "2000", "TS3", 21, Kind.AMOUNT),
    Column("patient_reimbursement_amount", "2000", "TS3", 22, Kind.AMOUNT),
    Column("pip_claim_count", "2000", "TS3", 23, Kind.QUANTITY),
    Column("pip_adjustment_amount", "2000", "TS3", 24, Kind.AMOUNT),
    Column("drg_amount", "2000", "TS2", 1, Kind.AMOUNT),
    Column("federal_specific_amount", "2000", "TS2", 2, Kind.AMOUNT),
    Column("hospital_specific_amount", "2000", "TS2", 3, Kind.AMOUNT),
    Column("disproportionate_share_amount", "2000", "TS2", 4, Kind.AMOUNT),
    Column("capital_amount", "2000", "TS2", 5, Kind.AMOUNT),
    Column("indirect_medical_education_amount", "2000", "TS2", 6, Kind.AMOUNT),
    Column("outlier_days", "2000", "TS2", 7, Kind.QUANTITY),
    Column("day_outlier_amount", "2000", "TS2", 8, Kind.AMOUNT),
    Column("cost_outlier_amount", "2000", "TS2", 9, Kind.AMOUNT),
    Column("average_length_of_stay", "2000", "TS2", 10, Kind.QUANTITY),
    Column("discharge_count", "2000", "TS2", 11, Kind.QUANTITY),
    Column("cost_report_days", "2000", "TS2", 12, Kind.QUANTITY),
    Column("covered_days", "2000", "TS2", 13, Kind.QUANTITY),
    Column("noncovered_days", "2000", "TS2", 14, Kind.QUANTITY),
    Column("msp_pass_through_amount", "2000", "TS2", 15, Kind.AMOUNT),
    Column("average_drg_weight", "2000", "TS2", 16, Kind.RATIO),
    Column("pps_capital_federal_drg_amount", "2000", "TS2", 17, Kind.AMOUNT),
    Column("pps_capital_hospital_drg_amount", "2000", "TS2", 18, Kind.AMOUNT),
    Column("pps_disproportionate_share_drg_amount", "2000", "TS2", 19, Kind.AMOUNT),
)
# CAS: a group, then up to six triplets of reason, amount and quantity.
ADJUSTMENT_TRIPLETS = 6
# PLB: a provider and a fiscal period, then up to six pairs of a reason with its reference, and an amount.
PROVIDER_ADJUSTMENT_PAIRS = 6
# Remark codes of a claim, and of a line: LQ of the kind HE. Reject codes of pharmacies: of the kind RX.
REMARK_ELEMENTS = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
LINE_REMARK, PHARMACY_CODE = ("LQ", "HE", 2), ("LQ", "RX", 2)
