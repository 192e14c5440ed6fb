"""The work and the report of `claimwright remit --post`."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from .session import explained, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, dollars, err, fail, out, wide

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from claimwright.domain.caller import Caller
    from claimwright.features.intake import Source
    from claimwright.features.remittance import PostedFile, RemittancePoster
    from claimwright.features.remittance_files import Mapping835


def run_posting(
    paths: list[str],
    mapping: Path | None,
    *,
    facility: str | None,
    quiet: bool,
    environment: str | None,
    tenant: str | None,
) -> int:
    """Post the files, one after another; returns the exit status."""
    from claimwright.assembly.remittances import make_remittance_poster
    from claimwright.features.intake import FileKeptError, SourceError, sources
    from claimwright.features.remittance import RemittanceError
    from claimwright.features.remittance_files import MappingError, read_mapping_file
    from claimwright.platform.objects import ObjectError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.post")
    status, used = Exit.CLEAN, 0
    try:
        by = read_mapping_file(mapping) if mapping is not None else None
        found = sources(paths)
        with store_of(settings) as database:
            with explained():
                poster = make_remittance_poster(settings, database)
            for source in found:
                try:
                    posted = _post(poster, caller, source, by, facility)
                except (SourceError, RemittanceError, MappingError) as problem:
                    # One unusable file must not stop the others of its folder.
                    err.print(f"claimwright: {problem}", style="red", soft_wrap=True, markup=False)
                    status = Exit.FINDINGS
                    continue
                used += 1
                if not quiet:
                    show_posted(source.name, posted)
                if not (posted.is_clean or posted.earlier is not None):
                    status = Exit.FINDINGS
    except (SourceError, MappingError, FileKeptError, ObjectError) as problem:
        fail(str(problem))
    return status if used else Exit.UNUSABLE


def _post(
    poster: RemittancePoster, caller: Caller, source: Source, by: Mapping835 | None, facility: str | None
) -> PostedFile:
    from claimwright.features.intake import until_broken
    from claimwright.features.remittance_files import read_mapped_csv

    if by is not None and source.path is not None and source.path.suffix.lower() == ".csv":
        digest = source.digest() or b""
        return poster.post_frames(
            caller, read_mapped_csv(source.path, by), source="csv", digest=digest, facility=facility
        )

    def content() -> Iterator[bytes]:
        # A damaged file ends where it is damaged; the payment there is held as truncated.
        return until_broken(source.chunks(), [])

    if source.path is None:
        return poster.post_stream(caller, content(), source.name, facility=facility)
    return poster.post(caller, content, source.name, facility=facility)


def show_posted(name: str, posted: PostedFile) -> None:
    """Print what became of a remittance: payments, answers, what waits, and the next command."""
    say = partial(out.print, markup=False, soft_wrap=True)
    from claimwright.engines.remittance import NOT_RELEASED

    if posted.earlier is not None:
        say(f"{name}: posted before, as remittance {posted.earlier}. Nothing was done.")
        return
    answers = posted.answers
    total = sum(answers.states.values())
    payments = posted.payments.height
    say(
        f"{name}: remittance {posted.file_id}, {payments:,} payment{'' if payments == 1 else 's'}, "
        f"{total:,} answer{'' if total == 1 else 's'} to claims."
    )
    _show_payments(posted)
    _show_answers(posted)
    if posted.faults:
        plural = "" if posted.faults == 1 else "s"
        say(f"{posted.faults:,} structural finding{plural}: claimwright remit {name}")
    held = posted.payments.filter(
        posted.payments["state"] == "held", ~posted.payments["reason"].is_in(NOT_RELEASED)
    )["payment_id"].to_list()
    if held:
        say(f'Next: claimwright remittances release {held[0]} --reason "..." if the payment is right.')
    if answers.states.get("waiting"):
        say("Next: claimwright remittances waiting")


def _show_payments(posted: PostedFile) -> None:
    from claimwright.engines.remittance import explain_payment

    table = ValueTable("payment", "payer", "trace", "date", "amount", "state", "why", "what to do")
    for row in posted.payments.iter_rows(named=True):
        explained_ = explain_payment(row["state"], row["reason"])
        is_posted = row["state"] == "posted"
        why = "" if is_posted else explained_.means
        if row["first_id"] is not None:
            why += f": payment {row['first_id']}"
        table.add_row(
            str(row["payment_id"]), row["payer_name"], row["trace_number"], str(row["paid_on"] or ""),
            cents_told(row["amount_cents"]), row["state"], why, "" if is_posted else explained_.do,
        )  # fmt: skip
    wide().print(table)


def _show_answers(posted: PostedFile) -> None:
    from claimwright.engines.remittance import ANSWER_STATES, explain_answer

    answers = posted.answers
    table = ValueTable("answers", "state", "which means")
    for state, count in sorted(answers.states.items(), key=lambda each: -each[1]):
        table.add_row(f"{count:,}", state, ANSWER_STATES[state].means)
    wide().print(table)
    if not answers.reasons:
        return
    table = ValueTable("waiting", "reason", "which means", "what to do")
    for reason, count in sorted(answers.reasons.items(), key=lambda each: -each[1]):
        means, do = explain_answer("waiting", reason)
        table.add_row(f"{count:,}", reason, means, do)
    wide().print(table)


def cents_told(cents: int | None) -> str:
    """An amount of cents as shown in a table; empty if there is none."""
    return "" if cents is None else dollars(Decimal(cents) / 100)
