"""Writes the headings of transactions: ISA, GS, and the segments from ST to the receiver."""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import Any

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.guides.guide import guide_for_version
from claimwright.engines.x12.syntax.writing import ELEMENT, IsaElements

from .layout import GUIDE_OF_FORM
from .templates import heading_templates, labels_of
from .transaction import claims_grammar

Heading = dict[str, Any]

# Fields of an ISA by position.
ISA = {
    1: "authorization_qualifier",
    2: "authorization_information",
    3: "security_qualifier",
    4: "security_information",
    5: "interchange_sender_qualifier",
    6: "interchange_sender_id",
    7: "interchange_receiver_qualifier",
    8: "interchange_receiver_id",
    10: "interchange_created_at",
    13: "interchange_control_number",
    14: "acknowledgment_requested",
    15: "usage_indicator",
}
_LOOPS = ("HEADER", "1000A", "1000B")


def interchange_header(heading: Heading) -> IsaElements:
    """The elements of the ISA."""
    created = heading["interchange_created_on"]
    day = created.strftime("%y%m%d") if created else "000101"
    said = {position: (f"transactions.{name}", heading[name]) for position, name in ISA.items()}
    return {**said, 9: ("transactions.interchange_created_on", day)}


def group_header(heading: Heading, form: str) -> list[str]:
    """The tag and the elements of the GS."""
    created = heading["group_created_on"]
    return [
        "GS",
        "HC",
        heading["application_sender"] or heading["interchange_sender_id"] or "SENDER",
        heading["application_receiver"] or heading["interchange_receiver_id"] or "RECEIVER",
        f"{created:%Y%m%d}" if created else "20000101",
        heading["group_created_at"] or "0000",
        heading["group_control_number"] or "1",
        "X",
        heading["guide_version"] or _own_version(form),
    ]


def transaction_headers(batch: ClaimBatch, form: str) -> dict[int, list[str]]:
    """By transaction: its segments from ST to the receiver's NM1, elements separated by `ELEMENT`."""
    verbatim: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    kept = batch.segments.filter(pl.col("claim").is_null() & pl.col("transaction").is_not_null())
    for row in kept.sort("segment_name", "segment_place", maintain_order=True).iter_rows(named=True):
        place = row["transaction"], row["segment_loop"]
        verbatim[place].append((row["segment_name"], row["segment_text"]))
    parts = heading_templates(form)
    said = batch.transactions.select(
        pl.struct(label=part.label, text=pl.when(part.held()).then(part.text())).alias(str(place))
        for place, part in enumerate(parts)
    )
    made = {}
    rows = zip(batch.transactions.iter_rows(named=True), said.iter_rows(), strict=True)
    for heading, segments in rows:
        number = heading["transaction"]
        top: list[str] = []
        for loop in _LOOPS:
            orders = labels_of(form, loop)
            own = [(orders.get(name, len(orders)), text) for name, text in verbatim[number, loop]]
            names = {name for name, _ in verbatim[number, loop]}
            if loop == "HEADER":
                own += [
                    (place, text)
                    for place, (tag, text) in enumerate(_first_two(heading, form).items())
                    if not any(name.split("[")[0] == tag for name in names)
                ]
            own += [
                (part.order, each["text"])
                for part, each in zip(parts, segments, strict=True)
                if part.loop == loop and each["text"] is not None and each["label"] not in names
            ]
            top += [text for _, text in sorted(own, key=itemgetter(0))]
        made[number] = top
    return made


def _first_two(heading: Heading, form: str) -> dict[str, str]:
    """ST and BHT, by name."""
    created = heading["transaction_created_on"]
    st = ["ST", "837", heading["transaction_control_number"] or "0001", _version(heading, form)]
    bht = [
        "BHT",
        "0019",
        heading["transaction_purpose"] or "00",
        heading["batch_reference"] or "1",
        f"{created:%Y%m%d}" if created else "",
        heading["transaction_created_at"] or "",
        heading["transaction_type"] or "CH",
    ]
    return {"ST": ELEMENT.join(st), "BHT": ELEMENT.join(bht)}


def _version(heading: Heading, form: str) -> str:
    """The group's version if the form's guide has it, else the version that we write."""
    guide = guide_for_version(heading["guide_version"] or "")
    if guide is not None and guide.name == GUIDE_OF_FORM[form]:
        version: str = heading["guide_version"]
        return version
    return _own_version(form)


def _own_version(form: str) -> str:
    return claims_grammar().guides[claims_grammar().guide_number(GUIDE_OF_FORM[form])].writes
