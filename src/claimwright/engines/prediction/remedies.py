"""What would help: for each step, how payers treated lines of a service that lacked it and that had it.

A step is a candidate for a claim if its payer denied this service without it, is likely to do so still, and
was seen with it. How much it helps follows from the two rates; which steps are offered at all is decided by
how they did on later claims, and is part of the model (`Standing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from .answers import Answers
from .charge_limits import ChargeLimit, find_limits
from .encoding import Counts, Real, Vocabulary, Whole
from .facts import Facts, same_claims
from .steps import CAUSES, HAS, LACKS, NONE, NOT_APPLICABLE, STEPS, Cause, Step, states
from .support import MONTH_DAYS, Support, SupportLines

Flags = npt.NDArray[np.bool_]

# A step is a candidate if a demand is at least this likely, until it was measured, and the service was seen
# with it at least once.
LIKELY = 0.15
SEEN = 1.0
# Of a payer's charge limit, older claims weigh less.
_HALF_LIFE_DAYS = 180
_CERTAIN = 0.9999
_HALF = 0.5


@dataclass(frozen=True)
class Standing:
    """How a step did on claims that were sent after those it was learned from.

    Attributes:
        offers: claims for which it would have been offered.
        precision: denials for its cause on these claims, of those expected if every offer was right.
        recall: share of the denials that lacked it for which it would have been offered.
        denials: the number of these denials.
        is_offered: whether both reach what is required.
        least: the lowest chance of a demand with which it is offered.
    """

    offers: int
    precision: float
    recall: float
    denials: int
    is_offered: bool
    least: float


@dataclass(frozen=True)
class Effect:
    """What a step would do to claims, one entry a claim.

    Attributes:
        lacking, having: chance that the claim is denied for the step's cause without the step, and with it.
        in_force: chance that the payer demands it of at least one line, or of the claim.
        seen: answered lines of the same payer and service that had it, for the line likeliest to need it.
        line: that line's position in the lines of the facts; -1 if the charge, or nothing, needs it.
    """

    lacking: Real
    having: Real
    in_force: Real
    seen: Real
    line: Whole


@dataclass(frozen=True)
class RemedyModel:
    """The evidence for every step.

    Attributes:
        supports: by step.
        corrected: by step, corrected claims that were sent again with it after a denial: answered, and paid.
        bundles: of lines billed beside another service: with and without a modifier for a distinct service.
        limits: charges above which a payer demands an attachment, by the payer's code.
        standing: by kind of step; one that is not in it was not measured, and is not offered.
        since, until: days since 1970 of the first claim, and of the first that is not counted.
    """

    supports: Mapping[str, Support] = field(default_factory=dict)
    corrected: Mapping[str, Counts] = field(default_factory=dict)
    bundles: Support = field(default_factory=Support.nothing)
    limits: Mapping[int, ChargeLimit] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    since: int = 0
    until: int = 0

    @classmethod
    def fit(cls, facts: Facts, answers: Answers, words: Vocabulary, use: Flags, until: int) -> RemedyModel:
        """From the claims in use, which were sent and answered before `until` (days since 1970).

        Steps that no payer demanded of any service are left out. Without causes, there is nothing to learn.
        """
        if answers.line_cause is None or not use.any():
            return cls()
        lines = _Lines.of(facts, answers, words, use)
        since = int(lines.sent[use].min())
        supports, services = {}, words.size("procedure")
        for step in STEPS:
            rows = lines.for_step(step)
            if lines.is_denied(step.cause)[rows].any():
                supports[step.name] = Support.fit(
                    lines.read(step, rows, since), services, by_amount=step.by_amount
                )
        pairs = _Pairs.of(facts, lines, words)
        return cls(
            supports=supports,
            corrected={name: lines.corrected(facts, step) for name, step in _named(supports)},
            bundles=Support.fit(pairs.read(since), words.size("beside")),
            limits=_limits(facts, lines, supports, until),
            since=since,
            until=until,
        )

    def after(self, facts: Facts, answers: Answers, words: Vocabulary, day: int) -> RemedyModel:
        """With claims that were sent since `until` and answered before `day`, in the months that follow."""
        if answers.line_cause is None or not self.supports:
            return self
        sent = facts.claims["submitted_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        use = (answers.answered_day >= 0) & (answers.answered_day < day) & (sent >= self.until)
        if not use.any():
            return self
        lines = _Lines.of(facts, answers, words, use)
        supports = {
            name: self.supports[name].after(lines.read(step, lines.for_step(step), self.until))
            for name, step in _named(self.supports)
        }
        pairs = _Pairs.of(facts, lines, words)
        bundles = self.bundles.after(pairs.read(self.until))
        return replace(self, supports=supports, bundles=bundles, until=day)

    def effects(self, facts: Facts, words: Vocabulary, *, measured: bool = True) -> dict[str, Effect]:
        """The effect of each step that is offered, or with `measured` false of all that have evidence."""
        wanted = self.offered() if measured else list(self.supports)
        key = service_key(facts.lines, words)
        row = facts.lines["row"].to_numpy().astype(np.int64)
        payer = words.codes("payer", facts.claims["payer"])
        found = {}
        for name, step in _named(self.supports):
            if name in wanted:
                found[name] = self._effect(facts, step, key, row, payer)
        return found

    def offered(self) -> list[str]:
        """The steps whose kind reached what is required."""
        kinds = {kind for kind, each in self.standing.items() if each.is_offered}
        return [name for name, step in _named(self.supports) if step.kind in kinds]

    def _effect(self, facts: Facts, step: Step, key: Whole, row: Whole, payer: Whole) -> Effect:
        support, claims = self.supports[step.name], len(facts)
        place = support.places(key)
        lacks = (place >= 0) & (states(facts, step) == LACKS)
        at = np.where(lacks, place, 0)

        def of_lines(values: Real) -> Real:
            return np.where(lacks, values[at], 0.0) if len(values) else np.zeros(len(key))

        seen = support.had.look_up(support.keys)[0]
        about = np.ones(len(key))
        if step.by_amount and len(support.keys):
            about = support.amounts.chance(at, facts.lines["line_cents"].to_numpy(), support.rate())
        in_force = of_lines(support.in_force) * about
        rate_lacking, rate_having = of_lines(support.lacking_rate()), of_lines(support.having_rate())
        lacking = _any(rate_having + (rate_lacking - rate_having) * about, row, claims)
        having, demanded = _any(rate_having, row, claims), _any(in_force, row, claims)
        line = _likeliest(in_force, row, claims)
        known = np.where(line >= 0, of_lines(seen)[line], 0.0) if len(key) else np.zeros(claims)
        if step.by_charge:
            reached, rate, had = self._by_charge(facts, payer)
            by_line = np.where(line >= 0, in_force[line], 0.0) if len(key) else np.zeros(claims)
            line = np.where(reached > by_line, -1, line)
            known = np.where(reached > by_line, had, known)
            lacking = 1 - (1 - lacking) * (1 - rate)
            demanded = 1 - (1 - demanded) * (1 - reached)
        return Effect(lacking, np.minimum(having, lacking), demanded, known, line)

    def _by_charge(self, facts: Facts, payer: Whole) -> tuple[Real, Real, Real]:
        """Of claims without attachment: chance of a limit below the charge, of a denial; claims seen."""
        charge = facts.claims["charge"].fill_null(0.0).to_numpy()
        lacks = ~facts.claims["attached"].to_numpy()
        reached, rate, seen = (np.zeros(len(facts)) for _ in range(3))
        for number, limit in self.limits.items():
            own = (payer == number) & lacks
            reached[own], rate[own] = limit.of(charge[own])
            seen[own] = limit.had[0]
        return reached, rate, seen


def _named(supports: Mapping[str, Support]) -> list[tuple[str, Step]]:
    return [(step.name, step) for step in STEPS if step.name in supports]


def _any(chance: Real, row: Whole, claims: int) -> Real:
    """The chance that any line of each claim is struck, were lines independent."""
    found: Real = -np.expm1(np.bincount(row, np.log1p(-np.minimum(chance, _CERTAIN)), claims))
    return found


def _likeliest(chance: Real, row: Whole, claims: int) -> Whole:
    """The position of each claim's line with the highest chance; -1 if none has any."""
    order = np.lexsort((-np.arange(len(row)), chance))
    found: Whole = np.full(claims, -1, dtype=np.int64)
    found[row[order]] = order
    best = np.where(found >= 0, chance[found], 0.0) if len(row) else np.zeros(claims)
    return np.where(best > 0, found, -1)


def service_key(lines: pl.DataFrame, words: Vocabulary) -> Whole:
    """Payer and service of each line."""
    return words.codes("payer", lines["payer"]) * words.size("procedure") + words.codes(
        "procedure", lines["procedure"]
    )


@dataclass(frozen=True)
class _Lines:
    """The lines of facts with their answers."""

    facts: Facts
    key: Whole
    row: Whole
    cause: npt.NDArray[np.int8]
    sent: Whole
    used: Flags
    payer: Whole
    use: Flags

    @classmethod
    def of(cls, facts: Facts, answers: Answers, words: Vocabulary, use: Flags) -> _Lines:
        assert answers.line_cause is not None
        row = facts.lines["row"].to_numpy().astype(np.int64)
        sent = facts.claims["submitted_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        cause = answers.line_cause[facts.lines["line_at"].to_numpy()]
        payer = words.codes("payer", facts.claims["payer"])
        return cls(facts, service_key(facts.lines, words), row, cause, sent, use[row], payer, use)

    def is_denied(self, cause: Cause) -> Flags:
        """Whether each line was denied for it."""
        denied: Flags = self.cause == CAUSES[cause]
        return denied

    def whole_claims(self, cause: Cause) -> Flags:
        """Whether every line of each claim was denied for it."""
        claims = len(self.use)
        count = np.bincount(self.row, minlength=claims)
        denied: Flags = (np.bincount(self.row, self.is_denied(cause), claims) == count) & (count > 0)
        return denied

    def for_step(self, step: Step) -> Flags:
        """The lines that say something about the step: answered, and not denied for another reason.

        If a whole claim of several lines was denied for records, that may be for its charge.
        """
        denied = self.is_denied(step.cause)
        rows: Flags = (
            self.used & ((self.cause == NONE) | denied) & (states(self.facts, step) != NOT_APPLICABLE)
        )
        if step.by_charge:
            several = np.bincount(self.row, minlength=len(self.use)) > 1
            rows &= ~(self.whole_claims(step.cause) & several)[self.row]
        return rows

    def read(self, step: Step, rows: Flags, since: int) -> SupportLines:
        """What `Support` reads of these lines."""
        month = np.maximum(self.sent[self.row[rows]] - since, 0) // MONTH_DAYS
        has = states(self.facts, step)[rows] == HAS
        cents = self.facts.lines["line_cents"].to_numpy()[rows]
        return SupportLines(self.key[rows], month, self.is_denied(step.cause)[rows], has, cents)

    def corrected(self, facts: Facts, step: Step) -> Counts:
        """Corrected claims: denied for lack of the step, and sent again with it for the same patient and day.

        By the key of the denied line: how many were answered, and how many of these were paid.
        """
        same = same_claims(facts).with_row_index("row").filter("known").filter(pl.col("same").is_duplicated())
        if not same.height:
            return Counts.of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
        state = states(facts, step)
        lines = (
            pl.DataFrame(
                {
                    "row": self.row,
                    "key": self.key,
                    "lacked": self.used & (state == LACKS) & self.is_denied(step.cause),
                    "has": self.used & (state == HAS),
                    "paid": self.cause == NONE,
                }
            )
            .join(same.select(pl.col("row").cast(pl.Int64), "same"), on="row", how="inner")
            .sort("row", maintain_order=True)
        )
        first = lines.filter("lacked").unique(["same", "key"], keep="first", maintain_order=True)
        again = (
            lines.filter("has")
            .join(first.select("same", "key", before="row"), on=["same", "key"], how="inner")
            .filter(pl.col("row") > pl.col("before"))
            .unique(["same", "key"], keep="first", maintain_order=True)
        )
        return Counts.of(again["key"].to_numpy().astype(np.int64), again["paid"].to_numpy())


@dataclass(frozen=True)
class _Pairs:
    """Lines beside another service of their claim."""

    key: Whole
    used: Flags
    denied: Flags
    apart: Flags
    sent: Whole

    @classmethod
    def of(cls, facts: Facts, lines: _Lines, words: Vocabulary) -> _Pairs:
        at = facts.lines["line_at"].to_numpy()
        cause = np.full(int(at.max(initial=0)) + 1, NONE, dtype=np.int8)
        cause[at] = lines.cause
        of_line = (
            cause[facts.pairs["line_at"].to_numpy()] if facts.pairs.height else np.zeros(0, dtype=np.int8)
        )
        row = facts.pairs["row"].to_numpy().astype(np.int64)
        denied = of_line == CAUSES[Cause.BUNDLING]
        used = lines.use[row] & (denied | (of_line == NONE))
        return cls(pair_key(facts, words), used, denied, facts.pairs["set_apart"].to_numpy(), lines.sent[row])

    def read(self, since: int) -> SupportLines:
        """What `Support` reads of them."""
        rows = self.used
        month = np.maximum(self.sent[rows] - since, 0) // MONTH_DAYS
        none = np.zeros(int(rows.sum()), dtype=np.int64)
        return SupportLines(self.key[rows], month, self.denied[rows], self.apart[rows], none)


def pair_key(facts: Facts, words: Vocabulary) -> Whole:
    """Payer, service and the service beside it, of each pair."""
    return service_key(facts.pairs, words) * words.size("beside") + words.codes(
        "beside", facts.pairs["beside"]
    )


def _limits(
    facts: Facts, lines: _Lines, supports: Mapping[str, Support], until: int
) -> dict[int, ChargeLimit]:
    [step] = [each for each in STEPS if each.by_charge]
    claims = len(facts)
    demanded: Real = np.zeros(claims)
    support = supports.get(step.name)
    if support is not None:
        place = support.places(lines.key)
        chance = (
            np.where(place >= 0, support.in_force[place], 0.0)
            if len(support.keys)
            else np.zeros(len(lines.key))
        )
        demanded = _any(chance, lines.row, claims)
    whole = lines.whole_claims(step.cause)
    count = np.bincount(lines.row, minlength=claims)
    others = np.bincount(lines.row, (lines.cause != NONE) & ~lines.is_denied(step.cause), claims)
    # Claims of one line say nothing: the denial may be for its service.
    used = lines.use & (count > 1) & (whole | (others < count)) & (demanded < _HALF)
    weight = 0.5 ** (np.maximum(until - lines.sent, 0) / _HALF_LIFE_DAYS)
    charge = facts.claims["charge"].fill_null(0.0).to_numpy()
    attached = facts.claims["attached"].to_numpy()
    return find_limits(lines.payer[used], charge[used], attached[used], whole[used], weight[used])
