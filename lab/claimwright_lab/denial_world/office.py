"""What billing offices make of clean claims: numbers forgotten, modifiers dropped, files that lie for months.

Every office has its own habits, drawn once from the seed; the payers judge what comes of them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright_lab.sampling import Draws

from .ordering import in_order, last_service, moved_by
from .policies import AUTHORIZED, DOCUMENTED, MODIFIED

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WORLD_BEGINS, WORLD_ENDS = date(2024, 1, 1), date(2025, 6, 30)
_BETWEEN_VISITS = (35, 80)
_LONG_DELAYS_PERCENT, _DUPLICATES_PERCENT = 4, 2
# A diagnosis that says little, in place of the one that explains the service.
_VAGUE = pl.Series(["R69", "Z0000", "R5383", "R109", "M549"])


def send(batch: ClaimBatch, seed: int) -> tuple[ClaimBatch, pl.Series]:
    """The claims as their offices send them, in the order of sending, and the day of each.

    The claims are numbered anew from 1; every day of sending is a transaction of its own. Duplicates that
    offices send are claims of their own, with numbers of their own.
    """
    owners = batch.claims["claim"].to_numpy().astype(np.int64)
    draws = Draws(seed, owners)
    sent = sent_on(batch, draws)
    changed = _changed(batch, draws)
    changed, sent = _with_duplicates(changed, sent, draws)
    ordered, days, _ = in_order(changed, sent)
    return ordered, days


def sent_on(batch: ClaimBatch, draws: Draws) -> Whole:
    """Days since 1970: visits of a patient weeks apart, patients anywhere in the world's time."""
    people = batch.claims.select(
        person=pl.col("subscriber_member_id").rank("dense"),
        visit=pl.int_range(pl.len()).over("subscriber_member_id", "dependent_first_name"),
    )
    of_person = Draws(draws.seed, people["person"].to_numpy().astype(np.int64))
    first, last = _day(WORLD_BEGINS), _day(WORLD_ENDS)
    begun = of_person.below("first sending", last - first + 1)
    visits = people["visit"].to_numpy() * of_person.between("between visits", *_BETWEEN_VISITS)
    return first + (begun + visits) % (last - first + 1)


def _day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _lags(draws: Draws) -> Whole:
    usual = draws.between("usual delay", 2, 40)
    late = draws.chance("late", _LONG_DELAYS_PERCENT)
    return np.where(late, draws.between("long delay", 60, 400), usual)


def _habits(claims: pl.DataFrame, seed: int, purpose: str, low: int, high: int) -> Whole:
    """A percentage of each claim's office."""
    office = claims["billing_npi"].cast(pl.Int64).to_numpy()
    return Draws(seed, office).between(purpose, low, high)


def _changed(batch: ClaimBatch, draws: Draws) -> ClaimBatch:
    """Authorizations, referrals, attachments, modifiers, units and diagnoses as the office leaves them."""
    seed = draws.seed
    claims, lines = batch.claims, batch.lines
    asked = _with_any(batch, AUTHORIZED)
    obtained = asked & draws.chance("obtained", _habits(claims, seed, "authorizes", 55, 95))
    number = pl.Series("prior_authorization", draws.below("authorization", 10**8)).cast(pl.String)
    referred = ~draws.chance("referral lost", _habits(claims, seed, "loses referrals", 5, 40))
    claims = claims.with_columns(
        prior_authorization=pl.when(pl.Series(obtained)).then("AUTH" + number.str.zfill(8)),
        **{
            name: pl.when(pl.Series(referred)).then(pl.col(name))
            for name in claims.columns
            if name.startswith("referring_")
        },
    )
    of_line = Draws(seed, lines["claim"].to_numpy() * 64 + lines["line"].to_numpy())
    place = lines["claim"].to_numpy() - 1
    drops = _habits(claims, seed, "drops modifiers", 2, 25)[place]
    dropped = pl.Series(of_line.chance("modifier dropped", drops)) & (
        lines["procedure"].is_in(list(MODIFIED)) | (lines["modifier_1"] == "25").fill_null(False)
    )
    apart = pl.Series(of_line.chance("set apart", 12)) & lines["modifier_1"].is_null()
    many = of_line.chance("many units", 6)
    lines = lines.with_columns(
        modifier_1=pl.when(dropped).then(None).when(apart).then(pl.lit("59")).otherwise(pl.col("modifier_1")),
        units=pl.when(pl.Series(many)).then(pl.col("units") * 4).otherwise(pl.col("units")),
    )
    vague = Draws(seed, batch.diagnoses["claim"].to_numpy().astype(np.int64))
    chosen = _VAGUE.gather(pl.Series(vague.below("vague diagnosis", len(_VAGUE))))
    unclear = pl.Series(vague.chance("unclear", 9)) & (batch.diagnoses["position"] == 1)
    diagnoses = batch.diagnoses.with_columns(
        diagnosis=pl.when(unclear).then(chosen).otherwise(pl.col("diagnosis"))
    )
    documented = _with_any(batch, DOCUMENTED) | (claims["total_charge"] >= 1000).fill_null(False).to_numpy()
    attached = documented & draws.chance("attached", _habits(claims, seed, "attaches", 20, 90))
    papers = claims.filter(pl.Series(attached)).select(
        "claim",
        line=pl.lit(None, pl.Int32),
        position=pl.lit(1, pl.Int32),
        attachment_type=pl.lit("OZ"),
        attachment_transmission=pl.lit("EL"),
        attachment_id_qualifier=pl.lit("AC"),
        attachment_control_number="ATT" + pl.col("claim").cast(pl.String).str.zfill(9),
    )
    frames = batch.frames()
    return ClaimBatch.of(
        frames
        | {
            Level.CLAIM: claims,
            Level.LINE: lines,
            Level.DIAGNOSIS: diagnoses,
            Level.ATTACHMENT: papers,
        }
    )


def _with_any(batch: ClaimBatch, procedures: list[str]) -> Flags:
    having = batch.lines.filter(pl.col("procedure").is_in(procedures))["claim"].unique()
    flags: Flags = batch.claims["claim"].is_in(having.implode()).to_numpy()
    return flags


def _with_duplicates(batch: ClaimBatch, sent: Whole, draws: Draws) -> tuple[ClaimBatch, Whole]:
    """Some claims are sent a second time within two months, as if the first had never been."""
    lags = _lags(draws)
    moved = moved_by(batch, sent - lags - last_service(batch))
    again = np.flatnonzero(draws.chance("sent again", _DUPLICATES_PERCENT))
    later = sent[again] + draws.between("again after", 10, 55)[again]
    kept = later <= _day(WORLD_ENDS)
    again, later = again[kept], later[kept]
    offset = len(batch)
    copies = moved.select(moved.claims["claim"].gather(again))
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in moved.frames().items():
        if level is Level.TRANSACTION:
            frames[level] = frame
            continue
        copy = copies.frame(level)
        if level is Level.CLAIM:
            copy = copy.with_columns(claim_id=pl.col("claim_id") + "R")
        frames[level] = pl.concat([frame, copy.with_columns(claim=pl.col("claim") + offset)])
    return ClaimBatch.of(frames), np.concatenate([sent, later])
