"""What figures are computed from: versions of claims, releases, postings, answers, denials, work.

Everything is read for the accounts (or items) of a temporary table, which the caller's transaction has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from psycopg import sql

from claimwright.foundation import clock
from claimwright.platform.database import Connection, copy_out

_INSTANT = pl.Datetime("us", "UTC")
# So many claims are computed at once: some hundred megabytes.
BATCH_CLAIMS = 100_000
_TEMPORARY = {
    "refreshing": "account_key bigint, claim_key bigint",
    "refreshing_all": "account_key bigint, claim_key bigint, batch integer not null default 0",
    "refreshing_items": "item_id bigint",
}
_QUARTER_HOUR_MICROS = 900_000_000
CLAIMS: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "account_key": pl.Int64(), "version": pl.Int16(), "facility": pl.String(),
    "form": pl.String(), "payer": pl.String(), "plan": pl.String(), "provider": pl.String(),
    "specialty": pl.String(), "procedure_group": pl.String(), "diagnosis_group": pl.String(),
    "service_to_on": pl.Date(), "received_at": _INSTANT, "charge_cents": pl.Int64(),
}  # fmt: skip


def take_changes(connection: Connection) -> int:
    """Take what changed into the temporary tables `refreshing` (claims by account) and `refreshing_items`.

    Returns how many accounts and items there are. The changes are deleted with the transaction.
    """
    _make_tables(connection)
    connection.execute(
        """
        with taken as (delete from analytics.changes returning first_key, last_key, account_key, item_id),
        touched as (
          select k.facility, k.number from taken t
            join staging.claim_keys k on k.claim_key between t.first_key and t.last_key
          union
          select k.facility, k.number from taken t join staging.claim_keys k on k.claim_key = t.account_key
        ),
        chains as (
          select first_value(k.claim_key) over (partition by k.facility, k.number order by k.version) as
          account_key,
            k.claim_key
          from touched join staging.claim_keys k using (facility, number)
        ),
        items as (
          insert into refreshing_items select distinct item_id from taken where item_id is not null
        )
        insert into refreshing_all (account_key, claim_key) select distinct account_key, claim_key from chains
        """
    )
    return _analyzed(connection)


def take_everything(connection: Connection) -> int:
    """Take all claims and items, as `take_changes` takes those that changed."""
    _make_tables(connection)
    connection.execute("delete from analytics.changes")
    connection.execute(
        "insert into refreshing_all (account_key, claim_key) select "
        "first_value(claim_key) over (partition by facility, number order by version), claim_key "
        "from staging.claim_keys"
    )
    connection.execute("insert into refreshing_items select item_id from work.items")
    return _analyzed(connection)


def take_batches(connection: Connection) -> int:
    """Cut the taken accounts into batches that fit into memory. Returns how many there are."""
    row = connection.execute("select count(*) from refreshing_all").fetchone()
    assert row is not None
    batches = -(-int(row[0]) // BATCH_CLAIMS)
    if batches > 1:
        connection.execute(
            "update refreshing_all r set batch = c.batch from (select account_key, "
            "ntile(%s) over (order by account_key) - 1 as batch "
            "from (select distinct account_key from refreshing_all) a) c where c.account_key = r.account_key",
            [batches],
        )
    return batches


def take_batch(connection: Connection, batch: int) -> None:
    """Let `refreshing` have the accounts of a batch."""
    connection.execute("truncate refreshing")
    connection.execute(
        "insert into refreshing (account_key, claim_key) "
        "select account_key, claim_key from refreshing_all where batch = %s",
        [batch],
    )
    connection.execute("analyze refreshing")


def take_items_of(connection: Connection, claim_keys: Sequence[int]) -> None:
    """Take the work items about these claims, too."""
    connection.execute(
        "insert into refreshing_items select item_id from work.items where claim_key = any(%s) "
        "except select item_id from refreshing_items",
        [list(claim_keys)],
    )


def _make_tables(connection: Connection) -> None:
    for name, columns in _TEMPORARY.items():
        statement = f"create temporary table if not exists {name} ({columns}) on commit drop"
        connection.execute(statement.encode())
    connection.execute("truncate refreshing, refreshing_all, refreshing_items")


def _analyzed(connection: Connection) -> int:
    connection.execute("create index if not exists refreshing_accounts on refreshing (account_key)")
    connection.execute("create index if not exists refreshing_claims on refreshing (claim_key)")
    connection.execute("analyze refreshing_all")
    connection.execute("analyze refreshing_items")
    row = connection.execute(
        "select (select count(distinct account_key) from refreshing_all) "
        "+ (select count(*) from refreshing_items)"
    ).fetchone()
    assert row is not None
    return int(row[0])


def claims_read(connection: Connection) -> pl.DataFrame:
    """The processed versions of the accounts: the columns of `CLAIMS`, and what their facts need beside."""
    schema = {
        "claim_key": pl.Int64(), "account_key": pl.Int64(), "version": pl.Int16(), "facility": pl.String(),
        "form": pl.String(), "payer": pl.String(), "plan": pl.String(), "provider": pl.String(),
        "specialty": pl.String(), "procedure_group": pl.String(), "diagnosis_group": pl.String(),
        "service_to_on": pl.Date(), "received_at": pl.Int64(), "charge_cents": pl.Int64(),
        "known_at": pl.Int64(), "frequency": pl.String(), "net_cents": pl.Int64(), "lines": pl.Int32(),
        "is_clean": pl.Boolean(),
    }  # fmt: skip
    query = f"""
    select c.claim_key, r.account_key, c.version, c.facility, c.form, c.payer_id, c.claim_filing, c.provider,
      c.specialty, c.procedure_group, c.diagnosis_group, coalesce(c.service_to_on, c.service_from_on),
      {_micros("c.received_at")}, (coalesce(c.total_charge, 0) * 100)::bigint, {_micros("c.created_at")},
      c.frequency,
      (coalesce(case when c.unpriced_lines = 0 then c.expected end, c.total_charge, 0) * 100)::bigint,
      c.lines, c.severity is null or c.severity = 'note'
    from refreshing r join production.claims c using (claim_key)
    """  # noqa: S608 - of this module
    read = _instants(copy_out(connection, sql.SQL(query), schema), "received_at", "known_at")
    arrived = local_days(read["received_at"])
    return read.with_columns(
        received_on=arrived,
        minutes=(pl.col("known_at") - pl.col("received_at")).dt.total_minutes().clip(lower_bound=0),
    )


def events_read(
    connection: Connection, schemas: Mapping[str, Mapping[str, pl.DataType]]
) -> dict[str, pl.DataFrame]:
    """The events of the accounts but their versions, by name, with the columns of the schemas.

    Days of instants are those of the local time zone.
    """
    found = {}
    for name, (query, days) in _QUERIES.items():
        schema = schemas[name]
        read = {
            column: pl.Int64() if column in {"known_at", *days} else dtype for column, dtype in schema.items()
        }
        frame = _instants(copy_out(connection, sql.SQL(query), read), "known_at", *days)
        found[name] = frame.with_columns(local_days(frame[day]).alias(day) for day in days)
    return found


def work_read(
    connection: Connection, items: Mapping[str, pl.DataType], history: Mapping[str, pl.DataType]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The work items of `refreshing_items`, and what was done with them."""
    read = {
        name: pl.Int64() if name in {"opened_at", "opened_on"} else dtype for name, dtype in items.items()
    }
    found = _instants(copy_out(connection, sql.SQL(_ITEMS), read), "opened_at", "opened_on")
    found = found.with_columns(opened_on=local_days(found["opened_on"]))
    read = {name: pl.Int64() if name in {"known_at", "on_day"} else dtype for name, dtype in history.items()}
    done = _instants(copy_out(connection, sql.SQL(_HISTORY), read), "known_at", "on_day")
    return found, done.with_columns(on_day=local_days(done["on_day"]))


def local_days(instants: pl.Series) -> pl.Series:
    """The local day of each instant; an offset that changes during a day is heeded."""
    quarters = instants.cast(pl.Int64) // _QUARTER_HOUR_MICROS
    unique = quarters.unique().drop_nulls().to_list()
    known = {each: clock.local_day(each) for each in unique}
    if not known:
        return pl.Series(instants.name, [None] * len(instants), pl.Date)
    return quarters.replace_strict(known, default=None, return_dtype=pl.Date).alias(instants.name)


def _micros(column: str) -> str:
    return f"(extract(epoch from {column}) * 1000000)::bigint"


def _instants(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).cast(_INSTANT) for name in names)


# Answers that count, and when each became known: when it was posted; what came too late to be, with its file.
_KNOWN = """
select a.answer_id, coalesce(min(p.posted_at), min(f.received_at)) as known_at
from (select distinct account_key from refreshing) r
  join remittance.answers a using (account_key)
  left join remittance.postings p on p.answer_id = a.answer_id and p.kind = 'answer'
  left join remittance.payments y on y.payment_id = a.payment_id and p.posting_id is null
  left join remittance.files f on f.file_id = y.file_id
where not a.is_reversal and (a.state in ('posted', 'reversed', 'superseded') or p.posting_id is not null)
group by 1
"""
_EVENT = f"""
select r.account_key, {_micros("e.happened_at")}, {{columns}}
from refreshing r join production.claim_events e using (claim_key) where e.state in ({{states}})
"""  # noqa: S608
# By name: the statement, and the columns that are days of instants.
_QUERIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "releases": (
        _EVENT.format(columns=f"r.claim_key, {_micros('e.happened_at')}", states="'production', 'released'"),
        ("released_on",),
    ),
    "returns": (_EVENT.format(columns=_micros("e.happened_at"), states="'returned'"), ("returned_on",)),
    "entries": (
        f"""
        select p.account_key, {_micros("p.posted_at")}, p.kind, u.kind, {_micros("p.posted_at")},
          {_micros("u.posted_at")}, coalesce(ua.paid_on, a.paid_on),
          case when p.kind = 'undo' then a.paid_on end, e.account, e.amount_cents
        from (select distinct account_key from refreshing) r
          join remittance.postings p using (account_key)
          join remittance.entries e on e.posting_id = p.posting_id
          left join remittance.postings u on u.posting_id = p.undoes_id
          left join remittance.answers a on a.answer_id = p.answer_id
          left join remittance.answers ua on ua.answer_id = u.answer_id
        """,  # noqa: S608
        ("posted_on", "undone_on"),
    ),
    "answers": (
        f"""
        select a.account_key, {_micros("k.known_at")}, a.answer_id, a.claim_key, a.turn, a.paid_on,
          f.received_on, a.charge_cents, a.paid_cents,
          (select count(*) from remittance.answer_lines l where l.answer_id = a.answer_id)
        from ({_KNOWN}) k join remittance.answers a using (answer_id)
          left join remittance.stated_facts f on f.answer_id = a.answer_id and f.position = 0
        """,  # noqa: S608
        (),
    ),
    "denials": (
        f"""
        select a.account_key, {_micros("k.known_at")}, d.denial_id, d.answer_id, a.claim_key, d.category,
          d.root_cause, d.responsible, d.preventable, d.position is not null,
          coalesce(d.amount_cents, 0), d.denied_on
        from ({_KNOWN}) k join remittance.answers a using (answer_id)
          join remittance.denials d on d.answer_id = a.answer_id
        union all
        select r.account_key, {_micros("d.found_at")}, d.denial_id, null, d.claim_key, d.category,
          d.root_cause, d.responsible, d.preventable, d.position is not null,
          coalesce(d.amount_cents, 0), d.denied_on
        from refreshing r join remittance.denials d on d.claim_key = r.claim_key and d.answer_id is null
        """,  # noqa: S608
        (),
    ),
    "states": (
        f"""
        select a.account_key, {_micros("greatest(s.changed_at, k.known_at)")}, s.denial_id, s.entry_id,
          s.state, {_micros("s.changed_at")}
        from ({_KNOWN}) k join remittance.answers a using (answer_id)
          join remittance.denials d on d.answer_id = a.answer_id
          join remittance.denial_states s on s.denial_id = d.denial_id
        """,  # noqa: S608
        ("changed_on",),
    ),
    "underpayments": (
        f"""
        select a.account_key, {_micros("greatest(u.found_at, k.known_at)")}, u.answer_id, u.amount_cents
        from ({_KNOWN}) k join remittance.answers a using (answer_id)
          join remittance.underpayments u on u.answer_id = a.answer_id
        """,  # noqa: S608
        (),
    ),
}
_QUERIES["appeals"] = (
    f"""
    select a.account_key, {_micros("greatest(s.changed_at, k.known_at)")}, s.case_id, s.entry_id, c.denial_id,
      c.level, s.state, s.decided_on, {_micros("c.sent_at")}, c.amount_cents, s.recovered_cents
    from ({_KNOWN}) k join remittance.answers a using (answer_id)
      join remittance.denials d on d.answer_id = a.answer_id
      join appeals.cases c on c.denial_id = d.denial_id
      join appeals.case_states s on s.case_id = c.case_id
    """,  # noqa: S608
    ("sent_on",),
)
_ITEMS = f"""
select i.item_id, i.claim_key, i.facility, i.category, i.stake_cents, {_micros("i.opened_at")},
  {_micros("i.opened_at")}
from refreshing_items r join work.items i using (item_id)
"""  # noqa: S608
_HISTORY = f"""
select h.item_id, h.entry_id, {_micros("h.at")}, {_micros("h.at")}, h.by_actor, h.act, h.from_state,
  h.to_state
from refreshing_items r join work.history h using (item_id)
"""  # noqa: S608
