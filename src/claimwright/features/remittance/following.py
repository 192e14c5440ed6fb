"""What follows once answers are posted, by a file or by a person's decision.

Decisions on claims go to the training of predictions, the next payer is found, and underpayments and money
that was taken back are looked for.
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

# A file may have a million: their lines are held for so many.
_ANSWERS_AT_ONCE = 50_000


def follow_postings(
    writer: LedgerWriter, opener: Opens, search: UnderpaymentSearch, *, payments: Sequence[int] = ()
) -> None:
    """Do what follows from the answers that this writer posted, and from these payments, whether or not an
    answer of theirs was posted. Called last in their transaction: a reversal takes money back only once it
    is in force.
    """
    connection, answers = writer.connection, sorted(set(writer.posted))
    if answers:
        _add_outcomes(writer, answers)
        find_next_payers(writer.caller, connection, opener, writer.now, answers=answers)
        search.search(writer.caller, connection, opener, writer.now, answers=answers)
    # A posting brings reversals of earlier payments into force that waited for it.
    reversing = remittance_answers.payments_of_reversals(connection, list(writer.settled))
    touched = sorted({*payments, *reversing})
    if touched:
        search.find_takebacks(connection, touched, writer.now)


def _add_outcomes(writer: LedgerWriter, answers: Sequence[int]) -> None:
    """Give decisions on claims as they were sent to the training of predictions; the first of a line
    counts.
    """
    for evidence, of_file in remittance_answers.answers_by_file(writer.connection, answers).items():
        for first in range(0, len(of_file), _ANSWERS_AT_ONCE):
            part = of_file[first : first + _ANSWERS_AT_ONCE]
            outcomes = remittance_answers.outcomes_of(writer.connection, part)
            if outcomes.height:
                insert_outcomes(
                    writer.connection, denied_lines(outcomes), evidence=evidence, told_by=writer.caller.actor
                )
