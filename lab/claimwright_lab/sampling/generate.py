"""Synthetic claims as batches, each with the labels of the defects that are planted in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level, schema

from . import claims, secondary
from .defects import Draft, plant
from .draws import Draws, Whole
from .lines import Frames
from .plan import DEFAULT_SECONDARY_PERCENT, plan

# Codes and prices of the catalogue all hold on this day and in the half year before it. It is fixed, so
# that a seed makes the same file whenever it is run.
DEFAULT_AS_OF = date(2025, 9, 15)
# In a hundred claims of a clearinghouse's day.
DEFAULT_FORMS: Mapping[str, int] = {"P": 84, "I": 11, "D": 5}
DEFAULT_DEFECT_RATE = 0.15

# Memory holds one of these blocks and no more.
BLOCK_CLAIMS = 20_000
# The guides ask for at most 5,000 claims in a transaction set (005010X222A1, ST).
TRANSACTION_CLAIMS = 5_000
_FEWEST_PROVIDERS, _MOST_PROVIDERS, _CLAIMS_OF_PROVIDER = 2, 250, 20
VERSIONS = {"P": "005010X222A1", "I": "005010X223A2", "D": "005010X224A2"}


@dataclass(frozen=True)
class SampleOptions:
    """What to make. The same options make the same claims, to the byte.

    Attributes:
        claims: how many.
        seed: which of all the possible samples.
        forms: shares of professional (P), institutional (I) and dental (D) claims.
        defect_rate: share of the claims in which a defect is planted, from 0 to 1.
        as_of: the day on which the file is made; services lie before it.
        kinds: the kinds of defects to plant; None for all.
        secondary_percent: in how many of a hundred claims that could be to a second payer they are.
    """

    claims: int
    seed: int = 0
    forms: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_FORMS))
    defect_rate: float = DEFAULT_DEFECT_RATE
    as_of: date = DEFAULT_AS_OF
    kinds: frozenset[str] | None = None
    secondary_percent: int = DEFAULT_SECONDARY_PERCENT

    def __post_init__(self) -> None:
        """Raise ValueError where an option makes no sense."""
        if self.claims < 0:
            raise ValueError("claims: a whole number, 0 or more")
        if not 0 <= self.seed < 2**32:
            raise ValueError("seed: a whole number from 0 to 4,294,967,295")
        if not self.forms or set(self.forms) - set(VERSIONS) or min(self.forms.values()) < 0:
            raise ValueError("forms: shares of P, I and D, such as P=80,I=15,D=5")
        if not sum(self.forms.values()):
            raise ValueError("forms: at least one form needs a share above 0")
        if not 0 <= self.defect_rate <= 1:
            raise ValueError("defect_rate: from 0 to 1")


def clean_batches(options: SampleOptions) -> Iterator[Frames]:
    """Blocks of claims without any defect, as the frames of a batch, not yet complete with every column."""
    providers = min(max(options.claims // _CLAIMS_OF_PROVIDER, _FEWEST_PROVIDERS), _MOST_PROVIDERS)
    transaction = 1
    for first in range(0, options.claims, BLOCK_CLAIMS):
        owners = np.arange(first, min(first + BLOCK_CLAIMS, options.claims), dtype=np.int64)
        frames, opened = _block(options, owners, transaction, providers)
        transaction += opened
        yield frames


def _block(options: SampleOptions, owners: Whole, transaction: int, providers: int) -> tuple[Frames, int]:
    """The frames of one block, and how many transactions it takes."""
    letters = sorted(options.forms, key=list(VERSIONS).index)
    chosen = Draws(options.seed, owners).one_of("form", [options.forms[letter] for letter in letters])
    parts: list[Frames] = []
    headings: list[pl.DataFrame] = []
    ordinal = int(owners[0]) + 1
    opened = 0
    for number, form in enumerate(letters):
        mine = owners[chosen == number]
        if not len(mine):
            continue
        made = plan(
            form,
            options.seed,
            mine,
            as_of=options.as_of,
            providers=providers,
            secondary_percent=options.secondary_percent,
        )
        ordinals = np.arange(ordinal, ordinal + len(mine), dtype=np.int64)
        ordinal += len(mine)
        frames = claims.frames(made, ordinals)
        secondary.add(made, ordinals, frames)
        count = -(-len(mine) // TRANSACTION_CLAIMS)
        first = transaction + opened
        number_of = pl.Series(first + np.arange(len(mine)) // TRANSACTION_CLAIMS)
        frames[Level.CLAIM] = frames[Level.CLAIM].with_columns(transaction=number_of)
        headings.append(_headings(options, form, np.arange(first, first + count)))
        opened += count
        parts.append(frames)
    joined = {
        level: pl.concat([part[level] for part in parts if level in part], how="diagonal_relaxed")
        for level in dict.fromkeys(level for part in parts for level in part)
    }
    joined[Level.TRANSACTION] = pl.concat(headings)
    return {level: typed(frame, level) for level, frame in joined.items()}, opened


def typed(frame: pl.DataFrame, level: Level) -> pl.DataFrame:
    """The frame with the dictionary's types."""
    wanted = schema(level)
    return frame.with_columns(
        pl.col(name).cast(wanted[name]) for name, dtype in frame.schema.items() if dtype != wanted[name]
    )


def _headings(options: SampleOptions, form: str, numbers: Whole) -> pl.DataFrame:
    number = pl.Series("transaction", numbers)
    control = number.cast(pl.String).str.zfill(9)
    constants = {
        "authorization_qualifier": "00",
        "security_qualifier": "00",
        "interchange_sender_qualifier": "ZZ",
        "interchange_sender_id": "SYNTHETICSENDER",
        "interchange_receiver_qualifier": "ZZ",
        "interchange_receiver_id": "SAMPLERECEIVERS",
        "interchange_created_at": "0600",
        "interchange_control_number": f"{options.seed % 10**9:09d}",
        "acknowledgment_requested": "0",
        # T: nobody may take these claims for real ones.
        "usage_indicator": "T",
        "application_sender": "SYNTHETICSENDER",
        "application_receiver": "SAMPLERECEIVERS",
        "group_created_at": "0600",
        "guide_version": VERSIONS[form],
        "transaction_purpose": "00",
        "transaction_created_at": "0600",
        "transaction_type": "CH",
        "submitter_entity_type": "2",
        "submitter_name": "SYNTHETIC SUBMITTER",
        "submitter_id_qualifier": "46",
        "submitter_id": "SYNSUB",
        "submitter_contact_name": "TEST DESK",
        "submitter_contact_phone": "2175550100",
        "receiver_entity_type": "2",
        "receiver_name": "SAMPLE RECEIVER",
        "receiver_id_qualifier": "46",
        "receiver_id": "SYNRCV",
    }
    made = pl.lit(options.as_of)
    return pl.DataFrame({"transaction": number}).with_columns(
        interchange_created_on=made,
        group_created_on=made,
        transaction_created_on=made,
        group_control_number=number.cast(pl.String),
        transaction_control_number=control,
        batch_reference="SYN" + control,
        **{name: pl.lit(value) for name, value in constants.items()},
    )


def batches(options: SampleOptions) -> Iterator[tuple[ClaimBatch, pl.DataFrame]]:
    """Blocks of up to 20,000 claims, with the labels of the defects planted in each."""
    for frames in clean_batches(options):
        draft = Draft(frames, options.seed)
        labels = plant(draft, options.defect_rate, options.kinds)
        yield ClaimBatch.of(draft.frames), labels
