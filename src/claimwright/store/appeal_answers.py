"""What payers answered after an appeal was sent, line by line: one answer may be about several appeals."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from claimwright.platform.database import Connection


class AnsweredSince(NamedTuple):
    """The answers in force that came after an appeal was sent, as far as they are about its line.

    `more_cents` is what the payer pays of the line now beyond what it paid when it denied it,
    `more_elsewhere` of the rest of the claim. `is_owed`: a part of the line is owed by the patient now.
    `denies_again`: one of them, of the day of the appeal or later, denies the line.
    """

    day: datetime.date | None
    is_answered: bool
    denies_again: bool
    more_cents: int
    more_elsewhere: int
    is_owed: bool


def paid_on_account(connection: Connection, answer_id: int) -> int:
    """Cents that the payer of an answer has paid on its account by answers in force."""
    row = connection.execute(
        "select coalesce(sum(b.paid_cents), 0)::bigint from remittance.answers a join remittance.answers b"
        " on b.tenant = a.tenant and b.account_key = a.account_key and b.turn is not distinct from a.turn"
        " where a.answer_id = %s and b.state = 'posted' and not b.is_reversal",
        [answer_id],
    ).fetchone()
    assert row is not None
    return int(row[0])


def last_answer(connection: Connection, answer_id: int) -> int:
    """The last answer on the account of an answer, in force or not."""
    row = connection.execute(
        "select max(b.answer_id) from remittance.answers a join remittance.answers b on b.tenant = a.tenant"
        " and b.account_key = a.account_key and b.turn is not distinct from a.turn where a.answer_id = %s",
        [answer_id],
    ).fetchone()
    assert row is not None
    return int(row[0] or answer_id)


def denial_after(connection: Connection, denial_id: int) -> int | None:
    """The denial in force by which a later answer denied the same line again; None while this one is."""
    row = connection.execute(
        "select b.denial_id from remittance.denials_of_claims a join remittance.denials_in_force b"
        " on b.tenant = a.tenant and b.account_key = a.account_key and b.turn is not distinct from a.turn"
        " and b.position is not distinct from a.position and b.answer_id > a.answer_id"
        " where a.denial_id = %s and not a.in_force"
        " order by b.answer_id desc, b.amount_cents desc nulls last, b.denial_id limit 1",
        [denial_id],
    ).fetchone()
    return int(row[0]) if row else None


def answered_since(
    connection: Connection, denial_id: int, *, after: int, sent_on: datetime.date, paid_before_cents: int
) -> AnsweredSince:
    """What was answered about the line of a denial after this answer; of the whole claim where the denial, or
    one of the answers, names no line.

    A payment counts whenever it came. A denial of an earlier day than that of the appeal is no answer to it:
    it decides the level before, whose letter came first. `paid_before_cents` is what the account was paid
    when the appeal was sent.
    """
    row = connection.execute(
        _ANSWERED_SINCE,
        {"denial": denial_id, "after": after, "sent_on": sent_on, "before": paid_before_cents},
    ).fetchone()
    assert row is not None
    return AnsweredSince(*row)


# `own` is the line, null for the whole claim. What the line was paid before is said by the answer that denied
# it: at most one answer for a line and payer is in force.
_ANSWERED_SINCE = """
with denied as (
  select a.tenant, a.answer_id, a.account_key, a.turn, l.line
  from remittance.denials d join remittance.answers a using (tenant, answer_id)
    left join remittance.answer_lines l on l.tenant = a.tenant and l.answer_id = a.answer_id
      and l.position = d.position
  where d.denial_id = %(denial)s
), live as (
  select b.answer_id, b.paid_on, b.paid_cents, b.lines_covered, b.tenant
  from denied join remittance.answers b on b.tenant = denied.tenant and b.account_key = denied.account_key
    and b.turn is not distinct from denied.turn
  where b.state = 'posted' and not b.is_reversal
), scope as (
  select case when exists (select from live where answer_id > %(after)s and lines_covered = '') then null
    else line end as own from denied
), later as (
  select live.* from live, scope
  where answer_id > %(after)s
    and (own is null or own = any(string_to_array(lines_covered, ' ')::integer[]))
), lines as (
  select l.answer_id, l.position, l.paid_cents from remittance.answer_lines l, scope
  where own is not null and l.line = own
    and l.answer_id in (select answer_id from live union select answer_id from denied)
), paid as (
  select (select coalesce(sum(paid_cents), 0) from live) - %(before)s as account,
    (select coalesce(sum(l.paid_cents), 0) from lines l join live using (answer_id))
    - (select coalesce(sum(l.paid_cents), 0) from lines l join denied using (answer_id)) as line
), again as (
  select coalesce(bool_or(true), false) as denies
  from later join remittance.denials_in_force d using (tenant, answer_id), scope
  where (later.paid_on is null or later.paid_on >= %(sent_on)s)
    and (own is null or d.position is null or exists (
      select from lines l where l.answer_id = d.answer_id and l.position = d.position))
)
select max(later.paid_on), count(later.answer_id) > 0, (select denies from again),
  (select case when own is null then account else line end from paid, scope)::bigint,
  (select case when own is null then 0 else account - line end from paid, scope)::bigint,
  exists (select from remittance.adjustments j join later k using (tenant, answer_id), scope
    where j.group_code = 'PR' and j.amount_cents > 0
      and (own is null or j.position in (select position from lines l where l.answer_id = j.answer_id)))
from later
"""
