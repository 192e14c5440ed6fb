"""A block of claims while defects are planted in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from claimwright.domain.batch import complete
from claimwright.domain.dictionary import Level, schema
from claimwright_lab.sampling.draws import Draws, Flags, Whole
from claimwright_lab.sampling.lines import Frames

Value = pl.Expr | str | int | None


class Draft:
    """Frames that change in place. Claims are named by their ordinals."""

    def __init__(self, frames: Frames, seed: int) -> None:
        self.frames = frames
        self.seed = seed
        self._facts: pl.DataFrame | None = None

    def draws(self, claims: Whole) -> Draws:
        """Draws of these claims that the claims themselves were not made from."""
        return Draws(self.seed ^ 0x5EED, claims)

    def frame(self, level: Level) -> pl.DataFrame:
        """The frame of a level, with its keys at least."""
        made = self.frames.get(level)
        return made if made is not None else pl.DataFrame(schema={"claim": pl.Int64})

    def rows(self, level: Level, claims: Whole) -> Flags:
        """Which rows of a level belong to these claims."""
        owners = self.frame(level)["claim"].to_numpy()
        return np.isin(owners, claims)

    def claim(self, claims: Whole, **values: Value) -> None:
        """Give fields of these claims other values."""
        self._change(Level.CLAIM, self.rows(Level.CLAIM, claims), values)

    def line(self, claims: Whole, number: int | None = 1, **values: Value) -> None:
        """Give fields of one line of these claims other values, or of all lines where `number` is None."""
        rows = self.rows(Level.LINE, claims)
        if number is not None:
            rows &= (self.frame(Level.LINE)["line"] == number).to_numpy()
        self._change(Level.LINE, rows, values)

    def repeating(self, level: Level, claims: Whole, where: pl.Expr, **values: Value) -> None:
        """Give fields of the rows of a level for which `where` holds other values."""
        if level not in self.frames:
            return
        held = self.frame(level).select("claim", rows=where.fill_null(False))["rows"]
        rows = self.rows(level, claims) & held.to_numpy()
        self._change(level, rows, values)

    def _change(self, level: Level, rows: Flags, values: dict[str, Value]) -> None:
        if not rows.any():
            return
        frame, types = self.frame(level), schema(level)
        flags = pl.Series("rows", rows)
        changed = []
        for name, value in values.items():
            told = value if isinstance(value, pl.Expr) else pl.lit(value)
            kept = pl.col(name) if name in frame.columns else pl.lit(None)
            changed.append(
                pl.when(flags).then(told.cast(types[name])).otherwise(kept.cast(types[name])).alias(name)
            )
        self.frames[level] = frame.with_columns(changed)

    def remove(self, level: Level, claims: Whole) -> None:
        """Take the rows of a level away from these claims."""
        if level in self.frames:
            self.frames[level] = self.frames[level].filter(pl.Series(~self.rows(level, claims)))

    def append(self, level: Level, rows: pl.DataFrame) -> None:
        """Add rows to a level; those of a claim stay together, the new ones last."""
        types = schema(level)
        fitting = rows.select(pl.col(name).cast(types[name]) for name in rows.columns)
        before = self.frames.get(level)
        together = fitting if before is None else pl.concat([before, fitting], how="diagonal")
        keys = [name for name in ("claim", "line") if name in together.columns]
        self.frames[level] = together.sort(keys, maintain_order=True)

    def copy_claim(self, sources: Whole, targets: Whole, **kept: pl.Expr) -> None:
        """Make each target the same claim as its source; `kept` says what the target has of its own."""
        for level, frame in list(self.frames.items()):
            if level is Level.TRANSACTION or "claim" not in frame.columns:
                continue
            pairs = pl.DataFrame({"claim": sources, "target": targets})
            copied = frame.join(pairs, on="claim", how="inner", maintain_order="left")
            own = self.frames[Level.CLAIM].select(pl.col("claim").alias("target"), "transaction")
            if level is Level.CLAIM:
                copied = copied.drop("transaction").join(own, on="target", how="left", maintain_order="left")
                copied = copied.with_columns(**kept)
            copied = copied.with_columns(claim=pl.col("target")).select(frame.columns)
            rest = frame.filter(~pl.col("claim").is_in(pl.Series(targets).implode()))
            self.frames[level] = pl.concat([rest, copied]).sort("claim", maintain_order=True)

    def facts(self) -> pl.DataFrame:
        """What decides which defects fit a claim: its fields, and a few counts."""
        if self._facts is None:
            lines = self.frame(Level.LINE).with_columns(
                [
                    pl.lit(None, pl.String).alias(n)
                    for n in ("ndc", "modifier_1")
                    if n not in self.frame(Level.LINE).columns
                ]
            )
            first = lines.filter(pl.col("line") == 1).select("claim", first_procedure="procedure")
            counted = lines.group_by("claim").agg(
                line_count=pl.len(),
                has_drug=pl.col("ndc").is_not_null().any(),
                has_waived_test=(pl.col("modifier_1") == "QW").any(),
            )
            diagnoses = self.frame(Level.DIAGNOSIS)
            counted_diagnoses = diagnoses.group_by("claim").agg(diagnosis_count=pl.len())
            if "position" in diagnoses.columns:
                leading = diagnoses.filter(pl.col("position") == 1).select(
                    "claim", first_diagnosis="diagnosis"
                )
            else:
                leading = pl.DataFrame(schema={"claim": pl.Int64, "first_diagnosis": pl.String})
            facts = complete(self.frame(Level.CLAIM), Level.CLAIM)
            for part in (first, counted, counted_diagnoses, leading):
                facts = facts.join(part, on="claim", how="left", maintain_order="left")
            self._facts = facts.with_columns(pl.col("diagnosis_count").fill_null(0))
        return self._facts


Plant = Callable[[Draft, Whole], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect.

    Attributes:
        kind: its name, which says what is wrong.
        finding: the code of the rule or structural fault that has to find it.
        plant: what puts it into claims.
        forms: the forms whose claims can have it.
        fits: the claims that can have it, over `Draft.facts`.
        line: the line that the finding is about; None for the claim.
        rare: few claims can have it, so that those which can get it more often.
    """

    kind: str
    finding: str
    plant: Plant = field(compare=False, repr=False)
    forms: str = "PID"
    fits: pl.Expr | None = field(default=None, compare=False, repr=False)
    line: int | None = None
    rare: bool = False


class Defects:
    """Collects the defects of one module, so that an entry stands beside what plants it."""

    def __init__(self) -> None:
        self.all: list[Defect] = []

    def __call__(
        self,
        kind: str,
        finding: str,
        *,
        forms: str = "PID",
        fits: pl.Expr | None = None,
        line: int | None = None,
        rare: bool = False,
    ) -> Callable[[Plant], Plant]:
        """Register a function as what plants a kind of defect."""

        def register(plant: Plant) -> Plant:
            self.all.append(Defect(kind, finding, plant, forms, fits, line, rare))
            return plant

        return register
