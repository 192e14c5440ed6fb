"""What follows once answers are posted, by a file or by a person's decision.

Decisions on claims go to the training of predictions, the next payer is found, and underpayments are looked
for.
"""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.engines.remittance import denied_lines
from claimwright.store import remittance_answers
from claimwright.store.feedback import insert_outcomes
from claimwright.store.sealed_claims import Opens

from .ledger_writer import LedgerWriter
from .next_payer import find_next_payers
from .underpayments import UnderpaymentSearch


def follow_postings(writer: LedgerWriter, opener: Opens, search: UnderpaymentSearch) -> None:
    """Do what follows from the answers that this writer posted. Called last in their transaction."""
    answers = sorted(set(writer.posted))
    if not answers:
        return
    _add_outcomes(writer, answers)
    find_next_payers(writer.caller, writer.connection, opener, writer.now, answers=answers)
    search.search(writer.caller, writer.connection, opener, writer.now, answers=answers)


def _add_outcomes(writer: LedgerWriter, answers: Sequence[int]) -> None:
    """Give decisions on claims as they were sent to the training of predictions; the first of a line
    counts.
    """
    for evidence, of_file in remittance_answers.answers_by_file(writer.connection, answers).items():
        outcomes = remittance_answers.outcomes_of(writer.connection, of_file)
        if outcomes.height:
            insert_outcomes(
                writer.connection, denied_lines(outcomes), evidence=evidence, told_by=writer.caller.actor
            )
