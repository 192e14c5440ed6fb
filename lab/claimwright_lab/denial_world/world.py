"""A world of claims, payers and what the payers answered, made from a seed.

world = make_world(WorldOptions(claims=40_000, seed=7, kind="published"))
changed = ...                                  # world.batch, with something added to claims
adjudicated_again(world, changed)              # the true probability of each, as changed
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright_lab.sampling import Draws, SampleOptions, sample_batches

from .adjudication import REASONS, adjudicate, chances
from .drawn import Demanded, Drawn, draw_world, reasons_of
from .kinds import EASY, KINDS, NAMES
from .office import send
from .policies import PAYERS, Policies, draw_policies

# Payers answer within two to five weeks; where they want papers, later.
_FASTEST, _SLOWEST, _DICE_DAYS, _PAPER_DAYS = 10, 26, 9, 18
_PAPER_CARC = ["252", "16"]
# Of a paid line: what the payer allows of the charge, and what of it is the patient's, in a hundred.
_ALLOWED = (35, 75)
_COINSURANCE = 20


@dataclass(frozen=True)
class WorldOptions:
    """What to make. The same options make the same world, to the bit.

    Attributes:
        claims: how many claims offices mean to send; duplicates and corrected claims come on top.
        seed: which of all possible worlds.
        kind: `easy` (fixed lists of services and limits), or one whose parameters are all drawn from the
            seed: `published`, `drifting`, `small-practice`.
    """

    claims: int
    seed: int = 7
    kind: str = EASY

    def __post_init__(self) -> None:
        """Raise ValueError where an option makes no sense."""
        if self.claims < 1:
            raise ValueError("claims: a whole number, 1 or more")
        if not 0 <= self.seed < 2**31:
            raise ValueError("seed: a whole number from 0 to 2,147,483,647")
        if self.kind not in NAMES:
            raise ValueError(f"kind: one of {', '.join(NAMES)}")


@dataclass(frozen=True)
class World:
    """Claims, answers, and what only the maker of the world knows. Everything in it is synthetic.

    Attributes:
        batch: the claims in the order of sending, numbered from 1.
        submitted_on: the day of sending of each.
        truth: `claim`, `probability`: the true one that any line is denied; and `denied`.
        payments: one row a claim that was answered, see `pay`.
        services: one row a line of these, see `pay`.
        policies: the payers' hidden policies; `tables()` has them by reason.
        options: what made it.
        lines: `claim`, `line`, `reason` (null where paid), `carc`, `rarc` of every line, answered or not.
        appeals: `claim`, `reason`, `cause`, `filed_on`, `decided_on`, `granted`.
        later_payments, later_services: decisions that replaced the first one, after an appeal or as a
            takeback (`why`), in the columns of `payments` and `services`; `before` is the day of the first.
        payers: `payer`, `name`, `kind`, `weight` of a drawn world.
    """

    batch: ClaimBatch
    submitted_on: pl.Series
    truth: pl.DataFrame
    payments: pl.DataFrame
    services: pl.DataFrame
    policies: Policies | Demanded
    options: WorldOptions
    lines: pl.DataFrame
    appeals: pl.DataFrame = field(default_factory=pl.DataFrame)
    later_payments: pl.DataFrame = field(default_factory=pl.DataFrame)
    later_services: pl.DataFrame = field(default_factory=pl.DataFrame)
    payers: pl.DataFrame = field(default_factory=pl.DataFrame)
    drawn: Drawn | None = field(default=None, repr=False)


def make_world(options: WorldOptions) -> World:
    """The world of these options: sampled claims, what offices make of them, what payers say."""
    return _easy(options) if options.kind == EASY else _drawn(options)


def _easy(options: WorldOptions) -> World:
    sample = SampleOptions(claims=options.claims, seed=options.seed, forms={"P": 1}, defect_rate=0.0)
    clean = ClaimBatch.concat(batch for batch, _ in sample_batches(sample))
    batch, submitted_on = send(clean, options.seed)
    policies = draw_policies(options.seed, batch.claims["billing_npi"])
    judged = adjudicate(batch, submitted_on, policies, options.seed)
    payments, services = pay(batch, submitted_on, judged.lines, options.seed)
    return World(batch, submitted_on, judged.claims, payments, services, policies, options, judged.lines)


def _drawn(options: WorldOptions) -> World:
    made = draw_world(KINDS[options.kind], options.claims, options.seed)
    return World(
        made.batch,
        made.submitted_on,
        made.judged.claims,
        made.payments,
        made.services,
        made.policies,
        options,
        made.judged.lines,
        made.appeals,
        made.later_payments,
        made.later_services,
        made.payers,
        made,
    )


def adjudicated_again(world: World, batch: ClaimBatch) -> pl.DataFrame:
    """The true probabilities of claims of the world after somebody changed them.

    `batch` has claims of `world.batch` (all or some), with their numbers; anything that they state may be
    changed. When each was sent, and what lies before it, stays as it was.

    Returns `claim`, `probability` (that any line is denied), and for each reason the chance that it alone
    denies any line of the claim; one row per claim, in the order of the batch.
    """
    if world.drawn is not None:
        hazards = world.drawn.judge.hazards(batch)
        reasons = reasons_of(hazards, batch.claims["claim"])
        return reasons.insert_column(1, pl.Series("probability", hazards.probability()))
    assert isinstance(world.policies, Policies)
    if len(batch) != len(world.batch):
        raise ValueError("the easy world judges all of its claims at once")
    reasons = chances(batch, world.submitted_on, world.policies)
    survived = pl.fold(pl.lit(1.0), lambda kept, each: kept * (1 - each), [pl.col(name) for name in REASONS])
    return reasons.select("claim", (1 - survived).alias("probability"), *REASONS)


def pay(
    batch: ClaimBatch, submitted_on: pl.Series, judged: pl.DataFrame, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Payments and services as a remittance states them; amounts in whole cents.

    Payments: `claim`, `claim_id`, `payer`, `paid_on`, `charge_cents`, `paid_cents`, `patient_cents`, and the
    payer's own `control_number`. Services: `claim`, `line`, `procedure`, `modifiers`, `charge_cents`,
    `contractual_cents` (CO 45), `patient_cents` (PR 2), `denied_cents`, `paid_cents`, `carc`, `rarc`.
    """
    payer = batch.claims["payer_id"]
    number = payer.replace_strict({name: at for at, name in enumerate(PAYERS)}, default=0).to_numpy()
    of_payer = Draws(seed, number.astype(np.int64))
    draws = Draws(seed, batch.claims["claim"].to_numpy())
    place = batch.lines["claim"].to_numpy() - 1
    charge = (batch.lines["line_charge"] * 100).cast(pl.Int64).fill_null(0).to_numpy()
    percent = of_payer.between("allowed percent", *_ALLOWED)[place]
    denied = judged["reason"].is_not_null().to_numpy()
    allowed = np.where(denied, 0, charge * percent // 100)
    patient = allowed * _COINSURANCE // 100
    services = judged.select("claim", "line", "carc", "rarc").with_columns(
        procedure=batch.lines["procedure"],
        modifiers=batch.lines.select(
            pl.concat_str([f"modifier_{n}" for n in range(1, 5)], separator=":", ignore_nulls=True)
        ).to_series(),
        charge_cents=charge,
        contractual_cents=np.where(denied, 0, charge - allowed),
        patient_cents=patient,
        denied_cents=np.where(denied, charge, 0),
        paid_cents=allowed - patient,
    )
    papers = (
        judged.group_by("claim")
        .agg(papers=pl.col("carc").is_in(_PAPER_CARC).any().fill_null(False))
        .join(batch.claims.select("claim"), on="claim", how="right", maintain_order="right")["papers"]
        .fill_null(False)
        .to_numpy()
    )
    days = (
        of_payer.between("usual days", _FASTEST, _SLOWEST)
        + draws.below("dice of days", _DICE_DAYS)
        + papers * _PAPER_DAYS
    )
    sums = services.group_by("claim").agg(pl.col("paid_cents", "patient_cents", "charge_cents").sum())
    payments = (
        batch.claims.select("claim", "claim_id", payer=payer)
        .with_columns(
            paid_on=(submitted_on.cast(pl.Int32) + pl.Series(days)).cast(pl.Int32).cast(pl.Date),
            control_number="WICN" + pl.Series(draws.below("control number", 10**9)).cast(pl.String),
        )
        .join(sums, on="claim", how="left", maintain_order="left")
        .with_columns(pl.col("paid_cents", "patient_cents", "charge_cents").fill_null(0))
    )
    return payments, services


def answered_lines(world: World) -> pl.DataFrame:
    """What the payers said of each line, as a table of remittances has it.

    `claim`, `line`, `carc` (null where paid), `rarc`, `charge_cents`, `paid_cents`, `answered_on`.
    """
    days = world.payments.select("claim", answered_on="paid_on")
    return world.services.join(days, on="claim", how="left", maintain_order="left").select(
        "claim", "line", "carc", "rarc", "charge_cents", "paid_cents", "answered_on"
    )
