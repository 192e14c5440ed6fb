"""Compares what explanations claim, as objects and not as texts, with what is true in the world."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Model, Past
from claimwright.features.prediction import Explanation, History, Reason, explain
from claimwright_lab.denial_world import World

# The reasons of the world that make a condition true, without and with what the condition is about.
TRUE_OF: Mapping[str, tuple[str, ...]] = {
    "duplicate": ("duplicate",),
    "filing_delay_rate": ("filing",),
    "eligibility_rate": ("eligibility",),
    "provider_eligibility_rate": ("eligibility", "any_coverage"),
    "coordination_rate": ("other_coverage", "parents_coverage", "any_coverage"),
    "payer_provider_rate": ("provider",),
    "provider_data_rate": ("identity",),
    "taxonomy_rate": ("taxonomy",),
    "rendering_rate": ("rendering",),
    "referral_rate": ("referral",),
    "drug_code_rate": ("drug_code",),
    "coverage_rate": ("exclusion",),
    "age_coverage_rate": ("age_limit",),
    "authorization_rate": ("authorization",),
    "necessity_rate": ("necessity",),
    "diagnosis_necessity_rate": ("necessity",),
    "units_rate": ("units",),
    "attachment_rate": ("documentation",),
    "charge_attachment_rate": ("charge",),
    "place_rate": ("place",),
    "modifier_rate": ("modifier",),
    "bundling": ("bundling",),
}
_IF_GIVEN = {"authorization_rate": ("wrong_authorization",)}
# Reasons that nothing on a claim shows.
UNSEEN = ("eligibility", "identity", "any_coverage", "unknown")
# A main cause is true if it alone denies at least one in ten such claims, and is at least half as likely as
# the likeliest; a further one if it denies one in twenty.
_LEAST, _PART, _LEAST_FURTHER = 0.1, 0.5, 0.05
# A cause that is left out, or set aside, matters from this chance on, and from this part of the likeliest.
_STRONG, _STRONG_PART = 0.2, 0.5
# A chance is right within a factor of two.
_FACTOR = 2.0
MOST_TOLD, _CAUSE = 6, "cause"

FAULTS: Mapping[str, str] = {
    "main": "the main cause is none",
    "further": "a further cause is none",
    "possible": "a possible further cause, or a hint beside a cause, is none",
    "high": "the chance is more than twice the truth, and no word of doubt",
    "low": "the chance is less than half of the truth",
    "left out": "a strong true cause is not named",
    "set aside": "a strong true cause is called doubtful",
    "doubt": "the chance is called too high, and is right",
}


@dataclass(frozen=True)
class Scored:
    """One explanation beside the truth.

    Attributes:
        claim: its number in the world.
        stated, true: the chance of a denial.
        faults: of `FAULTS`.
        told: what it names: condition, role, and the true chance of that alone.
        causes: true reasons with their chance alone, from 1 percent on.
        is_main: whether it names a main cause without reserve.
    """

    claim: int
    stated: float
    true: float
    faults: frozenset[str]
    told: tuple[tuple[str, str, float], ...]
    causes: dict[str, float]
    is_main: bool
    is_doubted: bool

    @property
    def is_true(self) -> bool:
        """Whether nothing in it is false."""
        return not self.faults


def score_explanations(
    world: World, history: History, model: Model, days: Iterable[datetime.date], *, least: float = 0.2
) -> list[Scored]:
    """All claims of a world sent on these days whose stated chance is at least `least`, explained and scored.

    Each day's claims are explained with what was known on its morning.
    """
    found: list[Scored] = []
    for day in days:
        claims = world.batch.claims["claim"].filter(world.submitted_on == day)
        if not len(claims):
            continue
        knowing = model.with_past(Past.of(history.facts, history.answers, model, day))
        batch = world.batch.select(claims)
        chances = knowing.predict(batch, day).claims.filter(pl.col("denial_probability") >= least)
        if not chances.height:
            continue
        likely = world.batch.select(chances["claim"])
        truth = _Truth(world, likely)
        found += [truth.score(told) for told in explain(knowing, likely, day)]
    return found


class _Truth:
    """What is true of the claims of a batch of the world."""

    def __init__(self, world: World, batch: ClaimBatch) -> None:
        assert world.drawn is not None
        hazards = world.drawn.judge.hazards(batch)
        self._rows = {claim: row for row, claim in enumerate(batch.claims["claim"])}
        self._probability, self._of_claims = hazards.probability(), hazards.by_claim()
        self._of_lines = hazards.lines
        service = batch.lines.select(pl.coalesce("procedure", "revenue_code")).to_series().to_list()
        self._lines: dict[tuple[int, str | None], list[int]] = {}
        for at, (row, name) in enumerate(zip(hazards.claim_of_line.tolist(), service, strict=True)):
            self._lines.setdefault((row, name), []).append(at)

    def score(self, told: Explanation) -> Scored:
        """One explanation beside the truth."""
        row = self._rows[told.claim]
        true = float(self._probability[row])
        causes = {name: float(each[row]) for name, each in self._of_claims.items() if each[row] >= 0.01}
        seen = {name: value for name, value in causes.items() if name not in UNSEEN}
        highest = max(causes.values(), default=0.0)
        shown = told.leading(MOST_TOLD)
        named = [each for each in shown if each.is_cause]
        values = {id(each): self._of(each, row) for each in shown}
        faults = set()
        is_doubted = told.is_doubted
        if named:
            main = values[id(named[0])]
            if main < _LEAST or main < _PART * highest:
                faults.add("main" if named[0].role == _CAUSE else "possible")
        for each in named[1:]:
            if values[id(each)] < _LEAST_FURTHER:
                is_sure = each.role == _CAUSE and not told.is_possible(each)
                faults.add("further" if is_sure else "possible")
        if told.probability > _FACTOR * true and not is_doubted:
            faults.add("high")
        if true > _FACTOR * told.probability:
            faults.add("low")
        if is_doubted and named[:1] == [] and told.probability <= 1.2 * true:
            faults.add("doubt")
        told_rules = {rule for each in named for rule in self._rules(each)}
        strong = {
            name
            for name, value in seen.items()
            if value >= _STRONG and value >= _STRONG_PART * highest and name not in told_rules
        }
        doubtful = {rule for each in shown if not each.is_cause for rule in self._rules(each)}
        if strong & doubtful:
            faults.add("set aside")
        if strong - doubtful:
            faults.add("left out")
        return Scored(
            told.claim,
            told.probability,
            true,
            frozenset(faults),
            tuple((each.condition, each.role.value, values[id(each)]) for each in shown if each.condition),
            dict(sorted(causes.items(), key=lambda item: -item[1])),
            bool(named) and named[0].role == _CAUSE,
            is_doubted,
        )

    def _rules(self, reason: Reason) -> tuple[str, ...]:
        if reason.is_given:
            return _IF_GIVEN.get(reason.condition, ())
        return TRUE_OF.get(reason.condition, ()) + TRUE_OF.get(reason.also, ())

    def _of(self, reason: Reason, row: int) -> float:
        """The true chance that what the reason names denies its service, or the claim."""
        found = 0.0
        for rule in self._rules(reason):
            if rule in self._of_lines and reason.service is not None:
                at = self._lines.get((row, reason.service), [])
                found = max(found, float(1 - np.prod(1 - self._of_lines[rule][at])))
            else:
                found = max(found, float(self._of_claims[rule][row]))
        return found


def shares(scored: list[Scored]) -> pl.DataFrame:
    """`fault`, `claims` and `share` of each of `FAULTS`, and of what is true; and of main causes."""
    whole, mains = len(scored), [each for each in scored if each.is_main]
    rows = [("true", sum(each.is_true for each in scored), whole)]
    rows.append(("main cause true", sum("main" not in each.faults for each in mains), len(mains)))
    rows += [(name, sum(name in each.faults for each in scored), whole) for name in FAULTS]
    return pl.DataFrame(
        [(name, count, of, count / max(of, 1)) for name, count, of in rows],
        schema=["what", "claims", "of", "share"],
        orient="row",
    )
