"""What is written of claims that did not come from an 837: frames that somebody made or changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Kind, Level
from claimwright.engines.x12.claims837.templates import Slot, Template, templates

from .comparing import assert_same_claims, read, written
from .interchanges import claims, encoded, faults_of, recounted

each_form = pytest.mark.parametrize("form", ["P", "I", "D"])
_VALUES = {
    Kind.TEXT: "A1",
    Kind.CODE: "B2",
    Kind.DATE: date(2026, 1, 2),
    Kind.TIME: "1105",
    Kind.AMOUNT: Decimal("3.50"),
    Kind.QUANTITY: Decimal("2.5"),
    Kind.INTEGER: 4,
}


def repeated(batch: ClaimBatch, count: int) -> ClaimBatch:
    """The first claim of a batch so many times, numbered from 1."""
    one = batch.select([1])
    numbers = pl.DataFrame({"claim": range(1, count + 1)}, schema={"claim": pl.Int64})
    frames = {}
    for level, frame in one.frames().items():
        if "claim" in frame.columns:
            frame = frame.drop("claim").join(numbers, how="cross").select(frame.columns).sort("claim")
        frames[level] = frame
    return ClaimBatch.of(frames)


def told(template: Template, slot: Slot) -> object:
    """A value for a field: one of the guide's codes where it has a list of them."""
    if slot.element >= 0:
        spec = template.node.elements[slot.element]
        spec = spec.components[slot.component - 1] if slot.component else spec
        if spec.codes and slot.kind in (Kind.TEXT, Kind.CODE):
            return spec.codes[0]
    return _VALUES[slot.kind]


def alone(form: str, level: Level) -> list[tuple[Template, list[str]]]:
    """The segments that stand behind the one that opens their loop, with the fields of that one."""
    openers = {
        (each.loop, each.occurrence): each.names
        for each in templates(form)
        if each.opens and each.level is level and not each.is_each_row
    }
    return [
        (each, openers[each.loop, each.occurrence])
        for each in templates(form)
        if each.level is level and not each.opens and (each.loop, each.occurrence) in openers
    ]


@each_form
@pytest.mark.parametrize("level", [Level.CLAIM, Level.LINE])
def test_what_is_known_of_a_party_without_its_name_stays_with_that_party(form: str, level: Level) -> None:
    cases = alone(form, level)
    batch = repeated(read(encoded(claims(form))), len(cases))
    frame = batch.frame(level)
    values: dict[str, pl.Expr] = {name: pl.col(name) for name in frame.columns}
    for number, (template, opener) in enumerate(cases, start=1):
        here = pl.col("claim") == number
        for name in opener:
            values[name] = pl.when(~here).then(values[name])
        for slot in template.slots:
            if slot.channel == "EX" and template.node.max_use == 1:
                continue  # one PER has room for three numbers
            value = pl.lit(told(template, slot), dtype=frame.schema[slot.name])
            values[slot.name] = pl.when(here).then(value).otherwise(values[slot.name])
    changed = ClaimBatch.of({**batch.frames(), level: frame.with_columns(**values)})
    assert len(cases) > 3
    assert_same_claims(changed, read(written(changed)))


@each_form
def test_a_line_without_a_number_gets_its_place(form: str) -> None:
    batch = read(encoded(claims(form)))
    unnumbered = ClaimBatch.of(
        {**batch.frames(), Level.LINE: batch.lines.with_columns(assigned_number=pl.lit(None, pl.Int32))}
    )
    data = written(unnumbered)
    assert faults_of(data).rows() == []
    again = read(data)
    assert again.lines["assigned_number"].to_list() == [1, 2, 1, 2]
    assert_same_claims(unnumbered, again, but=["assigned_number"])


@each_form
@pytest.mark.parametrize(
    ("level", "loop"), [(Level.CLAIM, "2300"), (Level.OTHER_PAYER, "2320"), (Level.ADJUDICATION, "2430")]
)
def test_a_row_without_any_value_is_still_a_row(form: str, level: Level, loop: str) -> None:
    payers = [
        "SBR*S*18*******CI", "OI***Y***Y", "NM1*IL*1*DOE*JOHN****MI*W000000001", "NM1*PR*2*OTHER*****PI*9",
    ]  # fmt: skip
    segments = claims(form)
    at = next(number for number, text in enumerate(segments) if text.startswith("LX*1"))
    segments[at:at] = payers
    at = next(number for number, text in enumerate(segments) if text.startswith("LX*2"))
    segments[at:at] = ["SVD*9*80*HC:99213**1", "DTP*573*D8*20260101"]
    batch = read(encoded(segments))
    assert (batch.other_payers.height, batch.line_adjudications.height) == (1, 1)
    [opener] = [each for each in templates(form) if each.loop == loop and each.opens]
    nothing = {name: pl.lit(None) for name in opener.names}
    frame = batch.frame(level).with_columns(**nothing).cast(dict(batch.frame(level).schema))
    changed = ClaimBatch.of({**batch.frames(), level: frame})
    assert_same_claims(changed, read(written(changed)))


def test_what_is_carried_of_the_submitter_stands_before_its_contact() -> None:
    segments = claims()
    at = next(number for number, text in enumerate(segments) if text.startswith("NM1*41"))
    segments[at] = "NM1*41*2*BILLING SERVICE*****46*ABC123*72"
    batch = read(encoded(segments))
    again = written(batch)
    assert again.index(b"NM1*41") < again.index(b"PER*IC*HELP")
    assert_same_claims(batch, read(again))


_REFERENCES = {
    "DN": ["NM1*DN*1*REFERRING*RITA****XX*1234567893", "REF*0B*LICENCE-DN", "REF*1G*UPIN-DN"],
    "P3": ["NM1*P3*1*PRIMARY*PAT****XX*1679576722", "REF*0B*LICENCE-P3", "REF*G2*OTHER-P3"],
}


_PARTS = {"DN": ("license", "upin"), "P3": ("license", "commercial_id")}


@pytest.mark.parametrize("order", [("DN", "P3"), ("DN",), ("P3",)])
@pytest.mark.parametrize(
    ("form", "level", "before", "prefix"),
    [
        ("P", Level.CLAIM, "NM1*82", ""),
        ("D", Level.CLAIM, "NM1*82", ""),
        ("P", Level.LINE, "LX*2", "line_"),
    ],
)
def test_references_of_a_primary_care_provider_are_its_own(
    form: str, level: Level, before: str, prefix: str, order: tuple[str, ...]
) -> None:
    segments = claims(form)
    at = next(number for number, text in enumerate(segments) if text.startswith(before))
    segments[at:at] = [text for party in order for text in _REFERENCES[party]]
    segments = recounted(segments)
    assert faults_of(encoded(segments)).rows() == []
    batch = read(encoded(segments))
    row = batch.frame(level).row(0, named=True)
    for party, name in (("DN", "referring"), ("P3", "primary_care")):
        held = [row[f"{prefix}{name}_{part}"] for part in ("npi", *_PARTS[party])]
        told = [text.rsplit("*", 1)[1] for text in _REFERENCES[party]]
        assert held == (told if party in order else [None, None, None])
    other = {"DN": "referring_commercial_id", "P3": "primary_care_upin"}
    assert [row[prefix + other[party]] for party in order] == [None] * len(order)
    again = written(batch)
    assert_same_claims(batch, read(again))
    # In the file that is written each reference stands behind the provider whose it is.
    texts = again.decode().replace("\n", "").split("~")
    for party in order:
        place = texts.index(_REFERENCES[party][0])
        assert texts[place : place + 3] == _REFERENCES[party]
