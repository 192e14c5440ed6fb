"""One claim read value by value has the rows that the column-wise reader has."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from claimwright.engines.x12 import Records, cut_claim_blocks
from claimwright.engines.x12.claims837.one_claim import _Claim, read_one_claim, rows_of_batch
from claimwright.engines.x12.claims837.records import RecordError
from claimwright.engines.x12.claims837.single_values import UnusualRecordError

SAMPLES = Path(__file__).parents[3] / "samples"
USUAL = ("professional", "institutional", "dental", "secondary")
# A dependent, values of every kind, a note, adjustments, contacts: what the samples have little of.
CHANGES = (
    (b"CLM*", b"NTE*ADD*CALLED TWICE~CLM*"),
    (b"~LX*", b"~PWK*OZ*BM***AC*1234~LX*"),
    (b"~LX*", b"~NTE*ADD*SEEN TWICE~LX*"),
    (b"*TE*", b"*EM*"),
    (b"*TE*", b"*ZZ*"),
    (b"~SV1*", b"~SV1*HC:99213:25:59*-12.50*UN*0.5~SV1*"),
    (b"*D8*2", b"*RD8*20260101-2"),
    (b"*D8*2", b"*D8*9"),
    (b"~HI*", b"~HI*ABK:F200~HI*"),
    (b"*UN*", b"*UN*1.2345*"),
    (b"~NM1*", b"~NM1*QC*1*DOE~NM1*"),
    (b":", b""),
    (b"*", b"**"),
    (b"~", b"~\r\n"),
    (b"DOE", "DOÉ".encode()),
    (b"DOE", b"DO\xc9"),
    (b"DOE", b"DO\x1dE"),
)


def records_of(content: bytes) -> list[Records]:
    found = []
    for block in cut_claim_blocks([content]):
        records = block.reading(with_records=True).records
        assert records is not None
        found += [records.part(at, at + 1) for at in range(len(records))]
    return found


@pytest.mark.parametrize("kind", USUAL)
def test_claims_of_the_samples_are_read_value_by_value_as_by_columns(kind: str) -> None:
    records = records_of((SAMPLES / f"{kind}.837").read_bytes())[:15]
    usual = 0
    for each in records:
        expected = rows_of_batch(each)
        try:
            found = _Claim(each).rows()
            usual += 1
        except UnusualRecordError:
            found = expected
        assert found == expected
    # Otherwise this would compare the column-wise reader with itself.
    assert usual > 0.7 * len(records)


def test_a_changed_record_is_read_as_by_columns() -> None:
    dice = random.Random(17)
    texts = [
        each for kind in (*USUAL, "structural") for each in records_of((SAMPLES / f"{kind}.837").read_bytes())
    ]
    by_value = 0
    for _ in range(120):
        record = dice.choice(texts)
        [text] = record.texts
        for _ in range(dice.randint(1, 2)):
            text = changed(text, dice)
        same = Records([text], record.heading_bytes, record.provider_bytes)
        try:
            expected = rows_of_batch(same)
        except RecordError:
            with pytest.raises(RecordError):
                read_one_claim(same)
            continue
        try:
            assert _Claim(same).rows() == expected, text
            by_value += 1
        except UnusualRecordError:
            assert read_one_claim(same) == expected
    assert by_value > 15


def changed(text: bytes, dice: random.Random) -> bytes:
    """The text with a segment or an element dropped, doubled, moved or altered, behind the ISA."""
    head, body = text[:106], text[106:]
    parts = body.split(b"~")
    at = dice.randrange(len(parts))
    match dice.randrange(7):
        case 0:
            del parts[at]
        case 1:
            parts.insert(at, parts[at])
        case 2:
            parts.insert(at, parts.pop(dice.randrange(len(parts))))
        case 3:
            elements = parts[at].split(b"*")
            elements[dice.randrange(len(elements))] = dice.choice(
                [b"", b"1", b"-0", b"12.345", b"20260230", b"20260131", b"A:B:C", b"202601311200", b"X" * 40]
            )
            parts[at] = b"*".join(elements)
        case 4:
            parts[at] += dice.choice([b"*", b"*A", b":B", b"*A*B*C*D", b"^A"])
        case _:
            old, new = dice.choice(CHANGES)
            return head + body.replace(old, new, dice.randint(1, 3))
    return head + b"~".join(parts)
