"""Loads the practice into a store by the ways that everybody uses: intake, run, posting, queue, appeals."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from claimwright.foundation import clock

from .desk import decide_old_denials, work_the_queue
from .files import make_practice
from .letters import make_appeals
from .money import collect_from_patients, confirm_deposits, post_answers, post_files, post_papers
from .people import LOADER, REASON, make_accounts
from .watching import waive, watch

if TYPE_CHECKING:
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def load_practice(
    settings: Settings,
    database: Database,
    run: Callable[[datetime.date], None],
    promote: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    """Load everything; `run` processes what is staged as of a day, `promote` has the trained model predict.

    Raises:
        ClaimwrightError: the store can't be used.
    """
    from claimwright.assembly.analytics import fresh_figures

    today = clock.today()
    say("making a year of synthetic claims and remittances")
    practice = make_practice(today)
    people = make_accounts(database)
    waive(database, people)
    say(f"taking in {len(practice.claims)} files of claims")
    _take_in(settings, database, practice.claims)
    say("checking, pricing and routing every claim")
    run(today)
    say("releasing what was corrected long ago")
    _release_all(database)
    say(f"posting {len(practice.remittances)} remittances")
    post_answers(settings, database, practice.remittances)
    say("deciding denials of the past, posting what payers paid after all, collecting from patients")
    decide_old_denials(settings, database, people, _keys(settings, database, practice.paid_later))
    post_files(settings, database, practice.later)
    collect_from_patients(database, people)
    confirm_deposits(database)
    post_papers(settings, database, practice.remittances[-1][1])
    say("taking in and checking the claims of this week")
    _take_in(settings, database, practice.fresh)
    run(today)
    # After the run: a model of so few claims is unsure of most, and would send them all to a person.
    promote()
    say("filling the queue, writing appeals")
    make_appeals(settings, database, people, practice.denied, practice.payers)
    work_the_queue(settings, database, people)
    say("computing the figures, evaluating alerts")
    fresh_figures(LOADER, settings, database)
    watch(settings, database, people)


def _take_in(settings: Settings, database: Database, files: Sequence[tuple[str, str, bytes]]) -> None:
    from claimwright.assembly.intakes import make_intake

    intake = make_intake(settings, database)
    for facility, _, content in files:
        intake.stage(LOADER, [content], facility=facility)


def _release_all(database: Database) -> None:
    """Claims of earlier months were corrected and sent: their answers came."""
    from claimwright.features.claims import in_review, release

    while True:
        with database.transaction(LOADER) as connection:
            found = in_review(LOADER, connection, limit=1_000)
            if not found:
                return
            release(LOADER, connection, [each.claim_key for each in found], reason=REASON)


def _keys(settings: Settings, database: Database, numbers: Sequence[str]) -> set[int]:
    """The keys of claims with these numbers."""
    from claimwright.assembly.stores import open_sealer
    from claimwright.features.claims import claims_numbered

    sealer = open_sealer(settings, database)
    with database.transaction(LOADER) as connection:
        return {
            each.claim_key
            for number in numbers
            for each in claims_numbered(LOADER, connection, sealer, number)
        }
