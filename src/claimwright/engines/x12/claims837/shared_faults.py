"""Faults of what claims share, laid to each of them: a subscriber without an address spoils all of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.x12.syntax.grammar import grammar
from claimwright.engines.x12.syntax.loops import Structure
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments
from claimwright.foundation.columns import numbers, taken

from .layout import Domain, domain_of
from .row_index import Anchors

_PARENTS = (Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)


@dataclass(frozen=True)
class Inheritance:
    """Faults of the levels that are still open at the end of a block, for the claims of the next."""

    open: dict[Domain, pl.DataFrame] = field(default_factory=dict)


def laid_to_claims(
    faults: pl.DataFrame, segments: Segments, anchors: Anchors, before: Inheritance, *, first_claim: int
) -> tuple[pl.DataFrame, Inheritance]:
    """The faults with those of billing provider, subscriber and patient levels once for each claim below.

    A fault of a level without claims stays as it is, with no claim.
    """
    domain_at = _domains(faults, segments, anchors.structure)
    is_shared = np.isin(domain_at, _PARENTS)
    if not is_shared.any() and not before.open:
        return faults, before
    position = faults["segment"].to_numpy() - segments.first_number + segments.context
    parts, still_open = [taken(faults, np.flatnonzero(~is_shared))], {}
    for domain in _PARENTS:
        openers = anchors.opener[domain]
        heirs = _Heirs(_links(anchors, domain), first_claim)
        own = np.flatnonzero(domain_at == domain)
        row = np.searchsorted(openers, position[own], side="right") - 1
        parts.append(heirs.given(faults, own, row, kept=True))
        left = taken(faults, own[row == len(openers) - 1])
        carried = before.open.get(domain)
        if carried is not None and len(openers) and openers[0] < segments.context:
            # The last row of the block before stands first here, as context.
            last_context = int((openers < segments.context).sum()) - 1
            every = np.arange(carried.height)
            parts.append(heirs.given(carried, every, np.full(carried.height, last_context), kept=False))
            if last_context == len(openers) - 1:
                left = pl.concat([left, carried])
        if left.height:
            still_open[domain] = left
    laid = pl.concat([part for part in parts if part.height] or parts[:1])
    return laid.sort("segment", "claim", maintain_order=True), Inheritance(still_open)


class _Heirs:
    """The claims under each row of a domain, by `links`, the row of each claim."""

    def __init__(self, links: Ints, first_claim: int) -> None:
        self._order = np.argsort(links, kind="stable")
        self._links = links[self._order]
        self._first = first_claim

    def given(
        self, faults: pl.DataFrame, at: npt.NDArray[np.intp], row: npt.NDArray[np.intp], *, kept: bool
    ) -> pl.DataFrame:
        """The faults at these places once for each claim of their row; `kept` also where there is none."""
        low = np.searchsorted(self._links, row, side="left")
        count = np.searchsorted(self._links, row, side="right") - low
        count[row < 0] = 0
        times = np.maximum(count, 1) if kept else count
        begins = np.cumsum(times) - times
        place = np.repeat(low - begins, times) + np.arange(times.sum())
        has = np.repeat(count > 0, times)
        heirs = pl.Series(
            "claim", self._order[np.where(has, place, 0)] + self._first if len(self._order) else place
        )
        made = taken(faults, np.repeat(at, times))
        return made.with_columns(heirs.set(pl.Series(~has), None) if not has.all() else heirs)


def _domains(faults: pl.DataFrame, segments: Segments, structure: Structure) -> Ints:
    """For each fault without a claim the domain of the loop that its segment stands in; -1 for the others."""
    number, present = numbers(faults["segment"])
    place = number - segments.first_number + segments.context
    known = faults["claim"].is_null().to_numpy() & (number > 0)
    if present is not None:
        known &= present
    known &= (place >= segments.context) & (place < len(segments))
    loop = structure.loop[np.where(known, place, 0)] if len(segments) else np.zeros(len(faults), np.int32)
    by_loop = np.array([*(domain_of(each.name) for each in grammar().loops), -1], dtype=np.int32)
    return np.where(known, by_loop[loop], np.int32(-1)).astype(np.int32)


def _links(anchors: Anchors, domain: Domain) -> Ints:
    return {
        Domain.BILLING: anchors.claim_billing,
        Domain.SUBSCRIBER: anchors.claim_subscriber,
        Domain.PATIENT: anchors.claim_patient,
    }[domain]
