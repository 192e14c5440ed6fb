"""A rule over the claims of the store, before it is used."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel, Field, model_validator

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay
from claimwright.foundation import clock
from claimwright.platform import audit

from .knowledge import Replayed, replayed, rule_wanted

routes = Resource("replays", "Rules over stored claims")
MOST_CLAIMS = 10_000


class ReplayWanted(Body):
    """A rule by its code or as it is being written, and over how many of the newest claims it runs."""

    code: str | None = Field(default=None, pattern=r"^[A-Z]{2,4}[0-9]{3}$")
    rule: str | None = Field(
        default=None, min_length=1, max_length=200_000, description="A rule file as YAML, with its cases."
    )
    claims: int = Field(default=2_000, ge=1, le=MOST_CLAIMS)
    as_of: BodyDay | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> ReplayWanted:
        if (self.code is None) == (self.rule is None):
            raise ValueError("give a code or a rule")
        return self


class Measured(BaseModel):
    """How a rule agrees with what payers answered to these claims; shares are null of none."""

    answered: int = Field(description="Claims with an answer.")
    found_denied: int
    found_paid: int
    other_denied: int
    other_paid: int
    precision: float | None = Field(description="Of the claims that the rule finds, the share denied.")
    recall: float | None = Field(description="Of the denied claims, the share that the rule finds.")
    base_rate: float | None = Field(description="The share denied of all answered claims.")


class ReplayedRule(BaseModel):
    """What a rule finds in stored claims, and how that agrees with their denials."""

    code: str
    replay: Replayed
    denials: Measured


@routes.post("/rules/replay", action="rules.replay", errors=("not_found", "unusable_input"))
async def replay_stored(request: Request, asker: Asking, wanted: ReplayWanted) -> ReplayedRule:
    """Run a rule over the newest claims in production, of the asker's facilities; nothing is changed.

    The answer has counts and sums, no claim. It is for those who may see who patients are: a condition can
    ask for a name. Format errors of the claims' files are not found again. Each replays one rule at a time.
    """
    return await few_at_once(request, "rules", lambda: _replayed(asker, wanted), of=asker)


def _replayed(asker: Asker, wanted: ReplayWanted) -> ReplayedRule:
    from claimwright.engines.rules import load_rulebook
    from claimwright.features.rule_workshop import StoredClaims, replay

    book = load_rulebook()
    rule = rule_wanted(wanted.code, wanted.rule, book)
    stored = StoredClaims(
        asker.caller, asker.services.database, asker.services.sealer, facilities=asker.facilities,
        most=wanted.claims,
    )  # fmt: skip
    found = replay(
        [rule], stored.blocks(), book, as_of=wanted.as_of or clock.today(), outcomes=stored.outcomes,
        examples=0,
    )  # fmt: skip
    with asker.services.database.transaction(asker.caller) as connection:
        audit.append(
            asker.caller, connection, action="rules.replayed", subject=f"rule:{rule.code}",
            detail={"rule_code": rule.code, "claims": found.claims}, correlation_id=asker.request_id,
        )  # fmt: skip
    [one] = found.rules
    agreed = one.agreement
    assert agreed is not None  # outcomes were given
    return ReplayedRule(
        code=rule.code, replay=replayed(found),
        denials=Measured(
            answered=found.outcomes or 0, found_denied=agreed.touched_denied, found_paid=agreed.touched_paid,
            other_denied=agreed.untouched_denied, other_paid=agreed.untouched_paid,
            precision=agreed.precision.value, recall=agreed.recall.value, base_rate=agreed.base_rate.value,
        ),
    )  # fmt: skip
