"""Mutation testing of rules and of the rule engine; writes docs/mutation.md.

    python scripts/mutate_rules.py                  50 rules, 40 mutants of the engine
    python scripts/mutate_rules.py --rules 0        every rule
    python scripts/mutate_rules.py --code NPI001    one rule, shown and not written
    python scripts/mutate_rules.py --check          writes nothing

Exits 1 where a mutant survives that nobody has excused, or an excuse is of no mutant that survives. Excuses
stand in `equivalent_mutants.yaml`, each with the reason why no claim could tell the mutant from the rule.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.rules import Rule, load_rulebook
from claimwright.foundation import clock
from claimwright_lab.rule_mutation import MutationReport, Survivor, mutate
from claimwright_lab.rule_mutation import sample_of_rules as sample_of
from claimwright_lab.sampling import DEFAULT_AS_OF, SampleOptions, sample_batches
from engine_mutants import EngineMutant, all_mutants, is_killed, tests_pass
from engine_mutants import sample_of as sample_of_engine
from markdown_tables import table
from reference_pages import code

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "mutation.md"
EXCUSES = Path(__file__).resolve().parent / "equivalent_mutants.yaml"
RULES, ENGINE, SEED, CLAIMS = 50, 40, 7, 5_000

Key = tuple[str, str, str]

INTRODUCTION = """\
# Mutation testing

Do the tests notice when a rule or the engine is wrong? Each mutant is a predicate, or a line of the engine,
with one thing changed. A mutant is killed where a case of its own rule, or a test of the engine, fails on it.

`make mutation` writes this page. It was last written on {day}, with seed {seed}, over {rules:,} of the
{book:,} rules of the rulebook."""

KINDS = {
    "comparison": "`=` for `<>`, `<` for `<=` and for `>=`, `in` for `not in`, `is null` for `is not null`",
    "connective": "`and` for `or`",
    "negation": "a `not` dropped",
    "constant": "a number, an interval or a day one more or one less",
    "name": "a name for its nearest sibling of the same type",
    "conjunct": "one side of an `and` or `or` taken for true, or for false",
}

SURVIVORS = """\
## Survivors

Mutants that no case of their rule kills. One that differs from its rule on some claim at hand wants a case;
the cases of all rules and {claims:,} synthetic claims were tried."""

EQUIVALENT = """\
## Equivalent mutants

These say the same of every claim in other words, so that no case could kill them. They are not counted."""

ENGINE_INTRODUCTION = """\
## The engine

{killed:,} of {total:,} mutants of `src/claimwright/engines/rules/` are killed ({share:.0%}), chosen by the
seed from {all:,}. The tests are those of `tests/engines/rules`, without those that mutate predicates
themselves and those that need the published files."""


def excuses() -> dict[Key, str]:
    """The mutants that are known to be equivalent, each with its reason."""
    entries = yaml.safe_load(EXCUSES.read_text(encoding="utf-8")) or []
    return {
        (str(entry["rule"]), str(entry["was"]), str(became)): str(entry["because"])
        for entry in entries
        for became in (entry["became"] if isinstance(entry["became"], list) else [entry["became"]])
    }


def tested(rules: Sequence[Rule], known: Mapping[Key, str], claims: int) -> MutationReport:
    """The mutants of some rules, run; progress goes to standard error."""

    def told(done: int) -> None:
        print(f"\r{done:,} of {len(rules):,} rules", end="", file=sys.stderr, flush=True)

    options = SampleOptions(claims=claims, seed=SEED, defect_rate=0.5)
    batch = ClaimBatch.concat(block for block, _ in sample_batches(options)) if claims else None
    report = mutate(
        rules, probes=load_rulebook(), claims=batch, as_of=DEFAULT_AS_OF, excuses=known, progress=told
    )
    print(file=sys.stderr)
    return report


def idle(known: Mapping[Key, str], rules: Iterable[Rule], report: MutationReport) -> list[Key]:
    """Excuses of tested rules that excuse nothing: the rule has changed, or a case has come."""
    codes = {rule.code for rule in rules}
    used = {
        (survivor.mutant.rule.code, survivor.mutant.was, survivor.mutant.became)
        for score in report.scores
        for survivor in score.survivors
    }
    return sorted(key for key in known if key[0] in codes and key not in used)


def page(report: MutationReport, engine: Sequence[tuple[EngineMutant, bool]], seed: int) -> str:
    """The page as Markdown."""
    book = load_rulebook()
    parts = [
        INTRODUCTION.format(day=clock.today(), seed=seed, rules=len(report.scores), book=len(book)),
        "## Rules",
        f"{report.killed:,} of {report.total:,} mutants are killed ({share(report.killed, report.total)}).",
        table(
            ["change", "what", "mutants", "killed"],
            (
                [kind, KINDS[kind], f"{total:,}", f"{killed:,}"]
                for kind, (total, killed) in report.by_kind.items()
            ),
        ),
        table(
            ["rule", "name", "mutants", "killed", "score", "equivalent"],
            (
                [
                    score.rule.code,
                    code(score.rule.name),
                    str(score.total),
                    str(score.killed),
                    share(score.killed, score.total),
                    str(score.excused or ""),
                ]
                for score in report.scores
            ),
        ),
        *survivors(report),
        *of_engine(engine),
    ]
    return "\n\n".join(parts) + "\n"


def survivors(report: MutationReport) -> list[str]:
    """The blocks about mutants that live."""
    parts: list[str] = []
    if report.survivors:
        rows = ([*cells(each), each.told_apart_by or "no claim at hand"] for each in report.survivors)
        parts += [SURVIVORS.format(claims=CLAIMS), table(["rule", "was", "became", "differs on"], rows)]
    excused = [each for score in report.scores for each in score.survivors if each.excuse]
    if excused:
        rows = ([*cells(each), each.excuse] for each in excused)
        parts += [EQUIVALENT, table(["rule", "was", "became", "because"], rows)]
    return parts


def cells(survivor: Survivor) -> list[str]:
    """Rule and change as the cells of a row."""
    mutant = survivor.mutant
    return [mutant.rule.code, code(mutant.was), code(mutant.became)]


def of_engine(engine: Sequence[tuple[EngineMutant, bool]]) -> list[str]:
    """The blocks about the engine's own mutants; none where none were run."""
    if not engine:
        return []
    known = excuses()
    excused = [mutant for mutant, dead in engine if not dead and excuse_of(mutant, known)]
    engine = [(mutant, dead) for mutant, dead in engine if mutant not in excused]
    killed = sum(dead for _, dead in engine)
    parts = [
        ENGINE_INTRODUCTION.format(
            killed=killed, total=len(engine), share=killed / len(engine), all=len(all_mutants())
        )
    ]
    alive = [mutant for mutant, dead in engine if not dead]
    if alive:
        rows = ([mutant.module, str(mutant.line), code(mutant.was), code(mutant.became)] for mutant in alive)
        parts += ["Those that live:", table(["module", "line", "was", "became"], rows)]
    if excused:
        told = ([each.module, str(each.line), code(each.was), code(each.became), excuse_of(each, known)]
                for each in excused)  # fmt: skip
        parts += [
            "Those that change nothing, and are not counted:",
            table(["module", "line", "was", "became", "because"], told),
        ]
    return parts


def excuse_of(mutant: EngineMutant, known: Mapping[Key, str]) -> str:
    """Why a mutant of the engine changes nothing; empty where it may."""
    return known.get((mutant.module, mutant.was, mutant.became), "")


def share(killed: int, total: int) -> str:
    """A score as a percentage that is 100 only where everything is killed."""
    return f"{int(1000 * killed / total) / 10:.1f}%" if total else "-"


def mutated_engine(count: int, seed: int) -> list[tuple[EngineMutant, bool]]:
    """Some mutants of the engine, each with whether it is killed."""
    if not count:
        return []
    if not tests_pass():
        sys.exit("The tests of the engine fail on the engine as it is: correct that first.")
    done: list[tuple[EngineMutant, bool]] = []
    for mutant in sample_of_engine(all_mutants(), count, seed):
        done.append((mutant, is_killed(mutant)))
        print(f"\r{len(done):,} of {count:,} mutants of the engine", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return done


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rules", type=int, default=RULES, help="how many rules; 0 for all")
    parser.add_argument(
        "--engine", type=int, default=ENGINE, help="how many mutants of the engine; 0 for none"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="which rules and which mutants of the engine")
    parser.add_argument("--claims", type=int, default=CLAIMS, help="synthetic claims to try survivors on")
    parser.add_argument("--code", action="append", help="only this rule; shown, not written")
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args()
    book = load_rulebook()
    unknown = [each for each in given.code or () if each not in book]
    if unknown:
        parser.error(f"no rule {', '.join(unknown)}")
    chosen = tuple(book[each] for each in given.code or ())
    rules = chosen or sample_of(book.rules, given.rules or len(book), given.seed)
    known = excuses()
    report = tested(rules, known, given.claims)
    engine = [] if chosen else mutated_engine(given.engine, given.seed)
    for survivor in report.survivors:
        apart = survivor.told_apart_by or "no claim at hand"
        print(f"{' => '.join(cells(survivor)[1:])} in {survivor.mutant.rule.code}; differs on: {apart}")
    wasted = idle(known, rules, report)
    for rule, was, became in wasted:
        print(f"{EXCUSES.name}: {rule}: {was} => {became} is no mutant that lives; remove the excuse")
    print(f"{report.killed:,} of {report.total:,} mutants of {len(rules):,} rules are killed.")
    if engine:
        print(f"{sum(dead for _, dead in engine):,} of {len(engine):,} mutants of the engine are killed.")
    if not chosen and not given.check:
        PAGE.write_text(page(report, engine, given.seed), encoding="utf-8")
        print(f"{PAGE.relative_to(ROOT)}: written")
    return 1 if report.survivors or wasted else 0


if __name__ == "__main__":
    sys.exit(main())
