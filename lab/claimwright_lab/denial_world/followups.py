"""What comes after an answer: corrected claims, appeals with outcomes, reversals and takebacks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright_lab.sampling import Draws

from .dice import Dice
from .habits import Habits
from .practice import lucky
from .replies import Judgement, reason_of_claim

Whole = npt.NDArray[np.int64]

CORRECTED = 20_000_000
_CORRECTED_AFTER, _APPEALED_AFTER, _DECIDED_AFTER, _REPAID_AFTER = (3, 35), (10, 120), (20, 90), (7, 30)
_TAKEN_BACK_AFTER = (40, 240)
# Ranges: share of paid claims that a payer takes back, and of appeals that it grants, by cause.
_TAKEN_BACK = (0.003, 0.015)
_GRANTED = {
    "authorization": (0.30, 0.65),
    "necessity": (0.40, 0.75),
    "documentation": (0.60, 0.95),
    "coding": (0.30, 0.60),
    "coverage": (0.10, 0.40),
    "eligibility": (0.15, 0.45),
    "filing": (0.05, 0.25),
    "unknown": (0.40, 0.80),
}
_GRANTED_ELSE = (0.3, 0.7)
_TAKEBACK_CODES = (("22", "MA04"), ("27", None), ("97", "M15"), ("18", None))


@dataclass(frozen=True)
class Corrections:
    """Corrected claims: copies of these rows of the sent batch, with their content, day and owner."""

    batch: ClaimBatch
    sent: Whole
    owner: Whole


def corrected(
    sent_batch: ClaimBatch,
    clean: ClaimBatch,
    clean_owner: Whole,
    owner: Whole,
    judged: Judgement,
    payments: pl.DataFrame,
    habits: Habits,
    seed: int,
    last_day: int,
) -> Corrections:
    """Denied claims that offices send again with frequency code 7, most of them repaired."""
    found = (
        sent_batch.claims.select("claim", "claim_id", "billing_npi", "frequency_code")
        .with_columns(owner=pl.Series(owner))
        .join(judged.claims.filter("denied").select("claim"), on="claim", how="semi")
        .join(payments.select("claim", "paid_on", "control_number"), on="claim", how="inner")
        .join(reason_of_claim(judged), on="claim", how="left", maintain_order="left")
        .filter((pl.col("owner") < CORRECTED // 2) & (pl.col("frequency_code") == "1"))
        .sort("claim")
    )
    draws = Draws(seed, found["owner"].to_numpy())
    rows, day = habits.rows(found["billing_npi"]), found["paid_on"].cast(pl.Int32).to_numpy().astype(np.int64)
    sent = day + draws.between("corrected after", *_CORRECTED_AFTER)
    kept = lucky(draws, "reworks", habits.of("reworks", rows, day)) & (sent <= last_day)
    repaired = lucky(draws, "repairs", habits.of("repairs", rows, day)) & kept
    found = found.with_columns(repaired=pl.Series(repaired)).filter(pl.Series(kept))
    place = pl.DataFrame({"owner": clean_owner, "base": clean.claims["claim"]})
    found = found.join(place, on="owner", how="left", maintain_order="left")
    content = _content(sent_batch, clean, found)
    return Corrections(content, sent[kept], found["owner"].to_numpy() + CORRECTED)


def _content(sent_batch: ClaimBatch, clean: ClaimBatch, found: pl.DataFrame) -> ClaimBatch:
    """The repaired claims from the clean ones, the others as they were sent; numbered by row of `found`."""
    numbered = found.with_row_index("number", offset=1).with_columns(pl.col("number").cast(pl.Int64))
    corrected, same = numbered.filter("repaired"), numbered.filter(~pl.col("repaired"))
    parts = [
        _renumbered(clean, corrected.select(old="base", number="number")),
        _renumbered(sent_batch, same.select(old="claim", number="number")),
    ]
    frames = {
        level: pl.concat([part[level] for part in parts]).sort("claim", maintain_order=True)
        for level in parts[0]
    }
    claims = frames[Level.CLAIM].join(
        numbered.select(
            claim="number", id="claim_id", control="control_number", reason="reason", done="repaired"
        ),
        on="claim",
        how="left",
        maintain_order="left",
    )
    asked = pl.col("done") & (pl.col("reason") == "authorization").fill_null(False)
    frames[Level.CLAIM] = claims.with_columns(
        claim_id=pl.col("id") + "C",
        frequency_code=pl.lit("7"),
        original_claim_number="control",
        prior_authorization=pl.when(asked)
        .then("AUTH" + pl.col("control").str.tail(8))
        .otherwise("prior_authorization"),
    ).select(sent_batch.claims.columns)
    wanted = claims.filter(pl.col("done") & pl.col("reason").is_in(["documentation", "charge"]))["claim"]
    attachments = frames[Level.ATTACHMENT]
    added = (
        pl.DataFrame({"claim": wanted})
        .join(attachments.select("claim"), on="claim", how="anti")
        .with_columns(
            line=pl.lit(None, pl.Int32),
            position=pl.lit(1, pl.Int32),
            attachment_type=pl.lit("OZ"),
            attachment_transmission=pl.lit("EL"),
            attachment_id_qualifier=pl.lit("AC"),
            attachment_control_number="ATC" + pl.col("claim").cast(pl.String).str.zfill(9),
        )
    )
    frames[Level.ATTACHMENT] = pl.concat([attachments, added], how="diagonal_relaxed").sort("claim")
    return ClaimBatch.of(frames | {Level.TRANSACTION: sent_batch.transactions})


def _renumbered(batch: ClaimBatch, numbers: pl.DataFrame) -> dict[Level, pl.DataFrame]:
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in batch.frames().items():
        if level in (Level.TRANSACTION, Level.SEGMENT):
            continue
        own = frame.rename({"claim": "old"}).join(numbers, on="old", how="inner", maintain_order="left")
        frames[level] = own.rename({"number": "claim"}).select(frame.columns)
    return frames


def appeals(
    batch: ClaimBatch, judged: Judgement, payments: pl.DataFrame, habits: Habits, owner: Whole, seed: int
) -> pl.DataFrame:
    """`claim`, `reason`, `cause`, `filed_on`, `decided_on`, `granted`: denied claims that offices appeal."""
    found = (
        batch.claims.select("claim", "billing_npi")
        .with_columns(owner=pl.Series(owner))
        .join(judged.claims.filter("denied").select("claim"), on="claim", how="semi")
        .join(payments.select("claim", "paid_on"), on="claim", how="inner")
        .join(reason_of_claim(judged), on="claim", how="left", maintain_order="left")
        .sort("claim")
    )
    draws = Draws(seed, found["owner"].to_numpy())
    day = found["paid_on"].cast(pl.Int32).to_numpy().astype(np.int64)
    filed = day + draws.between("appealed after", *_APPEALED_AFTER)
    decided = filed + draws.between("decided after", *_DECIDED_AFTER)
    dice = Dice(seed, "appeals")
    granted = {cause: dice.one(cause, ends) for cause, ends in _GRANTED.items()}
    otherwise = dice.one("otherwise", _GRANTED_ELSE)
    chance = found["cause"].replace_strict(granted, default=otherwise, return_dtype=pl.Float64).to_numpy()
    made = lucky(draws, "appeals", habits.of("appeals", habits.rows(found["billing_npi"]), day))
    return (
        found.select("claim", "reason", "cause")
        .with_columns(
            filed_on=_dates(filed),
            decided_on=_dates(decided),
            granted=pl.Series(lucky(draws, "granted", chance)),
        )
        .filter(pl.Series(made))
    )


def _dates(days: Whole) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def reversals(
    judged: Judgement,
    payments: pl.DataFrame,
    services: pl.DataFrame,
    appealed: pl.DataFrame,
    owner: Whole,
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Decisions that replace earlier ones: payments (and `why`, and `before`, the first day), and services.

    `appeal`: denied lines are paid after all. `takeback`: a paid claim is denied after all, and the money
    goes back. In an 835 each is a reversal of the first decision (CLP02 22) and the new decision.
    """
    dice = Dice(seed, "reversals")
    owners = pl.DataFrame({"claim": judged.claims["claim"], "owner": owner})
    first = payments.join(owners, on="claim", how="left", maintain_order="left")
    draws = Draws(seed, first["owner"].to_numpy())
    paid = first["paid_on"].cast(pl.Int32).to_numpy().astype(np.int64)
    won = appealed.filter("granted").select("claim", "decided_on")
    first = (
        first.join(won, on="claim", how="left", maintain_order="left")
        .with_columns(
            again=_dates(paid + draws.between("taken back after", *_TAKEN_BACK_AFTER)),
            repaid=pl.col("decided_on")
            + pl.duration(days=pl.lit(pl.Series(draws.between("repaid after", *_REPAID_AFTER)))),
            taken=pl.Series(lucky(draws, "taken back", dice.one("share", _TAKEN_BACK))),
            code=pl.Series(draws.below("takeback code", len(_TAKEBACK_CODES))),
        )
        .join(judged.claims.select("claim", "denied"), on="claim", how="left", maintain_order="left")
    )
    later = first.with_columns(
        why=pl.when(pl.col("decided_on").is_not_null())
        .then(pl.lit("appeal"))
        .when(pl.col("taken") & ~pl.col("denied"))
        .then(pl.lit("takeback")),
    ).filter(pl.col("why").is_not_null())
    lines = services.join(
        later.select("claim", "why", "code"), on="claim", how="inner", maintain_order="left"
    )
    # An allowed amount of half the charge: what was denied had no allowed amount.
    grant = (pl.col("why") == "appeal") & pl.col("carc").is_not_null()
    take = pl.col("why") == "takeback"
    half = pl.col("charge_cents") // 2
    lines = lines.with_columns(
        paid_cents=pl.when(grant).then(half).when(take).then(0).otherwise("paid_cents"),
        contractual_cents=pl.when(grant)
        .then(pl.col("charge_cents") - half)
        .when(take)
        .then(0)
        .otherwise("contractual_cents"),
        patient_cents=pl.when(take).then(0).otherwise("patient_cents"),
        denied_cents=pl.when(grant).then(0).when(take).then("charge_cents").otherwise("denied_cents"),
        carc=pl.when(grant)
        .then(None)
        .when(take)
        .then(
            pl.col("code").replace_strict(
                {n: c for n, (c, _) in enumerate(_TAKEBACK_CODES)}, return_dtype=pl.String
            )
        )
        .otherwise("carc"),
        rarc=pl.when(grant)
        .then(None)
        .when(take)
        .then(
            pl.col("code").replace_strict(
                {n: r for n, (_, r) in enumerate(_TAKEBACK_CODES)}, return_dtype=pl.String
            )
        )
        .otherwise("rarc"),
    ).select(services.columns)
    sums = lines.group_by("claim").agg(pl.col("paid_cents", "patient_cents", "charge_cents").sum())
    decisions = (
        later.with_columns(before="paid_on")
        .with_columns(paid_on=pl.when(pl.col("why") == "appeal").then("repaid").otherwise("again"))
        .select("claim", "claim_id", "payer", "paid_on", "control_number", "why", "before")
        .join(sums, on="claim", how="left", maintain_order="left")
    )
    return decisions, lines
