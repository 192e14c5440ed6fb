"""Waivers: findings that somebody has accepted for a time. Data with an owner, a reason and an end.

A file holds a list:

    - id: W-2026-014
      rules: [NPI002, rendering-npi-missing]     # codes or names
      payers: {claim_filing: [MC], ids: ["00192"]}   # left out: every payer
      providers: ["1234567893"]                  # billing NPIs; left out: every provider
      from: 2026-01-01
      to: 2026-06-30
      owner: a.jones
      reason: The payer accepts the group's number until its enrolment is through.

A waiver marks the findings that it covers; none is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from claimwright.domain.batch import ClaimBatch

from .book import RuleBook
from .problems import Problem, RuleBookError


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted deviation: which rules, for whom, from when to when, whose word it is, and why."""

    id: str
    rules: tuple[str, ...]
    valid_from: date
    valid_to: date
    owner: str
    reason: str
    claim_filing: tuple[str, ...] = ()
    payer_ids: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether the waiver is in force on a day."""
        return self.valid_from <= day <= self.valid_to


_KEYS = {"id", "rules", "payers", "providers", "from", "to", "owner", "reason"}


def load_waivers(path: Path, rulebook: RuleBook) -> tuple[Waiver, ...]:
    """The waivers of a file.

    Raises:
        RuleBookError: an entry is incomplete or names a rule that the book does not have; then no
            waiver of the file is in force.
        OSError: the file cannot be read.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise RuleBookError([Problem(str(path), line, "", "not YAML", "mend the line")]) from None
    if not isinstance(entries, list):
        raise RuleBookError([Problem(str(path), 1, "", "not a list of waivers", "begin each with a dash")])
    problems: list[Problem] = []
    waivers = []
    for number, entry in enumerate(entries, start=1):
        wrong = _wrong(entry, rulebook)
        if wrong:
            name = str(entry.get("id", f"entry {number}")) if isinstance(entry, dict) else f"entry {number}"
            problems.extend(Problem(str(path), 1, name, what, do) for what, do in wrong)
        else:
            waivers.append(_waiver(entry, rulebook))
    if len({waiver.id for waiver in waivers}) < len(waivers):
        problems.append(Problem(str(path), 1, "", "two waivers have one id", "give each its own"))
    if problems:
        raise RuleBookError(problems)
    return tuple(waivers)


def _wrong(entry: Any, rulebook: RuleBook) -> Iterable[tuple[str, str]]:
    if not isinstance(entry, dict) or set(entry) - _KEYS:
        return [("not a waiver", f"give {', '.join(sorted(_KEYS))}")]
    wrong = [
        (f"{key} is missing", "a waiver has an end, an owner and a reason")
        for key in ("id", "rules", "from", "to", "owner", "reason")
        if not entry.get(key)
    ]
    wrong += [
        (f"{key} is not a day", "write it as 2026-01-31")
        for key in ("from", "to")
        if entry.get(key) and type(entry[key]) is not date
    ]
    if not wrong and entry["to"] < entry["from"]:
        wrong.append(("it ends before it begins", "mend the days"))
    named = entry.get("rules") or []
    if not isinstance(named, list):
        return [*wrong, ("rules is not a list", "write [CODE, CODE]")]
    unknown = [str(rule) for rule in named if rule not in rulebook]
    if unknown:
        wrong.append((f"no rule {', '.join(unknown)}", "name rules of the book by code or name"))
    return wrong


def _waiver(entry: dict[str, Any], rulebook: RuleBook) -> Waiver:
    payers = entry.get("payers") or {}
    return Waiver(
        str(entry["id"]), tuple(rulebook[rule].code for rule in entry["rules"]), entry["from"], entry["to"],
        str(entry["owner"]), str(entry["reason"]), tuple(map(str, payers.get("claim_filing", ()))),
        tuple(map(str, payers.get("ids", ()))), tuple(map(str, entry.get("providers", ()))),
    )  # fmt: skip


def waived(
    findings: pl.DataFrame, batch: ClaimBatch, waivers: Sequence[Waiver], *, as_of: date
) -> pl.DataFrame:
    """The findings with `waiver` set to the id of the first waiver that covers each; the others unchanged."""
    holding = [waiver for waiver in waivers if waiver.holds_on(as_of)]
    if not holding or not findings.height:
        return findings
    scope = batch.claims.select("claim", "claim_filing_code", "payer_id", "billing_npi")
    scoped = findings.select("claim", "code").join(scope, on="claim", how="left", maintain_order="left")
    covered = pl.coalesce(
        *(pl.when(_covers(waiver)).then(pl.lit(waiver.id)) for waiver in holding), pl.lit(None, pl.String)
    )
    return findings.with_columns(scoped.select(waiver=covered).to_series())


def _covers(waiver: Waiver) -> pl.Expr:
    covers = pl.col("code").is_in(waiver.rules)
    for name, values in (
        ("claim_filing_code", waiver.claim_filing),
        ("payer_id", waiver.payer_ids),
        ("billing_npi", waiver.providers),
    ):
        if values:
            covers &= pl.col(name).is_in(values).fill_null(False)
    return covers
