"""The positions of the values in an 835: one row of a table is one column of a result.

Source: ASC X12N 005010X221A1, loops HEADER, 1000A, 1000B, 2100 (CLP) and 2110 (SVC).
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
    value counts.
    """

    name: str
    loop: str
    tag: str
    element: int
    kind: Kind
    qualifiers: tuple[str, ...] = ()
    component: int = 0


PAYMENT_COLUMNS = (
    Column("transaction_control_number", "HEADER", "ST", 2, Kind.TEXT),
    Column("payment_handling", "HEADER", "BPR", 1, Kind.CODE),
    Column("payment_amount", "HEADER", "BPR", 2, Kind.AMOUNT),
    Column("payment_method", "HEADER", "BPR", 4, Kind.CODE),
    Column("paid_on", "HEADER", "BPR", 16, Kind.DATE),
    Column("trace_number", "HEADER", "TRN", 2, Kind.TEXT),
    Column("produced_on", "HEADER", "DTM", 2, Kind.DATE, ("405",)),
    Column("payer_name", "1000A", "N1", 2, Kind.TEXT),
    Column("payer_id", "1000A", "N1", 4, Kind.TEXT),
    Column("payee_name", "1000B", "N1", 2, Kind.TEXT),
    Column("payee_id", "1000B", "N1", 4, Kind.TEXT),
)
CLAIM_COLUMNS = (
    Column("claim_id", "2100", "CLP", 1, Kind.TEXT),
    Column("claim_status", "2100", "CLP", 2, Kind.CODE),
    Column("charge", "2100", "CLP", 3, Kind.AMOUNT),
    Column("paid", "2100", "CLP", 4, Kind.AMOUNT),
    Column("patient_responsibility", "2100", "CLP", 5, Kind.AMOUNT),
    Column("claim_filing", "2100", "CLP", 6, Kind.CODE),
    Column("payer_claim_number", "2100", "CLP", 7, Kind.TEXT),
    Column("frequency", "2100", "CLP", 9, Kind.CODE),
    Column("received_on", "2100", "DTM", 2, Kind.DATE, ("050",)),
    Column("service_from_on", "2100", "DTM", 2, Kind.DATE, ("232",)),
    Column("service_to_on", "2100", "DTM", 2, Kind.DATE, ("233",)),
)
LINE_COLUMNS = (
    Column("procedure_qualifier", "2110", "SVC", 1, Kind.CODE, (), 1),
    Column("procedure", "2110", "SVC", 1, Kind.CODE, (), 2),
    *(Column(f"modifier_{n}", "2110", "SVC", 1, Kind.CODE, (), n + 2) for n in range(1, 5)),
    Column("charge", "2110", "SVC", 2, Kind.AMOUNT),
    Column("paid", "2110", "SVC", 3, Kind.AMOUNT),
    Column("revenue_code", "2110", "SVC", 4, Kind.CODE),
    Column("paid_units", "2110", "SVC", 5, Kind.QUANTITY),
    Column("service_from_on", "2110", "DTM", 2, Kind.DATE, ("150", "472")),
    Column("service_to_on", "2110", "DTM", 2, Kind.DATE, ("151", "472")),
    Column("control", "2110", "REF", 2, Kind.TEXT, ("6R",)),
)
# CAS: a group, then up to six triplets of reason, amount and quantity.
ADJUSTMENT_TRIPLETS = 6
# Remark codes of a claim, and of a line: LQ of the kind HE.
REMARK_ELEMENTS = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
LINE_REMARK = ("LQ", "HE", 2)
