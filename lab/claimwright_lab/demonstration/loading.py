"""Loads the practice into a store by the ways that everybody uses: intake, run, posting, the queue."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from claimwright.domain.caller import Caller
from claimwright.foundation import clock

from .files import SEED, make_practice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimwright.features.remittance import PaperPayment
    from claimwright.features.review import WantedAct
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

PASSWORD = "open the demo door"  # noqa: S105 - printed by the command, for synthetic claims only
# The accounts: a name for each role, in the order in which they are shown.
ROLES_SHOWN = {
    "biller": "claims_processor",
    "coder": "coder",
    "denials": "appeals_specialist",
    "manager": "manager",
    "auditor": "auditor",
    "admin": "administrator",
    "clinician": "clinician",
    "viewer": "viewer",
}
_TENANT = "default"
_LOADER = Caller(_TENANT, "system:demonstration")
# Of denials, how many in a hundred end in each state; the others are still open.
_ENDS = {"resubmitted": 20, "won": 22, "lost": 8, "appealed": 12, "written_off": 3}
# Payments that the bank has not confirmed yet.
_NOT_DEPOSITED = 12
_REASON = "Part of the demonstration practice"


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
    accounts = _make_accounts(database)
    say(f"taking in {len(practice.claims)} files of claims")
    _take_in(settings, database, practice.claims)
    say("checking, pricing and routing every claim")
    run(today)
    say("releasing what was corrected long ago")
    _release_all(database)
    say(f"posting {len(practice.remittances)} remittances")
    _post(settings, database, practice.remittances)
    say("taking in and checking the claims of this week")
    _take_in(settings, database, practice.fresh)
    run(today)
    # After the run: a model of so few claims is unsure of most, and would send them all to a person.
    promote()
    say("filling the queue")
    _work(settings, database, accounts)
    say("computing the figures")
    fresh_figures(_LOADER, settings, database)


def _make_accounts(database: Database) -> dict[str, int]:
    from claimwright.platform.access import ROLES
    from claimwright.platform.identity import create_account

    made = {}
    with database.transaction(_LOADER) as connection:
        for name, role in ROLES_SHOWN.items():
            account = create_account(
                _LOADER, connection, name, roles=[role], known_roles=ROLES, facilities=None, password=PASSWORD
            )
            made[name] = account.account_id
    return made


def _take_in(settings: Settings, database: Database, files: Sequence[tuple[str, str, bytes]]) -> None:
    from claimwright.assembly.intakes import make_intake

    intake = make_intake(settings, database)
    for facility, _, content in files:
        intake.stage(_LOADER, [content], facility=facility)


def _release_all(database: Database) -> None:
    """Claims of earlier months were corrected and sent: their answers came."""
    from claimwright.features.claims import in_review, release

    while True:
        with database.transaction(_LOADER) as connection:
            found = in_review(_LOADER, connection, limit=1_000)
            if not found:
                return
            release(_LOADER, connection, [each.claim_key for each in found], reason=_REASON)


def _post(settings: Settings, database: Database, files: Sequence[tuple[str, bytes]]) -> None:
    from claimwright.assembly.remittances import make_remittance_poster
    from claimwright.features.remittance import paper_of

    poster = make_remittance_poster(settings, database)
    for name, content in files[:-1]:
        poster.post_stream(_LOADER, [content], name)
    name, newest = files[-1]
    # A payment of the newest file does not add up.
    before, start, after = newest.partition(b"BPR*I*")
    poster.post_stream(_LOADER, [before + start + b"1" + after], name)
    _confirm(database)
    for typed in _papers(newest):
        paper = paper_of(typed, "the paper")
        poster.post_frames(_LOADER, paper.remittance, source="paper", digest=paper.digest)


def _papers(newest: bytes) -> list[PaperPayment]:
    """Papers that were typed in: a claim of another practice, and one whose charge is not the claim's."""
    from claimwright.features.remittance import PaperPayment

    number, charge = re.findall(rb"CLP\*([^*]+)\*[^*]+\*([0-9.]+)", newest)[-1]
    other = Decimal(charge.decode()) + 40
    made = []
    for trace, claim, charged in (
        ("PAPER0001", "A-2210-7", Decimal(240)),
        ("PAPER0002", number.decode(), other),
    ):
        claims = [{"claim_id": claim, "charge": charged, "paid": charged}]
        made.append(
            PaperPayment.model_validate(
                {"payer": "EXAMPLE MUTUAL HEALTH", "trace_number": trace, "paid_on": clock.today(),
                 "amount": charged, "claims": claims}
            )
        )  # fmt: skip
    return made


def _confirm(database: Database) -> None:
    """The bank's file has the deposits of all payments but the newest."""
    from claimwright.engines.remittance import read_bank_lines
    from claimwright.features.remittance import add_deposits, list_payments

    with database.transaction(_LOADER) as connection:
        payments = list_payments(connection, limit=1_000)[_NOT_DEPOSITED:]
        lines = [
            f"{each.paid_on},{each.amount_cents // 100}.{each.amount_cents % 100:02},{each.trace_number}"
            for each in payments
        ]
        content = "\n".join(["date,amount,trace", *lines])
        add_deposits(_LOADER, connection, read_bank_lines(content.encode(), "bank.csv"))


def _work(settings: Settings, database: Database, accounts: dict[str, int]) -> None:
    """People have worked: old denials are decided, some items are somebody's, three wait for approval."""
    from claimwright.assembly.reviews import gather
    from claimwright.features.review import WantedAct

    gather(_LOADER, settings, database)
    draws = np.random.default_rng(SEED)
    specialist = Caller(_TENANT, f"user:{accounts['denials']}", frozenset({"appeals_specialist"}))
    biller = Caller(_TENANT, f"user:{accounts['biller']}", frozenset({"claims_processor"}))
    denials, reviews = _items(database, "denial"), _items(database, "claim_review")
    ends = [name for name, share in _ENDS.items() for _ in range(share)]
    chosen: dict[str, dict[int, int | None]] = {}
    for item in denials:
        draw = int(draws.integers(0, 100))
        if draw < len(ends):
            chosen.setdefault(ends[draw], {})[item] = None
    for state, items in chosen.items():
        _act(database, specialist, WantedAct("decide", items, _REASON, denial_state=state))
    _act(database, biller, WantedAct("start", dict.fromkeys(reviews[3:40:4])))
    _act(database, specialist, WantedAct("start", dict.fromkeys(denials[1:30:3])))
    _act(database, biller, WantedAct("propose", dict.fromkeys(reviews[:3]), _REASON, proposal="release"))


def _act(database: Database, caller: Caller, wanted: WantedAct) -> None:
    from claimwright.features.review import act_on

    if wanted.versions:
        with database.transaction(caller) as connection:
            act_on(caller, connection, wanted, may=lambda _action: True)


def _items(database: Database, kind: str) -> list[int]:
    """The open items of a kind, first what is worth most."""
    from claimwright.features.review import ItemFilter, default_states, list_work

    found: list[int] = []
    after = None
    while True:
        with database.transaction(_LOADER) as connection:
            wanted = ItemFilter(clock.today(), kinds=[kind], **default_states([]))
            page = list_work(connection, wanted, after=after, limit=1_000)
        found += [each.item_id for each in page.items]
        after = page.last
        if after is None:
            return found
