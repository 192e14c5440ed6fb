"""What offices of a drawn world usually do, and how well; some change their ways inside the world's time."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from .dice import Dice, Real
from .kinds import Kind
from .office import WORLD_BEGINS, WORLD_ENDS

Whole = npt.NDArray[np.int64]

# Ends of the share of claims that each habit touches, by office.
SHARES: dict[str, tuple[float, float]] = {
    "authorizes": (0.75, 0.98),
    "refers": (0.60, 0.97),
    "attaches": (0.30, 0.92),
    "drops_modifiers": (0.01, 0.14),
    "drops_rendering": (0.00, 0.06),
    "drops_taxonomy": (0.00, 0.05),
    "drops_drug_codes": (0.02, 0.25),
    "unspecific": (0.01, 0.12),
    "wrong_units": (0.01, 0.05),
    "is_late": (0.01, 0.07),
    "repeats": (0.003, 0.02),
    "reworks": (0.35, 0.85),
    "repairs": (0.60, 0.95),
    "appeals": (0.02, 0.25),
}
# How much worse than others an office checks registrations, or types.
_SPREAD = 0.6
_FACTORS = ("registration", "carelessness")


class Habits:
    """Habits by billing provider. In some offices another person does the work from one day on."""

    def __init__(self, kind: Kind, seed: int, providers: pl.Series) -> None:
        self.providers = providers.unique().sort()
        self._dice = Dice(seed, "habits")
        count = len(self.providers)
        span = ((WORLD_BEGINS - date(1970, 1, 1)).days + 60, (WORLD_ENDS - date(1970, 1, 1)).days - 30)
        changes = self._dice.uniform("turnover", count) < self._dice.one("share of turnover", kind.turnover)
        self._changes = np.where(changes, self._dice.whole("day of turnover", span, count), 2**30)
        self._place = dict(zip(self.providers, range(count), strict=True))
        self.lag = self._dice.whole("usual days", (1, 21), count)
        self.new_patient, self.long_gap = (
            self._dice.one(name, (1.2, 3.0)) for name in ("factor of new patients", "factor of long gaps")
        )
        # Plans change with the year (45 CFR 147.104 for individual coverage); by how much is drawn.
        peak = self._dice.one("new year", (1.2, 2.2))
        self.seasons = np.array([1.0, peak, 1 + (peak - 1) * 0.7, 1 + (peak - 1) * 0.3] + [1.0] * 9)

    def rows(self, providers: pl.Series) -> Whole:
        """The position of each provider."""
        places: Whole = providers.replace_strict(self._place, return_dtype=pl.Int64).to_numpy()
        return places

    def of(self, name: str, rows: Whole, day: Whole) -> Real:
        """The habit of each office on each day: a share from 0 to 1, or a factor around 1."""
        count = len(self.providers)
        if name in SHARES:
            before, after = (
                self._dice.between(f"{name} {when}", SHARES[name], count) for when in ("before", "after")
            )
        else:
            before, after = (
                self._dice.factor(f"{name} {when}", _SPREAD, count) for when in ("before", "after")
            )
        return np.where(day < self._changes[rows], before[rows], after[rows])

    def hidden(self, claims: pl.DataFrame) -> list[pl.Series]:
        """What no claim shows and payers notice: `registration` and `carelessness` of the office, as factors.

        `claims` has `provider`, `day`, `month`, `visits`, `gap` and `corrected`.
        """
        rows, day = self.rows(claims["provider"]), claims["day"].cast(pl.Int32).to_numpy().astype(np.int64)
        registration, carelessness = (self.of(name, rows, day) for name in _FACTORS)
        visits, gap = claims["visits"].to_numpy(), claims["gap"].fill_null(0).to_numpy()
        registration = registration * self.seasons[claims["month"].to_numpy()]
        registration = (
            registration
            * np.where(visits == 0, self.new_patient, 1.0)
            * np.where(gap > 120, self.long_gap, 1.0)
        )
        # Who sends a claim again has looked.
        registration = registration * np.where(claims["corrected"].to_numpy(), 0.4, 1.0)
        return [pl.Series("registration", registration), pl.Series("carelessness", carelessness)]
