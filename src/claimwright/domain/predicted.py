"""What a model says of a batch: the words that those who predict share with those who store it."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

# One row a claim, in the order of the batch: what decides its route.
ROUTED_BY: dict[str, pl.DataType] = {
    "denial_probability": pl.Float64(),
    # How sure the model is of its own answer, from 0 to 1.
    "confidence": pl.Float64(),
    # The probability from which on a person looks at claims of that payer; null: as the settings say.
    "review_from": pl.Float64(),
    # Whether the expected gain of a review is worth its cost; null: the probability decides.
    "is_worth_review": pl.Boolean(),
    # What a review is expected to bring in dollars, after its cost; null if the model knows no step.
    "review_gain": pl.Decimal(18, 2),
    # The step that would help most, of those that the model offers.
    "review_step": pl.String(),
    "predicted_by": pl.String(),
}
# One row a claim and model that scored it: what is kept, so that it can be judged by what the payer answers.
KEPT: dict[str, pl.DataType] = {
    # The claim's place in the batch, from 0.
    "row": pl.Int64(),
    "model": pl.String(),
    # `champion` or `shadow`.
    "role": pl.String(),
    "probability": pl.Float64(),
    "confidence": pl.Float64(),
    "review_from": pl.Float64(),
    "review_gain": pl.Decimal(18, 2),
    "category": pl.String(),
    # The champion's: a whole number of 1/2048 log odds for each term, two bytes each, low byte first.
    "contributions": pl.Binary(),
}


@dataclass(frozen=True)
class Predicted:
    """Predictions for a batch.

    Attributes:
        claims: the columns of `ROUTED_BY`.
        kept: the columns of `KEPT`; nothing where no model scored.
        spread: how the champion's features are spread over the batch, as `claimwright.engines.prediction`
            counts them: four bytes a step; empty where no model scored.
    """

    claims: pl.DataFrame
    kept: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KEPT))
    spread: bytes = b""
