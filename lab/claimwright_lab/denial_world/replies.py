"""What the payers of a drawn world answer: for which reason, with which codes, when, and how much money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright_lab.sampling import Draws

from .dice import Dice, normal_of
from .kinds import Kind
from .rules import BY_NAME, RULES, Hazards

Whole = npt.NDArray[np.int64]

_FINE = 2**30
_LONGEST_DAYS = 400
# Medicare pays a clean electronic claim from the 14th day on (Claims Processing Manual, chapter 1, 80.2.1.2).
_FLOOR_DAYS = 14
_FASTEST_DAYS = 4


@dataclass(frozen=True)
class Judgement:
    """What became of the claims.

    Attributes:
        claims: `claim`, `probability` (the true one that any line is denied), `denied`.
        lines: `claim`, `line`, `reason` (null where paid), `carc`, `rarc`.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame


class Desks:
    """How each payer answers, drawn from the seed."""

    def __init__(self, kind: Kind, seed: int, payers: pl.DataFrame) -> None:
        dice, count = Dice(seed, "desks"), payers.height
        medicare = (payers["kind"] == "medicare").to_numpy()
        slow = np.where(dice.uniform("slow", count) < kind.slow, 2.0, 1.0)
        self._seed = seed
        self._place = dict(zip(payers["payer"], range(count), strict=True))
        self._median = np.where(
            medicare,
            dice.between("medicare days", (14, 18), count),
            dice.between("days", kind.days, count) * slow,
        )
        self._least = np.where(medicare, _FLOOR_DAYS, _FASTEST_DAYS)
        self._spread = np.where(medicare, 0.15, dice.between("spread", (0.25, 0.65), count))
        self._denied_factor = dice.between("denied factor", (0.85, 1.9), count)
        self._paper_days = dice.between("paper days", (7, 45), count)
        low, high = np.log(kind.silent)
        self._silent = np.exp(dice.between("silent", (low, high), count))
        self._allowed = dice.between("allowed", (0.32, 0.78), count)
        self._coinsurance = dice.between("coinsurance", (0.05, 0.25), count)
        codes = np.stack([dice.between(f"usual code {rule.name}", (0.55, 0.97), count) for rule in RULES])
        self._usual_code = dict(zip((rule.name for rule in RULES), codes, strict=True))

    def judge(self, batch: ClaimBatch, hazards: Hazards, owner: Whole) -> Judgement:
        """Draw the outcome of every reason; the first in the order of the rules is the one that is told."""
        payer = self._rows(batch)
        place = hazards.claim_of_line.astype(np.int64)
        of_claim = Draws(self._seed, owner)
        line = batch.lines["line"].to_numpy()
        of_line = Draws(self._seed, owner[place] * 64 + line)
        reason: Whole = np.full(len(place), -1, dtype=np.int64)
        for number in range(len(RULES) - 1, -1, -1):
            rule = RULES[number]
            if rule.of_line:
                struck = of_line.below(f"dice {rule.name}", _FINE) < hazards.lines[rule.name] * _FINE
            else:
                struck = (of_claim.below(f"dice {rule.name}", _FINE) < hazards.claims[rule.name] * _FINE)[
                    place
                ]
            reason[struck] = number
        carc, rarc = self._codes(reason, payer[place], of_claim.of(place))
        names = {number: rule.name for number, rule in enumerate(RULES)}
        lines = batch.lines.select("claim", "line").with_columns(
            reason=pl.Series(reason).replace_strict(names, default=None, return_dtype=pl.String),
            carc=carc,
            rarc=rarc,
        )
        denied = np.bincount(place, reason >= 0, len(batch)) > 0
        claims = batch.claims.select("claim").with_columns(
            probability=pl.Series(hazards.probability()), denied=pl.Series(denied)
        )
        return Judgement(claims, lines)

    def _rows(self, batch: ClaimBatch) -> Whole:
        rows: Whole = batch.claims["payer_id"].replace_strict(self._place, return_dtype=pl.Int64).to_numpy()
        return rows

    def _codes(self, reason: Whole, payer: Whole, draws: Draws) -> tuple[pl.Series, pl.Series]:
        """Adjustment reason and remark: mostly the payer's usual ones for the reason, sometimes others."""
        uniform = (draws.below("code", 2**32) + 0.5) / 2**32
        carc, rarc = np.full(len(reason), None, dtype=object), np.full(len(reason), None, dtype=object)
        for number, rule in enumerate(RULES):
            own = np.flatnonzero(reason == number)
            usual = self._usual_code[rule.name][payer[own]]
            beyond = (uniform[own] - usual) / (1 - usual)
            others = len(rule.codes) - 1
            which = np.where(
                uniform[own] < usual, 0, 1 + np.minimum((beyond * others).astype(int), max(others - 1, 0))
            )
            which = np.minimum(which, others)
            for at, (code, remark) in enumerate(rule.codes):
                carc[own[which == at]], rarc[own[which == at]] = code, remark
        return pl.Series(carc.tolist(), dtype=pl.String), pl.Series(rarc.tolist(), dtype=pl.String)

    def pay(
        self, batch: ClaimBatch, submitted_on: pl.Series, judged: Judgement, owner: Whole
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Payments and services as in `world.pay`; claims that are never answered have none."""
        payer = self._rows(batch)
        draws = Draws(self._seed, owner)
        place = (batch.lines["claim"].to_numpy() - 1).astype(np.int64)
        charge = (batch.lines["line_charge"] * 100).cast(pl.Int64).fill_null(0).to_numpy()
        lost = judged.lines["reason"].is_not_null().to_numpy()
        share = np.clip(self._allowed[payer] * np.exp(0.15 * normal_of(draws, "allowed")), 0.05, 1.0)
        allowed = np.where(lost, 0, np.floor(charge * share[place])).astype(np.int64)
        patient = np.floor(allowed * self._coinsurance[payer][place]).astype(np.int64)
        services = judged.lines.select("claim", "line", "carc", "rarc").with_columns(
            procedure=pl.coalesce(batch.lines["procedure"], batch.lines["revenue_code"]),
            modifiers=batch.lines.select(
                pl.concat_str([f"modifier_{n}" for n in range(1, 5)], separator=":", ignore_nulls=True)
            ).to_series(),
            charge_cents=charge,
            contractual_cents=np.where(lost, 0, charge - allowed),
            patient_cents=patient,
            denied_cents=np.where(lost, charge, 0),
            paid_cents=allowed - patient,
        )
        days = self._days(batch, judged, payer, draws)
        sums = services.group_by("claim").agg(pl.col("paid_cents", "patient_cents", "charge_cents").sum())
        payments = (
            batch.claims.select("claim", "claim_id", payer="payer_id")
            .with_columns(
                paid_on=(submitted_on.cast(pl.Int32) + pl.Series(days)).cast(pl.Int32).cast(pl.Date),
                control_number="WICN" + pl.Series(owner % 10**9).cast(pl.String).str.zfill(9),
            )
            .join(sums, on="claim", how="left", maintain_order="left")
            .with_columns(pl.col("paid_cents", "patient_cents", "charge_cents").fill_null(0))
        )
        silent = draws.below("silent", _FINE) < self._silent[payer] * _FINE
        heard = payments.filter(pl.Series(~silent))
        return heard, services.join(heard.select("claim"), on="claim", how="semi")

    def _days(self, batch: ClaimBatch, judged: Judgement, payer: Whole, draws: Draws) -> Whole:
        papers = judged.lines.filter(pl.col("reason").is_in(["documentation", "charge"]))["claim"].unique()
        wants = batch.claims["claim"].is_in(papers.implode()).to_numpy()
        median = self._median[payer] * np.where(
            judged.claims["denied"].to_numpy(), self._denied_factor[payer], 1.0
        )
        days = (
            median * np.exp(self._spread[payer] * normal_of(draws, "days")) + wants * self._paper_days[payer]
        )
        return np.clip(np.rint(days), self._least[payer], _LONGEST_DAYS).astype(np.int64)


def reason_of_claim(judged: Judgement) -> pl.DataFrame:
    """`claim`, `reason`: the first reason of a denied line of each denied claim."""
    order = {rule.name: number for number, rule in enumerate(RULES)}
    return (
        judged.lines.drop_nulls("reason")
        .with_columns(order=pl.col("reason").replace_strict(order, return_dtype=pl.Int64))
        .sort("claim", "order")
        .unique("claim", keep="first", maintain_order=True)
        .select(
            "claim", "reason", cause=pl.col("reason").replace_strict({n: r.cause for n, r in BY_NAME.items()})
        )
    )
