"""Which steps are offered for a claim, and what each is expected to change.

The model's probability for the claim with the step done is what is left; the evidence about the step says how
much of the claim's chance of a denial it takes away (`Effect`). Reasons of denial act independently, so that

    1 - before = (1 - after) x (1 - lacking) / (1 - having)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from .encoding import Real, Whole
from .facts import Facts
from .features import score_features
from .remedies import LIKELY, SEEN, Effect
from .steps import CLAIM_FACT, STEP_OF, Step

if TYPE_CHECKING:
    from .model import Model

# A step is offered if it lowers the probability by a fifth or more, and by five points or more.
WORTH_NAMING, LEAST_GAIN = 0.2, 0.05
_CERTAIN = 0.9999

OFFERS: dict[str, pl.DataType] = {
    # The claim's position in the facts, and the step.
    "row": pl.Int64(),
    "step": pl.String(),
    # The probability of a denial without and with the step, and the difference.
    "before": pl.Float64(),
    "after": pl.Float64(),
    "gain": pl.Float64(),
    # The chance of a denial for the step's cause, without and with it.
    "lacking": pl.Float64(),
    "having": pl.Float64(),
    # The chance that the payer demands it.
    "demanded": pl.Float64(),
    # The position of the line likeliest to need it in the facts' lines; -1: the claim's charge needs it.
    "line": pl.Int64(),
}


def offers(model: Model, facts: Facts, columns: Real, *, measured: bool = True) -> pl.DataFrame:
    """The steps offered for claims: the columns of `OFFERS`, by row and largest gain first.

    `columns` are the claims' features. With `measured` false, all steps with evidence count, whether or
    not their kind reached what is required to be named.
    """
    found = [
        frame
        for name, effect in model.remedies.effects(facts, model.evidence.words, measured=measured).items()
        if (frame := _offered(model, facts, columns, STEP_OF[name], effect, measured)) is not None
    ]
    if not found:
        return pl.DataFrame(schema=OFFERS)
    return pl.concat(found).sort("row", "gain", "step", descending=[False, True, False])


def _offered(
    model: Model, facts: Facts, columns: Real, step: Step, effect: Effect, measured: bool
) -> pl.DataFrame | None:
    least = model.remedies.standing[step.kind].least if measured else LIKELY
    rows = np.flatnonzero((effect.in_force >= least) & (effect.seen >= SEEN)).astype(np.int64)
    if not len(rows):
        return None
    after = probability_with(model, facts, columns, step, rows)
    lacking, having = (np.minimum(each[rows], _CERTAIN) for each in (effect.lacking, effect.having))
    before = 1 - (1 - after) * (1 - lacking) / (1 - having)
    gain = before - after
    return pl.DataFrame(
        {
            "row": rows, "step": [step.name] * len(rows), "before": before, "after": after, "gain": gain,
            "lacking": lacking, "having": having, "demanded": effect.in_force[rows],
            "line": effect.line[rows],
        },
        schema=OFFERS,
    ).filter(pl.col("gain") >= pl.max_horizontal(WORTH_NAMING * pl.col("before"), LEAST_GAIN))  # fmt: skip


def probability_with(model: Model, facts: Facts, columns: Real, step: Step, rows: Whole) -> Real:
    """The model's probability for these claims with the step done."""
    plain = part_of(facts, rows)
    changed = with_step(plain, step)
    before, after = (score_features(each, model.evidence) for each in (plain, changed))
    # What does not depend on the step is as it was computed for the whole batch.
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    features = np.where(same, columns[rows], after)
    scores = model.terms.scored(features)[1]
    return model.probability(scores, model.evidence.words.codes("payer", plain.claims["payer"]))


def with_step(facts: Facts, step: Step) -> Facts:
    """The facts of claims on which the step was done."""
    if step.modifier is None:
        done = pl.lit(True).alias(CLAIM_FACT[step.name])
        return Facts(facts.claims.with_columns(done), facts.lines.with_columns(done), facts.pairs)
    lacks = pl.col("modifier") == "none"
    modifier = pl.when(lacks).then(pl.lit(step.modifier)).otherwise(pl.col("modifier")).alias("modifier")
    return Facts(facts.claims, facts.lines.with_columns(modifier), facts.pairs)


def part_of(facts: Facts, rows: Whole) -> Facts:
    """The facts of some claims, in this order."""
    places = pl.DataFrame({"row": rows}, schema={"row": facts.claims.schema["row"]}).with_row_index(
        "row_of_part"
    )

    def part(frame: pl.DataFrame) -> pl.DataFrame:
        kept = frame.join(places, on="row", how="inner", maintain_order="left")
        return kept.with_columns(row=pl.col("row_of_part").cast(frame.schema["row"])).drop("row_of_part")

    claims = facts.claims[rows]
    return Facts(
        claims.with_columns(row=pl.int_range(pl.len()).cast(claims.schema["row"])),
        part(facts.lines),
        part(facts.pairs),
    )
