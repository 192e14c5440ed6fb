"""The TA1 and the 999 that a receiver would return, created from the faults that we report.

`envelope_frame` collects from each block the values that an acknowledgement must repeat; `acknowledge`
combines them with the faults of the file. No value of a claim is repeated: IK404, the copy of a bad value,
stays empty.

Source: ASC X12.5 for the TA1, ASC X12C 005010X231A1 for the 999.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from claimwright.engines.x12.checks.envelope_rows import ENVELOPE_SCHEMA
from claimwright.engines.x12.checks.faults import BY_CODE, INTERCHANGE_ELEMENT_CODES

from .response import clean, codes_of, of_level, respond, segment

VERSION = "005010X231A1"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The acknowledgements of one interchange. Each text is a separate interchange."""

    control_number: str
    """ISA13 of the acknowledged interchange."""
    accepted: bool
    """Whether nothing was rejected: the interchange, its groups and all their transactions."""
    ta1: str
    implementation: str | None
    """The 999; None if the interchange itself was rejected, or has no group."""


def acknowledge(
    envelope: pl.DataFrame,
    faults: pl.DataFrame,
    *,
    as_of: datetime,
    control_number: int = 1,
    claims: pl.DataFrame | None = None,
) -> list[Acknowledgement]:
    """The acknowledgements of a file, one for each interchange in it, in order.

    `envelope` is the output of `envelope_frame` for all blocks, `faults` that of `check_structure`, with the
    stream's own faults. The returned interchanges are numbered from `control_number` and dated `as_of`. With
    `claims` (columns `claim` and `claim_id`), faults name the claim by the submitter's identifier (CLM01).
    Faults of severity `note` are not sent.
    """
    if not envelope.height:
        return []
    sent = faults.filter(pl.col("code").is_in(_reported_codes()))
    reported = _Faults(sent.sort("segment", maintain_order=True))
    rows: list[dict[str, Any]] = envelope.sort("segment").rows(named=True)
    heads = [number for number, row in enumerate(rows) if row["segment_id"] == "ISA"]
    if not heads or heads[0] > 0:
        # Without an ISA there is no address for an answer: the content is acknowledged as if it had an empty
        # ISA.
        rows.insert(0, {**dict.fromkeys(ENVELOPE_SCHEMA), "segment_id": "ISA", "segment": 0})
        heads = [number for number, row in enumerate(rows) if row["segment_id"] == "ISA"]
    ids = (
        dict(zip(claims["claim"].to_list(), claims["claim_id"].to_list(), strict=True))
        if claims is not None
        else {}
    )
    made: list[Acknowledgement] = []
    numbers = iter(range(control_number, control_number + 2 * len(heads)))
    for at, after in pairwise([*heads, len(rows)]):
        end = rows[after]["segment"] if after < len(rows) else None
        # Faults of the file as a whole have a position before the first segment.
        own = reported.between(rows[at]["segment"] if made else 0, end)
        made.append(_Answer(rows[at:after], own, as_of, ids).made(numbers))
    return made


def _reported_codes() -> list[str]:
    # That a claim is unreadable follows from faults that are reported separately.
    return [code for code, fault in BY_CODE.items() if fault.severity != "note" and code != "SYN090"]


def _interchange_codes() -> list[str]:
    return [code for code, fault in BY_CODE.items() if fault.ta1 is not None]


class _Faults:
    """Faults in file order; the faults of a range of segments are found by binary search."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.places = frame["segment"].to_numpy()

    def between(self, first: int, end: int | None) -> pl.DataFrame:
        """The faults from segment `first` up to, not including, segment `end`."""
        low = int(np.searchsorted(self.places, first))
        high = len(self.places) if end is None else int(np.searchsorted(self.places, end))
        return self.frame.slice(low, max(high - low, 0))


class _Answer:
    """The acknowledgement of one interchange, from its envelope rows and its faults."""

    def __init__(
        self, rows: list[dict[str, Any]], faults: pl.DataFrame, as_of: datetime, ids: dict[int, str]
    ) -> None:
        self.head = rows[0]
        self.rows = rows
        self.faults = _Faults(faults)
        self.as_of = as_of
        self.ids = ids

    def made(self, numbers: Iterator[int]) -> Acknowledgement:
        verdict, code = self._of_interchange()
        stated = [
            (self.head["control_number"] or "0").rjust(9, "0")[:9],
            self.head["date"] or "000101",
            self.head["time"] or "0000",
            verdict,
            code,
        ]
        ta1 = self._interchange([segment("TA1", *stated)], 0, next(numbers))
        segments: list[str] = []
        accepted = verdict != "R"
        groups = self._groups() if accepted else []
        ends = [*(group[0]["segment"] for group in groups[1:]), None]
        for ordinal, (group, end) in enumerate(zip(groups, ends, strict=False), 1):
            response, good = self._response(group, end, ordinal)
            segments += response
            accepted &= good
        return Acknowledgement(
            self.head["control_number"] or "",
            accepted,
            ta1,
            self._interchange(segments, len(groups), next(numbers)) if segments else None,
        )

    def _of_interchange(self) -> tuple[str, str]:
        """TA104 and TA105."""
        verdict, code = "A", "000"
        for row in self.faults.frame.filter(pl.col("code").is_in(_interchange_codes())).rows(named=True):
            fault = BY_CODE[row["code"]]
            element = row["element"] or ""
            own = INTERCHANGE_ELEMENT_CODES.get(int(element[3:5])) if element.startswith("ISA") else None
            rejects = fault.severity == "block"
            stated = own if own and fault.code == "SYN006" else fault.ta1 or "024"
            if verdict == "A" or (rejects and verdict == "E"):
                verdict, code = "R" if rejects else "E", stated
        return verdict, code

    def _groups(self) -> list[list[dict[str, Any]]]:
        """The envelope rows of each group, from GS on."""
        starts = [number for number, row in enumerate(self.rows) if row["segment_id"] == "GS"]
        return [self.rows[at:after] for at, after in pairwise([*starts, len(self.rows)])]

    def _response(self, group: list[dict[str, Any]], end: int | None, control: int) -> tuple[list[str], bool]:
        """The acknowledgement of one group, which ends before segment `end`, and whether all of it is
        accepted.
        """
        head = group[0]
        own = _Faults(self.faults.between(head["segment"], end))
        of_group = of_level(own.frame["code"].unique(maintain_order=True), "ak9")
        codes = codes_of(of_group, "ak9")
        rejected = any(fault.severity == "block" for fault in of_group)
        body = [segment("AK1", *(clean(head[name] or "") for name in ("kind", "control_number", "version")))]
        states = []
        sets = [number for number, row in enumerate(group) if row["segment_id"] == "ST"]
        for at, after in pairwise([*sets, len(group)]):
            # A transaction set ends where the next one begins, or where the group is closed.
            stops = [
                row["segment"]
                for row in group[at + 1 : after + 1]
                if row["segment_id"] in ("ST", "GE", "IEA")
            ]
            faults = own.between(group[at]["segment"], stops[0] if stops else end)
            said, state = respond(group[at], head["version"], faults.rows(named=True), self.ids)
            body += said
            states.append("R" if rejected else state)
        stated = next((row["count"] for row in group if row["segment_id"] == "GE"), None)
        state = _group_state(states, rejected=rejected)
        passed = sum(each != "R" for each in states)
        body.append(segment("AK9", state, len(sets) if stated is None else stated, len(sets), passed, *codes))
        names = (clean(head["receiver"] or "UNKNOWN"), clean(head["sender"] or "UNKNOWN"))
        return [
            segment("GS", "FA", *names, f"{self.as_of:%Y%m%d}", f"{self.as_of:%H%M}", control, "X", VERSION),
            segment("ST", "999", "0001", VERSION),
            *body,
            segment("SE", len(body) + 2, "0001"),
            segment("GE", 1, control),
        ], state in ("A", "E")

    def _interchange(self, segments: Iterable[str], groups: int, number: int) -> str:
        """The segments in an interchange from the receiver to the sender."""
        head = self.head
        parties = [
            clean(head[name] or default).ljust(size)[:size]
            for name, default, size in (
                ("receiver_qualifier", "ZZ", 2),
                ("receiver", "UNKNOWN", 15),
                ("sender_qualifier", "ZZ", 2),
                ("sender", "UNKNOWN", 15),
            )
        ]
        usage = head["usage"] if head["usage"] in ("P", "T") else "P"
        blank = " " * 10
        control = f"{number % 10**9:09d}"
        day, hour = f"{self.as_of:%y%m%d}", f"{self.as_of:%H%M}"
        isa = ["ISA", "00", blank, "00", blank, *parties, day, hour, "^", "00501", control, "0", usage, ":~"]
        return "".join(["*".join(isa), *segments, segment("IEA", groups, control)])


def _group_state(states: list[str], *, rejected: bool) -> str:
    """AK901 from the states of a group's transactions: A, E accepted with errors, P in part, R rejected."""
    if rejected or (states and all(state == "R" for state in states)):
        return "R"
    if "R" in states:
        return "P"
    return "E" if "E" in states else "A"
