"""File signals in the commands of rules: list, search, show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from .terminal import err, out, severity_text

if TYPE_CHECKING:
    from claimwright.engines.signals import Signal


def signals_beginning(family: str | None) -> list[Signal]:
    """The signals whose codes have this prefix; all if none is given."""
    from claimwright.engines.signals import load_signals

    return [signal for signal in load_signals() if signal.code.startswith((family or "").upper())]


def signals_with(words: Sequence[str]) -> list[Signal]:
    """The signals whose texts contain every word, in any case."""
    from claimwright.engines.signals import load_signals

    def text(signal: Signal) -> str:
        told = (signal.code, signal.name, signal.title, signal.what, signal.why, signal.fix)
        return " ".join((*told, *signal.authority)).lower()

    wanted = [word.lower() for word in words]
    return [signal for signal in load_signals() if all(word in text(signal) for word in wanted)]


def signals_failed() -> list[str]:
    """Run the cases of the signals, print how many pass, and return those that fail."""
    from claimwright.engines.signals import load_signals, run_signal_cases

    results = run_signal_cases(load_signals())
    failed = [f"{result.signal.code}: {result.case.name}" for result in results if not result.passed]
    for each in failed:
        err.print(
            f"{each}: the signal does not give the result that the case states", markup=False, soft_wrap=True
        )
    signals = len({result.signal.code for result in results})
    out.print(f"{len(results) - len(failed):,} of {len(results):,} cases of {signals} signals are as stated.")
    return failed


def signals_table(signals: Sequence[Signal]) -> Table:
    """A table of signals, like that of `rules list`."""
    table = Table(title="Over all claims together", title_justify="left")
    for name in ("Code", "Severity", "SNIP", "Name"):
        table.add_column(name, no_wrap=True)
    table.add_column("Finds", overflow="fold", ratio=1)
    for signal in signals:
        severity = severity_text(signal.severity.value)
        table.add_row(signal.code, severity, str(signal.snip), signal.name, escape(signal.title))
    return table


def about_signal(signal: Signal) -> list[str]:
    """A signal with all of its facts, as lines for a person."""
    told = [
        f"[bold]{signal.code}[/] {signal.name}  {severity_text(signal.severity.value)}  SNIP {signal.snip}",
        f"[bold]{escape(signal.title)}[/]",
        "",
        escape(signal.what),
        f"[bold]Why[/]  {escape(signal.why)}",
        f"[bold]Fix[/]  {escape(signal.fix)}",
        f"[bold]Authority[/]  {escape('; '.join(signal.authority))}",
        "[bold]Applies to[/]  all professional claims of a check together, each rendering provider",
        "",
        "[bold]Counts[/]",
        *(f"  {escape(group.name)}" for group in signal.groups),
        "",
    ]
    for bounds in signal.thresholds:
        values = ", ".join(f"{name} {value}" for name, value in bounds.bounds.items())
        told += [
            f"[bold]Bounds from {bounds.valid_from}[/]  {escape(values)}",
            f"  [dim]{escape(bounds.source)}[/]",
        ]
    told += ["", "[bold]Cases[/]"]
    told += [f"  {'fires' if case.fires else 'quiet'}  {escape(case.name)}" for case in signal.cases]
    return [*told, "", f"[dim]{escape(signal.file)}[/]"]


def signal_facts(signal: Signal) -> dict[str, Any]:
    """A signal with all of its facts, for a machine."""
    return {
        "code": signal.code,
        "name": signal.name,
        "title": signal.title,
        "severity": signal.severity.value,
        "snip": signal.snip,
        "level": "whole file",
        "authority": list(signal.authority),
        "what": signal.what,
        "why": signal.why,
        "fix": signal.fix,
        "counts": [group.name for group in signal.groups],
        "thresholds": [
            {"from": bounds.valid_from, "source": bounds.source, **bounds.bounds}
            for bounds in signal.thresholds
        ],
        "cases": [{"name": case.name, "fires": case.fires} for case in signal.cases],
        "file": signal.file,
    }
