"""Faults of what claims share, laid to each of them: a subscriber without an address spoils all of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from .anchors import Anchors, anchors_of
from .grammar import grammar
from .layout import Domain, domain_of
from .loops import Structure
from .tokenizer import Ints, Segments

_PARENTS = (Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)


@dataclass(frozen=True)
class Inheritance:
    """Faults of the levels that are still open at the end of a block, for the claims of the next."""

    open: dict[Domain, pl.DataFrame] = field(default_factory=dict)


def laid_to_claims(
    faults: pl.DataFrame, segments: Segments, structure: Structure, before: Inheritance, *, first_claim: int
) -> tuple[pl.DataFrame, Inheritance]:
    """The faults with those of billing provider, subscriber and patient levels once for each claim below.

    A fault of a level without claims stays as it is, with no claim.
    """
    domain_at = _domains(faults, segments, structure)
    if not np.isin(domain_at, _PARENTS).any() and not before.open:
        return faults, before
    anchors = anchors_of(segments, structure)
    shared = faults.filter(pl.Series(np.isin(domain_at, _PARENTS)))
    domains = domain_at[np.isin(domain_at, _PARENTS)]
    parts, still_open = [faults.filter(pl.Series(~np.isin(domain_at, _PARENTS)))], {}
    for domain in _PARENTS:
        own = shared.filter(pl.Series(domains == domain))
        made, left = _of_domain(own, segments, anchors, domain, before.open.get(domain), first_claim)
        parts.append(made.select(faults.columns))
        if left.height:
            still_open[domain] = left
    return pl.concat(parts).sort("segment", "claim", maintain_order=True), Inheritance(still_open)


def _of_domain(
    own: pl.DataFrame,
    segments: Segments,
    anchors: Anchors,
    domain: Domain,
    carried: pl.DataFrame | None,
    first: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The faults of one domain by claim, and those of its last row."""
    openers = anchors.opener[domain]
    claims = _links(anchors, domain)
    row = _row_of(own, segments, openers)
    placed = own.with_columns(row=pl.Series(row, dtype=pl.Int32))
    if carried is not None and len(openers) and openers[0] < segments.context:
        # The last row of the block before stands first here, as context.
        last_context = int((openers < segments.context).sum()) - 1
        placed = pl.concat(
            [placed, carried.with_columns(row=pl.lit(last_context, dtype=pl.Int32)).select(placed.columns)]
        )
        is_old = pl.Series([False] * own.height + [True] * carried.height)
    else:
        is_old = pl.Series([False] * own.height, dtype=pl.Boolean)
    heirs = pl.DataFrame(
        {"row": claims, "heir": np.arange(len(claims), dtype=np.int64) + first},
        schema_overrides={"row": pl.Int32},
    )
    joined = placed.with_columns(is_old=is_old).join(heirs, on="row", how="left", maintain_order="left")
    kept = joined.filter(pl.col("heir").is_not_null() | ~pl.col("is_old"))
    made = kept.with_columns(claim=pl.col("heir"))
    left = placed.filter(pl.col("row") == len(openers) - 1).drop("row")
    return made, left


def _domains(faults: pl.DataFrame, segments: Segments, structure: Structure) -> Ints:
    """For each fault without a claim the domain of the loop that its segment stands in; -1 for the others."""
    place = faults["segment"].fill_null(0).to_numpy() - segments.first_number + segments.context
    known = (faults["claim"].is_null() & (faults["segment"] > 0).fill_null(value=False)).to_numpy()
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


def _row_of(own: pl.DataFrame, segments: Segments, openers: Ints) -> Ints:
    """The row of the domain that each fault's segment stands in."""
    position = own["segment"].to_numpy() - segments.first_number + segments.context
    return (np.searchsorted(openers, position, side="right") - 1).astype(np.int32)
