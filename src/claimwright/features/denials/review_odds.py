"""How likely an independent reviewer overturns a denial: what the appeal-outcome model says, or why nothing.

The model is asked for denials that its decisions are about; it refuses all others, with the reason. Where it
answers and the next step is an appeal, its probability is the chance in the expected recovery.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from claimwright.domain.caller import Caller
from claimwright.domain.denial import NextStep
from claimwright.engines.denials import appeal_model_cases
from claimwright.features.prediction import appeal_outcome_model_of
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denial_with_id
from claimwright.store.sealed_claims import Opens

from .weighing import DenialNotFoundError, weighed


@dataclass(frozen=True)
class OddsReason:
    """What earlier decisions on like cases say: `overturned` of `decided`, all years.

    `about` is what the cases have in common, `values` in the words of the decisions. `log_odds` is its
    contribution to the probability; recent decisions count more than old ones.
    """

    about: str
    values: list[str]
    overturned: int
    decided: int
    log_odds: float


@dataclass(frozen=True)
class AppealOdds:
    """The probability of an overturn with its 90 percent interval; or `refused`, the reason for none.

    `overturned` of `decided` are earlier cases with the same diagnosis and treatment. They are stated too if
    all that is refused is a probability so long after the newest decision: then they are history, and no
    forecast. `is_used`: the expected recovery of the denial uses the probability, because its next step is
    an appeal.
    """

    denial_id: int
    probability: float | None
    low: float | None
    high: float | None
    refused: str | None
    overturned: int | None
    decided: int | None
    first_year: int
    last_year: int
    is_used: bool
    reasons: list[OddsReason]


def without_values(found: AppealOdds) -> AppealOdds:
    """The odds for those who may not see what a claim is about: which diagnosis and treatment is left out."""
    return replace(found, reasons=[replace(each, values=[]) for each in found.reasons])


def appeal_odds(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
) -> AppealOdds:
    """What the model says of one denial, in any state. Without `opener` no State is known: it is refused.

    Raises:
        DenialNotFoundError: there is none, or it is of another facility.
        ArtifactError: the model in the store is damaged.
        PhiError: the record of its claim can't be opened.
    """
    found = denial_with_id(connection, denial_id, facilities=facilities)
    if not found.height:
        raise DenialNotFoundError(f"there is no denial {denial_id}.")
    rows, _ = weighed(caller, connection, found, as_of, opener)
    model = appeal_outcome_model_of(connection)
    first, last = model.years
    cases = appeal_model_cases(rows, year=as_of.year)
    [case] = cases.to_dicts()
    refused = case["refused"] or model.refusal(case)
    if refused is not None:
        is_only_late = not case["refused"] and model.refusal(case | {"year": last}) is None
        overturned, decided = model.earlier(case) if is_only_late else (None, None)
        return AppealOdds(
            denial_id, None, None, None, refused, overturned, decided, first, last, False, []
        )  # fmt: skip
    [answer] = model.answers(cases).to_dicts()
    reasons = [
        OddsReason(each.about, list(each.values), each.overturned, each.decided, round(each.log_odds, 3))
        for each in model.reasons(case)
        if each.decided
    ]
    return AppealOdds(
        denial_id, answer["probability"], answer["low"], answer["high"], None, answer["overturned"],
        answer["decided"], first, last, rows["next_step"][0] == NextStep.APPEAL.value, reasons,
    )  # fmt: skip
