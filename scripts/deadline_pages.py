"""The reference page of deadlines: every clock with its law, amounts in controversy, prompt-pay rules."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from markdown_tables import table

INTRODUCTION = """\
# Deadlines

{clocks} clocks and {rules} prompt-pay rules, with their laws. *Read* says whether the text of the law was
read again when the entry was written; the others were written from knowledge. [How clocks
run](../deadlines.md). The data are in `src/claimwright/deadline_rules/`. This is no legal advice: a contract
may grant more or less."""


def deadlines_page() -> dict[str, str]:
    """The page, by its name."""
    rules = importlib.import_module("claimwright.engines.deadlines").load_deadlines()
    parts = [INTRODUCTION.format(clocks=len(rules.clocks), rules=len(rules.prompt_pay))]
    for regime, members in groupby(rules.clocks, key=lambda clock: rules.regimes[clock.code]):
        parts.append(f"## {regime}")
        heads = ["clock", "what ends", "time", "from", "law", "needs", "read"]
        parts.append(table(heads, (row for clock in members for row in clock_rows(clock))))
    years = sorted({year for table_of in rules.minimums.values() for year in table_of})
    parts += [
        "## Amounts in controversy",
        "Dollars, by calendar year of the request: yearly notices under 42 CFR 405.1006(b)(2).",
        table(
            ["year", "hearing", "Federal court"],
            (
                [str(year), f"${rules.minimums['alj'][year]}", f"${rules.minimums['court'][year]}"]
                for year in years
            ),
        ),
        "## Interest on late payment",
        table(["rule", "whose", "clean claim within", "owed", "law", "note", "read"], prompt_pay_rows(rules)),
        "## Rates of the Prompt Payment Act",
        "Percent a year by half-year, as far as the notices were read. Others are reported as not known.",
        table(["from", "percent"], ([str(day), str(rate)] for day, rate in rules.rates["treasury"].items())),
    ]
    return {"deadlines.md": "\n\n".join(parts)}


def clock_rows(clock: Any) -> Iterator[list[str]]:
    """One row for each period of a clock."""
    starts = importlib.import_module("claimwright.engines.deadlines").STARTS
    start = starts[clock.start]
    if clock.presumed_receipt_days:
        start += f", presumed {clock.presumed_receipt_days} days after its date"
    for period in clock.periods:
        time = period.words + (f", for starts until {period.until}" if period.until else "")
        time += "; extended to the next business day" if clock.rolls else ""
        law = f"{period.law}; {clock.law}"
        yield [f"`{clock.code}`", clock.name, time, start, law, clock.needs, "yes" if clock.checked else ""]


def prompt_pay_rows(rules: Any) -> Iterator[list[str]]:
    """One row for each prompt-pay rule."""
    for rule in rules.prompt_pay:
        whose = ", ".join([*(kind.replace("_", " ") for kind in rule.payer_kinds), *rule.states])
        due = ", ".join(f"{way} {within.days} days" for way, within in rule.due.items())
        yield [f"`{rule.code}`", whose, due, owed(rule), rule.law, rule.note, "yes" if rule.checked else ""]


def owed(rule: Any) -> str:
    """What a rule owes, in words."""
    if rule.rate_table:
        return "interest at the Treasury's rate"
    if rule.percent:
        return f"{rule.percent} % a year"
    if rule.monthly_steps:
        return ", ".join(f"{step.percent} %" for step in rule.monthly_steps) + " a month"
    return "penalties of the difference to the charge" if rule.penalties else "nothing"
