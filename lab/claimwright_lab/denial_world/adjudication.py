"""How the payers of the world judge a claim: the chance of each reason, and what the dice say.

A reason is a hazard: the chance that it alone denies the line. Hazards are independent, so that the true
probability that any line of a claim is denied is one minus the product of all that could have gone well.
Whoever knew the policies by heart could say no more: this is the Bayes-optimal score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright_lab.sampling import Draws

from .policies import Policies

# Reasons in the order in which payers look, each with the adjustment reason (CARC) and remark (RARC).
REASONS: dict[str, tuple[str, str | None]] = {
    "duplicate": ("18", None),
    "filing": ("29", None),
    "random_27": ("27", None),
    "random_22": ("22", None),
    "other_coverage": ("22", "MA04"),
    "provider": ("B7", None),
    "exclusion": ("96", "N130"),
    "authorization": ("197", None),
    "referral": ("16", "N286"),
    "modifier": ("4", None),
    "necessity": ("50", "N115"),
    "bundling": ("97", "M15"),
    "units": ("151", "N362"),
    "documentation": ("252", "N706"),
    "charge": ("252", "M127"),
    "random_16": ("16", "M127"),
    "random_A1": ("A1", None),
}
# Reasons that deny every line; the others deny the line that they are about.
OF_CLAIM = frozenset(
    {
        "duplicate", "filing", "random_27", "random_22", "other_coverage", "provider", "charge", "random_16",
        "random_A1",
    }
)  # fmt: skip

_SET_APART = ["25", "59", "XE", "XS", "XP", "XU"]


@dataclass(frozen=True)
class Judgement:
    """What became of the claims.

    Attributes:
        claims: `claim`, `probability` (the true one that any line is denied), `denied`.
        lines: `claim`, `line`, `reason` (null where paid), `carc`, `rarc`.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame


def adjudicate(batch: ClaimBatch, submitted_on: pl.Series, policies: Policies, seed: int) -> Judgement:
    """Judge every claim by the policies in force on the day on which it was sent."""
    hazards = line_hazards(batch, submitted_on, policies)
    claims = _claim_hazards(batch, submitted_on, policies)
    of_claim = Draws(seed, claims["claim"].to_numpy().astype(np.int64))
    of_line = Draws(seed, hazards["claim"].to_numpy() * 64 + hazards["line"].to_numpy())
    place = hazards["claim"].to_numpy() - 1
    reason = pl.Series("reason", [None] * hazards.height, dtype=pl.String)
    survived_claim = np.ones(claims.height)
    survived_line = np.ones(hazards.height)
    for name in reversed(REASONS):
        whole = name in OF_CLAIM
        chance = (claims if whole else hazards)[name].to_numpy()
        draws = of_claim if whole else of_line
        struck = draws.below(f"dice {name}", 2**30) < chance * 2**30
        if whole:
            survived_claim *= 1 - chance
            struck = struck[place]
        else:
            survived_line *= 1 - chance
        frame = pl.DataFrame({"struck": struck, "reason": reason})
        reason = frame.select(pl.when("struck").then(pl.lit(name)).otherwise("reason").alias("reason"))[
            "reason"
        ]
    lines = hazards.select("claim", "line").with_columns(
        reason,
        carc=reason.replace_strict({name: code for name, (code, _) in REASONS.items()}, default=None),
        rarc=reason.replace_strict({name: code for name, (_, code) in REASONS.items()}, default=None),
    )
    kept = lines.select("claim", survived=pl.Series(survived_line)).group_by("claim").agg(
        pl.col("survived").product()
    )  # fmt: skip
    denied = lines.group_by("claim").agg(denied=pl.col("reason").is_not_null().any())
    outcome = (
        claims.select("claim", whole=pl.Series(survived_claim))
        .join(kept, on="claim", how="left", maintain_order="left")
        .join(denied, on="claim", how="left", maintain_order="left")
        .select(
            "claim",
            probability=1 - pl.col("whole") * pl.col("survived").fill_null(1.0),
            denied=pl.col("denied").fill_null(False),
        )
    )
    return Judgement(outcome, lines)


def chances(batch: ClaimBatch, submitted_on: pl.Series, policies: Policies) -> pl.DataFrame:
    """`claim` and a column for each reason: the chance that it alone denies any line of the claim."""
    of_lines = line_hazards(batch, submitted_on, policies)
    survived = of_lines.drop("line").group_by("claim").agg(pl.exclude("claim").mul(-1).add(1).product())
    lines = survived.select("claim", pl.exclude("claim").mul(-1).add(1))
    claims = _claim_hazards(batch, submitted_on, policies)
    return claims.join(lines, on="claim", how="left", maintain_order="left").fill_null(0.0)


def line_hazards(batch: ClaimBatch, submitted_on: pl.Series, policies: Policies) -> pl.DataFrame:
    """One row a line in the order of the batch: `claim`, `line`, and a column for each reason of a line."""
    shown = batch.claims.select(
        "claim",
        payer="payer_id",
        day=submitted_on,
        authorized=pl.col("prior_authorization").is_not_null(),
        referred=pl.col("referring_npi").is_not_null(),
        attached=pl.col("claim").is_in(batch.attachments["claim"].unique().implode()),
    )
    diagnoses = batch.diagnoses.select("claim", pointer="position", letter=pl.col("diagnosis").str.head(1))
    lines = (
        batch.lines.select(
            "claim", "line", "procedure", "modifier_1", "units", pointer=pl.col("diagnosis_pointer_1")
        )
        .with_row_index("place")
        .join(shown, on="claim", how="left", maintain_order="left")
        .join(diagnoses, on=["claim", "pointer"], how="left", maintain_order="left")
    )

    def applies(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
        """The lines that a policy of the table is about, with its columns; `rate` is 0 for the others."""
        on = ["payer", *keys]
        joined = lines.join(table, on=on, how="left", maintain_order="left")
        in_force = (pl.col("day") >= pl.col("from_on")) & (pl.col("day") < pl.col("until_on"))
        return joined.with_columns(rate=pl.when(in_force).then("rate").otherwise(0.0).fill_null(0.0))

    def unless(frame: pl.DataFrame, excuse: pl.Expr) -> pl.Series:
        return frame.select(
            pl.when(excuse.fill_null(False)).then(0.0).otherwise("rate").alias("rate")
        )["rate"]  # fmt: skip

    return lines.select("claim", "line").with_columns(
        exclusion=applies(policies.exclusion, "procedure")["rate"],
        authorization=unless(applies(policies.authorization, "procedure"), pl.col("authorized")),
        referral=unless(applies(policies.referral, "procedure"), pl.col("referred")),
        documentation=unless(applies(policies.documentation, "procedure"), pl.col("attached")),
        modifier=unless(
            applies(policies.modifier, "procedure"), pl.col("modifier_1") == pl.col("modifier")
        ),
        units=unless(applies(policies.units, "procedure"), pl.col("units") <= pl.col("most")),
        necessity=applies(policies.necessity, "procedure", "letter")["rate"],
        bundling=_bundled(lines, policies.bundling),
    )  # fmt: skip


def _bundled(lines: pl.DataFrame, table: pl.DataFrame) -> pl.Series:
    pairs = (
        lines.join(table, on=["payer", "procedure"], how="inner")
        .filter((pl.col("day") >= pl.col("from_on")) & (pl.col("day") < pl.col("until_on")))
        .join(lines.select("claim", beside="procedure").unique(), on=["claim", "beside"], how="semi")
        .filter(~pl.col("modifier_1").is_in(_SET_APART).fill_null(False))
        .group_by("place")
        .agg(pl.col("rate").max())
    )
    return lines.join(pairs, on="place", how="left", maintain_order="left")["rate"].fill_null(0.0)


def _claim_hazards(batch: ClaimBatch, submitted_on: pl.Series, policies: Policies) -> pl.DataFrame:
    """One row a claim: `claim`, and a column for each reason of a claim."""
    last = batch.lines.group_by("claim").agg(last=pl.max_horizontal("service_from_on", "service_to_on").max())
    claims = (
        batch.claims.select(
            "claim",
            payer="payer_id",
            provider="billing_npi",
            cents=(pl.col("total_charge") * 100).cast(pl.Int64),
            day=submitted_on,
            born=pl.coalesce("dependent_birth_on", "subscriber_birth_on"),
            attached=pl.col("claim").is_in(batch.attachments["claim"].unique().implode()),
            person=pl.concat_str(
                pl.col("subscriber_member_id"), pl.col("dependent_first_name").fill_null("")
            ),
        )
        .join(last, on="claim", how="left", maintain_order="left")
        .with_columns(waited=(pl.col("day") - pl.col("last")).dt.total_days())
    )
    in_force = (pl.col("day") >= pl.col("from_on")) & (pl.col("day") < pl.col("until_on"))

    def rate(table: pl.DataFrame, keys: list[str], broken: pl.Expr) -> pl.Series:
        joined = claims.join(table, on=keys, how="inner").filter(in_force & broken)
        rates = joined.group_by("claim").agg(pl.col("rate").max())
        return claims.join(rates, on="claim", how="left", maintain_order="left")["rate"].fill_null(0.0)

    commercial = pl.col("payer").str.starts_with("SYN3")
    older = (pl.col("day") - pl.col("born")).dt.total_days() >= 65 * 365.25
    other = claims.select(pl.when(commercial & older).then(0.22).otherwise(0.0).fill_null(0.0))
    random = {
        f"random_{carc}": rate(policies.random.filter(pl.col("carc") == carc), ["payer"], pl.lit(True))
        for carc in ("27", "22", "16", "A1")
    }
    return claims.select("claim").with_columns(
        duplicate=_duplicates(batch, claims),
        filing=rate(policies.filing, ["payer"], pl.col("waited") > pl.col("days")),
        provider=rate(policies.provider, ["payer", "provider"], pl.lit(True)),
        charge=rate(
            policies.charge, ["payer"], (pl.col("cents") > pl.col("charge_cents")) & ~pl.col("attached")
        ),
        other_coverage=other.to_series(),
        **random,
    )


def _duplicates(batch: ClaimBatch, claims: pl.DataFrame) -> pl.Series:
    """95 in a hundred copies are noticed: same person, provider, last service and procedures, seen before."""
    services = batch.lines.group_by("claim").agg(services=pl.col("procedure").sort().str.join(" "))
    seen = claims.join(services, on="claim", how="left", maintain_order="left").select(
        again=pl.int_range(pl.len()).over("person", "provider", "last", "services") > 0
    )["again"]
    return seen.cast(pl.Float64) * 0.95
