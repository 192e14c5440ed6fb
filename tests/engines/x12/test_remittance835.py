"""An 835 read into columns: what stands in a small one, and the same whatever the size of blocks."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from claimwright.engines.x12 import Remittance, read_835, read_835_blocks

ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PROVIDER       "
    "*260301*0600*^*00501*000000001*0*T*:"
)
BODY = [
    "BPR*I*135.5*C*ACH*CCP*01*999999992*DA*123456*1999999999**01*999988880*DA*987654*20260301",
    "TRN*1*EFT0001*1999999999",
    "DTM*405*20260228",
    "N1*PR*GOOD PAYER*XV*PAY01",
    "N3*1 MAIN STREET",
    "N4*ANYTOWN*OH*45209",
    "PER*BL*EDI DESK*TE*8005550100",
    "N1*PE*CLINIC ONE*XX*1234567893",
    "LX*1",
    "CLP*PCN001*1*150.5*130.5*8*MB*ICN77*11*1",
    "CAS*OA*23*5*1*94*-5",
    "NM1*QC*1*DOE*JANE",
    "MOA***MA01*N130",
    "REF*EA*MRN9",
    "DTM*050*20260201",
    "DTM*232*20260115",
    "SVC*HC:99213:25:59*100*80**2",
    "DTM*472*20260115",
    "CAS*CO*45*10**253*2",
    "CAS*PR*1*8*1.5",
    "REF*6R*LINE1",
    "LQ*HE*M15",
    "LQ*RX*75",
    "SVC*HC:J1100*50.5*50.5*0636*2.5",
    "DTM*150*20260115",
    "DTM*151*20260116",
    "CLP*PCN002*4*75*0**HM*ICN78",
    "CAS*CO*16*75",
    "NM1*QC*1*ROE*RICHARD",
    "PLB*1234567893*20261231*WO:ADJ1*-5",
]


def encoded(body: list[str] = BODY, end: str = "~") -> bytes:
    count = len(body) + 2
    segments = [ISA, "GS*HP*PAYER*PROVIDER*20260301*0600*1*X*005010X221A1", "ST*835*0001", *body]
    segments += [f"SE*{count}*0001", "GE*1*1", "IEA*1*000000001"]
    return (end.join(segments) + end).encode()


@pytest.fixture(scope="module")
def remittance() -> Remittance:
    return read_835(encoded())


def test_the_payment_is_read_from_its_header(remittance: Remittance) -> None:
    [payment] = remittance.payments.to_dicts()
    assert payment["payment_amount"] == Decimal("135.50")
    assert payment["paid_on"] == date(2026, 3, 1)
    assert payment["produced_on"] == date(2026, 2, 28)
    assert payment["trace_number"] == "EFT0001"
    assert (payment["payer_name"], payment["payee_id"]) == ("GOOD PAYER", "1234567893")


def test_claims_are_one_row_a_clp(remittance: Remittance) -> None:
    first, second = remittance.claims.to_dicts()
    assert (first["claim"], first["claim_id"], first["claim_status"]) == (1, "PCN001", "1")
    assert (first["charge"], first["paid"]) == (Decimal("150.50"), Decimal("130.50"))
    assert first["patient_responsibility"] == Decimal("8.00")
    assert (first["received_on"], first["service_from_on"]) == (date(2026, 2, 1), date(2026, 1, 15))
    assert (second["claim_id"], second["patient_responsibility"], second["paid"]) == ("PCN002", None, 0)
    # ISA, GS, ST, then the tenth segment of the body.
    assert first["segment"] == 13


def test_lines_have_their_procedure_dates_and_control_number(remittance: Remittance) -> None:
    one, two = remittance.lines.to_dicts()
    assert (one["claim"], one["line"], one["procedure"]) == (1, 1, "99213")
    assert [one[f"modifier_{n}"] for n in (1, 2, 3)] == ["25", "59", None]
    assert one["control"] == "LINE1"
    assert (one["service_from_on"], one["service_to_on"]) == (date(2026, 1, 15), date(2026, 1, 15))
    assert (two["line"], two["revenue_code"], two["paid_units"]) == (2, "0636", Decimal("2.500"))
    assert (two["service_from_on"], two["service_to_on"]) == (date(2026, 1, 15), date(2026, 1, 16))
    assert two["control"] is None


def test_every_triplet_of_an_adjustment_is_a_row(remittance: Remittance) -> None:
    rows = remittance.adjustments.select("claim", "line", "position", "group", "reason", "amount").rows()
    assert rows == [
        (1, None, 1, "OA", "23", Decimal("5.00")),
        (1, None, 2, "OA", "94", Decimal("-5.00")),
        (1, 1, 1, "CO", "45", Decimal("10.00")),
        (1, 1, 2, "CO", "253", Decimal("2.00")),
        (1, 1, 3, "PR", "1", Decimal("8.00")),
        (2, None, 1, "CO", "16", Decimal("75.00")),
    ]
    assert remittance.adjustments["quantity"].to_list()[4] == Decimal("1.500")


def test_remark_codes_come_from_claims_and_lines_without_those_of_pharmacies(remittance: Remittance) -> None:
    assert remittance.remarks.select("claim", "line", "code").rows() == [
        (1, None, "MA01"),
        (1, None, "N130"),
        (1, 1, "M15"),
    ]


def test_references_are_kept_with_their_qualifier(remittance: Remittance) -> None:
    assert remittance.references.select("line", "qualifier", "value").rows() == [
        (None, "EA", "MRN9"),
        (1, "6R", "LINE1"),
    ]
    assert not remittance.faults.height


@pytest.mark.parametrize("block_bytes", [120, 300, 700])
def test_blocks_of_any_size_read_the_same(remittance: Remittance, block_bytes: int) -> None:
    parts = list(read_835_blocks([encoded()], block_bytes=block_bytes))
    assert block_bytes > 400 or len(parts) > 1
    for name in (field.name for field in fields(Remittance)):
        joined = pl.concat([getattr(part, name) for part in parts])
        assert joined.equals(getattr(remittance, name)), name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (encoded().replace(b"ST*835", b"ST*837"), "SYN024"),
        (encoded().replace(b"LX*1~", b""), "SYN022"),
        (b"nothing of the kind", "SYN080"),
        (b"", "SYN080"),
        (encoded().replace(b"SVC*HC:99213:25:59*100*", b"SVC*HC:99213:25:59*x*"), "SYN054"),
        (encoded().replace(b"*20260301~", b"*20261301~"), "SYN055"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(content: bytes, code: str) -> None:
    found = read_835(content)
    assert code in found.faults["code"].to_list()


def test_an_amount_that_cannot_be_read_is_null_and_names_its_element() -> None:
    found = read_835(encoded().replace(b"SVC*HC:99213:25:59*100*", b"SVC*HC:99213:25:59*x*"))
    assert found.lines["charge"].to_list() == [None, Decimal("50.50")]
    assert found.faults.select("segment", "element").rows() == [(20, "SVC02")]


NO_LX = [segment for segment in BODY if segment != "LX*1"]


@pytest.mark.parametrize("block_bytes", [120, 300, 8 << 20])
def test_claims_without_an_lx_are_read_and_the_first_of_each_payment_is_a_finding(
    remittance: Remittance, block_bytes: int
) -> None:
    second = encoded(NO_LX).replace(b"000000001", b"000000002")
    parts = list(read_835_blocks([encoded(NO_LX) + second], block_bytes=block_bytes))
    read = Remittance.concat(parts)
    assert read.claims["batch"].to_list() == [None] * 4
    for name in ("claims", "lines", "adjustments", "remarks", "references"):
        one = getattr(read, name).filter(pl.col("payment") == 1).drop("segment", "batch", strict=False)
        assert one.equals(getattr(remittance, name).drop("segment", "batch", strict=False)), name
    # ISA, GS and ST come before the ninth segment of the body, the first CLP; a file has 36 segments.
    wanted = ["code", "segment", "segment_id", "loop", "detail"]
    assert read.faults.select(wanted).rows() == [
        ("SYN046", 12, "LX", "2000", "required around the claims"),
        ("SYN046", 47, "LX", "2000", "required around the claims"),
    ]
