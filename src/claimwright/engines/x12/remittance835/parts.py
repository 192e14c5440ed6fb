"""A remittance in parts of some thousands of claims, so that writing it needs little memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from .remittance import Remittance, schemas

CLAIMS_AT_ONCE = 20_000


def parts_of(
    frames: Mapping[str, pl.LazyFrame], *, claims_at_once: int = CLAIMS_AT_ONCE
) -> Iterator[Remittance]:
    """The parts of a remittance whose frames are these, in order; frames that are not given are empty.

    A payment, with its header and its batches, is in the part of its first claim; its provider adjustments
    are in the part of its last one.
    """
    keys = frames["claims"].select("payment", "claim", "batch").collect() if "claims" in frames else None
    if keys is None or not keys.height:
        yield _part(frames, {name: pl.lit(True) for name in frames})
        return
    keys = keys.sort("claim")
    payment_before = batch_before = done_before = -1
    for first in range(0, keys.height, claims_at_once):
        own = keys.slice(first, claims_at_once)
        is_last = first + claims_at_once >= keys.height
        low, high = own["claim"][0], own["claim"][-1]
        payment: int = own["payment"][-1]
        batches: list[int] = own["batch"].drop_nulls().sort().tail(1).to_list()
        batch = batches[0] if batches else batch_before
        following = None if is_last else keys["payment"][first + claims_at_once]
        # A payment that the next part continues is not done.
        done = payment if following != payment else payment - 1
        opened = _between("payment", payment_before, None if is_last else payment)
        with_batch = pl.col("batch") > batch_before
        if not is_last:
            with_batch &= pl.col("batch") <= batch
        which = {}
        for name in frames:
            if name == "batches":
                which[name] = with_batch
            elif name == "provider_adjustments":
                which[name] = _between("payment", done_before, None if is_last else done)
            elif name == "faults":
                which[name] = pl.lit(first == 0)
            elif "claim" in schemas()[name]:
                of_heading = pl.col("claim").is_null() & opened
                which[name] = pl.col("claim").is_between(low, high) | of_heading
            else:
                which[name] = opened
        yield _part(frames, which)
        payment_before, done_before, batch_before = payment, done, batch


def _between(key: str, after: int, last: int | None) -> pl.Expr:
    return pl.col(key) > after if last is None else pl.col(key).is_between(after + 1, last)


def _part(frames: Mapping[str, pl.LazyFrame], which: Mapping[str, pl.Expr]) -> Remittance:
    return Remittance.of(**{name: frame.filter(which[name]).collect() for name, frame in frames.items()})
