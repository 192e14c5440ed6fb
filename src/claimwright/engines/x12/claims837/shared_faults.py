"""A fault in a shared segment is reported on every claim that depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.x12.syntax.loops import Structure
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments
from claimwright.foundation.columns import numbers, taken

from .layout import Domain, domain_of
from .row_index import RowIndex
from .transaction import claims_grammar

_PARENTS = (Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)


@dataclass(frozen=True)
class SharedFaults:
    """Faults of the levels that are still open at the end of a block, for the claims of the next."""

    open: dict[Domain, pl.DataFrame] = field(default_factory=dict)


def propagate_to_claims(
    faults: pl.DataFrame, segments: Segments, index: RowIndex, before: SharedFaults, *, first_claim: int
) -> tuple[pl.DataFrame, SharedFaults]:
    """The faults; those of billing provider, subscriber and patient levels are repeated for each claim below.

    A fault of a level without claims is unchanged, with no claim.
    """
    domain_at = _domains(faults, segments, index.structure)
    is_shared = np.isin(domain_at, _PARENTS)
    if not is_shared.any() and not before.open:
        return faults, before
    position = faults["segment"].to_numpy() - segments.first_number + segments.context
    parts, still_open = [taken(faults, np.flatnonzero(~is_shared))], {}
    for domain in _PARENTS:
        openers = index.opener[domain]
        below = _ClaimsBelow(_links(index, domain), first_claim)
        own = np.flatnonzero(domain_at == domain)
        row = np.searchsorted(openers, position[own], side="right") - 1
        parts.append(below.given(faults, own, row, kept=True))
        left = taken(faults, own[row == len(openers) - 1])
        earlier = before.open.get(domain)
        if earlier is not None and len(openers) and openers[0] < segments.context:
            # The last row of the previous block comes first here, as context.
            last_context = int((openers < segments.context).sum()) - 1
            every = np.arange(earlier.height)
            parts.append(below.given(earlier, every, np.full(earlier.height, last_context), kept=False))
            if last_context == len(openers) - 1:
                left = pl.concat([left, earlier])
        if left.height:
            still_open[domain] = left
    propagated = pl.concat([part for part in parts if part.height] or parts[:1])
    return propagated.sort("segment", "claim", maintain_order=True), SharedFaults(still_open)


class _ClaimsBelow:
    """The claims under each row of a domain, by `links`, the row of each claim."""

    def __init__(self, links: Ints, first_claim: int) -> None:
        self._order = np.argsort(links, kind="stable")
        self._links = links[self._order]
        self._first = first_claim

    def given(
        self, faults: pl.DataFrame, at: npt.NDArray[np.intp], row: npt.NDArray[np.intp], *, kept: bool
    ) -> pl.DataFrame:
        """The faults at these positions, once for each claim of their row; `kept` also if there is none."""
        low = np.searchsorted(self._links, row, side="left")
        count = np.searchsorted(self._links, row, side="right") - low
        count[row < 0] = 0
        times = np.maximum(count, 1) if kept else count
        begins = np.cumsum(times) - times
        place = np.repeat(low - begins, times) + np.arange(times.sum())
        has = np.repeat(count > 0, times)
        below = pl.Series(
            "claim", self._order[np.where(has, place, 0)] + self._first if len(self._order) else place
        )
        made = taken(faults, np.repeat(at, times))
        return made.with_columns(below.set(pl.Series(~has), None) if not has.all() else below)


def _domains(faults: pl.DataFrame, segments: Segments, structure: Structure) -> Ints:
    """For each fault without a claim, the domain of the loop of its segment; -1 for the others."""
    number, present = numbers(faults["segment"])
    place = number - segments.first_number + segments.context
    known = faults["claim"].is_null().to_numpy() & (number > 0)
    if present is not None:
        known &= present
    known &= (place >= segments.context) & (place < len(segments))
    loop = structure.loop[np.where(known, place, 0)] if len(segments) else np.zeros(len(faults), np.int32)
    by_loop = np.array([*(domain_of(each.name) for each in claims_grammar().loops), -1], dtype=np.int32)
    return np.where(known, by_loop[loop], np.int32(-1)).astype(np.int32)


def _links(index: RowIndex, domain: Domain) -> Ints:
    return {
        Domain.BILLING: index.claim_billing,
        Domain.SUBSCRIBER: index.claim_subscriber,
        Domain.PATIENT: index.claim_patient,
    }[domain]
