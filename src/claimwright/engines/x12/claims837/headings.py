"""Writes the headings of transactions: ISA, GS, and the segments from ST to the receiver."""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import Any

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.guides.guide import guide_for_version
from claimwright.engines.x12.syntax.tokenizer import Delimiters
from claimwright.engines.x12.syntax.writing import ELEMENT, UnwritableError

from .layout import GUIDE_OF_FORM
from .templates import heading_templates, labels_of
from .transaction import claims_grammar

Heading = dict[str, Any]

# Elements of an ISA by their dictionary names, with their fixed widths (ASC X12.5).
_WIDTHS = {
    "authorization_qualifier": 2,
    "authorization_information": 10,
    "security_qualifier": 2,
    "security_information": 10,
    "interchange_sender_qualifier": 2,
    "interchange_sender_id": 15,
    "interchange_receiver_qualifier": 2,
    "interchange_receiver_id": 15,
    "interchange_created_at": 4,
    "interchange_control_number": 9,
    "acknowledgment_requested": 1,
    "usage_indicator": 1,
}
_MEANT = {
    "authorization_qualifier": "00",
    "security_qualifier": "00",
    "interchange_sender_qualifier": "ZZ",
    "interchange_receiver_qualifier": "ZZ",
    "interchange_created_at": "0000",
    "interchange_control_number": "1",
    "acknowledgment_requested": "0",
    "usage_indicator": "T",
}
_LOOPS = ("HEADER", "1000A", "1000B")


def interchange_header(heading: Heading, delimiters: Delimiters) -> bytes:
    """The ISA, including its terminator.

    Raises:
        UnwritableError: an element is longer than its width in an ISA.
    """
    element, component, repetition, terminator = delimiters.as_bytes()
    said = {name: heading[name] or _MEANT.get(name, "") for name in _WIDTHS}
    for name, width in _WIDTHS.items():
        if len(said[name]) > width:
            raise UnwritableError(f"transactions.{name} is longer than the {width} characters of an ISA")
    said["interchange_control_number"] = said["interchange_control_number"].rjust(9, "0")
    parts = ["ISA", *(said[name].ljust(width) for name, width in _WIDTHS.items())]
    created = heading["interchange_created_on"]
    parts.insert(9, created.strftime("%y%m%d") if created else "000101")
    parts[11:11] = [repetition.decode("latin-1"), "00501"]
    return element.join(part.encode("latin-1" if len(part) == 1 else "utf-8") for part in parts) + (
        element + component + terminator
    )


def group_header(heading: Heading, form: str) -> str:
    """The GS, its elements separated by `ELEMENT`."""
    created = heading["group_created_on"]
    return ELEMENT.join(
        [
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
    )


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
