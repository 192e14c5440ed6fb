"""How quick the queue is with 100,000 items: gathers, reads and changes them in a store of its own.

    .venv/bin/python scripts/queue_scale.py [ITEMS]

Half of the items are claims in review with two findings each, a fifth denials, the others dead letters,
rejections and unmatched answers. The figures are in src/claimwright/features/review/README.md.
"""

# ruff: noqa: E501 - rows read best in one line

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from claimwright.domain.caller import Caller
from claimwright.features.review import (
    ActResult,
    GatheredItems,
    ItemFilter,
    ItemPage,
    ReviewPolicy,
    WantedAct,
    act_on,
    export_work,
    gather_items,
    list_work,
    summarize,
)
from claimwright.foundation import clock
from claimwright.platform.database import OWNER, SUPERUSER, Connection, Database, EmbeddedServer
from claimwright.store.schema import migrate, open_database

CALLER = Caller("default", "user:1")
FILL = """
set claimwright.tenant = 'default';
select store.partition('production.claims', current_date), store.partition('production.findings', current_date);
insert into production.claims (received_on, claim_key, version, file_id, position, facility, form, payer_id,
  service_from_on, total_charge, expected, lines, unpriced_lines, severity, findings, denial_probability,
  predicted_by, route, route_reason, correlation_id, run_id, received_at, created_at)
select current_date, n, 1, 1, n, 'FAC00' || n % 5, 'P', '6005' || n % 9, current_date - 40, 50 + n * 37 % 9000,
  40 + n * 31 % 5000, 2, 0, 'block', 2, 0.3, 'rules', case when n <= {items} / 2 then 'review' else 'production' end,
  'blocked', gen_random_uuid(), 1, now(), now()
from generate_series(1, {items} * 3) n;
insert into production.findings (received_on, claim_key, line, code, severity, snip)
select current_date, n, l, (array['MUE001', 'NCC001', 'MOD003', 'SYN057', 'NPI001'])[n % 5 + 1],
  case l when 1 then 'block' else 'warn' end, 5
from generate_series(1, {items} / 2) n, generate_series(1, 2) l;
insert into pipeline.dead_letters (claim_key, received_on, file_id, position, facility, version, form, lines,
  number_occurrence, content_occurrence, correlation_id, received_at, total_charge, reason, run_id, attempts, failed_at)
select {items} * 4 + n, current_date, 1, n, 'FAC001', 1, 'P', 1, 1, 1, gen_random_uuid(), now(), 500, 'unreadable',
  1, 5, now() from generate_series(1, {items} / 10) n;
insert into remittance.payments (payment_id, file_id, position, state, amount_cents, claims_cents, provider_cents,
  claims, identity, content) values (1, 1, 1, 'posted', 0, 0, 0, 1, '', '');
insert into remittance.answers (answer_id, payment_id, position, state, reason, is_reversal, claim_key, account_key,
  facility, turn, charge_cents, paid_cents, patient_cents, owed_cents, prior_cents, lines_covered, signature)
select n, 1, n, case when n <= {items} / 5 then 'posted' else 'waiting' end, case when n > {items} / 5 then 'unknown' end,
  false, case when n <= {items} / 5 then {items} + n end, case when n <= {items} / 5 then {items} + n end,
  'FAC002', 'P', 20000, 0, 0, 0, 0, '', ''
from generate_series(1, {items} * 3 / 10) n;
insert into remittance.denials (denial_id, answer_id, rejection_file_id, claim_key, facility, category, root_cause, stage,
  recoverable, responsible, usual_step, group_code, carc, amount_cents, appealable, payer_id, claim_filing, denied_on,
  found_at)
select n, case when n <= {items} / 5 then n end, case when n > {items} / 5 then 1 end, {items} + n, 'FAC003',
  'authorization', 'missing-authorization', 'denied', true, 'authorization', 'appeal', 'CO', '197', 10000 + n % 90000,
  true, '60054', 'MB', current_date - (n % 100)::integer, now()
from generate_series(1, {items} * 3 / 10) n;
analyze production.claims; analyze production.findings; analyze pipeline.dead_letters; analyze remittance.answers;
analyze remittance.denials;
"""


def main(items: int) -> None:
    """Print a line a step, with its seconds."""
    folder = Path(tempfile.mkdtemp(prefix="queue-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder)
    try:
        server.start()
        migrate(server.address(OWNER))
        with psycopg.connect(server.address(SUPERUSER), autocommit=True) as connection:
            connection.execute(FILL.replace("{items}", str(items)).encode())
        with open_database(server.address()) as database:
            measure(database)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(database: Database) -> None:
    """Every step once, reads three times: the quickest counts."""
    policy, today = ReviewPolicy(), clock.today()
    due = ItemFilter(today, is_open=True, snoozed="hide")

    def timed(what: str, work: Callable[[Connection], Any], times: int = 1) -> Any:
        best, found = float("inf"), None
        for _ in range(times):
            begun = clock.seconds()
            with database.transaction(CALLER) as connection:
                found = work(connection)
            best = min(best, clock.seconds() - begun)
        print(f"| {what} | {best:.3f} |", flush=True)
        return found

    def gather(connection: Connection) -> GatheredItems:
        return gather_items(CALLER, connection, policy)

    def steps(what: str) -> None:
        """Until nothing is left: the number of steps, all of them, and the longest."""
        spent = []
        while True:
            begun = clock.seconds()
            with database.transaction(CALLER) as connection:
                found = gather(connection)
            spent.append(clock.seconds() - begun)
            if found.is_whole:
                break
        print(f"| {what}: {len(spent)} steps, the longest {max(spent):.3f} | {sum(spent):.3f} |", flush=True)

    def again(change: str) -> None:
        with database.transaction(CALLER) as connection:
            connection.execute(change.encode())

    def page(connection: Connection, sort: str = "priority", limit: int = 100) -> ItemPage:
        return list_work(connection, due, sort=sort, limit=limit)

    steps("first gathering")
    timed("gathering, nothing changed", gather, 3)
    again("update work.gathered set position = -1")
    steps("gathering, everything compared")
    again("update work.gathered set ranked_on = ranked_on - 1")
    again("update work.items set due_on = due_on + 1")
    steps("the order of a new day")
    for sort in ("priority", "stake", "due", "age"):
        timed(f"first page of 100 and totals, by {sort}", partial(page, sort=sort), 3)
    timed("page of 1,000", partial(page, limit=1_000), 3)
    chosen = ItemFilter(today, is_open=True, categories=["limit"], facilities=["FAC001"])
    timed("page of 100 of a category and a facility", partial(list_work, wanted=chosen), 3)
    timed("summary", lambda connection: summarize(connection, ItemFilter(today, me=1)), 3)
    timed("export", lambda connection: sum(map(len, export_work(connection, ItemFilter(today)))))
    claims = ItemFilter(today, kinds=["claim_review"], is_open=True)
    found = timed("list of 10,000", partial(list_work, wanted=claims, limit=10_000))
    ids = dict.fromkeys(each.item_id for each in found.items)
    one = dict.fromkeys([ids.popitem()[0]])
    for what, wanted in (
        ("start an item", WantedAct("start", one)),
        ("return its claim", WantedAct("return", one, "measured here")),
        ("start 9,999 items", WantedAct("start", ids)),
        ("return 9,999 claims", WantedAct("return", ids, "measured here")),
    ):
        timed(what, partial(act, wanted=wanted))
        steps("gathering after that")


def act(connection: Connection, wanted: WantedAct) -> ActResult:
    """An act of the caller."""
    return act_on(CALLER, connection, wanted, may=lambda _: True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
