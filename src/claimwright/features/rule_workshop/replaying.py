"""Replays a rule over past claims: how many it would touch, for which amount, and what was already found.

Nothing is changed or stored, whatever the rule's lifecycle. The rules in force run as well, so that new
findings are distinguished from those on claims that are blocked anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import SeenClaims
from claimwright.domain.findings import concat
from claimwright.engines.rules import Fault, Lifecycle, Rule, RuleBook, RuleEngine
from claimwright.features.conversion import is_table_folder, read_tables
from claimwright.features.intake import read_blocks, read_source, sources
from claimwright.features.reference_data import reference_snapshot

from .denials import Agreement, Outcome, agreement

DEFAULT_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class ReplayBlock:
    """Claims to replay, with the structural findings from reading them."""

    batch: ClaimBatch
    structural: pl.DataFrame


@dataclass
class RuleReplay:
    """The effect that one rule would have had. Dollars are the total charges of the touched claims.

    `blocked_otherwise` counts the touched claims that a rule in force or a format error already blocks;
    `found_otherwise` those on which either has any finding. The others are new.
    """

    rule: Rule
    findings: int = 0
    claims: int = 0
    dollars: Decimal = Decimal(0)
    blocked_otherwise: int = 0
    blocked_dollars: Decimal = Decimal(0)
    found_otherwise: int = 0
    beside: dict[str, int] = field(default_factory=dict)
    """Other codes found on the touched claims, and the number of claims for each."""
    examples: list[str] = field(default_factory=list)
    undecided: str = ""
    """Why the rule could not be evaluated on some claim; empty if it always could."""
    touched: set[str] = field(default_factory=set)
    agreement: Agreement | None = None
    agreement_on_carc: Agreement | None = None

    @property
    def only_here(self) -> int:
        """The touched claims that have no other finding."""
        return self.claims - self.found_otherwise


@dataclass
class Replay:
    """A replay over all claims. `without_number` counts claims without a claim number."""

    rules: tuple[RuleReplay, ...]
    claims: int = 0
    lines: int = 0
    dollars: Decimal = Decimal(0)
    without_number: int = 0
    claim_ids: set[str] = field(default_factory=set)
    outcomes: int | None = None
    """The number of claim numbers with a known outcome; None if no outcomes were given."""

    @property
    def is_quiet(self) -> bool:
        """Whether no rule touches any claim."""
        return not any(rule.claims for rule in self.rules)


def blocks(paths: Iterable[str]) -> Iterator[ReplayBlock]:
    """The claims of 837 files, of folders of them, and of folders of tables, in blocks.

    Raises:
        SourceError: a file can't be read, or has another format.
        ConversionError: a table can't be read.
    """
    claims = 0
    for path in paths:
        if is_table_folder(Path(path)):
            for batch in read_tables(Path(path)):
                claims += len(batch)
                yield ReplayBlock(batch, concat([]))
            continue
        for source in sources([path]):
            for reading in read_source(source, first_claim=claims + 1):
                claims += len(reading.batch)
                yield ReplayBlock(reading.batch, reading.findings)


def blocks_of(chunks: Iterable[bytes]) -> Iterator[ReplayBlock]:
    """The claims of an 837 as it comes, in blocks."""
    for reading in read_blocks(chunks):
        yield ReplayBlock(reading.batch, reading.findings)


def replay(
    rules: Sequence[Rule],
    claims: Iterable[ReplayBlock],
    in_force: RuleBook,
    *,
    as_of: date,
    outcomes: Mapping[str, Outcome] | None = None,
    examples: int = DEFAULT_EXAMPLES,
) -> Replay:
    """The findings of rules of any lifecycle, next to those of the stable rules of the book in force.

    If the book has a rule with the same code, it is left out, so that an edited copy is not compared with
    its original. `examples` is the number of claim numbers kept per rule, highest charges first.
    """
    codes = {rule.code for rule in rules}
    ours = RuleEngine(RuleBook(tuple(rules)), lifecycles=tuple(Lifecycle), reference=reference_snapshot)
    others = RuleEngine(
        RuleBook(tuple(rule for rule in in_force if rule.code not in codes)), reference=reference_snapshot
    )
    seen, seen_by_others = SeenClaims(), SeenClaims()
    result = Replay(tuple(RuleReplay(rule) for rule in rules))
    dearest: dict[str, pl.DataFrame] = {}
    for block in claims:
        _count(result, block.batch)
        found = ours.evaluate(block.batch, as_of=as_of, seen=seen)
        beside = others.evaluate(block.batch, as_of=as_of, seen=seen_by_others).findings
        others_found = concat([block.structural, beside])
        for one in result.rules:
            mine = found.findings.filter(pl.col("code") == one.rule.code)
            _add(one, mine, others_found, block.batch, dearest, examples)
            one.undecided = one.undecided or _fault(one.rule, found.faults)
    for one in result.rules:
        if one.rule.code in dearest:
            one.examples = dearest[one.rule.code]["claim_id"].to_list()
    if outcomes is not None:
        _compare(result, outcomes)
    return result


def _count(result: Replay, batch: ClaimBatch) -> None:
    result.claims += len(batch)
    result.lines += batch.lines.height
    result.dollars += _total(batch.claims["total_charge"])
    numbers = batch.claims["claim_id"]
    result.without_number += numbers.null_count()
    result.claim_ids.update(numbers.drop_nulls().to_list())


def _add(
    one: RuleReplay,
    mine: pl.DataFrame,
    others: pl.DataFrame,
    batch: ClaimBatch,
    dearest: dict[str, pl.DataFrame],
    examples: int,
) -> None:
    if not mine.height:
        return
    touched = (
        mine.select("claim")
        .unique()
        .join(batch.claims.select("claim", "claim_id", "total_charge"), on="claim", how="left")
    )
    beside = others.join(touched.select("claim"), on="claim", how="semi")
    blocked = touched.join(beside.filter(pl.col("severity") == "block"), on="claim", how="semi")
    one.findings += mine.height
    one.claims += touched.height
    one.dollars += _total(touched["total_charge"])
    one.blocked_otherwise += blocked.height
    one.blocked_dollars += _total(blocked["total_charge"])
    one.found_otherwise += beside["claim"].n_unique()
    for code, claims in beside.group_by("code").agg(pl.col("claim").n_unique()).iter_rows():
        one.beside[code] = one.beside.get(code, 0) + claims
    numbered = touched.filter(pl.col("claim_id").is_not_null())
    one.touched.update(numbered["claim_id"].to_list())
    if examples:
        parts = [dearest[one.rule.code]] if one.rule.code in dearest else []
        ranked = pl.concat([*parts, numbered]).sort(
            "total_charge", "claim", descending=[True, False], nulls_last=True
        )
        dearest[one.rule.code] = ranked.unique("claim_id", keep="first", maintain_order=True).head(examples)


def _fault(rule: Rule, faults: Sequence[Fault]) -> str:
    return next((fault.what for fault in faults if fault.rule == rule.code), "")


def _compare(result: Replay, outcomes: Mapping[str, Outcome]) -> None:
    read = frozenset(result.claim_ids)
    result.outcomes = len(read & outcomes.keys())
    has_reasons = any(outcome.carcs for outcome in outcomes.values())
    for one in result.rules:
        touched = frozenset(one.touched)
        one.agreement = agreement(touched, read, outcomes)
        if one.rule.carc and has_reasons:
            one.agreement_on_carc = agreement(touched, read, outcomes, carcs=frozenset(one.rule.carc))


def _total(amounts: pl.Series) -> Decimal:
    return Decimal(amounts.sum() or 0)
