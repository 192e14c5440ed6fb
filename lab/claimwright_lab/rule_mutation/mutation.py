"""Whether the cases of a rule notice when its predicate is wrong.

Each mutant is run on them; one that no case kills is a claim that nobody has thought of.

A mutant that survives may be equivalent: it says the same in other words, and no case could kill it. Whether
it is can't be computed, but it can be refuted: survivors are run over every other claim at hand, and one
that differs from its rule on any of them is not equivalent; that claim says which case is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.rules import Lifecycle, Rule, RuleBook, RuleEngine, run_cases

from .mutants import KINDS, Mutant, mutants_of

# Rules that run together with their mutants: enough to share the cost of an engine, few enough that
# planning their statements does not outgrow it.
_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that none of the rule's cases kills.

    `told_apart_by` names a claim on which it differs from its rule: then a case is missing. It is empty
    where no claim at hand does. `excuse` says why the mutant is equivalent, where somebody has said so.
    """

    mutant: Mutant
    told_apart_by: str = ""
    excuse: str = ""


@dataclass(frozen=True, slots=True)
class RuleScore:
    """How many of a rule's mutants its cases kill."""

    rule: Rule
    killed: int
    survivors: tuple[Survivor, ...]

    @property
    def excused(self) -> int:
        """How many survivors are known to be equivalent."""
        return sum(bool(survivor.excuse) for survivor in self.survivors)

    @property
    def total(self) -> int:
        """How many mutants there are that could be killed."""
        return self.killed + len(self.survivors) - self.excused

    @property
    def value(self) -> float:
        """The share of killed among those that could be; 1 where there are none."""
        return self.killed / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class MutationReport:
    """The scores of some rules, and the mutants and the killed among them by kind."""

    scores: tuple[RuleScore, ...]
    by_kind: Mapping[str, tuple[int, int]]
    probed: int
    """Over how many claims survivors were compared with their rules."""

    @property
    def killed(self) -> int:
        """Killed mutants of all rules."""
        return sum(score.killed for score in self.scores)

    @property
    def total(self) -> int:
        """Mutants of all rules that could be killed."""
        return sum(score.total for score in self.scores)

    @property
    def survivors(self) -> tuple[Survivor, ...]:
        """The survivors that nobody has excused."""
        return tuple(survivor for score in self.scores for survivor in score.survivors if not survivor.excuse)


def sample_of_rules(rules: Iterable[Rule], count: int, seed: int) -> tuple[Rule, ...]:
    """`count` of the rules, in the order of their codes.

    Which, is decided by a hash of seed and code, so that adding a rule to the book changes the sample by
    one rule at most.
    """
    ranked = sorted(rules, key=lambda rule: hashlib.sha256(f"{seed}:{rule.code}".encode()).digest())
    return tuple(sorted(ranked[:count], key=lambda rule: rule.code))


def mutate(
    rules: Sequence[Rule],
    *,
    probes: RuleBook | None = None,
    claims: ClaimBatch | None = None,
    as_of: date | None = None,
    excuses: Mapping[tuple[str, str, str], str] | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> MutationReport:
    """Run every mutant of the rules on the rules' own cases, and compare the survivors with their rules.

    Survivors are compared on the cases of all rules of `probes` and on `claims`, judged as of `as_of`.
    `excuses` gives for (code, was, became) the reason why a mutant is equivalent. `progress` is told how
    many rules are done.

    Raises:
        CaseError: a case of which no claim can be made.
        ValueError: a rule fails a case of its own: mutants of it would prove nothing.
    """
    killed: dict[str, int] = {}
    survivors: list[Mutant] = []
    counts = {kind: [0, 0] for kind in KINDS}
    for start in range(0, len(rules), _AT_ONCE):
        chunk = rules[start : start + _AT_ONCE]
        for mutant, is_killed in _run(chunk):
            counts[mutant.kind][0] += 1
            counts[mutant.kind][1] += is_killed
            killed[mutant.rule.code] = killed.get(mutant.rule.code, 0) + is_killed
            if not is_killed:
                survivors.append(mutant)
        progress(min(start + _AT_ONCE, len(rules)))
    apart, probed = _told_apart(survivors, probes, claims, as_of)
    known = excuses or {}
    by_rule: dict[str, list[Survivor]] = {}
    for mutant in survivors:
        excuse = known.get((mutant.rule.code, mutant.was, mutant.became), "")
        survivor = Survivor(mutant, apart.get(mutant.code, ""), excuse)
        by_rule.setdefault(mutant.rule.code, []).append(survivor)
    scores = tuple(
        RuleScore(rule, killed.get(rule.code, 0), tuple(by_rule.get(rule.code, ()))) for rule in rules
    )
    return MutationReport(scores, {kind: (all_, dead) for kind, (all_, dead) in counts.items()}, probed)


def _run(rules: Sequence[Rule]) -> Iterable[tuple[Mutant, bool]]:
    """Every mutant of the rules, and whether a case of its rule kills it."""
    mutants = [mutant for rule in rules for mutant in mutants_of(rule)]
    results = run_cases(RuleBook((*rules, *(mutant.as_rule() for mutant in mutants))))
    for result in results:
        if not result.passed:
            raise ValueError(f"{result.rule.code} fails its own case {result.case.name!r}; correct it first")
    of_rule: dict[str, list[tuple[frozenset[str], bool]]] = {}
    for result in results:
        of_rule.setdefault(result.rule.code, []).append((result.fired, result.case.fires))
    for mutant in mutants:
        yield (
            mutant,
            any((mutant.code in fired) is not fires for fired, fires in of_rule[mutant.rule.code]),
        )


def _told_apart(
    survivors: Sequence[Mutant], probes: RuleBook | None, claims: ClaimBatch | None, as_of: date | None
) -> tuple[dict[str, str], int]:
    """For survivors that differ from their rule on some claim, which claim that is; how many were tried."""
    apart: dict[str, str] = {}
    probed = 0
    if not survivors:
        return apart, probed
    # Rules in front: a code of the book is run once, whether it is a rule under test or a probe.
    originals = {mutant.rule.code: mutant.rule for mutant in survivors}
    if probes is not None:
        others = [rule for rule in probes if rule.code not in originals]
        book = RuleBook((*originals.values(), *others, *(mutant.as_rule() for mutant in survivors)))
        results = run_cases(book)
        probed += len(results)
        for result in results:
            for mutant in survivors:
                if (mutant.code in result.fired) is not (mutant.rule.code in result.fired):
                    apart.setdefault(mutant.code, f"the case {result.case.name!r} of {result.rule.code}")
    if claims is not None and as_of is not None:
        probed += len(claims)
        book = RuleBook((*originals.values(), *(mutant.as_rule() for mutant in survivors)))
        engine = RuleEngine(book, lifecycles=tuple(Lifecycle))
        found = engine.evaluate(claims, as_of=as_of).findings.select("code", "claim", "line", "detail")
        by_code = {
            str(code): frame.drop("code")
            for (code,), frame in found.partition_by("code", as_dict=True).items()
        }
        nothing = found.drop("code").clear()
        for mutant in survivors:
            ours, other = by_code.get(mutant.rule.code, nothing), by_code.get(mutant.code, nothing)
            if not ours.equals(other):
                claim = _first_difference(ours, other)
                apart.setdefault(mutant.code, f"claim {claim} of the sample")
    return apart, probed


def _first_difference(ours: pl.DataFrame, other: pl.DataFrame) -> int:
    """The first claim that only one of two sets of findings is about, or is about otherwise."""
    keys = ["claim", "line", "detail"]
    only = pl.concat(
        [
            ours.join(other, on=keys, how="anti", nulls_equal=True),
            other.join(ours, on=keys, how="anti", nulls_equal=True),
        ]
    )
    return min(only["claim"].drop_nulls().to_list(), default=0)
