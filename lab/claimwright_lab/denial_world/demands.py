"""The demands that the payers of a drawn world might make, before it is decided which of them hold.

Services, diagnoses and modifiers come from what is billed in this world, limits from its seed: there is no
list here that a model could have been made from.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from .dice import Dice
from .kinds import Kind
from .office import WORLD_BEGINS, WORLD_ENDS
from .rules import RULES
from .view import View

ALWAYS, NEVER = date(2000, 1, 1), date(2100, 1, 1)
_BULLETINS = 4
# Of the demands that change, the share that begins; the others end.
BEGINNING = 0.6
# The rate of a demand about a service, before a payer's strictness: between these, by a square root.
WEAKEST, STRICTEST = 0.3, 1.0
# Share of possible demands that are considered at all; how many hold is decided by how often they deny.
_CONSIDERED = {
    "authorization": 0.5,
    "referral": 0.35,
    "drug_code": 0.7,
    "exclusion": 0.5,
    "age_limit": 0.5,
    "frequency": 0.5,
    "modifier": 0.7,
    "bundling": 0.4,
    "place": 0.3,
    "necessity": 0.6,
    "units": 0.6,
    "documentation": 0.4,
}


class Demands:
    """Draws the tables; each has `payer`, `rate`, `from_on`, `until_on` and what its rule compares."""

    def __init__(self, kind: Kind, seed: int, payers: pl.DataFrame, view: View) -> None:
        self._seed, self._kind, self._payers, self._view = seed, kind, payers, view
        dice = Dice(seed, "demands")
        self.changing = dice.one("changing", kind.changing)
        # A payer publishes on a few days of its own.
        days = (WORLD_ENDS - WORLD_BEGINS).days
        at = dice.whole("bulletins", (20, days - 15), payers.height * _BULLETINS)
        self._bulletins = at.reshape(payers.height, _BULLETINS) + WORLD_BEGINS.toordinal()
        self._strictness = dict(
            zip(payers["payer"], dice.between("strictness", (0.7, 1.0), payers.height), strict=True)
        )

    def days_of_change(self, payers: pl.Series) -> npt.NDArray[np.int64]:
        """The days on which demands of each of these payers may begin or end, in days since 1970."""
        number = dict(zip(self._payers["payer"], range(self._payers.height), strict=True))
        rows = payers.replace_strict(number, return_dtype=pl.Int64).to_numpy()
        days: npt.NDArray[np.int64] = self._bulletins[rows] - date(1970, 1, 1).toordinal()
        return days

    def tables(self) -> dict[str, pl.DataFrame]:
        """All tables, by the name of their rule."""
        drawn = {
            "provider": self._pairs(
                "provider", self._view.claims.select("provider").unique().sort("provider"), 0.06
            ),
            "filing": self._filing(),
            "other_coverage": self._ages_of_coverage(),
            "charge": self._by_payer("charge").with_columns(
                self._cents("charge", self._payers.height, (150, 9000))
            ),
            **self._of_services(),
        }
        for rule in RULES:
            if rule.name not in drawn:
                drawn[rule.name] = self._by_payer(rule.name)
        return {rule.name: drawn[rule.name] for rule in RULES}

    def _of_services(self) -> dict[str, pl.DataFrame]:
        lines = self._view.lines
        services = (
            lines.group_by("service")
            .agg(
                pl.len(),
                cents=pl.col("cents").median(),
                most=pl.col("units").max(),
                form=pl.col("form").first(),
            )
            .drop_nulls("service")
            .sort("service")
        )
        costly = services.filter(pl.col("cents") >= pl.col("cents").quantile(0.35))
        several = services.filter(pl.col("most") > 1)
        drugs = services.filter(pl.col("service").str.contains(r"^J\d{4}$"))
        only = pl.col("service")
        # No payer may ask for an authorization of emergency services (45 CFR 149.110; 42 CFR 422.113).
        planned = costly.filter(~pl.col("service").str.contains(r"^(9928[1-5]|045\d)$"))
        found = {
            "authorization": self._pairs("authorization", planned.select(only)),
            "referral": self._pairs("referral", services.filter(pl.col("form") == "P").select(only)),
            "drug_code": self._pairs("drug_code", drugs.select(only)),
            "exclusion": self._pairs("exclusion", services.select(only)),
            "age_limit": self._pairs("age_limit", services.select(only)),
            "frequency": self._pairs("frequency", services.select(only)),
            "units": self._pairs("units", several.select(only, "most")),
            "documentation": self._pairs("documentation", costly.select(only)),
            "modifier": self._pairs("modifier", self._together("modifier_1", "modifier", 15)),
            "place": self._pairs("place", self._together("place", "place", 15)),
            "necessity": self._necessity(),
            "bundling": self._pairs("bundling", self._beside()),
        }
        for name in ("authorization", "documentation"):
            found[name] = found[name].with_columns(self._cents(name, found[name].height, (0, 800)))
        found["wrong_authorization"] = found["authorization"].drop("order", "from_cents")
        ages, dice = found["age_limit"], Dice(self._seed, "edges")
        low = dice.between("from age", (0, 60), ages.height)
        found["age_limit"] = ages.with_columns(
            from_age=pl.Series(np.where(dice.uniform("has from", ages.height) < 0.5, low, 0.0)),
            to_age=pl.Series(low + dice.between("span", (8, 70), ages.height)),
        )
        found["frequency"] = found["frequency"].with_columns(
            days=pl.Series(dice.whole("days between", (20, 200), found["frequency"].height))
        )
        units = found["units"]
        share = dice.between("share of units", (0.2, 0.95), units.height)
        found["units"] = units.with_columns(
            most=pl.Series(np.floor(units["most"].to_numpy() * share).clip(1))
        )
        return found

    def _cents(self, purpose: str, count: int, dollars: tuple[int, int]) -> pl.Series:
        return pl.Series(
            "from_cents", Dice(self._seed, "edges").whole(f"cents {purpose}", dollars, count) * 100
        )

    def _by_payer(self, name: str) -> pl.DataFrame:
        """One row a payer, always in force: only its rate is a parameter."""
        rate = Dice(self._seed, name).between("rate", (0.3, 0.9), self._payers.height)
        return self._payers.select("payer", rate=pl.Series(rate), from_on=ALWAYS, until_on=NEVER)

    def _pairs(self, name: str, subjects: pl.DataFrame, considered: float | None = None) -> pl.DataFrame:
        """Payers with subjects, those that are considered; dated, and with the payer's strictness."""
        dice = Dice(self._seed, name)
        frame = self._payers.select("payer").with_row_index("number").join(subjects, how="cross")
        chosen = dice.uniform("considered", frame.height) < (considered or _CONSIDERED[name])
        frame = frame.with_columns(
            self._strict(dice, frame),
            *self._dates(dice, frame),
            order=pl.Series(dice.uniform("order", frame.height)),
        )
        return frame.filter(pl.Series(chosen)).drop("number")

    def _strict(self, dice: Dice, frame: pl.DataFrame) -> pl.Series:
        strictness = frame["payer"].replace_strict(self._strictness, return_dtype=pl.Float64).to_numpy()
        return pl.Series(
            "rate",
            np.round(
                (WEAKEST + (STRICTEST - WEAKEST) * dice.uniform("rate", frame.height) ** 0.5) * strictness, 4
            ),
        )

    def _dates(self, dice: Dice, frame: pl.DataFrame) -> list[pl.Series]:
        """Most demands hold throughout; some begin or end on a day on which the payer publishes."""
        changes = dice.uniform("changes", frame.height)
        at = self._bulletins[
            frame["number"].to_numpy(), dice.whole("bulletin", (0, _BULLETINS - 1), frame.height)
        ]
        begins = np.where(changes < self.changing * BEGINNING, at, ALWAYS.toordinal())
        ends = np.where(
            (changes >= self.changing * BEGINNING) & (changes < self.changing), at, NEVER.toordinal()
        )
        epoch = date(1970, 1, 1).toordinal()
        return [
            pl.Series("from_on", (begins - epoch).astype(np.int32)).cast(pl.Date),
            pl.Series("until_on", (ends - epoch).astype(np.int32)).cast(pl.Date),
        ]

    def _together(self, column: str, name: str, least: int) -> pl.DataFrame:
        """Services with what they are often billed with."""
        seen = self._view.lines.filter(pl.col(column).is_not_null() & pl.col("service").is_not_null())
        return (
            seen.group_by("service", pl.col(column).alias(name))
            .len()
            .filter(pl.col("len") >= least)
            .sort("service", name)
            .select("service", name)
        )

    def _beside(self) -> pl.DataFrame:
        """Services that are billed together, the one and the other."""
        lines = self._view.lines.select("claim", "service").drop_nulls().unique(maintain_order=True)
        pairs = lines.join(lines.rename({"service": "beside"}), on="claim").filter(
            pl.col("service") != pl.col("beside")
        )
        return (
            pairs.group_by("service", "beside")
            .len()
            .filter(pl.col("len") >= 15)
            .sort("service", "beside")
            .select("service", "beside")
        )

    def _necessity(self) -> pl.DataFrame:
        """Diagnoses that a payer does not accept for a service, by the first three to five characters."""
        lines = self._view.lines.drop_nulls(["service", "diagnosis"])
        seen = (
            lines.group_by("service", "diagnosis")
            .len()
            .filter(pl.col("len") >= 4)
            .sort("service", "diagnosis")
        )
        length = Dice(self._seed, "prefixes").whole("length", (3, 5), seen.height)
        cut = seen.with_columns(length=pl.Series(length)).select(
            "service", prefix=pl.col("diagnosis").str.slice(0, pl.col("length"))
        )
        return self._pairs("necessity", cut.unique(maintain_order=True))

    def _filing(self) -> pl.DataFrame:
        """Medicare's year (42 CFR 424.44); contracts of other payers say 45 to 365 days, and some change."""
        dice, count = Dice(self._seed, "filing"), self._payers.height
        medicare = (self._payers["kind"] == "medicare").to_numpy()
        days = np.where(medicare, 365, dice.whole("days", (45, 365), count))
        rate = dice.between("rate", (0.85, 0.98), count)
        frame = self._payers.select(
            "payer", rate=pl.Series(rate), days=pl.Series(days), from_on=ALWAYS, until_on=NEVER
        )
        cut = pl.Series((dice.uniform("cut", count) < self.changing) & ~medicare)
        at = pl.Series((self._bulletins[:, 0] - date(1970, 1, 1).toordinal()).astype(np.int32)).cast(pl.Date)
        shorter = pl.Series(np.floor(days * dice.between("shorter", (0.4, 0.8), count)).astype(np.int64))
        before = frame.with_columns(until_on=pl.when(cut).then(at).otherwise("until_on"))
        after = frame.with_columns(from_on=at, days=shorter).filter(cut)
        return pl.concat([before, after])

    def _ages_of_coverage(self) -> pl.DataFrame:
        """From which age another payer is assumed to come first: an employer's plan, or Medicare."""
        dice, frame = Dice(self._seed, "other coverage"), self._by_payer("other_coverage")
        medicare = pl.Series(self._payers["kind"].is_in(["medicare", "advantage"]))
        low = pl.Series(dice.between("from age", (58, 68), frame.height))
        return frame.with_columns(from_age=low, to_age=pl.when(medicare).then(low + 8).otherwise(120.0))
