"""What people of the practice have done in the queue: decided, begun, assigned, noted, proposed, snoozed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING

from claimwright.foundation import clock

from .money import write_off_denial
from .people import LOADER, REASON

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.denials import WeighedDenial
    from claimwright.features.review import ShownItem, WantedAct
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

    from .people import People

# Denials older than this were given up: the time to appeal most of them is over.
_GIVEN_UP_DAYS = 120
# Denials that were paid after all and were appealed or sent again in the last months are told so.
_MOST_WON, _MOST_LOST = 28, 12
_NOTES = (
    "Called the payer: the claim is in their imaging queue, they ask for 10 business days.",
    "The chart has the order of the referring physician. Waiting for the front desk to scan it.",
    "Same edit as last week at this facility. The template of the procedure lacks the modifier.",
    "Eligibility was verified on the day of the visit; the printout is in the patient's folder.",
)


def decide_old_denials(settings: Settings, database: Database, people: People, paid_later: set[int]) -> None:
    """Denials of months ago: those that are paid later were won, others are given up.

    `paid_later`: the claims, by key, of which the payer's later decision is still to be posted.
    """
    from claimwright.assembly.reviews import gather
    from claimwright.features.review import WantedAct

    gather(LOADER, settings, database)
    specialist, since = people["denials"], clock.today() - datetime.timedelta(days=_GIVEN_UP_DAYS)
    items = {each.denial_id: each.item_id for each in _items(database, "denial")}
    won: dict[int, int | None] = {}
    old: dict[int, list[WeighedDenial]] = {}
    for each in _denials(database):
        denial = each.denial
        if denial.claim_key in paid_later and len(won) < _MOST_WON:
            won[items[denial.denial_id]] = None
        elif (
            denial.claim_key is not None
            and denial.claim_key not in paid_later
            and (denial.denied_on is not None and denial.denied_on < since)
        ):
            old.setdefault(denial.claim_key, []).append(each)
    act(database, specialist, WantedAct("decide", won, "The payer overturned it", denial_state="won"))
    given_up: dict[int, int | None] = {}
    lost: dict[int, int | None] = {}
    for claim_key, denials in old.items():
        cents = sum(each.denial.amount_cents or 0 for each in denials)
        if cents:
            write_off_denial(database, people, claim_key, cents)
        chosen = lost if len(lost) < _MOST_LOST else given_up
        chosen |= {items[each.denial.denial_id]: None for each in denials}
    act(database, specialist, WantedAct("decide", lost, "The payer upheld it", denial_state="lost"))
    act(database, specialist, WantedAct("decide", given_up, REASON, denial_state="written_off"))


def work_the_queue(settings: Settings, database: Database, people: People) -> None:
    """Some items are somebody's, some have notes, some wait: in every state there is one."""
    from claimwright.assembly.reviews import gather
    from claimwright.features.review import Assignment, WantedAct, active_people

    gather(LOADER, settings, database)
    biller, specialist, coder = people["biller"], people["denials"], people["coder"]
    denials = [each.item_id for each in _items(database, "denial")]
    reviews = [each.item_id for each in _items(database, "claim_review")]
    with database.transaction(LOADER) as connection:
        staff = active_people(connection)

    def give(items: list[int], name: str) -> None:
        to = Assignment(staff, people.numbers[name], may_assign=True)
        act(database, people["manager"], WantedAct("assign", dict.fromkeys(items), assignment=to))

    give(reviews[3:40:4], "biller")
    give(reviews[4:40:6], "coder")
    give(denials[1:30:3], "denials")
    act(database, biller, WantedAct("start", dict.fromkeys(reviews[3:24:4])))
    act(database, coder, WantedAct("triage", dict.fromkeys(reviews[4:24:6])))
    act(database, specialist, WantedAct("start", dict.fromkeys(denials[1:20:3])))
    act(database, specialist, WantedAct("triage", dict.fromkeys(denials[2:12:4])))
    tomorrow_week = clock.today() + datetime.timedelta(days=7)
    act(database, specialist, WantedAct("snooze", dict.fromkeys(denials[12:18:3]), until=tomorrow_week))
    act(database, biller, WantedAct("propose", dict.fromkeys(reviews[:3]), REASON, proposal="release"))
    act(database, specialist, WantedAct("decide", dict.fromkeys(denials[20:26:2]), REASON,
                                        denial_state="resubmitted"))  # fmt: skip
    _note(settings, database, people, [reviews[0], reviews[3], reviews[7], denials[1], denials[4]])


def _note(settings: Settings, database: Database, people: People, items: list[int]) -> None:
    from claimwright.assembly.stores import open_sealer
    from claimwright.features.review import add_note, attach

    sealer, biller = open_sealer(settings, database), people["biller"]
    with database.transaction(biller) as connection:
        for number, item in enumerate(items):
            add_note(biller, connection, sealer, item, _NOTES[number % len(_NOTES)])
        add_note(
            biller, connection, sealer, items[0], "Please look at the charge before it goes out.",
            [people.numbers["manager"]],
        )  # fmt: skip
        attach(
            biller, connection, sealer, items[1], "call-log.txt", b"Payer line 3, reference 77-2041, 10:42\n"
        )


def act(database: Database, caller: Caller, wanted: WantedAct) -> None:
    """Do something with items, as the policies allow it to the roles of the demonstration."""
    from claimwright.features.review import act_on

    if wanted.versions:
        with database.transaction(caller) as connection:
            act_on(caller, connection, wanted, may=lambda _action: True)


def _denials(database: Database) -> list[WeighedDenial]:
    """Every denial in force that nobody has decided, newest first."""
    from claimwright.features.denials import list_denials

    with database.transaction(LOADER) as connection:
        found = list_denials(LOADER, connection, clock.today(), limit=5_000).denials
    return sorted(found, key=lambda each: str(each.denial.denied_on), reverse=True)


def _items(database: Database, kind: str) -> list[ShownItem]:
    """The open items of a kind, first what is worth most."""
    return list(_pages(database, kind))


def _pages(database: Database, kind: str) -> Iterator[ShownItem]:
    from claimwright.features.review import ItemFilter, default_states, list_work

    after = None
    while True:
        with database.transaction(LOADER) as connection:
            wanted = ItemFilter(clock.today(), kinds=[kind], **default_states([]))
            page = list_work(connection, wanted, after=after, limit=1_000)
        yield from page.items
        after = page.last
        if after is None:
            return
