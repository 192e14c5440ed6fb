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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

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


_REQUIRED = ("id", "rules", "from", "to", "owner", "reason")
_PAYER_KEYS = ("claim_filing", "ids")
_KEYS = (*_REQUIRED, "payers", "providers")
_NULL = "tag:yaml.org,2002:null"


_NOTHING: Mapping[str, str] = MappingProxyType({})


def load_waivers(path: Path, rulebook: RuleBook, also: Mapping[str, str] = _NOTHING) -> tuple[Waiver, ...]:
    """The waivers of a file, of rules and of what else may be waived: `also` has its codes by code and name.

    Raises:
        RuleBookError: an entry is incomplete or names a rule that the book does not have; then no
            waiver of the file is in force. Each problem names the line of what is wrong.
        OSError: the file cannot be read.
    """
    problems: list[Problem] = []
    waivers: dict[str, Waiver] = {}
    for number, node in enumerate(_entries(path), start=1):
        entry = _Entry(str(path), f"entry {number}", node)
        waiver = entry.waiver(rulebook, also)
        if waiver is not None and waiver.id in waivers:
            entry.wrong("two waivers have one id", "give each its own", entry.keys["id"])
        elif waiver is not None:
            waivers[waiver.id] = waiver
        problems += entry.problems
    if problems:
        raise RuleBookError(problems)
    return tuple(waivers.values())


def _entries(path: Path) -> list[yaml.Node]:
    """The entries of the list that a file holds; RuleBookError where it holds none."""

    def refused(line: int, what: str, do: str) -> RuleBookError:
        return RuleBookError([Problem(str(path), line, "", what, do)])

    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise refused(1, "not text in UTF-8", "save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise refused(mark.line + 1 if mark is not None else 1, "not YAML", "mend the line") from None
    except RecursionError:
        raise refused(1, "nested too deeply", "write one waiver an entry") from None
    if not isinstance(node, yaml.SequenceNode):
        line = node.start_mark.line + 1 if node is not None else 1
        raise refused(line, "not a list of waivers", "begin each with a dash")
    return list(node.value)


class _Entry:
    """One entry of a file of waivers, and what is wrong with it.

    Values are taken as they are written: a payer's 00112 is these five characters, not an octal number.
    """

    def __init__(self, file: str, name: str, node: yaml.Node) -> None:
        self.file = file
        self.name = name
        self.node = node
        self.problems: list[Problem] = []
        self.keys: dict[str, yaml.Node] = {}

    def wrong(self, what: str, do: str, node: yaml.Node | None = None) -> None:
        line = (node or self.node).start_mark.line + 1
        self.problems.append(Problem(self.file, line, self.name, what, do))

    def waiver(self, rulebook: RuleBook, also: Mapping[str, str]) -> Waiver | None:
        """The waiver, or None where something is wrong with it."""
        self.keys = self.mapping(self.node, _KEYS)
        if "id" in self.keys:
            self.name = self.text("id") or self.name
        if not isinstance(self.node, yaml.MappingNode):
            return None
        for key in _REQUIRED:
            if not self.is_given(key):
                self.wrong(f"{key} is missing", "a waiver has an id, rules, an end, an owner and a reason")
        first, last = self.day("from"), self.day("to")
        if first and last and last < first:
            self.wrong("it ends before it begins", "mend the days", self.keys["to"])
        rules = self.rules(rulebook, also)
        payers: dict[str, yaml.Node] = {}
        if self.is_given("payers"):
            payers = self.mapping(self.keys["payers"], _PAYER_KEYS)
        found = (
            self.text("id"),
            rules,
            first,
            last,
            self.text("owner"),
            self.text("reason"),
            self.texts(payers, "claim_filing"),
            self.texts(payers, "ids"),
            self.texts(self.keys, "providers"),
        )
        if self.problems or first is None or last is None:
            return None
        return Waiver(found[0], found[1], first, last, *found[4:])

    def is_given(self, key: str) -> bool:
        """Whether the entry has the key with something behind it."""
        node = self.keys.get(key)
        return node is not None and bool(node.value) and node.tag != _NULL

    def mapping(self, node: yaml.Node, known: Sequence[str]) -> dict[str, yaml.Node]:
        """The values of a mapping by key; tells what is no key of it, and what stands there twice."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong("not a mapping of keys to values", f"give {', '.join(known)}", node)
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value not in known:
                self.wrong("a key that is not known", f"give {', '.join(known)}", key)
            elif key.value in found:
                self.wrong(f"{key.value} is given twice", "keep one", key)
            else:
                found[key.value] = value
        return found

    def text(self, key: str) -> str:
        if not self.is_given(key):
            return ""
        node = self.keys[key]
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(f"{key} is not a text", f"say {key} in words", node)
            return ""
        return " ".join(str(node.value).split())

    def texts(self, among: dict[str, yaml.Node], key: str) -> tuple[str, ...]:
        node = among.get(key)
        if node is None or node.tag == _NULL:
            return ()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            # An empty list would waive for nobody, or for everybody: which of them was meant?
            self.wrong(f"{key} is not a list", f"write {key}: [..., ...], or leave it out", node)
            return ()
        odd = [each for each in node.value if not isinstance(each, yaml.ScalarNode) or not each.value.strip()]
        for each in odd:
            self.wrong(f"{key} has an entry that is not a text", "write one value an entry", each)
        return () if odd else tuple(str(each.value).strip() for each in node.value)

    def day(self, key: str) -> date | None:
        written = self.text(key)
        if not written:
            return None
        try:
            return date.fromisoformat(written)
        except ValueError:
            self.wrong(f"{key} is not a day", "write it as 2026-01-31", self.keys[key])
            return None

    def rules(self, rulebook: RuleBook, also: Mapping[str, str]) -> tuple[str, ...]:
        """The codes of the rules that are named, by code or by name."""
        if not self.is_given("rules"):
            return ()
        named = self.texts(self.keys, "rules")
        unknown = [rule for rule in named if rule not in rulebook and rule not in also]
        if unknown:
            self.wrong(
                f"no rule {', '.join(unknown)}", "name rules of the book by code or name", self.keys["rules"]
            )
            return ()
        return tuple(also[rule] if rule in also else rulebook[rule].code for rule in named)


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
