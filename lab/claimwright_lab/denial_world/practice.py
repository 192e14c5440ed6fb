"""What offices of a drawn world make of clean claims. They know most demands, and forget some of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright_lab.sampling import Draws

from .dice import Real, normal_of
from .habits import Habits
from .office import WORLD_BEGINS, WORLD_ENDS, sent_on
from .ordering import last_service, moved_by

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_WIDE = 2**32
_SERVICE = pl.coalesce("procedure", "revenue_code")
_DAY = WORLD_BEGINS.toordinal() - pl.Series([0], dtype=pl.Int32).cast(pl.Date)[0].toordinal()
# An authorization, or papers, that nobody asked for.
_UNASKED = 0.03
_LONG_DELAY = (45, 420)
_AGAIN_AFTER = (10, 60)


def lucky(draws: Draws, purpose: str, share: Real | float) -> Flags:
    """True for such a share of the owners."""
    return draws.below(purpose, _WIDE) < np.asarray(share) * _WIDE


def timed(batch: ClaimBatch, habits: Habits, seed: int) -> tuple[ClaimBatch, Whole]:
    """The claims in the world's time, and the day on which each is sent; no office sends on a weekend."""
    draws = Draws(seed, batch.claims["claim"].to_numpy().astype(np.int64))
    sent = sent_on(batch, draws)
    # Day 0, 1 January 1970, was a Thursday.
    weekday = (sent + 3) % 7
    sent = np.minimum(sent + np.where(weekday >= 5, 7 - weekday, 0), _DAY + (WORLD_ENDS - WORLD_BEGINS).days)
    rows = habits.rows(batch.claims["billing_npi"])
    spread = np.exp(0.6 * normal_of(draws, "spread of delays"))
    lag = np.maximum(np.rint(habits.lag[rows] * spread), 1).astype(np.int64)
    late = lucky(draws, "late", habits.of("is_late", rows, sent))
    lag = np.where(late, draws.between("long delay", *_LONG_DELAY), lag)
    return moved_by(batch, sent - lag - last_service(batch)), sent


def as_sent(
    batch: ClaimBatch, sent: Whole, owner: Whole, habits: Habits, known: dict[str, pl.DataFrame], seed: int
) -> ClaimBatch:
    """The claims as their offices leave them; `known` are the demands that offices have heard of."""
    claims, lines = batch.claims, batch.lines
    rows = habits.rows(claims["billing_npi"])
    draws = Draws(seed, owner)
    place = (
        lines.select("claim")
        .join(claims.select("claim").with_row_index("at"), on="claim", how="left", maintain_order="left")[
            "at"
        ]
        .to_numpy()
        .astype(np.int64)
    )
    of_line = Draws(seed, owner[place] * 64 + lines["line"].to_numpy())

    def share(name: str) -> Real:
        return habits.of(name, rows, sent)

    professional = (claims["form"] == "P").to_numpy()
    asked = _demanded(batch, known["authorization"])
    obtained = lucky(draws, "obtained", np.where(asked, share("authorizes"), _UNASKED))
    wanted = _demanded(batch, known["referral"]) & professional
    referred = lucky(draws, "referred", share("refers")) & (
        wanted | claims["referring_npi"].is_not_null().to_numpy()
    )
    rendered = ~lucky(draws, "rendering dropped", share("drops_rendering"))
    classified = ~lucky(draws, "taxonomy dropped", share("drops_taxonomy"))
    number = pl.Series("prior_authorization", draws.below("authorization", 10**8)).cast(pl.String)
    claims = claims.with_columns(_referrers(claims, pl.Series(referred), draws)).with_columns(
        prior_authorization=pl.when(pl.Series(obtained)).then("AUTH" + number.str.zfill(8)),
        billing_taxonomy=pl.when(pl.Series(classified)).then("billing_taxonomy"),
        **{
            name: pl.when(pl.Series(rendered)).then(name)
            for name in claims.columns
            if name.startswith("rendering_")
        },
    )
    return ClaimBatch.of(
        batch.frames()
        | {
            Level.CLAIM: claims,
            Level.LINE: _lines(
                lines,
                of_line,
                {name: share(name)[place] for name in ("drops_modifiers", "drops_drug_codes", "wrong_units")},
            ),
            Level.DIAGNOSIS: _diagnoses(batch, draws, share("unspecific")),
            Level.ATTACHMENT: _papers(batch, draws, share("attaches"), known),
        }
    )


def _demanded(batch: ClaimBatch, table: pl.DataFrame) -> Flags:
    """Claims with a line for which the payer has this demand."""
    having = (
        batch.lines.select("claim", service=_SERVICE)
        .join(batch.claims.select("claim", payer="payer_id"), on="claim", how="left")
        .join(table.select("payer", "service").unique(), on=["payer", "service"], how="semi")["claim"]
    )
    flags: Flags = batch.claims["claim"].is_in(having.unique().implode()).to_numpy()
    return flags


def _referrers(claims: pl.DataFrame, referred: pl.Series, draws: Draws) -> list[pl.Expr]:
    """Referring providers where there are any: the claim's own, or another of the sample."""
    names = [name for name in claims.columns if name.startswith("referring_")]
    pool = (
        claims.filter(pl.col("referring_npi").is_not_null())
        .select(names)
        .unique("referring_npi", maintain_order=True)
    )
    if not pool.height:
        return []
    other = pool[draws.below("referrer", pool.height)]
    has_own = claims["referring_npi"].is_not_null()
    return [
        pl.when(referred).then(pl.when(has_own).then(claims[name]).otherwise(other[name])).alias(name)
        for name in names
    ]


def _lines(lines: pl.DataFrame, draws: Draws, share: dict[str, Real]) -> pl.DataFrame:
    dropped = pl.Series(lucky(draws, "modifier dropped", share["drops_modifiers"]))
    apart = (
        pl.Series(lucky(draws, "set apart", 0.05))
        & lines["modifier_1"].is_null()
        & lines["procedure"].is_not_null()
    )
    many = pl.Series(lucky(draws, "wrong units", share["wrong_units"]))
    times = pl.Series(draws.between("times", 2, 6))
    no_drug_code = pl.Series(lucky(draws, "drug code dropped", share["drops_drug_codes"]))
    drug = [name for name in lines.columns if name.startswith("ndc")]
    return lines.with_columns(
        modifier_1=pl.when(dropped)
        .then(pl.col("modifier_2"))
        .when(apart)
        .then(pl.lit("59"))
        .otherwise(pl.col("modifier_1")),
        modifier_2=pl.when(dropped).then(None).otherwise(pl.col("modifier_2")),
        units=pl.when(many).then(pl.col("units") * times).otherwise(pl.col("units")),
        **{name: pl.when(~no_drug_code).then(name) for name in drug},
    )


def _diagnoses(batch: ClaimBatch, draws: Draws, share: Real) -> pl.DataFrame:
    """The first diagnosis of some claims is replaced by one that is often used elsewhere."""
    usual = (
        batch.diagnoses.filter(pl.col("position") == 1)["diagnosis"]
        .value_counts(sort=True)
        .sort(["count", "diagnosis"], descending=[True, False])["diagnosis"]
        .head(25)
    )
    chosen = batch.claims.select(
        "claim",
        other=usual.gather(pl.Series(draws.below("other diagnosis", len(usual)))),
        unspecific=pl.Series(lucky(draws, "unspecific", share)),
    )
    return (
        batch.diagnoses.join(chosen, on="claim", how="left", maintain_order="left")
        .with_columns(
            diagnosis=pl.when(pl.col("unspecific") & (pl.col("position") == 1))
            .then("other")
            .otherwise("diagnosis")
        )
        .select(batch.diagnoses.columns)
    )


def _papers(batch: ClaimBatch, draws: Draws, share: Real, known: dict[str, pl.DataFrame]) -> pl.DataFrame:
    limits = known["charge"].select(payer_id="payer", limit="from_cents")
    above = (
        batch.claims.select("claim", "payer_id", "total_charge")
        .join(limits, on="payer_id", how="left", maintain_order="left")
        .select(((pl.col("total_charge") * 100).cast(pl.Int64) >= pl.col("limit")).fill_null(False))
        .to_series()
    )
    wanted = _demanded(batch, known["documentation"]) | above.to_numpy()
    attached = pl.Series(lucky(draws, "attached", np.where(wanted, share, _UNASKED)))
    return batch.claims.filter(attached).select(
        "claim",
        line=pl.lit(None, pl.Int32),
        position=pl.lit(1, pl.Int32),
        attachment_type=pl.lit("OZ"),
        attachment_transmission=pl.lit("EL"),
        attachment_id_qualifier=pl.lit("AC"),
        attachment_control_number="ATT" + pl.col("claim").cast(pl.String).str.zfill(9),
    )


def again(batch: ClaimBatch, sent: Whole, owner: Whole, habits: Habits, seed: int) -> tuple[Whole, Whole]:
    """Rows of claims that are sent a second time as if the first had never been, and the days of it."""
    draws, rows = Draws(seed, owner), habits.rows(batch.claims["billing_npi"])
    twice = np.flatnonzero(lucky(draws, "sent again", habits.of("repeats", rows, sent)))
    days = sent[twice] + draws.between("again after", *_AGAIN_AFTER)[twice]
    within = days <= _DAY + (WORLD_ENDS - WORLD_BEGINS).days
    return twice[within], days[within]
