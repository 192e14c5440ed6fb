"""Remittances: files, payments, the payers' answers to claims, and the claims that an answer may be about."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl
from psycopg import sql
from psycopg.rows import dict_row

from claimwright.foundation import clock
from claimwright.platform.database import Connection, copy_in, copy_out, insert_frame

# The first number of the advisory lock by which files of a tenant are posted one after another.
_LOCK = 8350001

ANSWERS: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "payment_id": pl.Int64(), "position": pl.Int32(), "state": pl.String(),
    "reason": pl.String(), "is_reversal": pl.Boolean(), "reverses_id": pl.Int64(), "claim_key": pl.Int64(),
    "account_key": pl.Int64(), "has_first_payer": pl.Boolean(), "facility": pl.String(), "turn": pl.String(), "score": pl.Int16(),
    "score_reasons": pl.String(), "claim_status": pl.String(), "frequency": pl.String(),
    "charge_cents": pl.Int64(), "paid_cents": pl.Int64(), "patient_cents": pl.Int64(),
    "owed_cents": pl.Int64(), "prior_cents": pl.Int64(), "paid_on": pl.Date(),
    "number": pl.Binary(), "payer_number": pl.Binary(), "lines_covered": pl.String(), "signature": pl.Binary(),
    "sealed": pl.Binary(),
}  # fmt: skip
ANSWER_LINES: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "position": pl.Int32(), "line": pl.Int32(), "procedure": pl.String(),
    "modifiers": pl.String(), "original_procedure": pl.String(), "revenue_code": pl.String(),
    "units": pl.Decimal(15, 3), "charge_cents": pl.Int64(), "paid_cents": pl.Int64(),
    "service_from_on": pl.Date(), "remarks": pl.String(),
}  # fmt: skip
ADJUSTMENTS: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "position": pl.Int32(), "ordinal": pl.Int32(), "group_code": pl.String(),
    "carc": pl.String(), "amount_cents": pl.Int64(), "quantity": pl.Decimal(15, 3),
}  # fmt: skip
CANDIDATES: dict[str, pl.DataType] = {
    "asked": pl.Int64(), "claim_key": pl.Int64(), "version": pl.Int16(), "facility": pl.String(),
    "frequency": pl.String(), "charge_cents": pl.Int64(), "service_from_on": pl.Date(), "service_to_on": pl.Date(),
}  # fmt: skip


PAYMENT_COLUMNS = (
    "payment_id", "file_id", "position", "state", "reason", "first_id", "payer_id", "payer_name", "payee_id",
    "method", "trace_number", "amount_cents", "claims_cents", "provider_cents", "paid_on", "produced_on",
    "claims", "identity", "content",
)  # fmt: skip


@dataclass(frozen=True)
class NewFile:
    """A remittance file that is being stored. `source` is 835, csv or paper."""

    file_id: int
    source: str
    digest: bytes
    object: str | None
    payments: int
    claims: int
    faults: int
    correlation_id: str


@dataclass(frozen=True)
class KnownPayment:
    """An earlier payment with the same payer, trace number, date, amount and payee."""

    payment_id: int
    content: bytes


def lock_remittances(connection: Connection) -> None:
    """Let the tenant's remittances be posted one after another, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%s, hashtext(store.tenant()))", [_LOCK])


def next_ids(connection: Connection, count: int) -> list[int]:
    """New ids for files, payments, answers and postings, in ascending order."""
    if not count:
        return []
    rows = connection.execute(
        "select array(select nextval('remittance.ids') from generate_series(1, %s))", [count]
    ).fetchone()
    assert rows is not None
    return sorted(rows[0])


def file_with_digest(connection: Connection, digest: bytes) -> int | None:
    """The stored remittance file with this content."""
    row = connection.execute("select file_id from remittance.files where digest = %s", [digest]).fetchone()
    return row[0] if row else None


def insert_file(connection: Connection, file: NewFile, entered_by: str) -> None:
    """Store a file's row."""
    connection.execute(
        "insert into remittance.files (file_id, source, digest, object, received_at, entered_by, payments, "
        "claims, faults, correlation_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            file.file_id, file.source, file.digest, file.object, clock.now(), entered_by, file.payments,
            file.claims, file.faults, file.correlation_id,
        ],
    )  # fmt: skip


def payments_with(connection: Connection, identities: Sequence[bytes]) -> dict[bytes, KnownPayment]:
    """The first stored payment of each identity that there is."""
    rows = connection.execute(
        "select distinct on (identity) identity, payment_id, content from remittance.payments "
        "where identity = any(%s) and state <> 'duplicate' order by identity, payment_id",
        [list(identities)],
    ).fetchall()
    return {bytes(identity): KnownPayment(number, bytes(content)) for identity, number, content in rows}


def insert_payments(connection: Connection, payments: pl.DataFrame) -> None:
    """Store payments; columns are those of the table."""
    insert_frame(connection, "remittance.payments", payments)


def insert_answers(
    connection: Connection, answers: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame
) -> None:
    """Store answers with their lines and adjustments."""
    insert_frame(connection, "remittance.answers", answers.select(list(ANSWERS)))
    insert_frame(connection, "remittance.answer_lines", lines.select(list(ANSWER_LINES)))
    insert_frame(connection, "remittance.adjustments", adjustments.select(list(ADJUSTMENTS)))


def insert_provider_adjustments(connection: Connection, adjustments: pl.DataFrame) -> None:
    """Store provider adjustments (PLB); columns are those of the table."""
    insert_frame(connection, "remittance.provider_adjustments", adjustments)


# Candidates.


def facilities(connection: Connection) -> list[str]:
    """The facilities that have sent claims."""
    return [row[0] for row in connection.execute("select distinct facility from staging.files").fetchall()]


def claims_with_numbers(
    connection: Connection, asked: Sequence[int], numbers: Sequence[bytes], facility: str | None
) -> pl.DataFrame:
    """Claims in production whose number, or folded number, has one of these blind indexes.

    `asked[i]` asks for `numbers[i]`. Columns: `CANDIDATES`, and `is_folded`, `number_turn_of`.
    """
    places = [facility] if facility is not None else facilities(connection)
    connection.execute("drop table if exists asked_numbers")
    connection.execute("create temporary table asked_numbers (asked bigint, number bytea) on commit drop")
    copy_in(
        connection,
        "asked_numbers",
        pl.DataFrame(
            {"asked": pl.Series(asked, dtype=pl.Int64), "number": pl.Series(numbers, dtype=pl.Binary)}
        ),
    )
    connection.execute("analyze asked_numbers")
    query = sql.SQL(_BY_NUMBER).format(places=sql.Literal(places))
    return copy_out(connection, query, CANDIDATES | {"is_folded": pl.Boolean()})


def claims_of_payer_numbers(
    connection: Connection, asked: Sequence[int], numbers: Sequence[bytes]
) -> pl.DataFrame:
    """Claims that earlier answers with these payer claim numbers (blind indexes) were about."""
    query = sql.SQL(_BY_PAYER_NUMBER).format(
        asked=sql.Literal(list(asked)), numbers=sql.Literal([bytes(each) for each in numbers])
    )
    return copy_out(connection, query, CANDIDATES)


def claims_with_charges(
    connection: Connection,
    asked: Sequence[int],
    charges: Sequence[int],
    days: Sequence[datetime.date | None],
    facility: str | None,
    *,
    each: int = 20,
) -> pl.DataFrame:
    """Claims in production with this charge, and this first date of service if it is known; some for each."""
    query = sql.SQL(_BY_CHARGE).format(
        asked=sql.Literal(list(asked)), charges=sql.Literal(list(charges)), days=sql.Literal(list(days)),
        facility=sql.Literal(facility), each=sql.Literal(each),
    )  # fmt: skip
    return copy_out(connection, query, CANDIDATES)


_COLUMNS = (
    "p.claim_key, p.version, p.facility, p.frequency, (p.total_charge * 100)::bigint, p.service_from_on, "
    "p.service_to_on"
)
_BY_NUMBER = f"""
with found as (
  select a.asked, k.claim_key, false as is_folded from asked_numbers a join staging.claim_keys k
    on k.facility = any({{places}}) and k.number = a.number
  union all
  select a.asked, k.claim_key, true from asked_numbers a join staging.claim_keys k on k.folded = a.number
    and k.facility = any({{places}})
)
select f.asked, {_COLUMNS}, f.is_folded from found f join production.claims p using (claim_key)
"""
_BY_PAYER_NUMBER = f"""
select distinct u.asked, {_COLUMNS}
from unnest({{asked}}::bigint[], {{numbers}}::bytea[]) as u(asked, number)
  join remittance.answers a on a.payer_number = u.number and a.claim_key is not null
  join production.claims p on p.claim_key = a.claim_key
"""
_BY_CHARGE = f"""
select asked, claim_key, version, facility, frequency, cents, service_from_on, service_to_on from (
  select u.asked, {_COLUMNS.replace("::bigint", "::bigint as cents")},
    row_number() over (partition by u.asked order by p.claim_key desc) as place
  from unnest({{asked}}::bigint[], {{charges}}::bigint[], {{days}}::date[]) as u(asked, cents, day)
    join production.claims p on p.total_charge = u.cents / 100.0
      and (u.day is null or p.service_from_on = u.day)
  where {{facility}}::text is null or p.facility = {{facility}}
) as found where place <= {{each}}
"""


# Answers of a claim, in the order of the ledger.


def first_versions(
    connection: Connection, keys: Sequence[int], of_first_payer: Sequence[bytes]
) -> pl.DataFrame:
    """For each claim, the account to which its postings belong: the first version of the claim to the first payer.

    `of_first_payer[i]` is the blind index of the number of `keys[i]` with the first payer's turn. Columns:
    `claim_key`, `account_key`, and `has_first_payer`, whether the claim to the first payer is known.
    """
    query = sql.SQL(
        "select u.claim_key, coalesce(first.claim_key, own_first.claim_key, u.claim_key), "
        "first.claim_key is not null "
        "from unnest({keys}::bigint[], {numbers}::bytea[]) as u(claim_key, number) "
        "join staging.claim_keys own on own.claim_key = u.claim_key "
        "left join lateral (select k.claim_key from staging.claim_keys k where k.facility = own.facility "
        "and k.number = u.number order by k.version limit 1) first on true "
        "left join lateral (select k.claim_key from staging.claim_keys k where k.facility = own.facility "
        "and k.number = own.number order by k.version limit 1) own_first on true"
    ).format(keys=sql.Literal(list(keys)), numbers=sql.Literal(list(of_first_payer)))
    schema = {"claim_key": pl.Int64(), "account_key": pl.Int64(), "has_first_payer": pl.Boolean()}
    return copy_out(connection, query, schema)


class StoredAnswer(NamedTuple):
    """A stored answer, as far as the order of a claim's answers needs it."""

    account_key: int
    claim_key: int
    answer_id: int
    state: str
    reason: str | None
    is_reversal: bool
    has_first_payer: bool
    claim_status: str | None
    turn: str
    lines_covered: str
    charge_cents: int
    paid_cents: int
    owed_cents: int
    prior_cents: int
    signature: bytes
    payer_number: bytes | None
    paid_on: datetime.date | None


def answers_of_accounts(connection: Connection, accounts: Sequence[int]) -> list[StoredAnswer]:
    """The matched answers of accounts that are posted, reversed, superseded, duplicate, or waiting for others."""
    rows = connection.execute(
        "select account_key, claim_key, answer_id, state, reason, is_reversal, has_first_payer, claim_status, turn, "
        "lines_covered, charge_cents, paid_cents, owed_cents, prior_cents, signature, payer_number, paid_on "
        "from remittance.answers where account_key = any(%s) "
        "and (state in ('posted', 'reversed', 'superseded', 'duplicate') "
        "or (state = 'waiting' and reason = any(%s))) order by answer_id",
        [list(accounts), list(REASONS_OF_ORDER)],
    ).fetchall()
    return [StoredAnswer(*row) for row in rows]


def states_of(connection: Connection, answers: Sequence[int]) -> pl.DataFrame:
    """The states of answers, and why they wait."""
    query = sql.SQL(
        "select answer_id, state, reason from remittance.answers where answer_id = any({})"
    ).format(sql.Literal(list(answers)))
    return copy_out(
        connection, query, {"answer_id": pl.Int64(), "state": pl.String(), "reason": pl.String()}
    )


def turns_of_payer_numbers(connection: Connection, numbers: Sequence[bytes]) -> dict[bytes, str]:
    """The turn of the last answer that had each of these payer claim numbers."""
    rows = connection.execute(
        "select distinct on (payer_number) payer_number, turn from remittance.answers "
        "where payer_number = any(%s) and turn is not null order by payer_number, answer_id desc",
        [list(numbers)],
    ).fetchall()
    return {bytes(number): turn for number, turn in rows}


# Reasons for which an answer waits for another answer, not for a person.
IN_ORDER = "in_order"  # not looked at yet
REASONS_OF_ORDER = (
    IN_ORDER, "adjudicated_before", "reversal_without_original", "reversed_before", "earlier_payer_first",
    "earlier_payer_differs",
)  # fmt: skip


def update_states(connection: Connection, changes: Sequence[tuple[int, str, str | None, int | None]]) -> None:
    """Set state, reason and the answer that is reversed, by answer id."""
    if not changes:
        return
    ids, states, reasons, others = (list(column) for column in zip(*changes, strict=True))
    connection.execute(
        "update remittance.answers a set state = u.state, reason = u.reason, "
        "reverses_id = case when a.is_reversal then u.other else a.reverses_id end "
        "from unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) as u(answer_id, state, reason, other) "
        "where a.answer_id = u.answer_id",
        [ids, states, reasons, others],
    )


def answers_to_post(connection: Connection, answers: Sequence[int]) -> pl.DataFrame:
    """Stored answers as entries are made of them: `answer`, account, payment, turn, `starts_account`.

    `starts_account`: the claim to the first payer is not known, so that the account begins with this payer.
    """
    query = sql.SQL(
        "select answer_id, account_key, payment_id, turn, not has_first_payer, paid_cents from remittance.answers "
        "where answer_id = any({}) order by answer_id"
    ).format(sql.Literal(list(answers)))
    return copy_out(
        connection,
        query,
        {
            "answer": pl.Int64(), "account_key": pl.Int64(), "payment_id": pl.Int64(), "turn": pl.String(),
            "starts_account": pl.Boolean(), "paid_cents": pl.Int64(),
        },
    )  # fmt: skip


def stored_lines(connection: Connection, answers: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and adjustments of stored answers, with the line of our claim: what entries are made of."""
    literal = sql.Literal(list(answers))
    lines = copy_out(
        connection,
        sql.SQL(
            "select answer_id, line, paid_cents from remittance.answer_lines where answer_id = any({}) "
            "order by answer_id, position"
        ).format(literal),
        {"answer": pl.Int64(), "line": pl.Int32(), "paid_cents": pl.Int64()},
    )
    adjustments = copy_out(
        connection,
        sql.SQL(
            "select a.answer_id, l.line, a.group_code, a.carc, a.amount_cents from remittance.adjustments a "
            "left join remittance.answer_lines l on l.answer_id = a.answer_id and l.position = a.position "
            "where a.answer_id = any({}) order by a.answer_id, a.ordinal"
        ).format(literal),
        {
            "answer": pl.Int64(), "line": pl.Int32(), "group_code": pl.String(), "carc": pl.String(),
            "amount_cents": pl.Int64(),
        },
    )  # fmt: skip
    return lines, adjustments


# Waiting answers, looked at again.


def facility_of(connection: Connection, claim_key: int) -> str | None:
    """The facility of a claim in production; None if there is no such claim."""
    row = connection.execute(
        "select facility from production.claims where claim_key = %s", [claim_key]
    ).fetchone()
    return row[0] if row else None


def update_placement(connection: Connection, answers: pl.DataFrame, lines: pl.DataFrame) -> None:
    """Store what was found out about answers: claim, account, state, and the line of the claim for each line."""
    names = (
        "answer_id", "state", "reason", "claim_key", "account_key", "has_first_payer", "facility", "turn", "score",
        "score_reasons", "lines_covered",
    )  # fmt: skip
    connection.execute("drop table if exists placed")
    connection.execute(
        "create temporary table placed (answer_id bigint, state text, reason text, claim_key bigint, "
        "account_key bigint, has_first_payer boolean, facility text, turn text, score smallint, "
        "score_reasons text, lines_covered text) on commit drop"
    )
    copy_in(connection, "placed", answers.select([pl.col(name).cast(ANSWERS[name]) for name in names]))
    settings = ", ".join(f"{name} = p.{name}" for name in names[1:])
    connection.execute(
        f"update remittance.answers a set {settings} from placed p where a.answer_id = p.answer_id".encode()
    )
    connection.execute(
        "update remittance.answer_lines l set line = u.line "
        "from unnest(%s::bigint[], %s::integer[], %s::integer[]) as u(answer_id, position, line) "
        "where l.answer_id = u.answer_id and l.position = u.position",
        [lines[name].to_list() for name in ("answer_id", "position", "line")],
    )


def waiting_answers(
    connection: Connection, *, answers: Sequence[int] | None = None, payment_id: int | None = None,
    reasons: Sequence[str] | None = None,
) -> list[dict[str, object]]:
    """Stored answers that wait, with their payment; all of them, or those asked for."""
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(
        "select a.*, p.payer_id, p.payee_id, p.state as payment_state from remittance.answers a "
        "join remittance.payments p using (payment_id) where a.state = 'waiting' "
        "and (%(answers)s::bigint[] is null or a.answer_id = any(%(answers)s)) "
        "and (%(payment)s::bigint is null or a.payment_id = %(payment)s) "
        "and (%(reasons)s::text[] is null or a.reason = any(%(reasons)s)) order by a.answer_id",
        {
            "answers": None if answers is None else list(answers), "payment": payment_id,
            "reasons": None if reasons is None else list(reasons),
        },
    ).fetchall()  # fmt: skip


def lines_of_answers(connection: Connection, answers: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All that is stored of the lines and adjustments of answers."""
    literal = sql.Literal(list(answers))
    columns = sql.SQL(", ").join(map(sql.Identifier, ANSWER_LINES))
    lines = copy_out(
        connection,
        sql.SQL("select {} from remittance.answer_lines where answer_id = any({}) order by 1, 2").format(
            columns, literal
        ),
        ANSWER_LINES,
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, ADJUSTMENTS))
    adjustments = copy_out(
        connection,
        sql.SQL("select {} from remittance.adjustments where answer_id = any({}) order by 1, 3").format(
            columns, literal
        ),
        ADJUSTMENTS,
    )
    return lines, adjustments


def set_state(connection: Connection, answer_id: int, state: str, reason: str | None) -> bool:
    """Set the state of a waiting answer. Returns whether it waited."""
    return bool(
        connection.execute(
            "update remittance.answers set state = %s, reason = %s where answer_id = %s and state = 'waiting'",
            [state, reason, answer_id],
        ).rowcount
    )


def release_payment(connection: Connection, payment_id: int) -> dict[str, int] | None:
    """Let a held payment be posted. Returns its amount; None if there is no such held payment."""
    row = connection.execute(
        "update remittance.payments set state = 'posted', reason = null where payment_id = %s and state = 'held' "
        "returning amount_cents",
        [payment_id],
    ).fetchone()
    return {"amount_cents": row[0]} if row else None


def provider_adjustments_of(connection: Connection, payment_id: int) -> pl.DataFrame:
    """Reasons and amounts of a payment's provider adjustments."""
    query = sql.SQL(
        "select payment_id, reason, amount_cents from remittance.provider_adjustments where payment_id = {} "
        "order by ordinal"
    ).format(sql.Literal(payment_id))
    return copy_out(
        connection, query, {"answer": pl.Int64(), "reason": pl.String(), "amount_cents": pl.Int64()}
    )
