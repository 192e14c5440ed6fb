"""Work items follow what they are about: new sources get an item, items whose source is gone are closed.

Both directions are one statement each over `work.sources`. A join with `limit 1` is one look into an index
for each row, whatever the planner believes of a table that was empty a moment ago. The position is a record
of the audit log: every change of a source is in it, in the transaction of the change and in order of commit.
(A position of the outbox may become visible after a higher one.)
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.domain.work_items import SourceWindow
from claimwright.platform.database import Connection

# Item ids of one event; of more, only the number is told.
MOST_IDS = 1_000
# Acts whose record names the claims that they changed.
_NAMED = ("review.released", "review.returned", "dead_letters.retried", "dead_letters.discarded")
# Acts that change no source, by the beginning of their name in the audit log.
_NO_CHANGE = (
    "phi.", "work.", "session.", "account.", "token.", "link.", "access.", "alert.", "audit.",
    "claims.searched", "model.", "prediction.corrected", "quota.", "waiver.", "keys.", "underpayments.",
    "claims.staged",
    # Of the ledger, only an undone posting makes an answer wait again.
    "ledger.patient_payment", "ledger.refund", "ledger.write_off",
)  # fmt: skip


@dataclass(frozen=True)
class Ranking:
    """What the order of items depends on, as values of statements.

    `prefixes` are the first letters of finding codes with their `categories`; `chances` those of denial
    categories. Words: an item is `high` from `high_cents` expected a day, `normal` from `normal_cents`.
    """

    today: datetime.date
    now: datetime.datetime
    prefixes: Mapping[str, str]
    chances: Mapping[str, float]
    chance: float
    high_cents: int
    normal_cents: int
    days_high: int
    days_normal: int
    days_low: int
    approval_cents: int
    approval_categories: Sequence[str]
    policy: str

    def values(self) -> dict[str, object]:
        """The parameters of the statements."""
        return {
            **self.__dict__,
            "prefixes": list(self.prefixes), "categories": list(self.prefixes.values()),
            "chance_names": list(self.chances), "chance_values": list(self.chances.values()),
            "approval_categories": list(self.approval_categories), "most": MOST_IDS,
        }  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    """Items of one facility and kind with a new state; no ids if they are more than `MOST_IDS`."""

    to_state: str
    facility: str | None
    kind: str
    count: int
    item_ids: list[int]


@dataclass(frozen=True)
class Changes:
    """What may have changed: these claims or denials, by key; what is in a window; anything, if neither."""

    subjects: Sequence[int] | None
    window: SourceWindow | None = None

    def __bool__(self) -> bool:
        return self.subjects is None or bool(self.subjects)

    def limits(self, table: str) -> str:
        """The condition of a statement that it looks at what may have changed only."""
        if self.window is not None:
            # Of a fixed set of our own, and in the text so that the plan is made for it.
            return (
                f"{table}.kind = '{self.window.kind}' and {table}.subject_id > %(after)s "
                f"and {table}.subject_id <= %(to)s"
            )
        # With the kinds, the unique index of items serves.
        kinds = f"and {table}.kind in ('claim_review', 'dead_letter', 'denial', 'rejection')"
        return f"{table}.subject_id = any(%(subjects)s::bigint[]) {kinds}"

    def values(self) -> dict[str, object]:
        """The parameters of the condition."""
        if self.window is not None:
            return {"after": self.window.after, "to": self.window.to}
        return {"subjects": self.subjects}


def changes_after(connection: Connection, position: int) -> Changes:
    """What the acts changed that stand in the audit log after a position.

    Decisions on single claims and denials, and corrections, name them, and cost no look at all the others.
    """
    if position < 0:
        return Changes(None)
    rows = connection.execute(
        "select case when action = any(%(named)s) then body::jsonb -> 'detail' -> 'claim_keys' "
        "when action in ('denial.decided', 'claim.corrected') "
        "then jsonb_build_array(split_part(subject, ':', 2)::bigint) end "
        "from platform.audit_log where tenant = store.tenant() and sequence > %(position)s "
        "and not action ^@ any(%(others)s) limit %(most)s",
        {"position": position, "named": list(_NAMED), "others": list(_NO_CHANGE), "most": MOST_IDS},
    ).fetchall()
    named = [row[0] for row in rows]
    if len(rows) == MOST_IDS or any(each is None for each in named):
        return Changes(None)
    subjects = sorted({key for keys in named for key in keys})
    return Changes(subjects if len(subjects) <= MOST_IDS else None)


def clocks_changed_after(connection: Connection, position: int) -> bool:
    """Whether a contract's time was set or ended after a position of the audit log."""
    row = connection.execute(
        "select exists (select from platform.audit_log where tenant = store.tenant() and sequence > %s "
        "and action ^@ 'denials.contract_clock')",
        [position],
    ).fetchone()
    return bool(row and row[0])


def close_gone(connection: Connection, ranking: Ranking, changes: Changes) -> list[Gathered]:
    """Mark items whose source is gone, and close those that are open."""
    rows = connection.execute(
        _CLOSE.replace("LIMITS", changes.limits("i")).replace("SOURCES", changes.limits("s")).encode(),
        {**ranking.values(), **changes.values()},
    ).fetchall()
    return [Gathered("closed", *row) for row in rows]


def arrive(connection: Connection, changes: Changes) -> list[int] | None:
    """Note the sources without an item for `open_new`. Returns the denials among them; None without any."""
    connection.execute("drop table if exists arriving_sources")
    connection.execute(
        "create temporary table arriving_sources (kind text, subject_id bigint) on commit drop"
    )
    arrived = connection.execute(
        _ARRIVING.replace("LIMITS", changes.limits("s")).encode(), changes.values()
    ).rowcount
    if not arrived:
        return None
    connection.execute("analyze arriving_sources")
    rows = connection.execute(
        "select subject_id from arriving_sources where kind in ('denial', 'rejection') order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def open_new(connection: Connection, ranking: Ranking, prospects: pl.DataFrame | None) -> list[Gathered]:
    """An item for each source that arrived; one that was closed before is reopened.

    `prospects` is what is known of the denials among them (`denial`, `due_on`, `chance`): their items are due
    on the clock's day.
    """
    known = {"denials": [], "days": [], "odds": []} if prospects is None else {
        "denials": prospects["denial"].to_list(), "days": prospects["due_on"].to_list(),
        "odds": prospects["chance"].to_list(),
    }  # fmt: skip
    rows = connection.execute(_OPEN_NEW.encode(), {**ranking.values(), **known}).fetchall()
    return [Gathered("new", *row) for row in rows]


def verify_resubmitted(connection: Connection, ranking: Ranking, changes: Changes) -> list[Gathered]:
    """Resubmitted items that went through are verified; of denials that the payer kept, they are closed."""
    rows = connection.execute(
        _VERIFY.replace("LIMITS", changes.limits("i")).encode(),
        {**ranking.values(), **changes.values()},
    ).fetchall()
    return [Gathered(*row) for row in rows]


_COUNTED = (
    "facility, kind, count(*), case when count(*) <= %(most)s then array_agg(item_id order by item_id) "
    "else '{}'::bigint[] end"
)
_CLOSE = f"""
with lost as (
  select item_id, state, done_at is null as was_open from work.items i
  where has_source and LIMITS
    and not exists (
      select from work.sources s where s.kind = i.kind and s.subject_id = i.subject_id and SOURCES
    )
  for update of i
), closed as (
  update work.items i set has_source = false, changed_at = %(now)s, version = version + 1,
    state = case when was_open then 'closed' else i.state end,
    outcome = coalesce(outcome, 'gone'), done_at = coalesce(done_at, %(now)s)
  from lost where lost.item_id = i.item_id
  returning i.item_id, i.facility, i.kind, lost.was_open, lost.state as before
), recorded as (
  insert into work.history (item_id, at, act, from_state, to_state)
  select item_id, %(now)s, 'gone', before, 'closed' from closed where was_open
)
select {_COUNTED} from closed where was_open group by 1, 2
"""  # noqa: S608 - of this module
_ARRIVING = """
insert into arriving_sources
select s.kind, s.subject_id from work.sources s
  left join lateral (
    select true as is_there from work.items i
    where i.kind = s.kind and i.subject_id = s.subject_id and i.has_source limit 1
  ) i on true
where LIMITS and i.is_there is null
"""
_OPEN_NEW = f"""
with families as (
  select * from unnest(%(prefixes)s::text[], %(categories)s::text[]) as f(prefix, category)
), chances as (
  select * from unnest(%(chance_names)s::text[], %(chance_values)s::numeric[]) as c(category, chance)
), prospects as (
  select denial_id, due_on, round(chance::numeric, 3) as chance
  from unnest(%(denials)s::bigint[], %(days)s::date[], %(odds)s::float8[]) as u(denial_id, due_on, chance)
), detail as (
  select a.kind, a.subject_id, c.claim_key, c.facility, c.payer_id,
    case when worst.code is not null then coalesce(f.category, 'own_rule')
      when c.route_reason = 'high_value' then 'high_value'
      when c.route_reason = 'no_charge' then 'missing_information' else 'risk' end as category,
    coalesce(worst.code, c.route_reason, 'unknown') as what,
    coalesce(round(case when c.unpriced_lines = 0 and c.expected > 0 then c.expected
      else c.total_charge end * 100), 0)::bigint as stake_cents,
    greatest(1 - c.denial_probability::numeric, %(chance)s) as chance,
    case when c.route_reason = 'likely_denied'
      then round(greatest(c.review_gain, 0) * 100)::bigint end as gain_cents,
    null::date as due_by_law, k.correctors, coalesce(k.needs_approval, false) as is_to_be_approved
  from arriving_sources a
    join lateral (
      select * from production.claims c
      where c.claim_key = a.subject_id and c.route = 'review' and c.status <> 'superseded' limit 1
    ) c on true
    left join lateral (
      select code from production.findings p
      where p.claim_key = c.claim_key and p.received_on = c.received_on and p.waiver is null
        and c.route_reason in ('blocked', 'warned')
      order by case severity when 'block' then 0 when 'warn' then 1 else 2 end, snip, code limit 1
    ) worst on true
    left join families f on f.prefix = left(worst.code, 3)
    left join lateral (
      with recursive chain as (
        select e.claim_key, e.corrected_by, e.needs_approval, 1 as step
        from production.corrections e where e.corrected_key = c.claim_key
        union all
        select e.claim_key, e.corrected_by, false, step + 1
        from chain join production.corrections e on e.corrected_key = chain.claim_key where step < 100
      )
      select array_agg(distinct corrected_by) as correctors, bool_or(needs_approval) as needs_approval
      from chain
    ) k on true
  where a.kind = 'claim_review'
  union all
  select a.kind, a.subject_id, d.claim_key, d.facility, d.payer_id, 'processing', d.reason,
    coalesce(round(d.total_charge * 100), 0)::bigint, %(chance)s, null::bigint, null::date,
    null::text[], false
  from arriving_sources a join pipeline.dead_letters d on d.claim_key = a.subject_id
  where a.kind = 'dead_letter'
  union all
  select a.kind, a.subject_id, coalesce(b.claim_key, d.claim_key), coalesce(b.facility, d.facility),
    d.payer_id, d.category, d.root_cause, greatest(coalesce(case when b.state = 'waiting' then
      remittance.amount_at_stake(d.answer_id, d.position, d.amount_cents) else d.amount_cents end, 0), 0),
    coalesce(w.chance, case when d.recoverable is false then 0 else coalesce(p.chance, %(chance)s) end),
    null, w.due_on, null, false
  from arriving_sources a join remittance.denials d on d.denial_id = a.subject_id
    left join remittance.answers b on b.answer_id = d.answer_id
    left join chances p on p.category = d.category
    left join prospects w on w.denial_id = a.subject_id
  where a.kind in ('denial', 'rejection')
  union all
  select a.kind, a.subject_id, b.claim_key, b.facility, p.payer_id, 'unmatched',
    coalesce(b.reason, 'unknown'),
    greatest(case when b.paid_cents > 0 then b.paid_cents else b.charge_cents end, 0),
    case when b.paid_cents > 0 then 1 else %(chance)s end, null, null, null, false
  from arriving_sources a join remittance.answers b on b.answer_id = a.subject_id
    join remittance.payments p on p.payment_id = b.payment_id
  where a.kind = 'unmatched_answer'
), weighed as (
  select *, coalesce(gain_cents, round(stake_cents * chance)::bigint) as expected_cents from detail
), timed as (
  select *, coalesce(due_by_law, %(today)s::date + case
    when expected_cents >= %(high_cents)s::bigint * %(days_normal)s then %(days_high)s
    when expected_cents >= %(normal_cents)s::bigint * %(days_normal)s then %(days_normal)s
    else %(days_low)s end::integer) as due_on
  from weighed
), earlier as (
  select i.item_id, i.state from timed t cross join lateral (
    select item_id, state from work.items i where i.kind = t.kind and i.subject_id = t.subject_id limit 1
  ) i
), done as (
  insert into work.items as i (kind, subject_id, claim_key, facility, payer_id, category, what, stake_cents,
    chance, expected_cents, per_day_cents, due_on, due_from, needs_approval, repaired_by, opened_at,
    changed_at)
  select kind, subject_id, claim_key, facility, payer_id, category, what, stake_cents,
    chance, expected_cents, work.per_day(expected_cents, due_on, %(today)s), due_on,
    case when due_by_law is null then 'service_level' else 'law' end,
    stake_cents > %(approval_cents)s or category = any(%(approval_categories)s) or is_to_be_approved,
    coalesce(correctors, '{{}}'), %(now)s, %(now)s
  from timed order by subject_id
  on conflict (tenant, kind, subject_id) do update set has_source = true, state = 'reopened', outcome = null,
    done_at = null, facility = excluded.facility, payer_id = excluded.payer_id,
    category = excluded.category, what = excluded.what, stake_cents = excluded.stake_cents,
    chance = excluded.chance, expected_cents = excluded.expected_cents, due_on = excluded.due_on,
    due_from = excluded.due_from, per_day_cents = excluded.per_day_cents,
    needs_approval = excluded.needs_approval, proposed_act = null, proposed_by = null, approved_by = null,
    repaired_by = excluded.repaired_by, snoozed_until = null, opened_at = excluded.opened_at,
    changed_at = excluded.changed_at, version = i.version + 1
  returning i.item_id, i.facility, i.kind
), recorded as (
  insert into work.history (item_id, at, act, from_state, to_state)
  select item_id, %(now)s, 'came_back', earlier.state, 'reopened' from done join earlier using (item_id)
)
select {_COUNTED} from done group by 1, 2
"""  # noqa: S608 - of this module
_VERIFY = f"""
with through as (
  select i.item_id, case
    when i.kind = 'claim_review' and (
      exists (select from production.deliveries d where d.claim_key = i.claim_key)
      or exists (select from remittance.answers a where a.claim_key = i.claim_key and a.state = 'posted'))
      then 'verified'
    when i.kind = 'dead_letter' and exists (select from production.claims c where c.claim_key = i.claim_key)
      then 'verified'
    when d.state = 'won' then 'verified'
    when d.state in ('lost', 'billed_on', 'written_off') then 'closed' end as to_state
  from work.items i left join remittance.denials d
    on i.kind in ('denial', 'rejection') and d.denial_id = i.subject_id
  where i.state = 'resubmitted' and LIMITS
), changed as (
  update work.items i set state = t.to_state, changed_at = %(now)s, version = version + 1
  from through t where t.item_id = i.item_id and t.to_state is not null
  returning i.item_id, i.facility, i.kind, i.state
), recorded as (
  insert into work.history (item_id, at, act, from_state, to_state)
  select item_id, %(now)s, 'verify', 'resubmitted', state from changed
)
select state, {_COUNTED} from changed group by 1, 2, 3
"""  # noqa: S608 - of this module
