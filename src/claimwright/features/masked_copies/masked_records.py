"""Masks sealed records: they are opened, masked, written as X12 and split into claims again."""

from __future__ import annotations

from dataclasses import dataclass

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.masking import Masker
from claimwright.engines.x12 import RecordError, read_records, write_837
from claimwright.features.intake import read_blocks
from claimwright.store.sealed_claims import Opens, SealedClaims

# A record that can't be read is empty in a copy; it is never copied unmasked.
_NOTHING = b""


@dataclass(frozen=True)
class Masked:
    """The masked record of a claim, and the values for its blind indexes; empty if it can't be read."""

    text: bytes
    heading_bytes: int
    provider_bytes: int
    own: bytes
    number: str | None

    @property
    def is_empty(self) -> bool:
        """Whether the claim could not be read or written."""
        return not self.text


_EMPTY = Masked(_NOTHING, 0, 0, _NOTHING, None)


def masked_records(masker: Masker, opener: Opens, tenant: str, claims: SealedClaims) -> list[Masked]:
    """The masked records of these sealed ones, in order; the record of an unreadable claim is empty."""
    if not len(claims):
        return []
    try:
        return _cut(masker.mask(read_records(claims.opened(opener, tenant))))
    except Exception:  # noqa: BLE001 - whatever is wrong with one claim, the others are masked
        if len(claims) == 1:
            return [_EMPTY]
    middle = len(claims) // 2
    return [
        each
        for half in (claims.part(0, middle), claims.part(middle, len(claims)))
        for each in masked_records(masker, opener, tenant, half)
    ]


def _cut(batch: ClaimBatch) -> list[Masked]:
    """The record of each claim of a masked batch.

    Raises:
        UnwritableError: the claims can't be written.
        RecordError: the written claims are read back differently.
    """
    found: list[Masked] = []
    again = []
    for reading in read_blocks([b"".join(write_837([batch], line_breaks=False))], with_records=True):
        records, claims = reading.records, reading.batch.claims
        assert records is not None
        again.append(claims.select("claim_id", "total_charge"))
        turns = claims["payer_responsibility"].fill_null("P").to_list()
        for text, heading, provider, own, number, turn in zip(
            records.texts, records.heading_bytes, records.provider_bytes, records.own_bytes,
            claims["claim_id"].to_list(), turns, strict=True,
        ):  # fmt: skip
            known_by = None if number is None else f"{number} {turn}"
            found.append(Masked(text, heading, provider, text[-own:], known_by))
    asked = batch.claims
    if [row for frame in again for row in frame.rows()] != asked.select("claim_id", "total_charge").rows():
        raise RecordError(f"{len(asked):,} masked records were read back as {len(found):,}")
    return found
