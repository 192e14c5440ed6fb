"""One claim on one page: parties, facts, lines, findings, prices."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from claimwright.engines.pricing import explain_price
from claimwright.features.checking import Checked, Checker, ClaimNotFoundError, find_claim, meaning_of
from claimwright.features.intake import SourceError, read_all, sources

from .claim_prediction import draw_prediction
from .terminal import Exit, fail, lines_told, severity_text, wide

_FORM_NAMES = {"P": "Professional (837P)", "I": "Institutional (837I)", "D": "Dental (837D)"}
_SEGMENTS_SHOWN = 6
_PARTIES = (
    ("Billing provider", "billing"),
    ("Pay-to", "pay_to"),
    ("Rendering", "rendering"),
    ("Referring", "referring"),
    ("Supervising", "supervising"),
    ("Attending", "attending"),
    ("Operating", "operating"),
    ("Other operating", "other_operating"),
    ("Service facility", "facility"),
    ("Subscriber", "subscriber"),
    ("Patient", "dependent"),
    ("Payer", "payer"),
)
_DIAGNOSIS_ROLES = {
    "K": "principal",
    "F": "other",
    "J": "admitting",
    "R": "reason for visit",
    "N": "external cause",
}


def run_explain(claim_id: str, paths: list[str], checker: Checker, picture: Path | None = None) -> int:
    """Find the claim and draw it; returns the exit status."""
    try:
        found = find_claim(_checked(paths, checker), claim_id)
    except SourceError as problem:
        fail(str(problem))
    except ClaimNotFoundError as problem:
        fail(f"{', '.join(paths)}: {problem}. The number must match CLM01 exactly.")
    draw(found, checker, wide())
    draw_prediction(found, checker.as_of, wide(), picture)
    return Exit.CLEAN if found.outcomes["status"].null_count() else Exit.FINDINGS


def _checked(paths: Iterable[str | Path], checker: Checker) -> Iterable[Checked]:
    return checker.check_readings(read_all(sources(paths)))


def draw(found: Checked, checker: Checker, console: Console) -> None:
    """Print the claim."""
    claim = found.batch.claims.row(0, named=True)
    outcome = found.outcomes.row(0, named=True)
    status = severity_text(outcome["status"])
    head = (
        f"[bold]{escape(claim['claim_id'] or '(no number)')}[/]  {_FORM_NAMES[claim['form']]}  {status}\n"
        f"charged {_money(claim['total_charge'])}, expected {_money(outcome['expected'])}"
        f"   segments {claim['first_segment']:,} to {claim['last_segment']:,}"
    )
    console.print(Panel(head, expand=False))
    console.print(_parties(claim))
    console.print(_facts(found, claim))
    console.print(_lines(found))
    console.print(_findings(found, checker))
    console.print(_prices(found))


def _parties(claim: dict[str, Any]) -> Table:
    table = Table(title="Parties", title_justify="left")
    for name in ("Role", "Name", "Identifier", "Address"):
        table.add_column(name, overflow="fold")
    for label, role in _PARTIES:
        person = ", ".join(_held(claim, (f"{role}_{part}" for part in ("name", "first_name"))))
        numbers = [
            *_held(
                claim,
                (f"{role}_npi", f"{role}_member_id", f"{role}_id", f"{role}_taxonomy", f"{role}_tax_id"),
            )
        ]
        born = claim.get(f"{role}_birth_on")
        sex = claim.get(f"{role}_sex")
        about = [f"born {born:%m/%d/%Y}"] if born else []
        about += [sex] if sex else []
        address = ", ".join(
            _held(claim, (f"{role}_{part}" for part in ("address_1", "address_2", "city", "state", "zip")))
        )
        if person or numbers or address:
            table.add_row(label, escape(person), escape(" ".join([*numbers, *about])), escape(address))
    return table


def _held(row: dict[str, Any], names: Iterable[str]) -> list[str]:
    return [str(row[name]) for name in names if row.get(name) is not None]


def _facts(found: Checked, claim: dict[str, Any]) -> Table:
    table = Table(show_header=False, title="Claim", title_justify="left")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    shown = (
        ("Place of service", claim["place_of_service"]),
        (
            "Type of bill",
            f"{claim['facility_type']}{claim['frequency_code'] or ''}" if claim["facility_type"] else None,
        ),
        ("Frequency", claim["frequency_code"]),
        ("Payer order", claim["payer_responsibility"]),
        ("Kind of payer", claim["claim_filing_code"]),
        ("Statement", _period(claim["statement_from_on"], claim["statement_to_on"])),
        ("Admitted", _day(claim["admitted_on"])),
        ("Discharge status", claim["patient_status"]),
        ("DRG", claim["drg"]),
        ("Accident", _day(claim["accident_on"])),
        ("Prior authorization", claim["prior_authorization"]),
        ("Referral", claim["referral_number"]),
        ("Replaces claim", claim["original_claim_number"]),
        ("Patient paid", _money(claim["patient_paid"]) if claim["patient_paid"] is not None else None),
    )
    for label, value in shown:
        if value is not None:
            table.add_row(label, escape(str(value)))
    for row in found.batch.diagnoses.iter_rows(named=True):
        role = _DIAGNOSIS_ROLES.get((row["diagnosis_qualifier"] or " ")[-1], "")
        poa = f", present on admission {row['poa']}" if row["poa"] else ""
        table.add_row(f"Diagnosis {row['position']}", escape(f"{row['diagnosis']} ({role}{poa})"))
    for row in found.batch.other_payers.iter_rows(named=True):
        paid = _money(row["other_payer_paid"])
        table.add_row(
            f"Other payer {row['other_payer']}", escape(f"{row['other_payer_name'] or '-'}: paid {paid}")
        )
    return table


def _lines(found: Checked) -> Table:
    table = Table(title="Lines", title_justify="left")
    for name in ("#", "Service", "Code", "POS", "Dx"):
        table.add_column(name, no_wrap=name == "Service")
    for name in ("Units", "Charge", "Allowed"):
        table.add_column(name, justify="right")
    table.add_column("Findings", overflow="fold")
    allowed = {row["line"]: row["allowed"] for row in found.prices.iter_rows(named=True)}
    for row in found.batch.lines.iter_rows(named=True):
        code = " ".join(
            _held(row, ("revenue_code", "procedure", "modifier_1", "modifier_2", "modifier_3", "modifier_4"))
        )
        pointers = " ".join(_held(row, (f"diagnosis_pointer_{n}" for n in (1, 2, 3, 4))))
        mine = found.findings.filter(pl.col("line") == row["line"])["code"].unique(maintain_order=True)
        table.add_row(
            str(row["line"]),
            _period(row["service_from_on"], row["service_to_on"]) or "-",
            escape(code),
            row["line_place_of_service"] or "",
            pointers,
            f"{row['units'].normalize():f}" if row["units"] is not None else "-",
            _money(row["line_charge"]),
            _money(allowed.get(row["line"])),
            " ".join(mine),
        )
    return table


def _findings(found: Checked, checker: Checker) -> Group:
    shown: list[Any] = []
    owners = checker.waiver_owners
    ordered = found.findings.sort(
        pl.col("waiver").is_not_null(), "severity", "line", descending=[False, True, False], nulls_last=False
    )
    # The same problem on several lines is printed once.
    alike = ("code", "severity", "loop", "segment_id", "element", "field", "detail", "waiver")
    grouped = ordered.group_by(*alike, maintain_order=True).agg(pl.col("line", "segment").drop_nulls())
    for row in grouped.iter_rows(named=True):
        meaning = meaning_of(row["code"], checker.rulebook)
        where = [lines_told(row["line"])] if row["line"] else []
        where += [_segments_told(row["segment"])] if row["segment"] else []
        # The name of an element includes the name of its segment.
        where += [text for text in (row["loop"], row["element"] or row["segment_id"], row["field"]) if text]
        text = [f"{severity_text(row['severity'])} [bold]{row['code']}[/] {escape(meaning.title)}"]
        text.append(f"[dim]{escape(', '.join(where))}[/]" if where else "")
        text.append(escape(f"Detail: {row['detail']}") if row["detail"] else "")
        text.append(f"Why: {escape(meaning.why)}" if meaning.why else "")
        text.append(f"Fix: {escape(meaning.fix)}")
        text.append(f"[dim]Authority: {escape('; '.join(meaning.authority))}[/]")
        if meaning.carc:
            text.append(f"[dim]If sent as is, expect denial {', '.join(meaning.carc)}[/]")
        if row["waiver"]:
            owner = owners.get(row["waiver"], "?")
            text.append(
                f"Waived by {escape(row['waiver'])} ({escape(owner)}): not counted while the waiver is valid."
            )
        shown.append(Panel("\n".join(part for part in text if part), expand=False))
    return Group(*shown) if shown else Group("No findings.")


def _segments_told(segments: list[int]) -> str:
    several = list(dict.fromkeys(segments))
    told = ", ".join(f"{segment:,}" for segment in several[:_SEGMENTS_SHOWN])
    more = ", ..." if len(several) > _SEGMENTS_SHOWN else ""
    return f"segment{'s' if len(several) > 1 else ''} {told}{more}"


def _prices(found: Checked) -> Table:
    table = Table(title="How each line is priced", title_justify="left")
    table.add_column("#")
    table.add_column("Arithmetic", overflow="fold")
    for row in found.prices.iter_rows(named=True):
        table.add_row(str(row["line"]), escape("\n".join(explain_price(row))))
    return table


def _money(amount: Any) -> str:
    return f"${amount:,.2f}" if amount is not None else "-"


def _day(day: Any) -> str | None:
    return day.strftime("%m/%d/%Y") if day else None


def _period(first: Any, last: Any) -> str | None:
    if first is None:
        return _day(last)
    return _day(first) if last is None or last == first else f"{_day(first)} to {_day(last)}"
