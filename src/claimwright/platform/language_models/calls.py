"""The calls of language models in the database: what was sent, sealed; what came of it; tokens and cost."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from psycopg.rows import class_row

from claimwright.domain.caller import Caller
from claimwright.platform.phi import Sealer

from .errors import ModelBusyError

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

Part = Literal["request", "answer"]
By = Literal["provider", "subject", "stage", "asked_by"]
BYS: tuple[By, ...] = ("provider", "subject", "stage", "asked_by")


@dataclass(frozen=True)
class ModelCall:
    """One request. `word` says why it failed; `is_used`: its answer had the form that was asked for.

    `cost` is in dollars, null where no price is set. `answer_of` is the call whose kept answer was used.
    """

    call_id: int
    asked_id: uuid.UUID
    subject: str
    stage: str
    prompt: str
    provider: str
    model: str
    host: str
    number: int
    is_repair: bool
    state: str
    word: str | None
    status: int | None
    is_used: bool
    answer_of: int | None
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    characters: int
    parts: int
    asked_by: str
    started_at: datetime.datetime
    finished_at: datetime.datetime | None


@dataclass(frozen=True)
class ModelSpending:
    """What was used of models: by what `by` says. `unpriced` are the answered calls without a price."""

    name: str
    calls: int
    answered: int
    failed: int
    cached: int
    tokens_in: int
    tokens_out: int
    cost: Decimal
    unpriced: int


@dataclass(frozen=True)
class SentCall:
    """What was sent to a model, and what it answered, to the byte; the answer is null where none came."""

    request: str
    answer: str | None


_COLUMNS = ", ".join(ModelCall.__dataclass_fields__)


def call_context(tenant: str, call_id: int, part: Part) -> bytes:
    """What binds a sealed record to its call."""
    return json.dumps(["model call", tenant, call_id, part]).encode()


def calls_under_way(connection: Connection, provider: str, since: datetime.datetime) -> int:
    """How many calls of a provider the tenant has under way in any process that began after a time.

    Older ones were lost with their process. Until the transaction ends, nobody else begins one.
    """
    connection.execute(
        "select pg_advisory_xact_lock(hashtext(store.tenant() || ' language model'), hashtext(%s))",
        [provider],
    )
    row = connection.execute(
        "select count(*) from platform.model_calls where provider = %s and state = 'running'"
        " and started_at > %s",
        [provider, since],
    ).fetchone()
    return int(row[0]) if row else 0


def begin_call(
    caller: Caller, connection: Connection, sealer: Sealer, *, asked_id: uuid.UUID, subject: str, stage: str,
    prompt: str, provider: str, model: str, host: str, number: int, is_repair: bool, digest: bytes,
    request: bytes, now: datetime.datetime, most: int, lost_after: datetime.timedelta,
) -> int:  # fmt: skip
    """Store what is about to be sent. Returns the call's id.

    Raises:
        ModelBusyError: as many calls are under way as may be.
    """
    if calls_under_way(connection, provider, now - lost_after) >= most:
        raise ModelBusyError
    row = connection.execute("select nextval('platform.model_call_ids')").fetchone()
    assert row is not None
    call_id = int(row[0])
    [sealed] = sealer.seal([request], [call_context(caller.tenant, call_id, "request")])
    connection.execute(
        "insert into platform.model_calls (call_id, asked_id, subject, stage, prompt, provider, model, host,"
        " number, is_repair, state, digest, sealed_request, started_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'running', %s, %s, %s)",
        [call_id, asked_id, subject, stage, prompt, provider, model, host, number, is_repair, digest, sealed,
         now],
    )  # fmt: skip
    return call_id


def tell_progress(connection: Connection, call_id: int, characters: int, parts: int) -> None:
    """Store how much of the answer is there."""
    connection.execute(
        "update platform.model_calls set characters = %s, parts = %s"
        " where call_id = %s and state = 'running'",
        [characters, parts, call_id],
    )


def end_call(
    caller: Caller, connection: Connection, sealer: Sealer, call_id: int, *, state: str, word: str | None,
    status: int | None, text: str, parts: int, tokens_in: int, tokens_out: int, cost: Decimal | None,
    now: datetime.datetime,
) -> None:  # fmt: skip
    """Store what came of a call. `text` is the answer as far as it came."""
    sealed = None
    if text:
        [sealed] = sealer.seal([text.encode()], [call_context(caller.tenant, call_id, "answer")])
    connection.execute(
        "update platform.model_calls set state = %s, word = %s, status = %s, characters = %s, parts = %s,"
        " tokens_in = %s, tokens_out = %s, cost = %s, finished_at = %s, sealed_answer = %s"
        " where call_id = %s",
        [state, word, status, len(text), parts, tokens_in, tokens_out, cost, now, sealed, call_id],
    )


def judge_call(connection: Connection, call_id: int, *, is_used: bool, word: str | None) -> None:
    """Store whether the answer had the form that was asked for."""
    connection.execute(
        "update platform.model_calls set is_used = %s, word = %s where call_id = %s", [is_used, word, call_id]
    )


def known_answer(
    caller: Caller, connection: Connection, sealer: Sealer, digest: bytes, since: datetime.datetime
) -> tuple[int, str] | None:
    """The newest used answer to the same question of the same model, and its call; None if there is none.

    Raises:
        PhiError: the record can't be opened.
    """
    row = connection.execute(
        "select call_id, sealed_answer from platform.model_calls where digest = %s and is_used"
        " and state = 'answered' and started_at > %s order by started_at desc limit 1",
        [digest, since],
    ).fetchone()
    if row is None:
        return None
    [text] = sealer.open([bytes(row[1])], [call_context(caller.tenant, row[0], "answer")])
    return row[0], text.decode()


def insert_cached(
    caller: Caller, connection: Connection, sealer: Sealer, of: int, *, asked_id: uuid.UUID, subject: str,
    stage: str, prompt: str, now: datetime.datetime,
) -> int:  # fmt: skip
    """Store that a kept answer was used, and for what. Nothing was sent."""
    row = connection.execute("select nextval('platform.model_call_ids')").fetchone()
    assert row is not None
    [sealed] = sealer.seal([b""], [call_context(caller.tenant, row[0], "request")])
    connection.execute(
        "insert into platform.model_calls (call_id, asked_id, subject, stage, prompt, provider, model, host,"
        " number, state, is_used, answer_of, cost, digest, sealed_request, started_at, finished_at,"
        " characters, parts) select %s, %s, %s, %s, %s, provider, model, host, 1,"
        " 'cached', true, call_id, 0, digest, %s, %s, %s, characters, parts"
        " from platform.model_calls where call_id = %s",
        [row[0], asked_id, subject, stage, prompt, sealed, now, now, of],
    )
    return int(row[0])


def model_calls(
    connection: Connection, *, subject: str | None = None, after: int = 0, limit: int = 200
) -> list[ModelCall]:
    """Calls, newest first; `after` leaves out so many."""
    cursor = connection.cursor(row_factory=class_row(ModelCall))
    return cursor.execute(
        f"select {_COLUMNS} from platform.model_calls"  # noqa: S608 - names of a class
        " where (%(subject)s::text is null or subject = %(subject)s)"
        " order by call_id desc offset %(after)s limit %(limit)s".encode(),
        {"subject": subject, "after": after, "limit": limit},
    ).fetchall()


def sent_call(caller: Caller, connection: Connection, sealer: Sealer, call: ModelCall) -> SentCall:
    """What was sent and answered. The caller of this writes the audit log.

    Raises:
        PhiError: a record can't be opened.
    """
    of = call.call_id if call.answer_of is None else call.answer_of
    row = connection.execute(
        "select sealed_request, sealed_answer from platform.model_calls where call_id = %s", [of]
    ).fetchone()
    if row is None:
        return SentCall("", None)
    [request] = sealer.open([bytes(row[0])], [call_context(caller.tenant, of, "request")])
    answer = None
    if row[1] is not None:
        [content] = sealer.open([bytes(row[1])], [call_context(caller.tenant, of, "answer")])
        answer = content.decode()
    return SentCall(request.decode(), answer)


def model_spending(
    connection: Connection, by: By, *, since: datetime.datetime, until: datetime.datetime | None = None,
    subject: str | None = None,
) -> list[ModelSpending]:  # fmt: skip
    """What was used since a time, by provider, subject, stage or who asked; the dearest first."""
    if by not in BYS:
        raise ValueError(f"there is no spending by {by}")
    cursor = connection.cursor(row_factory=class_row(ModelSpending))
    return cursor.execute(
        f"select {by} as name, count(*) filter (where state <> 'cached') as calls,"  # noqa: S608 - of four names
        " count(*) filter (where state = 'answered') as answered,"
        " count(*) filter (where state = 'failed') as failed,"
        " count(*) filter (where state = 'cached') as cached,"
        " coalesce(sum(tokens_in), 0)::bigint as tokens_in,"
        " coalesce(sum(tokens_out), 0)::bigint as tokens_out, coalesce(sum(cost), 0) as cost,"
        " count(*) filter (where state = 'answered' and cost is null) as unpriced"
        " from platform.model_calls where started_at >= %(since)s"
        " and (%(until)s::timestamptz is null or started_at < %(until)s)"
        " and (%(subject)s::text is null or subject = %(subject)s)"
        f" group by {by} order by cost desc, name".encode(),
        {"since": since, "until": until, "subject": subject},
    ).fetchall()


def spent_since(connection: Connection, since: datetime.datetime) -> Decimal:
    """The dollars spent since a time, as far as prices are set."""
    row = connection.execute(
        "select coalesce(sum(cost), 0) from platform.model_calls where started_at >= %s", [since]
    ).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


def last_answers(connection: Connection, providers: Sequence[str]) -> dict[str, datetime.datetime]:
    """When each provider last answered."""
    rows = connection.execute(
        "select provider, max(finished_at) from platform.model_calls where state = 'answered'"
        " and provider = any(%s) group by provider",
        [list(providers)],
    ).fetchall()
    return {row[0]: row[1] for row in rows}
