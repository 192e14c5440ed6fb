"""The work and the report of `claimwright remit`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from claimwright.engines.x12 import BY_CODE
from claimwright.features.intake import Source, sources
from claimwright.features.remittance_files import (
    Mapping835,
    MappingError,
    RemittanceSummary,
    read_mapped_csv,
    read_mapping_file,
    read_remittances,
)
from claimwright.features.remittance_files.words import (
    CLAIM_STATUSES,
    GROUPS,
    PAYMENT_METHODS,
    PROVIDER_ADJUSTMENTS,
)
from claimwright.foundation.errors import InputError

from .shapes import print_json
from .terminal import Exit, ValueTable, counting, dollars, err, fail, severity_text, wide

_RANK = {"note": 0, "warn": 1, "block": 2, "never": 3}


def run_remit(
    paths: list[str],
    mapping: Path | None,
    *,
    as_json: bool,
    limit: int,
    names: bool,
    fail_on: str,
    quiet: bool,
) -> int:
    """Read and report; returns the exit status."""
    try:
        by = read_mapping_file(mapping) if mapping is not None else None
        found = sources(paths)
    except InputError as problem:
        fail(str(problem))
    made: list[RemittanceSummary] = []
    unusable: list[str] = []
    sizes = [source.size for source in found]
    total = sum(size for size in sizes if size is not None) if None not in sizes else None
    seen, claims = [0], 0
    with counting(total, quiet=quiet, doing="Reading") as counter:
        for source in found:
            try:
                made.append(_summary(source, by, limit, seen))
            except InputError as problem:
                unusable.append(str(problem))
                continue
            claims += made[-1].claims
            counter.update(seen[0], claims)
    for told in unusable:
        err.print(told, style="red", markup=False, soft_wrap=True)
    if not made:
        return Exit.UNUSABLE
    if not quiet and as_json:
        print_json({"files": [summary.as_dict(names=names) for summary in made]})
    elif not quiet:
        console = wide()
        for summary in made:
            _show(console, summary, limit, names=names)
    if unusable or all(not summary.payments for summary in made):
        return Exit.UNUSABLE
    worst = max((_RANK[summary.worst] for summary in made if summary.worst), default=-1)
    return Exit.FINDINGS if worst >= _RANK[fail_on] else Exit.CLEAN


def _summary(source: Source, by: Mapping835 | None, limit: int, seen: list[int]) -> RemittanceSummary:
    summary = RemittanceSummary(source.name, kept=max(limit, 1))
    if by is not None:
        if source.path is None:
            raise MappingError("standard input: --mapping needs a CSV file. Name it.")
        summary.add(read_mapped_csv(source.path, by))
        return summary
    for part in read_remittances(source, seen=seen):
        summary.add(part)
    return summary


# --- the report -----------------------------------------------------------------------------------------


def _show(console: Console, summary: RemittanceSummary, limit: int, *, names: bool) -> None:
    console.print(f"{summary.name}: {_counted(len(summary.payments), 'payment')}, ", markup=False, end="")
    console.print(f"{_counted(summary.claims, 'claim')}, {_counted(summary.lines, 'line')}", markup=False)
    _payments(console, summary, limit)
    _statuses(console, summary)
    _denied(console, summary, limit, names=names)
    _provider_adjustments(console, summary, limit)
    if summary.payments or summary.findings:
        _findings(console, summary, limit)
    codes = summary.findings.keys()
    if not summary.payments and codes & {"SYN016", "SYN025"} and not codes & {"SYN015", "SYN024"}:
        console.print(
            "Its version is not 005010X221A1: nothing of it is read. Ask the payer for that version.",
            markup=False,
        )
    elif not summary.payments:
        console.print("There is no remittance (835) in it.", markup=False)
        console.print("A 277CA, 999 or TA1 is posted with: claimwright denials reject FILE", markup=False)
        console.print("A CSV needs a mapping: claimwright remit FILE --mapping MAP.yaml", markup=False)
    console.print()


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _table(title: str, left: Iterable[str], right: Iterable[str]) -> ValueTable:
    table = ValueTable(title=title, title_justify="left", title_style="bold")
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right")
    return table


def _more(console: Console, shown: int, total: int) -> None:
    if total > shown:
        console.print(f"... {total - shown:,} more: --limit shows them, --json lists them.", markup=False)


def _payments(console: Console, summary: RemittanceSummary, limit: int) -> None:
    if not summary.payments:
        return
    table = _table(
        "\nPayments",
        ("Payer", "Payee", "Check or EFT", "Date", "Method"),
        ("Claims", "Charged", "Paid claims", "Provider adj.", "Payment"),
    )
    for row in summary.payments[:limit]:
        paid_on = row["paid_on"]
        table.add_row(
            row["payer_name"],
            row["payee_name"],
            row["trace_number"],
            paid_on.strftime("%m/%d/%Y") if paid_on else "",
            PAYMENT_METHODS.get(row["payment_method"], row["payment_method"]),
            f"{row['claims']:,}",
            dollars(row["charge"]),
            dollars(row["paid"]),
            dollars(-row["adjusted"]),
            dollars(row["payment_amount"]),
        )
    console.print(table)
    _more(console, limit, len(summary.payments))


def _statuses(console: Console, summary: RemittanceSummary) -> None:
    if not summary.statuses:
        return
    table = _table("\nClaims by status", ("Status", ""), ("Claims", "Charged", "Paid", "Patient owes"))
    for status, row in sorted(summary.statuses.items(), key=lambda item: -item[1]["claims"]):
        table.add_row(
            status,
            CLAIM_STATUSES.get(status, "unknown status" if status else "not stated"),
            f"{row['claims']:,}",
            *(dollars(row[name]) for name in ("charge", "paid", "patient_responsibility")),
        )
    console.print(table)


def _ranked(rows: Mapping[Any, dict[str, Any]], by: str) -> list[tuple[Any, dict[str, Any]]]:
    return sorted(rows.items(), key=lambda item: (-item[1][by], item[0]))


def _denied(console: Console, summary: RemittanceSummary, limit: int, *, names: bool) -> None:
    if not summary.denied:
        return
    table = _table("\nDenied, by cause", ("Cause", "Group", "", "CARC"), ("Lines or claims", "Denied"))
    for (cause, group, reason), row in _ranked(summary.denied, "denied")[:limit]:
        table.add_row(
            cause, group, GROUPS.get(group, ""), reason, f"{row['units']:,}", dollars(row["denied"])
        )
    console.print(table)
    _more(console, limit, len(summary.denied))
    if summary.remarks:
        ranked = _ranked(summary.remarks, "units")[:limit]
        console.print(
            "Remark codes: " + ", ".join(f"{code} ({row['units']:,})" for code, row in ranked), markup=False
        )
    heads = ("Claim", *(("Patient",) if names else ()), "Line", "Procedure", "Reason", "Remarks")
    table = _table("\nLargest denials", heads, ("Denied", "Segment"))
    # What the payer paid as another procedure has no amount.
    for row in [row for row in summary.largest if row["denied"]][:limit]:
        person = ", ".join(
            part for part in (row["patient_last_name"], row["patient_first_name"]) if part is not None
        )
        table.add_row(
            row["claim_id"],
            *((person,) if names else ()),
            str(row["line"] or "all"),
            row["procedure"],
            "-".join(filter(None, (row["group"], row["reason"]))) or "none given",
            ", ".join(row["remarks"] or ()),
            dollars(row["denied"]),
            f"{row['segment']:,}",
        )
    console.print(table)


def _provider_adjustments(console: Console, summary: RemittanceSummary, limit: int) -> None:
    if not summary.provider_adjustments:
        return
    # PLB takes away what is positive; people expect the sign of the payment.
    table = _table("\nProvider adjustments", ("Reason", ""), ("Rows", "Amount"))
    for reason, row in _ranked(summary.provider_adjustments, "rows")[:limit]:
        table.add_row(
            reason, PROVIDER_ADJUSTMENTS.get(reason, ""), f"{row['rows']:,}", dollars(-row["amount"])
        )
    console.print(table)


def _findings(console: Console, summary: RemittanceSummary, limit: int) -> None:
    if not summary.findings:
        console.print("\nEverything adds up, and nothing departs from the guide.")
        return
    table = _table("\nFindings", ("Severity", "Code", "What"), ("Count",))
    for code, count in sorted(
        summary.findings.items(), key=lambda item: (-_RANK[BY_CODE[item[0]].severity], item[0])
    ):
        fault = BY_CODE[code]
        table.add_row(Text.from_markup(severity_text(fault.severity)), code, fault.message, f"{count:,}")
    console.print(table)
    places = _table("", ("Code", "Payment", "Claim", "Line", "Segment", "Element", "Detail"), ())
    for row in summary.first_findings[:limit]:
        places.add_row(
            row["code"],
            *("" if row[name] is None else f"{row[name]:,}" for name in ("transaction", "claim", "line")),
            "" if row["segment"] is None else f"{row['segment']:,} {row['segment_id'] or ''}",
            row["element"] or "",
            row["detail"] or "",
        )
    console.print(places)
    _more(console, min(limit, len(summary.first_findings)), sum(summary.findings.values()))
