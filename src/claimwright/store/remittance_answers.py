"""The payers' answers to claims: stored, read again, and their states, which their order decides."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl
from psycopg import sql
from psycopg.rows import dict_row

from claimwright.engines.remittance.sequence import REASONS
from claimwright.platform.database import Connection, bigints, byteas, copy_in, copy_out, insert_frame

ANSWERS: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "payment_id": pl.Int64(), "position": pl.Int32(), "state": pl.String(),
    "reason": pl.String(), "is_reversal": pl.Boolean(), "reverses_id": pl.Int64(), "claim_key": pl.Int64(),
    "account_key": pl.Int64(), "has_first_payer": pl.Boolean(), "facility": pl.String(),
    "turn": pl.String(), "score": pl.Int16(),
    "score_reasons": pl.String(), "claim_status": pl.String(), "frequency": pl.String(),
    "charge_cents": pl.Int64(), "paid_cents": pl.Int64(), "patient_cents": pl.Int64(),
    "owed_cents": pl.Int64(), "prior_cents": pl.Int64(), "paid_on": pl.Date(),
    "number": pl.Binary(), "payer_number": pl.Binary(), "lines_covered": pl.String(),
    "signature": pl.Binary(), "sealed": pl.Binary(),
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


def insert_answers(
    connection: Connection, answers: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame
) -> None:
    """Store answers with their lines and adjustments."""
    insert_frame(connection, "remittance.answers", answers.select(list(ANSWERS)))
    insert_frame(connection, "remittance.answer_lines", lines.select(list(ANSWER_LINES)))
    insert_frame(connection, "remittance.adjustments", adjustments.select(list(ADJUSTMENTS)))


def first_versions(
    connection: Connection, keys: Sequence[int], of_first_payer: Sequence[bytes]
) -> pl.DataFrame:
    """For each claim, the account to which its postings belong: the first version of the claim to the first
    payer.

    `of_first_payer[i]` is the blind index of the number of `keys[i]` with the first payer's turn. Columns:
    `claim_key`, `account_key`, and `has_first_payer`, whether the claim to the first payer is known.
    """
    schema = {"claim_key": pl.Int64(), "account_key": pl.Int64(), "has_first_payer": pl.Boolean()}
    if not keys:
        return pl.DataFrame(schema=schema)
    own = copy_out(
        connection,
        sql.SQL(
            "select claim_key, facility, encode(number, 'hex') from staging.claim_keys "
            "where claim_key = any({})"
        ).format(bigints(keys)),
        {"claim_key": pl.Int64(), "facility": pl.String(), "own": pl.String()},
    )
    asked = pl.DataFrame(
        {
            "claim_key": pl.Series(keys, dtype=pl.Int64),
            "number": pl.Series([each.hex() for each in of_first_payer], dtype=pl.String),
        }
    ).join(own, on="claim_key", how="inner", maintain_order="left")
    numbers = pl.concat([asked["number"], asked["own"]]).unique().sort()
    first = copy_out(
        connection,
        sql.SQL(
            "select facility, encode(number, 'hex'), claim_key from staging.claim_keys "
            "where facility = any({}) and number = any({}) order by version"
        ).format(
            sql.Literal(asked["facility"].unique().to_list()),
            byteas(bytes.fromhex(each) for each in numbers.to_list()),
        ),
        {"facility": pl.String(), "number": pl.String(), "first": pl.Int64()},
    ).unique(["facility", "number"], keep="first", maintain_order=True)
    return (
        asked.join(first, on=["facility", "number"], how="left", maintain_order="left")
        .join(
            first.rename({"number": "own", "first": "own_first"}), on=["facility", "own"], how="left",
            maintain_order="left",
        )
        .select(
            "claim_key", account_key=pl.coalesce("first", "own_first", "claim_key"),
            has_first_payer=pl.col("first").is_not_null(),
        )
    )  # fmt: skip


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
    payment_id: int
    reverses_id: int | None


def accounts_with_answers(connection: Connection, accounts: Sequence[int]) -> list[int]:
    """Those of the accounts to which an answer has come."""
    rows = connection.execute(
        sql.SQL(
            "select k.account_key from unnest({}) as k(account_key) cross join lateral "
            "(select from remittance.answers a where a.account_key = k.account_key limit 1) a"
        ).format(bigints(set(accounts)))
    ).fetchall()
    return [row[0] for row in rows]


def answers_of_accounts(connection: Connection, accounts: Sequence[int]) -> list[StoredAnswer]:
    """The matched answers of accounts that are posted, reversed, superseded, duplicate, or waiting for
    others.
    """
    rows = connection.execute(
        "select account_key, claim_key, answer_id, state, reason, is_reversal, has_first_payer, "
        "claim_status, "
        "turn, lines_covered, charge_cents, paid_cents, owed_cents, prior_cents, signature, payer_number, "
        "paid_on, payment_id, reverses_id "
        "from remittance.answers where account_key = any(%s) "
        "and (state in ('posted', 'reversed', 'superseded', 'duplicate') "
        "or (state = 'waiting' and reason = any(%s))) order by answer_id",
        [list(accounts), list(REASONS_OF_ORDER)],
    ).fetchall()
    return [StoredAnswer(*row) for row in rows]


def payments_of_reversals(connection: Connection, accounts: Sequence[int]) -> list[int]:
    """The payments with a reversal that is in force for one of these accounts."""
    if not accounts:
        return []
    rows = connection.execute(
        "select distinct payment_id from remittance.answers where account_key = any(%s) "
        "and is_reversal and state = 'posted' order by 1",
        [list(accounts)],
    ).fetchall()
    return [row[0] for row in rows]


def states_of(connection: Connection, answers: Sequence[int]) -> pl.DataFrame:
    """The states of answers, and why they wait."""
    query = sql.SQL(
        "select answer_id, state, reason from remittance.answers where answer_id = any({})"
    ).format(bigints(answers))
    return copy_out(connection, query, {"answer_id": pl.Int64(), "state": pl.String(), "reason": pl.String()})


def turns_of_payer_numbers(connection: Connection, numbers: Sequence[bytes]) -> dict[bytes, str]:
    """The turn of the last answer that had each of these payer claim numbers."""
    rows = connection.execute(
        "select k.payer_number, a.turn from unnest(%s::bytea[]) as k(payer_number) cross join lateral "
        "(select a.turn from remittance.answers a where a.payer_number = k.payer_number "
        "and a.turn is not null order by a.answer_id + 0 desc limit 1) a",
        [list(set(numbers))],
    ).fetchall()
    return {bytes(number): turn for number, turn in rows}


def payers_of_accounts(connection: Connection, accounts: Sequence[int]) -> dict[int, dict[str, str]]:
    """The payers whose answers to each account are in force, by number and by name (capitals and digits
    alone), with the turn of each; not who had several.
    """
    rows = connection.execute(
        "select a.account_key, n.payer, min(a.turn) from remittance.answers a "
        "join remittance.payments p using (payment_id) cross join lateral (values (p.payer_id), "
        "(upper(regexp_replace(p.payer_name, '[^0-9A-Za-z]', '', 'g')))) as n(payer) "
        "where a.account_key = any(%s) and a.state = 'posted' and not a.is_reversal "
        "and n.payer is not null group by 1, 2 having count(distinct a.turn) = 1",
        [list(accounts)],
    ).fetchall()
    found: dict[int, dict[str, str]] = {}
    for account, payer, turn in rows:
        found.setdefault(account, {})[payer] = turn
    return found


# Reasons for which an answer waits for another answer, not for a person.
IN_ORDER = "in_order"  # not looked at yet
REASONS_OF_ORDER = (IN_ORDER, *REASONS)


def update_states(connection: Connection, changes: Sequence[tuple[int, str, str | None, int | None]]) -> None:
    """Set state, reason and the answer that is reversed, by answer id."""
    if not changes:
        return
    ids, states, reasons, others = (list(column) for column in zip(*changes, strict=True))
    connection.execute(
        "update remittance.answers a set state = u.state, reason = u.reason, "
        "reverses_id = case when a.is_reversal then u.other else a.reverses_id end "
        "from unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) "
        "as u(answer_id, state, reason, other) where a.answer_id = u.answer_id",
        [ids, states, reasons, others],
    )


def answers_to_post(connection: Connection, answers: Sequence[int]) -> pl.DataFrame:
    """Stored answers as entries are made of them: `answer`, account, payment, turn, `starts_account`.

    `starts_account`: the claim to the first payer is not known, so that the account begins with this payer.
    `is_transferred`: what the payer before left to the patient was transferred to this payer.
    """
    query = sql.SQL(
        "select a.answer_id, a.account_key, a.payment_id, a.turn, not a.has_first_payer, "
        "a.turn <> 'P' and exists (select from remittance.postings p "
        "join remittance.entries e using (posting_id) where p.kind = 'transfer' "
        "and p.account_key = a.account_key and e.account = 'payer' and e.turn = a.turn "
        "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id)), a.paid_cents "
        "from remittance.answers a where a.answer_id = any({}) order by a.answer_id"
    ).format(bigints(answers))
    return copy_out(
        connection,
        query,
        {
            "answer": pl.Int64(), "account_key": pl.Int64(), "payment_id": pl.Int64(), "turn": pl.String(),
            "starts_account": pl.Boolean(), "is_transferred": pl.Boolean(), "paid_cents": pl.Int64(),
        },
    )  # fmt: skip


def stored_lines(connection: Connection, answers: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and adjustments of stored answers, with the line of our claim: what entries are made of."""
    literal = bigints(answers)
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


def update_placement(connection: Connection, answers: pl.DataFrame, lines: pl.DataFrame) -> None:
    """Store what was found out about answers: claim, account, state, and the line of the claim for each
    line.
    """
    names = (
        "answer_id", "state", "reason", "claim_key", "account_key", "has_first_payer", "facility", "turn",
        "score", "score_reasons", "lines_covered",
    )  # fmt: skip
    connection.execute("drop table if exists placed")
    connection.execute(
        "create temporary table placed (answer_id bigint, state text, reason text, claim_key bigint, "
        "account_key bigint, has_first_payer boolean, facility text, turn text, score smallint, "
        "score_reasons text, lines_covered text) on commit drop"
    )
    copy_in(connection, "placed", answers.select([pl.col(name).cast(ANSWERS[name]) for name in names]))
    columns = sql.SQL(", ").join(sql.SQL("{0} = p.{0}").format(sql.Identifier(name)) for name in names[1:])
    connection.execute(
        sql.SQL("update remittance.answers a set {} from placed p where a.answer_id = p.answer_id").format(
            columns
        )
    )
    connection.execute(
        "update remittance.answer_lines l set line = u.line "
        "from unnest(%s::bigint[], %s::integer[], %s::integer[]) as u(answer_id, position, line) "
        "where l.answer_id = u.answer_id and l.position = u.position",
        [lines[name].to_list() for name in ("answer_id", "position", "line")],
    )


def waiting_answers(
    connection: Connection,
    *,
    answers: Sequence[int] | None = None,
    payment_id: int | None = None,
    reasons: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Stored answers that wait, with their payment; all of them, or those asked for."""
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(
        "select a.*, p.payer_id, p.payer_name, p.payee_id, p.state as payment_state "
        "from remittance.answers a join remittance.payments p using (payment_id) where a.state = 'waiting' "
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
    literal = bigints(answers)
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
            "update remittance.answers set state = %s, reason = %s "
            "where answer_id = %s and state = 'waiting'",
            [state, reason, answer_id],
        ).rowcount
    )


def outcomes_of(connection: Connection, answers: Sequence[int]) -> pl.DataFrame:
    """The lines of claims that answers decided, with their adjustments: what `denied_lines` reads."""
    query = sql.SQL(
        "select a.claim_key, l.line, l.charge, l.paid, a.paid_on, d.group_code, d.carc, l.remarks "
        "from remittance.answers a join lateral ("
        "  select line, sum(charge_cents)::bigint as charge, sum(paid_cents)::bigint as paid, "
        "    array_agg(position) as positions, string_agg(remarks, ' ' order by position) as remarks "
        "  from remittance.answer_lines where answer_id = a.answer_id and line is not null group by line"
        ") l on true "
        "left join remittance.adjustments d on d.answer_id = a.answer_id and d.position = any(l.positions) "
        "where a.answer_id = any({}) and a.paid_on is not null order by a.claim_key, l.line, d.ordinal"
    ).format(bigints(answers))
    return copy_out(
        connection,
        query,
        {
            "claim": pl.Int64(), "line": pl.Int32(), "charge_cents": pl.Int64(), "paid_cents": pl.Int64(),
            "answered_on": pl.Date(), "group_code": pl.String(), "carc": pl.String(), "rarc": pl.String(),
        },
    )  # fmt: skip


def sealed_answers(connection: Connection, answers: Sequence[int]) -> dict[int, bytes]:
    """What identifies the patient of answers, sealed, by answer; without those that are no longer kept."""
    rows = connection.execute(
        "select answer_id, sealed from remittance.answers where answer_id = any(%s) and sealed is not null "
        "order by 1",
        [list(answers)],
    ).fetchall()
    return {key: bytes(sealed) for key, sealed in rows}


def answers_by_file(connection: Connection, answers: Sequence[int]) -> dict[bytes, list[int]]:
    """Those of the answers that decide on a claim as it was sent, by the digest of their file.

    Not those of a later payer on a claim that was sent to the first one.
    """
    # Two statements: joined, the planner, which has no statistics of rows of this transaction, would look
    # through all payments for each answer.
    deciding = copy_out(
        connection,
        sql.SQL(
            "select answer_id, payment_id from remittance.answers where answer_id = any({}) "
            "and state = 'posted' and not is_reversal "
            "and (turn = 'P' or claim_key <> account_key or not has_first_payer)"
        ).format(bigints(answers)),
        {"answer_id": pl.Int64(), "payment_id": pl.Int64()},
    )
    rows = connection.execute(
        sql.SQL(
            "select p.payment_id, p.file_id, f.digest from remittance.payments p "
            "join remittance.files f using (file_id) where p.payment_id = any({})"
        ).format(bigints(deciding["payment_id"].unique()))
    ).fetchall()
    digests = {file_id: bytes(digest) for _, file_id, digest in rows}
    files = {payment: file_id for payment, file_id, _ in rows}
    grouped = (
        deciding.with_columns(
            file_id=pl.col("payment_id").replace_strict(files, default=None, return_dtype=pl.Int64)
        )
        .sort("file_id", "answer_id")
        .group_by("file_id", maintain_order=True)
        .agg("answer_id")
    )
    return {digests[file_id]: keys for file_id, keys in grouped.iter_rows()}


def forget_patients(owner: Connection, before: datetime.datetime) -> int:
    """Remove what identifies the patients of answers and rejections that arrived before a time. Runs as the
    owner.

    Blind indexes go too: who has the key and a number could find the patient by them. Amounts, states and
    the ledger stay. Returns the number of answers.
    """
    old = (
        "select p.payment_id from remittance.payments p join remittance.files f using (file_id) "
        "where f.received_at < %s"
    )
    owner.execute(
        f"update remittance.provider_adjustments set sealed = null, reference = null "  # noqa: S608 - texts of this function
        f"where (sealed is not null or reference is not null) and payment_id in ({old})".encode(),
        [before],
    )
    owner.execute(
        "update remittance.denials set number = null where number is not null and rejection_file_id in "
        "(select file_id from remittance.rejection_files where received_at < %s)",
        [before],
    )
    return owner.execute(
        f"update remittance.answers set sealed = null, number = null, payer_number = null "  # noqa: S608 - as above
        f"where (sealed is not null or number is not null or payer_number is not null) "
        f"and payment_id in ({old})".encode(),
        [before],
    ).rowcount
