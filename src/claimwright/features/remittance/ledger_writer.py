"""Writes postings into the ledger: what claims charge, answers, their undoing, payments, provider
adjustments.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import Account, account_of, answer_entries, charge_entries
from claimwright.platform.database import Connection
from claimwright.store import ledger, remittance_answers, remittances

from .writes import Writes

Entries = pl.DataFrame
# The lines of claims, by their keys: `claim`, `line`, `charge_cents`.
LinesOf = Callable[[Sequence[int]], pl.DataFrame]


@dataclass(frozen=True)
class LedgerWriter:
    """Adds postings in the caller's transaction. `now` is their time."""

    connection: Connection
    caller: Caller
    now: datetime.datetime
    posted: list[int] = field(default_factory=list)
    """The answers that were posted, for what follows from them."""
    settled: set[int] = field(default_factory=set)
    """The accounts whose answers were put in order; others have one answer, which is no reversal."""
    writes: Writes = field(default_factory=Writes)
    """How rows are written; what reads the store waits for them."""
    ids: deque[int] = field(default_factory=deque)
    """Ids that were taken from the store and are not used yet."""

    def at_once(self) -> LedgerWriter:
        """The same, once everything is written; it writes at once."""
        self.writes.wait()
        return replace(self, writes=Writes())

    def take_ids(self, count: int, *, reserve: int = 0) -> list[int]:
        """New ids, in ascending order; `reserve` are taken from the store too, for later."""
        self.reserve_ids(count + reserve)
        return [self.ids.popleft() for _ in range(count)]

    def reserve_ids(self, count: int) -> None:
        """Have so many ids at hand."""
        missing = count - len(self.ids)
        if missing > 0:
            self.writes.wait()
            self.ids.extend(remittances.next_ids(self.connection, missing))

    def charge(
        self,
        wanted: Mapping[int, tuple[int, str]],
        lines_of: LinesOf,
        *,
        charged: Mapping[int, tuple[int, int]] | None = None,
    ) -> None:
        """Let each account be charged with a version of its claim: `wanted` has the version, and who owes
        it. `charged` are the charges in force, if they were read already.
        """
        if charged is None:
            charged = ledger.live_charges(self.connection, list(wanted))
        self.undo(
            {
                charged[key][0]: None
                for key, (claim, _) in wanted.items()
                if key in charged and charged[key][1] != claim
            }
        )
        rows = [
            (account, claim, turn)
            for account, (claim, turn) in wanted.items()
            if account not in charged or charged[account][1] != claim
        ]
        new = pl.DataFrame(
            rows, schema={"account_key": pl.Int64, "claim_key": pl.Int64, "turn": pl.String}, orient="row"
        )
        if new.height:
            lines = lines_of(new["claim_key"].unique().to_list())
            charges = new.join(
                lines, left_on="claim_key", right_on="claim", how="inner", maintain_order="left"
            )
            entries = charge_entries(charges.select("line", "charge_cents", "turn", answer="account_key"))
            self._add("charge", new.select("account_key", "claim_key"), entries, by="account_key")

    def post_answers(self, answers: Sequence[int]) -> dict[int, int]:
        """Post stored answers. Returns the posting of each."""
        if not answers:
            return {}
        stored = remittance_answers.answers_to_post(self.connection, answers)
        lines, adjustments = remittance_answers.stored_lines(self.connection, answers)
        self.posted.extend(stored["answer"].to_list())
        # What was reversed and counts again is applied where it was taken back: to the reversal's payment.
        undoing = ledger.payments_of_undoing(self.connection, answers)
        payments = pl.col("answer").replace_strict(undoing, default=None, return_dtype=pl.Int64)
        stored = stored.with_columns(payment_id=pl.coalesce(payments, "payment_id"))
        return self.post_frames(stored, lines, adjustments)

    def post_frames(
        self, answers: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame
    ) -> dict[int, int]:
        """Post answers that are at hand: what `answer_entries` reads, with `account_key` and `payment_id`."""
        entries = answer_entries(answers, lines, adjustments)
        return self._add(
            "answer", answers.select("account_key", "payment_id", answer_id="answer"), entries, by="answer_id"
        )

    def undo_answers(self, because: Mapping[int, int | None], payments: Mapping[int, int]) -> None:
        """Undo the live postings of answers; each may name the answer because of which. `payments`: to which
        payment the undoing of each belongs.
        """
        live = ledger.live_postings(self.connection, list(because))
        self.undo(
            {live[answer]: other for answer, other in because.items() if answer in live},
            payments={posting: payments[answer] for answer, posting in live.items()},
        )

    def undo(
        self,
        because: Mapping[int, int | None],
        reason: str | None = None,
        *,
        payments: Mapping[int, int] | None = None,
    ) -> None:
        """Undo postings: each gets a posting with its entries the other way round.

        It belongs to the payment of what it undoes, unless `payments` has another one: money that a payer
        takes back is missing from the payment with the reversal, and not open on the one before.
        """
        if not because:
            return
        postings = ledger.postings_of(self.connection, list(because))
        entries = ledger.entries_of(self.connection, list(because)).with_columns(
            amount_cents=-pl.col("amount_cents")
        )
        undoing = postings.with_columns(
            undoes_id="posting_id",
            payment_id=pl.coalesce(
                pl.col("posting_id").replace_strict(
                    dict(payments or {}), default=None, return_dtype=pl.Int64
                ),
                "payment_id",
            ),
            answer_id=pl.col("posting_id").replace_strict(dict(because), default=None, return_dtype=pl.Int64),
            reason=pl.lit(reason, pl.String),
        )
        self._add(
            "undo", undoing.select("account_key", "payment_id", "answer_id", "undoes_id", "reason"),
            entries.rename({"posting_id": "answer"}), by="undoes_id",
        )  # fmt: skip

    def add(
        self, kind: str, entries: Entries, *, account_key: int | None = None, payment_id: int | None = None,
        answer_id: int | None = None, reason: str | None = None, approved_by: str | None = None,
    ) -> int:  # fmt: skip
        """Add one posting with its entries."""
        posting = pl.DataFrame(
            {
                "key": [0], "account_key": [account_key], "payment_id": [payment_id],
                "answer_id": [answer_id], "reason": [reason], "approved_by": [approved_by],
            }
        )  # fmt: skip
        complete = _completed(entries).drop("answer", strict=False)
        return self._add(kind, posting, complete.with_columns(answer=pl.lit(0, pl.Int64)), by="key")[0]

    def transfer(self, account_key: int, answer_id: int, turn: str, reason: str) -> None:
        """Transfer what an answer left to the patient to the payer of a turn, by line."""
        _, adjustments = remittance_answers.stored_lines(self.connection, [answer_id])
        left = (
            adjustments.with_columns(account=account_of(pl.col("group_code"), pl.col("carc")))
            .filter(pl.col("account") == Account.PATIENT.value)
            .group_by("line", maintain_order=True)
            .agg(pl.col("amount_cents").sum())
            .filter(pl.col("amount_cents") != 0)
        )
        entries = pl.concat(
            [
                left.select(
                    "line", -pl.col("amount_cents"), account=pl.lit(Account.PATIENT.value),
                    turn=pl.lit(None, pl.String),
                ),
                left.select(
                    "line", "amount_cents", account=pl.lit(Account.PAYER.value), turn=pl.lit(turn)
                ),
            ]
        )  # fmt: skip
        self.add("transfer", entries, account_key=account_key, answer_id=answer_id, reason=reason)

    def add_for_payments(self, kind: str, entries: Entries) -> None:
        """Add one posting for each payment, whose id the entries have as `answer`."""
        postings = entries.select(payment_id="answer").unique(maintain_order=True)
        self._add(kind, postings, _completed(entries), by="payment_id")

    def _add(self, kind: str, postings: pl.DataFrame, entries: Entries, *, by: str) -> dict[int, int]:
        """Add postings whose entries have their column `by` as `answer`. Returns the posting of each."""
        if not postings.height:
            return {}
        ids = self.take_ids(postings.height)
        numbered = postings.with_columns(
            posting_id=pl.Series(ids, dtype=pl.Int64), kind=pl.lit(kind), posted_by=pl.lit(self.caller.actor),
            posted_at=pl.lit(self.now).cast(pl.Datetime("us", "UTC")),
        )  # fmt: skip
        joined = entries.join(
            numbered.select(pl.col(by).alias("answer"), "posting_id"), on="answer", how="inner",
            maintain_order="left",
        )  # fmt: skip
        complete = numbered.with_columns(
            pl.lit(None, dtype).alias(name)
            for name, dtype in ledger.POSTINGS.items()
            if name not in numbered.columns
        )
        self.writes.add(
            partial(
                ledger.insert_postings,
                self.connection,
                complete.select([pl.col(name).cast(dtype) for name, dtype in ledger.POSTINGS.items()]),
                joined.select([pl.col(name).cast(dtype) for name, dtype in ledger.ENTRIES.items()]),
            )
        )
        return dict(zip(numbered[by].to_list(), ids, strict=True))


def _completed(entries: Entries) -> Entries:
    """With every column of an entry but its posting."""
    return entries.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in ledger.ENTRIES.items()
        if name not in entries.columns and name != "posting_id"
    )
