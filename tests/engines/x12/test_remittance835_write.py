"""An 835 written from frames reads to the same frames."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from claimwright.engines.x12 import (
    Delimiters,
    Remittance,
    UnwritableError,
    parts_of,
    read_835,
    read_835_blocks,
    write_835,
)

from .test_remittance835 import BODY, ISA, encoded

# Worked by hand: claims paid 130.5 + 0 - 40 + 0 = 90.5, provider adjustments -5 + 3 - 1 - 2.5 = -5.5.
RICH = [
    BODY[0].replace("135.5", "96"),
    *BODY[1:-1],
    "CLP*PCN003*22*-40*-40**HM*ICN79*13*7**470*1.2345*0.5",
    "NM1*QC*1*POE*ANN*B**JR*MI*M1",
    "NM1*IL*1*POE*OLD****MI*M2",
    "NM1*74*1*POE*ANNE****C*M3",
    "NM1*82*2*GROUP PRACTICE*****XX*1234567893",
    "NM1*TT*2*NEXT PAYER*****PI*P9",
    "NM1*PR*2*RIGHT PAYER*****PI*P8",
    "NM1*GB*1*SOMEBODY*ELSE****MI*M4",
    "MIA*3*1.5***MA01*2******3***4*5***6*MA02*MA03",
    "MOA*0.85*10*MA04",
    "REF*EA*MRN",
    "REF*1C*OLDID",
    "DTM*036*20261231",
    "PER*CX*HELP*TE*8005550100*EX*12",
    "AMT*AU*40",
    "AMT*I*1.25",
    "QTY*CA*3",
    "SVC*HC:99214:25*-40*-40*0510*-1*HC:99215:25::::AS BILLED*-2",
    "DTM*472*20260116",
    "REF*6R*L9",
    "REF*HPI*1234567893",
    "REF*0K*POLICY",
    "AMT*B6*-40",
    "QTY*ZK*2",
    "LQ*RX*75",
    "LX*2",
    "TS3*PROV2*13*20261231*1*75*" + "*" * 7 + "1**2",
    "TS2*" + "*".join(str(n) for n in range(1, 20)),
    "CLP*PCN004*4*75*0**HM*ICN80",
    "CAS*CO*16*75",
    "NM1*QC*1*ROE",
    "PLB*1234567893*20261231*WO:ADJ1*-5*72:ADJ2*3*CS*-1",
    "PLB*1234567893*20251231*L6*-2.5",
]


def same(one: Remittance, other: Remittance) -> list[str]:
    """The frames that differ, faults aside."""
    names = [field.name for field in fields(Remittance) if field.name != "faults"]
    return [name for name in names if not getattr(one, name).equals(getattr(other, name))]


@pytest.fixture(scope="module")
def rich() -> Remittance:
    return read_835(encoded(RICH))


def test_what_is_read_is_written_and_read_again(rich: Remittance) -> None:
    text = b"".join(write_835(rich, line_breaks=False))
    assert same(read_835(text), rich) == []
    assert not rich.faults.height, rich.faults
    assert rich.inpatient["cost_report_days"].to_list() == [4]
    assert rich.claims["drg_weight"].to_list()[2] == Decimal("1.234500")
    assert rich.pharmacy_codes["code"].to_list() == ["75", "75"]
    # The same segments in the same order; only the interchange says what is not kept: see the module.
    assert text == encoded(RICH)


def test_parts_are_written_as_the_whole(rich: Remittance) -> None:
    whole = b"".join(write_835(rich))
    blocks = read_835_blocks([encoded(RICH)], block_bytes=150)
    assert b"".join(write_835(blocks)) == whole
    frames = {field.name: getattr(rich, field.name).lazy() for field in fields(Remittance)}
    parts = list(parts_of(frames, claims_at_once=2))
    assert len(parts) == 2
    assert b"".join(write_835(parts)) == whole


def test_several_payments_and_interchanges_keep_their_envelopes() -> None:
    other = encoded().replace(b"000000001", b"000000002").replace(b"EFT0001", b"EFT0002")
    two = read_835(encoded(RICH) + other)
    again = read_835(b"".join(write_835(two)))
    assert same(again, two) == []
    assert again.payments["interchange_control_number"].to_list() == ["000000001", "000000002"]
    assert again.faults["code"].to_list() == two.faults["code"].to_list()


def test_a_remittance_made_by_hand_is_written_by_its_columns_alone() -> None:
    made = Remittance.of(
        payments=pl.DataFrame(
            {
                "payment": [1],
                "payment_amount": [Decimal(80)],
                "paid_on": [date(2026, 3, 1)],
                "trace_number": ["T1"],
                "payer_name": ["GOOD PAYER"],
                "payee_name": ["CLINIC"],
                "payee_npi": ["1234567893"],
                "payee_tax_id": ["999999999"],
                "produced_on": [date(2026, 3, 2)],
            }
        ),
        claims=pl.DataFrame(
            {
                "payment": [1],
                "claim": [1],
                "claim_id": ["PCN001"],
                "claim_status": ["1"],
                "charge": [Decimal(100)],
                "paid": [Decimal(80)],
                "claim_filing": ["MB"],
                "payer_claim_number": ["ICN1"],
                "patient_last_name": ["DOE"],
                "received_on": [date(2026, 2, 1)],
                "interest": [Decimal(1)],
                "rendering_npi": ["1234567893"],
            }
        ),
        lines=pl.DataFrame(
            {
                "payment": [1, 1],
                "claim": [1, 1],
                "line": [1, 2],
                "procedure_qualifier": ["HC", "HC"],
                "procedure": ["99213", "99214"],
                "charge": [Decimal(60), Decimal(40)],
                "paid": [Decimal(60), Decimal(20)],
                "service_from_on": [date(2026, 1, 15), date(2026, 1, 15)],
                "service_to_on": [date(2026, 1, 15), date(2026, 1, 16)],
                "control": ["L1", "L2"],
                "allowed": [Decimal(60), Decimal(20)],
            }
        ),
        adjustments=pl.DataFrame(
            {
                "payment": [1],
                "claim": [1],
                "line": [2],
                "position": [1],
                "group": ["CO"],
                "reason": ["45"],
                "amount": [Decimal(20)],
            }
        ),
        remarks=pl.DataFrame({"payment": [1, 1], "claim": [1, 1], "line": [None, 2], "code": ["MA01", "N1"]}),
    )
    read = read_835(b"".join(write_835(made)))
    [claim], [one, two] = read.claims.to_dicts(), read.lines.to_dicts()
    assert (claim["received_on"], claim["interest"]) == (date(2026, 2, 1), Decimal("1.00"))
    assert (claim["rendering_id_qualifier"], claim["rendering_npi"]) == ("XX", "1234567893")
    assert (one["service_to_on"], two["service_to_on"]) == (date(2026, 1, 15), date(2026, 1, 16))
    assert (two["control"], two["allowed"]) == ("L2", Decimal("20.00"))
    assert read.remarks.select("line", "code").rows() == [(None, "MA01"), (2, "N1")]
    [payment] = read.payments.to_dicts()
    assert (payment["payee_npi"], payment["payee_tax_id"]) == ("1234567893", "999999999")
    assert payment["produced_on"] == date(2026, 3, 2)
    # Only what the payer's address and contacts would have said is missing.
    assert set(read.faults["segment_id"]) <= {"N3", "PER", "TRN", "N4"}


def test_a_value_that_contains_a_delimiter_gets_other_delimiters(rich: Remittance) -> None:
    starred = replace(rich, claims=rich.claims.with_columns(patient_last_name=pl.lit("A*B~C")))
    again = read_835(b"".join(write_835(starred)))
    assert again.claims["patient_last_name"].unique().to_list() == ["A*B~C"]


def test_a_control_number_that_contains_a_delimiter_gets_other_delimiters(rich: Remittance) -> None:
    starred = replace(rich, payments=rich.payments.with_columns(transaction_control_number=pl.lit("00*1")))
    again = read_835(b"".join(write_835(starred)))
    assert again.payments["transaction_control_number"].to_list() == ["00*1"]


@pytest.mark.parametrize(
    ("column", "value"), [("interchange_control_number", "1234567890"), ("interchange_usage", "TP")]
)
def test_what_is_longer_than_its_width_in_an_isa_is_refused(
    rich: Remittance, column: str, value: str
) -> None:
    long = replace(rich, payments=rich.payments.with_columns(pl.lit(value).alias(column)))
    with pytest.raises(UnwritableError, match=rf"payments\.{column}"):
        list(write_835(long))


def test_no_segment_is_followed_by_two_line_breaks(rich: Remittance) -> None:
    delimiters = Delimiters(ord("*"), ord(":"), ord("^"), ord("\n"))
    assert b"\n\n" not in b"".join(write_835(rich, delimiters=delimiters))


def test_control_characters_that_stand_for_delimiters_are_refused(rich: Remittance) -> None:
    odd = replace(rich, claims=rich.claims.with_columns(patient_last_name=pl.lit("A\x1dB")))
    with pytest.raises(UnwritableError, match=r"claims\.patient_last_name"):
        list(write_835(odd))


def test_claims_of_a_payment_that_is_not_there_are_refused(rich: Remittance) -> None:
    with pytest.raises(UnwritableError, match="payment"):
        list(write_835(replace(rich, payments=rich.payments.clear())))


def test_an_unknown_frame_or_column_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no frame other"):
        Remittance.of(other=pl.DataFrame())
    with pytest.raises(ValueError, match="no column other"):
        Remittance.of(claims=pl.DataFrame({"other": [1]}))


def test_the_header_is_the_one_of_the_file() -> None:
    assert b"".join(write_835(read_835(encoded()))).startswith(ISA.encode())
