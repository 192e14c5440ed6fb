"""Damaged files of any kind: nothing raises, findings point into the file, and neighbours are still read."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.engines.x12.acknowledgements.acknowledgement import acknowledge
from claimwright.engines.x12.checks.faults import BY_CODE
from claimwright.engines.x12.claims837.write import UnwritableError, write_837
from claimwright.features.intake import Reading, read_blocks
from claimwright_lab.sampling import SampleOptions, sample_batches

from .comparing import assert_same_claims, read, written
from .interchanges import claims, encoded

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
BASES = {
    **{form: encoded(claims(form)) for form in "PID"},
    "two": encoded(claims("P")) + encoded(claims("I")).replace(b"000000017", b"000000018"),
}
# What is put in the place of an element: empty, long, numbers that are none, delimiters, other segments'
# names, qualifiers that open other loops, bytes that are no UTF-8.
ODD = [
    b"", b" ", b"0", b"-1", b"1e9", b"9" * 30, b"X" * 2_000, b"*", b":", b"^", b"~", b"~~", b"NM1", b"HL",
    b"LX", b"CLM", b"20", b"22", b"23", b"85", b"IL", b"QC", b"P3", b"20261399", b"\xff\xfe", b"\x00",
    b"\x1c\x1d\x1e\x1f", b"005010X223A2", "名".encode(),
]  # fmt: skip
odd = st.sampled_from(ODD) | st.binary(max_size=12)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file without fault, damaged in one to four places."""
    data = BASES[draw(st.sampled_from(sorted(BASES)))]
    for _ in range(draw(st.integers(1, 4))):
        segments = data.split(b"~\n")
        place = st.integers(0, len(segments) - 1)
        at = draw(place)
        match draw(st.sampled_from(["flip", "delete", "double", "move", "element", "cut", "insert", "swap"])):
            case "flip" if data:
                position = draw(st.integers(0, len(data) - 1))
                data = data[:position] + bytes([draw(st.integers(0, 255))]) + data[position + 1 :]
                continue
            case "delete":
                del segments[at]
            case "double":
                segments.insert(draw(place), segments[at])
            case "move":
                segments.insert(draw(place), segments.pop(at))
            case "swap":
                other = draw(place)
                segments[at], segments[other] = segments[other], segments[at]
            case "element":
                elements = segments[at].split(b"*")
                elements[draw(st.integers(0, len(elements) - 1))] = draw(odd)
                segments[at] = b"*".join(elements)
            case "insert":
                segments.insert(at, b"*".join(draw(st.lists(odd, max_size=5))))
            case _:
                data = data[: draw(st.integers(0, len(data)))]
                continue
        data = b"~\n".join(segments)
    return data


def findings_of(readings: list[Reading]) -> pl.DataFrame:
    return pl.concat([reading.findings for reading in readings])


@settings(max_examples=60)
@given(data=mutated(), size=st.sampled_from([64, 700, 1 << 20]))
def test_no_damage_raises_and_every_finding_points_into_the_file(data: bytes, size: int) -> None:
    readings = list(read_blocks([data], block_bytes=size))
    found = findings_of(readings)
    # Whatever the damage makes the terminator, there are no more segments than bytes.
    assert found["segment"].is_between(0, data.count(data[105:106] or b"~") + data.count(b"\n") + 2).all()
    assert set(found["code"]) <= set(BY_CODE)
    known = {claim for reading in readings for claim in reading.batch.claims["claim"]}
    assert set(found["claim"].drop_nulls()) <= known, "a finding of a claim that is not there"
    acknowledge(
        pl.concat([reading.envelope for reading in readings]),
        pl.concat([reading.faults for reading in readings]),
        as_of=AS_OF,
    )


@settings(max_examples=40)
@given(data=mutated())
def test_where_a_damaged_file_is_cut_into_blocks_makes_no_difference(data: bytes) -> None:
    whole, cut = list(read_blocks([data])), list(read_blocks([data], block_bytes=300))
    columns = ["claim_id", "total_charge", "subscriber_name", "dependent_name", "billing_npi"]

    def told(readings: list[Reading]) -> list[tuple[object, ...]]:
        return pl.concat([reading.batch.claims.select(columns) for reading in readings]).rows()

    assert told(whole) == told(cut)


@settings(max_examples=40)
@given(data=mutated())
def test_what_is_read_of_a_damaged_file_is_written_and_read_again(data: bytes) -> None:
    batch = read(data)
    if not len(batch):
        return
    try:
        again = written(batch)
    except UnwritableError:
        return  # control characters that no delimiter is left for: it is said, and nothing is written
    assert read(again).claims["claim_id"].to_list() == batch.claims["claim_id"].to_list()
    assert read(again).lines.height == batch.lines.height


# --- neighbours ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many() -> tuple[list[bytes], list[slice]]:
    """Segments of a file of 30 claims; and where each claim lies, from CLM to the next level or claim."""
    options = SampleOptions(claims=30, seed=11, forms={"P": 1, "I": 1}, defect_rate=0.0)
    data = b"".join(write_837([batch for batch, _ in sample_batches(options)], line_breaks=False))
    segments = data.split(b"~")[:-1]
    starts = [at for at, text in enumerate(segments) if text.startswith(b"CLM*")]
    ends = [at for at, text in enumerate(segments) if text.split(b"*")[0] in (b"CLM", b"HL", b"SE")]
    return segments, [slice(at, next(end for end in ends if end > at)) for at in starts]


# Bytes that begin another claim, level or envelope make neighbours of their own.
_INSIDE = [each for each in ODD if each not in (b"~", b"~~", b"CLM", b"HL", b"*")]


@settings(max_examples=25)
@given(data=st.data())
def test_the_neighbours_of_a_damaged_claim_are_read_as_without_it(
    many: tuple[list[bytes], list[slice]], data: st.DataObject
) -> None:
    segments, places = many
    which = data.draw(st.integers(0, len(places) - 1))
    damaged = segments[places[which]]
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(1, len(damaged) - 1))
        match data.draw(st.sampled_from(["element", "delete", "double", "move", "insert"])):
            case "element":
                elements = damaged[at].split(b"*")
                elements[data.draw(st.integers(1, max(len(elements) - 1, 1))) :] = [
                    data.draw(st.sampled_from(_INSIDE))
                ]
                damaged[at] = b"*".join(elements)
            case "delete" if len(damaged) > 2:
                del damaged[at]
            case "double":
                damaged.insert(at, damaged[at])
            case "move":
                damaged.insert(data.draw(st.integers(1, len(damaged))), damaged.pop(at))
            case _:
                damaged.insert(
                    at, b"*".join([b"ZZZ", *data.draw(st.lists(st.sampled_from(_INSIDE), max_size=4))])
                )
    place = places[which]
    file = b"~".join([*segments[: place.start], *damaged, *segments[place.stop :]]) + b"~"
    whole, hurt = read(b"~".join(segments) + b"~"), read(file)
    assert len(hurt) == len(whole)
    others = [claim for claim in whole.claims["claim"] if claim != which + 1]
    assert_same_claims(whole.select(others), hurt.select(others))
