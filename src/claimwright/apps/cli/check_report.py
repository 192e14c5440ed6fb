"""The work and the report of `claimwright check`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
from rich.markup import escape
from rich.table import Table

from claimwright.features.checking import (
    Checked,
    Checker,
    ResultWriter,
    Summary,
    meaning_of,
    sourced,
    with_owners,
    worst_first,
)
from claimwright.features.intake import SourceError, cut_sources
from claimwright.foundation.columns import detached
from claimwright.foundation.errors import InputError

from .inputs import claim_sources
from .terminal import Exit, counting, err, fail, lines_told, out, severity_text, wide

_RANK = {"note": 0, "warn": 1, "block": 2, "never": 3}
_SHOWN_PER_CLAIM = 4
_FILE_FINDINGS_SHOWN = 10
# The version of a transaction set, and the corresponding codes of its group: kind and version.
_SAID_BY = {"SYN024": "SYN015", "SYN025": "SYN016"}
_SIGNALS_SHOWN = 20


def run_check(
    paths: list[str],
    checker: Checker,
    form: str,
    folder: Path | None,
    *,
    limit: int,
    fail_on: str,
    quiet: bool,
) -> int:
    """Check and report; returns the exit status."""
    report = Report(checker, limit)
    found = _checked(paths, checker, report, quiet=quiet)
    try:
        # Closed before any output, so that no progress bar is drawn into it.
        with _sink(form, folder, checker.waiver_owners) as write, closing(found):
            for checked in found:
                report.add(checked)
                write(checked, "")
            together = checker.conclude()
            if together.findings.height:
                report.add_signals(together)
                write(together, _together(paths))
    except InputError as problem:
        fail(str(problem))
    except OSError as problem:
        # Without a folder, standard output failed, for example a closed pipe.
        if folder is None or isinstance(problem, BrokenPipeError):
            raise
        fail(f"{folder}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    if not quiet and form == "table":
        report.show()
    elif not quiet:
        report.show_file_findings()
        report.show_signals()
        err.print(report.summary.sentence())
        if stale := checker.reference.stale():
            err.print(stale, markup=False)
    return report.status(fail_on)


def _together(paths: list[str]) -> str:
    """The source name of signals over all files: the file's name, or the number of files."""
    found = claim_sources(paths)
    return found[0].name if len(found) == 1 else f"{len(found)} files"


def _checked(
    paths: list[str], checker: Checker, report: Report, *, quiet: bool
) -> Generator[Checked, None, None]:
    found = claim_sources(paths)
    sizes = [source.size for source in found]
    total = sum(size for size in sizes if size is not None) if None not in sizes else None
    seen, claims = [0], 0

    def unusable(problem: SourceError) -> None:
        # One unreadable file does not prevent the check of the others.
        if len(found) == 1:
            raise problem
        report.unusable.append(str(problem))

    with counting(total, quiet=quiet) as counter:
        for checked in checker.check_blocks(cut_sources(found, seen=seen, unusable=unusable)):
            claims += len(checked.batch)
            counter.update(seen[0], claims)
            yield checked


class _sink:  # noqa: N801 - a context manager that reads like a function
    """Where result blocks are written: files in a folder, JSON lines on standard output, or nowhere."""

    def __init__(self, form: str, folder: Path | None, owners: Mapping[str, str]) -> None:
        self.form = form
        self.owners = owners
        self.writer = ResultWriter(folder, form, owners) if folder and form != "table" else None

    def __enter__(self) -> Callable[[Checked, str], None]:
        if self.writer is not None:
            self.writer.__enter__()
            return self.writer.write
        return self._print if self.form == "jsonl" else self._nothing

    def __exit__(self, *problem: Any) -> None:
        if self.writer is not None:
            self.writer.__exit__(*problem)

    def _nothing(self, _checked: Checked, _source: str) -> None:
        pass

    def _print(self, checked: Checked, source: str) -> None:
        """JSON lines on standard output: one object per claim, and one for findings without a claim."""
        fields = (
            "line",
            "code",
            "severity",
            "snip",
            "field",
            "loop",
            "segment_id",
            "segment",
            "element",
            "detail",
            "waiver",
            "waiver_owner",
        )
        tables = sourced(checked, source)
        findings = with_owners(tables["findings"], self.owners)
        nested = findings.group_by("claim", "source", maintain_order=True).agg(findings=pl.struct(fields))
        counted = tables["claims"].rename({"findings": "finding_count"})
        rows = counted.join(
            nested.drop("source"), on="claim", how="left", maintain_order="left"
        ).with_columns(
            # A clean claim has an empty list, so that readers need no special case.
            pl.when(pl.col("findings").is_null())
            .then(pl.lit([], dtype=nested.schema["findings"]))
            .otherwise(pl.col("findings"))
            .alias("findings")
        )
        of_none = nested.filter(pl.col("claim").is_null())
        if of_none.height:
            rows = pl.concat([rows, of_none], how="diagonal")
        # The source is the last column.
        out.file.write(rows.select(pl.exclude("source"), "source").write_ndjson())


class Report:
    """What the report for people needs, collected block by block."""

    def __init__(self, checker: Checker, limit: int) -> None:
        self.checker = checker
        self.limit = limit
        self.summary = Summary()
        self.unusable: list[str] = []
        self.file_findings: dict[tuple[str, str], list[Any]] = {}
        """By file and code: the first message of its kind, and the number of them."""
        self.signals: pl.DataFrame | None = None
        """The signals over all claims together."""
        self.worst: pl.DataFrame | None = None
        self.worst_findings: pl.DataFrame | None = None

    def add(self, checked: Checked) -> None:
        """Count a block, and keep its worst claims if they are worse than those so far."""
        self.summary.add(checked.outcomes, checked.findings, checked.prices)
        of_file = sourced(checked)["findings"].filter(pl.col("claim").is_null())
        key = ["source", "code"]
        counted = of_file.with_columns(count=pl.len().over(key))
        for row in counted.unique(key, keep="first", maintain_order=True).iter_rows(named=True):
            name = row["source"]
            told = self.file_findings.setdefault((name, row["code"]), [self._line(name, row), 0])
            told[1] += row["count"]
        if not self.limit:
            return
        local = worst_first(checked.outcomes.filter(pl.col("status").is_not_null())).head(self.limit)
        about = checked.findings.filter(pl.col("claim").is_in(local["claim"].implode()))
        local, about = detached(local), detached(about)
        if self.worst is None or self.worst_findings is None:
            self.worst, self.worst_findings = local, about
            return
        self.worst = worst_first(pl.concat([self.worst, local])).head(self.limit)
        kept = self.worst["claim"].implode()
        self.worst_findings = pl.concat([self.worst_findings, about]).filter(pl.col("claim").is_in(kept))

    def add_signals(self, together: Checked) -> None:
        """Count the signals over all claims together."""
        self.summary.add(together.outcomes, together.findings, together.prices)
        self.signals = together.findings

    def status(self, fail_on: str) -> int:
        """The exit status. Waived findings do not count."""
        if self.unusable or not self.summary.claims:
            return Exit.UNUSABLE
        worst = self.summary.worst()
        return Exit.FINDINGS if worst is not None and _RANK[worst] >= _RANK[fail_on] else Exit.CLEAN

    def show(self) -> None:
        """Print everything."""
        console = wide()
        self.show_file_findings()
        if not self.summary.claims:
            err.print("No claims were found.")
            return
        if self.worst is not None and self.worst.height:
            console.print(self._claims_table())
        if self.summary.tallies:
            console.print(self._rules_table())
        if self.signals is not None:
            console.print(self._signals_table(self.signals))
        self._show_totals(console)

    def show_file_findings(self) -> None:
        """Print findings about files, one line each, on standard error."""
        for problem in self.unusable:
            err.print(problem, markup=False, soft_wrap=True)
        kinds = [
            told
            for (name, code), told in self.file_findings.items()
            # A group-level fault applies to all of its transactions, so it is printed once.
            if (name, _SAID_BY.get(code)) not in self.file_findings
        ]
        for line, count in kinds[:_FILE_FINDINGS_SHOWN]:
            more = f" ({count - 1:,} more like it)" if count > 1 else ""
            err.print(line + more, markup=False, soft_wrap=True)
        rest = sum(count for _, count in kinds[_FILE_FINDINGS_SHOWN:])
        if rest > 0:
            err.print(
                f"... and {rest:,} more findings about the files themselves;"
                " --format jsonl --out FOLDER lists all.",
                soft_wrap=True,
            )

    def show_signals(self) -> None:
        """Print the number of signals in one line on standard error."""
        if self.signals is not None:
            told = "1 signal" if self.signals.height == 1 else f"{self.signals.height:,} signals"
            err.print(
                f"{told} over all claims together (findings that belong to no single claim).", soft_wrap=True
            )

    def _line(self, name: str, row: dict[str, Any]) -> str:
        meaning = meaning_of(row["code"], self.checker.rulebook)
        where = f", segment {row['segment']:,}" if row["segment"] else ""
        element = row["element"] or ""
        what = element if element.startswith(row["segment_id"] or " ") else row["segment_id"] or element
        detail = f" ({row['detail']})" if row["detail"] else ""
        place = f"{name}{where}{' ' + what if what else ''}"
        return f"{place}: {meaning.title}{detail} [{row['code']}] {meaning.fix}"

    def _claims_table(self) -> Table:
        assert self.worst is not None
        assert self.worst_findings is not None
        table = Table(
            title=f"Worst first: {self.worst.height:,} of {self.summary.claims:,} claims",
            title_justify="left",
        )
        table.add_column("Claim", overflow="fold")
        table.add_column("Service")
        table.add_column("Charge", justify="right")
        table.add_column("Expected", justify="right")
        table.add_column("Findings and what to do", overflow="fold", ratio=1)
        by_claim = self.worst_findings.partition_by("claim", as_dict=True)
        for row in self.worst.iter_rows(named=True):
            mine = by_claim.get((row["claim"],))
            table.add_row(
                escape(row["claim_id"] or f"(claim {row['claim']})"),
                _day(row["first_service_on"]),
                _money(row["total_charge"]),
                _money(row["expected"]) + ("*" if row["unpriced_lines"] else ""),
                self._told(mine) if mine is not None else "",
            )
        return table

    def _told(self, mine: pl.DataFrame) -> str:
        ordered = mine.sort(
            pl.col("waiver").is_not_null(),
            "severity",
            "line",
            descending=[False, True, False],
            nulls_last=False,
        )
        place = pl.coalesce("element", "segment_id").str.head(10)
        grouped = ordered.group_by("code", "severity", "waiver", maintain_order=True).agg(
            pl.col("line").drop_nulls().unique(maintain_order=True),
            pl.concat_str(place, pl.col("detail"), separator=" ", ignore_nulls=True)
            .drop_nulls()
            .unique(maintain_order=True),
        )
        told = []
        owners = self.checker.waiver_owners
        for code, severity, waiver, lines, places in grouped.head(_SHOWN_PER_CLAIM).iter_rows():
            meaning = meaning_of(code, self.checker.rulebook)
            where = [lines_told(lines)] if lines else []
            where += [place for place in places[:2] if place and code.startswith("SYN")]
            about = f" ({'; '.join(where)})" if where else ""
            told.append(f"{severity_text(severity)} {code} {escape(meaning.title + about)}")
            fix = f"Waived by {waiver} ({owners.get(waiver, '?')})" if waiver else meaning.fix
            told.append(f"  [dim]{escape(fix)}[/]")
        if grouped.height > _SHOWN_PER_CLAIM:
            told.append(f"[dim]... {grouped.height - _SHOWN_PER_CLAIM} more: claimwright explain[/]")
        return "\n".join(told)

    def _rules_table(self) -> Table:
        table = Table(title="Findings by rule", title_justify="left")
        table.add_column("Severity")
        table.add_column("Rule")
        table.add_column("What", overflow="fold", ratio=1)
        table.add_column("Findings", justify="right")
        table.add_column("Claims", justify="right")
        table.add_column("At stake", justify="right")
        any_waived = self.summary.waived > 0
        if any_waived:
            table.add_column("Waived", justify="right")
        ordered = sorted(
            self.summary.tallies.items(),
            key=lambda item: (not item[1].findings, -_RANK[item[1].severity], -item[1].amount, item[0]),
        )
        for code, tally in ordered:
            table.add_row(
                severity_text(tally.severity),
                code,
                escape(meaning_of(code, self.checker.rulebook).title),
                f"{tally.findings:,}",
                f"{tally.claims:,}",
                _money(tally.amount),
                *([f"{tally.waived:,}"] if any_waived else []),
            )
        return table

    def _signals_table(self, signals: pl.DataFrame) -> Table:
        table = Table(title="What the claims show together", title_justify="left")
        table.add_column("Severity")
        table.add_column("Signal")
        table.add_column("What was counted, and what to do", overflow="fold", ratio=1)
        owners = self.checker.waiver_owners
        ordered = signals.sort(pl.col("waiver").is_not_null(), maintain_order=True)
        for row in ordered.head(_SIGNALS_SHOWN).iter_rows(named=True):
            waiver = row["waiver"]
            meaning = meaning_of(row["code"], self.checker.rulebook)
            fix = f"Waived by {waiver} ({owners.get(waiver, '?')})" if waiver else meaning.fix
            told = f"{escape(row['detail'])}\n  [dim]{escape(fix)}[/]"
            table.add_row(severity_text(row["severity"]), row["code"], told)
        if signals.height > _SIGNALS_SHOWN:
            more = signals.height - _SIGNALS_SHOWN
            table.add_row("", "", f"[dim]... {more:,} more: --format jsonl --out FOLDER lists all[/]")
        return table

    def _show_totals(self, console: Any) -> None:
        s = self.summary
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_column()
        table.add_column(justify="right")
        table.add_row("Claims", f"{s.claims:,}")
        table.add_row("Clean claims", f"{s.clean:,} ({s.clean_rate:.1%})")
        for severity in ("block", "warn", "note"):
            table.add_row(f"  worst finding {severity_text(severity)}", f"{s.by_status[severity]:,}")
        if s.waived:
            table.add_row("Findings waived", f"{s.waived:,}")
        table.add_row("Charged", _money(s.charged))
        table.add_row("  on claims that would be rejected", _money(s.charge_blocked))
        table.add_row("Expected payment", _money(s.expected))
        console.print(table)
        if s.unpriced_lines:
            reasons = sorted(s.unpriced.items(), key=lambda item: (-item[1], item[0]))
            told = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in reasons[:4])
            console.print(f"* {s.unpriced_lines:,} of {s.lines:,} lines have no price: {told}.")
        console.print(
            f"Checked as of {_day(self.checker.as_of)} against {len(self.checker.rulebook):,} rules."
        )
        console.print(self.checker.reference.sentence(), markup=False)


def _money(amount: Any) -> str:
    return f"${amount:,.2f}" if amount is not None else "-"


def _day(day: datetime.date | None) -> str:
    return day.strftime("%m/%d/%Y") if day else "-"
