"""Waivers: findings that a person has accepted for a limited time. Data with an owner, a reason and an end
date.

A file contains a list:

    - id: W-2026-014
      rules: [NPI002, rendering-npi-missing]     # codes or names
      payers: {claim_filing: [MC], ids: ["00192"]}   # left out: every payer
      providers: ["1234567893"]                  # billing NPIs; left out: every provider
      from: 2026-01-01
      to: 2026-06-30
      owner: a.jones
      reason: The payer accepts the group's number until its enrollment is completed.

A waiver marks the findings that it covers; no finding is removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.foundation.located_yaml import Located, YamlError, checked, read_yaml_file

from .book import RuleBook
from .problems import Problem, RuleBookError


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted deviation: rules, payers and providers, dates, owner and reason."""

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


_NOTHING: Mapping[str, str] = MappingProxyType({})


def load_waivers(path: Path, rulebook: RuleBook, also: Mapping[str, str] = _NOTHING) -> tuple[Waiver, ...]:
    """The waivers of a file. `also` maps codes and names of other findings that can be waived to their codes.

    Raises:
        RuleBookError: an entry is incomplete or names a rule that the book does not have; then no waiver of
            the file is in force. Each problem has the line of the error.
    """
    problems: list[Problem] = []
    waivers: dict[str, Waiver] = {}
    for number, entry in enumerate(_entries(path), start=1):
        waiver, faults = _waiver(entry, rulebook, also)
        if waiver is not None and waiver.id in waivers:
            faults = [
                _fault_at(entry.members()["id"], "two waivers have the same id", "give each a different id")
            ]
        elif waiver is not None:
            waivers[waiver.id] = waiver
        name = _name_of(entry, f"entry {number}")
        problems += (
            Problem(str(path), each.line, name, f"{each.path} {each.what}".strip(), each.do)
            for each in faults
        )
    if problems:
        raise RuleBookError(problems)
    return tuple(waivers.values())


def _entries(path: Path) -> list[Located]:
    """The entries of a waiver file; RuleBookError if it contains no list."""
    try:
        top = read_yaml_file(path)
    except YamlError as fault:
        raise RuleBookError(
            [Problem(str(path), fault.line, "", f"{fault.path} {fault.what}".strip(), fault.do)]
        ) from None
    if top is None or not top.is_list or not top.node.value:
        line = 1 if top is None else top.line
        problem = Problem(str(path), line, "", "not a list of waivers", "begin each with a dash")
        raise RuleBookError([problem])
    return top.items()


def _name_of(entry: Located, otherwise: str) -> str:
    """The id of a waiver, if it has one."""
    place = entry.members().get("id") if entry.is_mapping else None
    return place.as_written() if place is not None and isinstance(place.as_written(), str) else otherwise


def _waiver(
    entry: Located, rulebook: RuleBook, also: Mapping[str, str]
) -> tuple[Waiver | None, list[YamlError]]:
    """The waiver of an entry, or its problems."""
    from .waiver_file import WaiverEntry

    stated, faults = checked(entry, WaiverEntry)
    if stated is None:
        return None, faults
    places = entry.members()
    unknown = [rule for rule in stated.rules if rule not in rulebook and rule not in also]
    if unknown:
        what = f"no rule {', '.join(unknown)}"
        faults.append(_fault_at(places["rules"], what, "name rules of the book by code or name"))
    if stated.valid_to < stated.valid_from:
        faults.append(_fault_at(places["to"], "it ends before it begins", "correct the days"))
    if faults:
        return None, faults
    return Waiver(
        stated.id,
        tuple(also[rule] if rule in also else rulebook.in_force(rule).code for rule in stated.rules),
        stated.valid_from,
        stated.valid_to,
        stated.owner,
        stated.reason,
        stated.payers.claim_filing,
        stated.payers.ids,
        stated.providers,
    ), []


def _fault_at(place: Located, what: str, do: str) -> YamlError:
    return YamlError(place.source, place.line, "", what, do)


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
