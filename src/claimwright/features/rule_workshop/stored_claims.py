"""The newest claims in production, to replay a rule over, and what payers answered to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.domain.findings import concat
from claimwright.engines.x12 import read_records
from claimwright.platform.database import Database
from claimwright.store.feedback import answers_to
from claimwright.store.production import newest_claims
from claimwright.store.sealed_claims import RECORDS_AT_ONCE, Opens, sealed_claims_of

from .denials import Outcome
from .replaying import ReplayBlock

_ANSWERED: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "line": pl.Int32(), "carc": pl.String(), "charge_cents": pl.Int64(),
    "paid_cents": pl.Int64(), "answered_on": pl.Date(),
}  # fmt: skip


class StoredClaims:
    """The newest claims of a caller's facilities, in blocks; nothing of them is kept.

    `outcomes` fills as the blocks are read: by claim number, whether a line was denied and why. A format
    error of a claim is not found again: it is of its file.
    """

    def __init__(
        self,
        caller: Caller,
        database: Database,
        opener: Opens,
        *,
        facilities: Sequence[str] | None,
        most: int,
    ) -> None:
        self._caller, self._database, self._opener = caller, database, opener
        self._facilities, self._most = facilities, most
        self.outcomes: dict[str, Outcome] = {}

    def blocks(self) -> Iterator[ReplayBlock]:
        """The claims, in order of key.

        Raises:
            PhiError: a record can't be opened.
        """
        with self._database.transaction(self._caller) as connection:
            keys = newest_claims(connection, facilities=self._facilities, limit=self._most)
        for first in range(0, len(keys), RECORDS_AT_ONCE):
            part = keys[first : first + RECORDS_AT_ONCE]
            with self._database.transaction(self._caller) as connection:
                sealed = sealed_claims_of(connection, part)
                answers = answers_to(connection, part, _ANSWERED)
            if not len(sealed):
                continue
            batch = read_records(sealed.opened(self._opener, self._caller.tenant))
            numbers = dict(zip(sealed.keys.tolist(), batch.claims["claim_id"], strict=True))
            for claim, carcs in answers.group_by("claim").agg(pl.col("carc").drop_nulls()).iter_rows():
                if (number := numbers.get(claim)) is not None:
                    self.outcomes[number] = Outcome(bool(carcs), frozenset(carcs))
            yield ReplayBlock(batch, concat([]))
