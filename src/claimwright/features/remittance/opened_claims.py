"""The claims that a part of a remittance is about, opened once: to be matched, billed on, and priced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.features.prediction import opened_batch
from claimwright.foundation.overlap import spread
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import RECORDS_AT_ONCE, Opens, SealedClaims, sealed_claims_of

from .writes import Writes


@dataclass
class OpenedClaims:
    """Claims by key. What was opened before is not opened again, as long as this is kept.

    `writes` are those of the same connection.
    """

    caller: Caller
    connection: Connection
    opener: Opens
    writes: Writes = field(default_factory=Writes)
    _batches: list[ClaimBatch] = field(default_factory=list)
    _asked: set[int] = field(default_factory=set)
    _sealed: list[SealedClaims] = field(default_factory=list)

    def of(self, keys: Iterable[int]) -> list[ClaimBatch]:
        """Batches in which the claims with these keys are, with others; `claim` is the key.

        Raises:
            PhiError: a record can't be opened.
        """
        wanted = set(keys)
        if self._sealed:
            self._batches += spread(self._opened, self._sealed)
            self._sealed.clear()
        missing = sorted(wanted - self._asked)
        if missing:
            self.writes.wait()
            self._batches += self._open(missing)
            self._asked.update(missing)
        among = pl.Series(sorted(wanted), dtype=pl.Int64).implode()
        return [each for each in self._batches if each.claims["claim"].is_in(among).any()]

    def fetch(self, keys: Iterable[int]) -> None:
        """Read the records of these claims; they are opened when one of them is asked for."""
        missing = sorted(set(keys) - self._asked)
        if missing:
            self.writes.wait()
            self._sealed += self._read(missing)
            self._asked.update(missing)

    def only(self, keys: Iterable[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The claims with these keys, in order of key, and their lines."""
        wanted = sorted(set(keys))
        chosen = pl.col("claim").is_in(pl.Series(wanted, dtype=pl.Int64).implode())
        batches = self.of(wanted) or [ClaimBatch()]
        claims = pl.concat([each.claims.filter(chosen) for each in batches], how="diagonal_relaxed")
        lines = pl.concat([each.lines.filter(chosen) for each in batches], how="diagonal_relaxed")
        return _in_order(claims), _in_order(lines)

    def _open(self, keys: Sequence[int]) -> list[ClaimBatch]:
        # The next records are read while the last ones are opened, by one thread at a time.
        found = self._read(keys)
        opened = map(self._opened, found) if len(keys) <= RECORDS_AT_ONCE else spread(self._opened, found)
        return list(opened)

    def _read(self, keys: Sequence[int]) -> Iterator[SealedClaims]:
        parts = (keys[first : first + RECORDS_AT_ONCE] for first in range(0, len(keys), RECORDS_AT_ONCE))
        return (sealed_claims_of(self.connection, part) for part in parts)

    def _opened(self, sealed: SealedClaims) -> ClaimBatch:
        """The frames that are used here: a block of a remittance is about thousands of claims."""
        batch = opened_batch(self.caller, self.opener, sealed)
        return ClaimBatch(
            transactions=batch.transactions,
            claims=batch.claims,
            lines=batch.lines,
            other_payers=batch.other_payers,
        )


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """By claim; nearly always it is so already, and has hundreds of columns."""
    return frame if frame["claim"].is_sorted() else frame.sort("claim", maintain_order=True)
