"""Computes the repairs of rules: the new values on the rows where a rule fires. The batch is never changed.

repairer = Repairer(rulebook)
proposed = repairer.propose(batch, ["ADR005"], as_of=day)   # changes by code of the rule
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from threading import Lock

import duckdb
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import ORDINAL, Change, ChangeError, as_text, read_value
from claimwright.domain.derived import Facts, facts
from claimwright.domain.dictionary import Form, Level, field_named
from claimwright.reference import Snapshot, snapshot

from .lookup_cache import Answers
from .names import LEVELS
from .predicate import Lookup, Repair
from .rule import Rule
from .scan import Stream, closing, condition, connect, names_needed

Place = tuple[int, str, int | None, int | None]


class Repairer:
    """The repairs of some rules, ready for one batch after another; several threads take turns."""

    def __init__(self, rules: Iterable[Rule], *, reference: Callable[[date], Snapshot] = snapshot) -> None:
        self.rules = {rule.code: rule for rule in rules if rule.repair is not None}
        self._reference = cache(reference)
        self._connection = connect(threads=1)
        self._one_at_a_time = Lock()
        closing(self, self._connection)

    def propose(self, batch: ClaimBatch, codes: Iterable[str], *, as_of: date) -> dict[str, list[Change]]:
        """The changes that the rules with these codes propose, by code; without rules that propose none.

        A value that its field can't have, or that is there already, is not proposed.
        """
        wanted = [self.rules[code] for code in dict.fromkeys(codes) if code in self.rules]
        if not wanted or not len(batch):
            return {}
        known = facts(batch, as_of=as_of)
        answers = Answers(known, self._reference(as_of))
        forms = "".join(form for form in Form if (batch.claims["form"] == form.value).any())
        proposed = {rule.code: self._changes(rule, answers, forms) for rule in wanted}
        return {code: changes for code, changes in proposed.items() if changes}

    def _changes(self, rule: Rule, answers: Answers, forms: str) -> list[Change]:
        repair, known, at = rule.repair, answers.known, LEVELS[rule.level].level
        if repair is None or not known.height(at) or not set(forms) & set(rule.forms):
            return []
        frame = _inputs(rule, repair, answers, at, forms)
        limit = "true" if repair.where is None else repair.where.sql
        values = ", ".join(
            f"CAST(TRY({value.sql}) AS VARCHAR) AS value_{number}"
            for number, (_, value) in enumerate(repair.changes)
        )
        sql = f"SELECT row{', ' + values if values else ''} FROM repaired WHERE "  # noqa: S608
        sql += (
            f"coalesce(TRY({condition(rule, forms)}), false) AND coalesce(TRY({limit}), false) ORDER BY row"
        )
        with self._one_at_a_time:
            self._connection.register("repaired", Stream(frame))
            try:
                rows = self._connection.execute(sql).fetchall()
            except duckdb.Error:
                # A value on which the expression fails has no repair; the message would contain it.
                return []
            finally:
                self._connection.unregister("repaired")
        fields = [name for name, _ in repair.changes]
        found = []
        for row, *texts in rows:
            stated: dict[str, str | None] = {
                name: text or None for name, text in zip(fields, texts, strict=True) if text is not None
            }
            stated |= dict.fromkeys(repair.removes)
            found += _places(known.batch, at, row, stated)
        return _agreed(found)


def _inputs(rule: Rule, repair: Repair, answers: Answers, at: Level, forms: str) -> pl.DataFrame:
    """The columns that the rule and its repair read."""
    names = set(names_needed(rule, forms))
    lookups: set[Lookup] = set(rule.predicate.lookups)
    for expression in repair.expressions:
        names |= expression.names
        lookups |= expression.lookups
    known: Facts = answers.known
    columns = {name: known.column(at, name) for name in sorted(names)}
    columns |= {lookup.column: answers.of(at, lookup) for lookup in lookups}
    frame = pl.DataFrame({name: column.alias(name) for name, column in columns.items()})
    if not frame.width:
        frame = pl.DataFrame({"row": pl.int_range(known.height(at), eager=True)})
    return frame.with_row_index("row") if "row" not in frame.columns else frame


def _places(batch: ClaimBatch, at: Level, row: int, stated: Mapping[str, str | None]) -> list[Change]:
    """The changes of one row, and of its claim, that change something."""
    here = batch.frame(at).row(row, named=True)
    ordinal = ORDINAL[at]
    found = []
    for name, text in stated.items():
        entry = field_named(name)
        try:
            value = read_value(entry, text)
        except ChangeError:
            continue
        if entry.level is at:
            place = here.get("line"), here[ordinal] if ordinal else None
            old = here[name]
        else:
            place = None, None
            old = batch.claims.filter(pl.col("claim") == here["claim"])[name].item()
        if value != old:
            found.append(Change(here["claim"], name, as_text(value), *place))
    return found


def _agreed(changes: list[Change]) -> list[Change]:
    """Each change once; a field to which two rows give different values is left as it is."""
    values: dict[Place, set[str | None]] = {}
    for change in changes:
        values.setdefault(change.place, set()).add(change.new)
    return list(dict.fromkeys(change for change in changes if len(values[change.place]) == 1))
