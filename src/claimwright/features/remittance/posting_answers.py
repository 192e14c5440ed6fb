"""Posts the answers of one block of a remittance: matches them, covers lines, decides the order, writes the
ledger.

What can't be posted without a guess waits, with its reason; everything else in the file is posted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import Answer, Decision, decide
from claimwright.engines.remittance.preparing import NOTED, Prepared
from claimwright.engines.remittance.sequence import POSTED, WAITING
from claimwright.platform.database import Connection
from claimwright.store import ledger, next_claims, remittance_answers, remittances
from claimwright.store.remittance_answers import StoredAnswer
from claimwright.store.sealed_claims import Seals

from .answer_secrets import secret_values
from .covering import covered_lines, lines_covered, stored_adjustments, stored_lines, with_procedures
from .finding_claims import (
    STATED_TURN,
    Finds,
    FoundClaims,
    choose,
    find_claims,
    look_up,
    open_lines,
)
from .following import FirstAnswers
from .ledger_writer import LedgerWriter, LinesOf
from .opened_claims import OpenedClaims
from .payer_turns import turns_by_payer
from .writes import Collected, Write

# An answer has two postings, and often a denial.
_IDS_OF_AN_ANSWER = 4


class SealsAndFinds(Seals, Finds, Protocol):
    """The interface of `claimwright.platform.phi.Sealer` that is used here."""


@dataclass
class PostedAnswers:
    """What became of the answers of a file: counts by state, and by reason for those that wait."""

    states: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, answers: pl.DataFrame) -> None:
        """Count the answers of a block."""
        counts = answers.group_by("state", "reason", maintain_order=True).agg(pl.len())
        for state, reason, count in counts.iter_rows():
            self.states[state] = self.states.get(state, 0) + count
            if state == WAITING:
                self.reasons[reason] = self.reasons.get(reason, 0) + count


@dataclass
class AskedAnswers:
    """Answers with what the store knows of them; their claims are opened and compared when they are asked
    for.
    """

    prepared: Prepared
    answers: pl.DataFrame
    opened: OpenedClaims
    candidates: pl.DataFrame = field(default_factory=pl.DataFrame)

    @cached_property
    def found(self) -> FoundClaims:
        """The claims of the answers. Nothing is read from the store."""
        return choose(self.answers, self.candidates, self.opened)


# Gets the stored answers, those of them that are the first of their claims, and what the ledger is to get.
Follow = Callable[[pl.DataFrame, FirstAnswers, Sequence[Write]], object]


@dataclass(frozen=True)
class AnswerPoster:
    """Posts answers in the transaction of a writer; only to claims of a facility, if one is given."""

    writer: LedgerWriter
    sealer: SealsAndFinds
    facility: str | None
    opened: OpenedClaims | None = None
    """Keeps the claims that are opened to be compared."""

    @property
    def caller(self) -> Caller:
        """On whose behalf."""
        return self.writer.caller

    @property
    def connection(self) -> Connection:
        """The transaction."""
        return self.writer.connection

    def asked(self, prepared: Prepared, payment_ids: pl.DataFrame) -> AskedAnswers:
        """Read what the answers may be about; `payment_ids` has `payment`, `payment_id`, `paid_on`,
        `payer_id`, `payer_name`, `payee_npi`, and `held` (a reason, if the payment is not to be posted).
        """
        opened = self.opened or OpenedClaims(self.caller, self.connection, self.sealer, self.writer.writes)
        answers = with_procedures(
            prepared.answers.join(payment_ids, on="payment", how="left", maintain_order="left"), prepared
        )
        if not answers.height:
            return AskedAnswers(prepared, answers, opened)
        self.writer.writes.wait()
        self.writer.reserve_ids(_IDS_OF_AN_ANSWER * answers.height)
        candidates = look_up(self.caller, self.connection, self.sealer, answers, facility=self.facility)
        opened.fetch(candidates["claim_key"])
        return AskedAnswers(prepared, answers, opened, candidates)

    def post(self, asked: AskedAnswers, follow: Follow) -> pl.DataFrame:
        """Store and post the answers. `follow` does what follows
        from answers that are the first of their claims; it gets all stored answers, too, and the rest that is
        written.

        Returns the stored answers: the columns of `remittance_answers.ANSWERS`.
        """
        prepared = asked.prepared
        if not prepared.answers.height:
            return pl.DataFrame(schema=remittance_answers.ANSWERS)
        ids = self.writer.take_ids(asked.answers.height)
        answers = asked.answers.with_columns(answer_id=pl.Series(ids, dtype=pl.Int64))
        answers, covered, claimed = self._placed(answers, prepared, asked.found)
        answers = self._with_simple_ones_posted(answers)
        lines = stored_lines(prepared.lines, covered, answers)
        adjustments = stored_adjustments(prepared.adjustments, answers)
        rows = self._rows(answers, prepared.lines)
        simple = answers.filter(pl.col("is_simple"))
        charged = ledger.live_charges(self.connection, simple["account_key"].to_list())
        self.writer.writes.add(
            partial(remittance_answers.insert_answers, self.connection, rows, lines, adjustments)
        )
        ledgered: list[Write] = []
        held = replace(self.writer, writes=Collected(kept=ledgered))
        self._post_simple_ones(held, simple, lines, adjustments, claimed, charged)
        of_simple = simple.select("answer_id")
        follow(
            rows,
            FirstAnswers(
                *(
                    each.join(of_simple, on="answer_id", how="semi", maintain_order="left")
                    for each in (rows, lines, adjustments)
                )
            ),
            ledgered,
        )
        self._post_in_order(answers, claimed)
        return self._as_stored(rows)

    def post_again(self, prepared: Prepared, *, claim_key: int | None = None) -> pl.DataFrame:
        """Look at stored answers again, as if they had come now; or, if a person chose it, for this claim.

        `prepared.answers` has `answer_id` and the payment's columns too. Returns `answer_id`, `state`,
        `reason`.
        """
        answers = with_procedures(prepared.answers, prepared)
        self.writer.writes.wait()
        found = find_claims(
            self.caller, self.connection, self.sealer, answers, facility=self.facility, chosen=claim_key,
            opened=self.opened,
        )  # fmt: skip
        answers, covered, claimed = self._placed(answers, prepared, found)
        remittance_answers.update_placement(
            self.connection, answers, stored_lines(prepared.lines, covered, answers)
        )
        self._post_in_order(answers, claimed)
        return remittance_answers.states_of(self.connection, answers["answer_id"].to_list())

    def _placed(
        self, answers: pl.DataFrame, prepared: Prepared, found: FoundClaims
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The answers with their claims, accounts and states; the lines that they cover; the lines of the
        claims.
        """
        answers = answers.join(
            found.matches.rename({"state": "matching"}), on="answer", how="left", maintain_order="left"
        )
        covered, differing = covered_lines(answers, prepared.lines, found.lines, found.claims)
        answers = self._with_states(answers, differing).join(
            lines_covered(covered), on="answer", how="left", maintain_order="left"
        )
        answers = answers.with_columns(pl.col("lines_covered").fill_null(""))
        self.writer.writes.wait()
        answers = self._with_accounts(self._with_turns(answers), found.claims)
        return self._with_turns_of_payers(answers, found), covered, found.lines

    def _with_turns(self, answers: pl.DataFrame) -> pl.DataFrame:
        """A denial or a reversal does not say whose turn it was: its number was in the answer before."""
        silent = answers.filter(STATED_TURN.is_null(), pl.col("payer_claim_number").is_not_null())
        if not silent.height:
            return answers.with_columns(is_turn_known=STATED_TURN.is_not_null())
        stated = answers.filter(STATED_TURN.is_not_null()).select("payer_claim_number", known=STATED_TURN)
        here = dict(stated.drop_nulls("payer_claim_number").iter_rows())
        numbers = [each for each in silent["payer_claim_number"].unique().to_list() if each not in here]
        blinded = self.sealer.blind("payer-claim-number", self.caller.tenant, numbers)
        before = remittance_answers.turns_of_payer_numbers(
            self.connection, [bytes(each or b"") for each in blinded]
        )
        for number, index in zip(numbers, blinded, strict=True):
            if index is not None and bytes(index) in before:
                here[number] = before[bytes(index)]
        known = pl.col("payer_claim_number").replace_strict(here, default=None, return_dtype=pl.String)
        return answers.with_columns(
            turn=pl.coalesce(STATED_TURN, known, "turn"),
            is_turn_known=pl.coalesce(STATED_TURN, known).is_not_null(),
        )

    def _with_turns_of_payers(self, answers: pl.DataFrame, found: FoundClaims) -> pl.DataFrame:
        """What neither an answer nor its number says: by its payer."""
        silent = answers.filter(
            STATED_TURN.is_null(), ~pl.col("is_turn_known"), pl.col("claim_key").is_not_null(),
            pl.col("has_first_payer") | (pl.col("turn") == "P"),
        )  # fmt: skip
        if not silent.height:
            return answers
        turns = turns_by_payer(
            silent, found.opened.of(silent["claim_key"].to_list()),
            remittance_answers.payers_of_accounts(self.connection, silent["account_key"].unique().to_list()),
        )  # fmt: skip
        said = pl.col("answer").replace_strict(turns, default=None, return_dtype=pl.String)
        return answers.with_columns(turn=pl.coalesce(said, "turn"))

    # States before the order is known.

    def _with_states(self, answers: pl.DataFrame, differing: pl.DataFrame) -> pl.DataFrame:
        joined = answers.join(differing, on="answer", how="left", maintain_order="left")
        reason = pl.coalesce(
            "held",
            "problem",
            pl.when(pl.col("matching") != "matched").then("matching"),
            "difference",
            pl.lit(remittance_answers.IN_ORDER),
        )
        noted = pl.col("claim_status").is_in(list(NOTED)).fill_null(False) & (pl.col("paid_cents") == 0)
        return joined.with_columns(
            state=pl.when(noted).then(pl.lit("noted")).otherwise(pl.lit("waiting")),
            reason=pl.when(~noted).then(reason),
        )

    def _with_accounts(self, answers: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
        """With `account_key`: the claim to the first payer, in its first version."""
        numbered = claims.filter(pl.col("claim_id").is_not_null())
        keys = numbered["claim"].to_list()
        blinded = self.sealer.blind(
            "claim-number", self.caller.tenant, (numbered["claim_id"] + " P").to_list()
        )
        first = remittance_answers.first_versions(
            self.connection, keys, [bytes(each or b"") for each in blinded]
        )
        joined = answers.join(first, on="claim_key", how="left", maintain_order="left")
        return joined.with_columns(
            pl.coalesce("account_key", "claim_key"),
            has_first_payer=pl.when(pl.col("claim_key").is_not_null()).then(
                pl.col("has_first_payer").fill_null(pl.col("turn") == "P")
            ),
        )

    def _rows(self, answers: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        """The rows of `remittance.answers`, sealed."""
        tenant = self.caller.tenant
        secrets = secret_values(answers, lines)
        contexts = [remittances.answer_context(tenant, key) for key in answers["answer_id"].to_list()]
        sealed = self.sealer.seal(secrets, contexts)
        number = self.sealer.blind("claim-number", tenant, (answers["claim_id"] + " P").to_list())
        payer_number = self.sealer.blind(
            "payer-claim-number", tenant, answers["payer_claim_number"].to_list()
        )
        return answers.with_columns(
            number=pl.Series(number, dtype=pl.Binary),
            payer_number=pl.Series(payer_number, dtype=pl.Binary),
            sealed=pl.Series(sealed, dtype=pl.Binary),
            reverses_id=pl.lit(None, pl.Int64),
        ).select([pl.col(name).cast(dtype) for name, dtype in remittance_answers.ANSWERS.items()])

    # The order of a claim's answers, and the ledger.

    def _with_simple_ones_posted(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Nearly all answers are the only one to their claim: for them there is no order to be decided."""
        ready = answers.filter(pl.col("reason") == remittance_answers.IN_ORDER)
        known = remittance_answers.accounts_with_answers(
            self.connection, ready["account_key"].unique().to_list()
        )
        simple = ready.filter(
            pl.col("account_key").is_in(known).not_(),
            pl.len().over("account_key") == 1,
            ~pl.col("is_reversal"),
            (pl.col("turn") == "P") | ~pl.col("has_first_payer"),
        ).select("answer", is_simple=pl.lit(True))
        joined = answers.join(simple, on="answer", how="left", maintain_order="left")
        is_simple = pl.col("is_simple").fill_null(False)
        return joined.with_columns(
            is_simple=is_simple,
            state=pl.when(is_simple).then(pl.lit(POSTED)).otherwise("state"),
            reason=pl.when(~is_simple).then("reason"),
        )

    def _post_simple_ones(
        self, writer: LedgerWriter, simple: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame,
        claimed: pl.DataFrame, charged: Mapping[int, tuple[int, int]],
    ) -> None:  # fmt: skip
        if not simple.height:
            return
        simple = simple.with_columns(starts_account=~pl.col("has_first_payer"))
        wanted = simple.select("account_key", "claim_key", "turn").iter_rows()
        writer.charge(
            {account: (claim, turn) for account, claim, turn in wanted}, partial(self._lines_of, claimed),
            charged=charged,
        )  # fmt: skip
        places = lines.select("answer_id", "position", "line")
        writer.post_frames(
            simple.drop("answer").rename({"answer_id": "answer"}),
            lines.join(simple.select("answer_id"), on="answer_id", how="semi").rename(
                {"answer_id": "answer"}
            ),
            adjustments.join(simple.select("answer_id"), on="answer_id", how="semi")
            .join(places, on=["answer_id", "position"], how="left", maintain_order="left")
            .rename({"answer_id": "answer"}),
        )

    def _post_in_order(self, answers: pl.DataFrame, claimed: pl.DataFrame) -> None:
        ready = answers.filter(pl.col("reason") == remittance_answers.IN_ORDER)
        accounts = ready["account_key"].unique().sort().to_list()
        if accounts:
            settle_accounts(self.writer.at_once(), accounts, partial(self._lines_of, claimed))

    def _lines_of(self, claimed: pl.DataFrame, keys: Sequence[int]) -> pl.DataFrame:
        """The lines of claims; those that were not opened to be compared are opened now."""
        missing = sorted(set(keys) - set(claimed["claim"].to_list()))
        opened = [open_lines(self.caller, self.connection, self.sealer, missing)] if missing else []
        return pl.concat([claimed, *opened])

    def _as_stored(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the states that the order gave them."""
        decided = rows.filter(pl.col("reason") == remittance_answers.IN_ORDER)
        if not decided.height:
            return rows
        self.writer.writes.wait()
        states = remittance_answers.states_of(self.connection, decided["answer_id"].to_list())
        return rows.update(states, on="answer_id", include_nulls=True)


def settle_accounts(writer: LedgerWriter, accounts: Sequence[int], lines_of: LinesOf) -> None:
    """Decide which answers of these accounts count, and post and undo accordingly.

    An account is charged with the version of its claim that was answered.
    """
    by_account: dict[int, list[StoredAnswer]] = {}
    for row in remittance_answers.answers_of_accounts(writer.connection, accounts):
        by_account.setdefault(row.account_key, []).append(row)
    changes = [each for rows in by_account.values() for each in _decisions(rows)]
    states = {each.answer_id: each.state for each in changes}
    writer.charge(
        {
            account: _charged(rows, states)
            for account, rows in by_account.items()
            if any(states.get(row.answer_id, row.state) != WAITING for row in rows)
        },
        lines_of,
    )
    payments = _payments_of_undoing(by_account.values(), changes)
    writer.undo_answers(
        {each.answer_id: each.because for each in changes if each.undo and not each.post}, payments
    )
    posted = writer.post_answers(sorted(each.answer_id for each in changes if each.post))
    writer.undo(
        {posted[each.answer_id]: each.because for each in changes if each.undo and each.post},
        payments={posted[each.answer_id]: payments[each.answer_id] for each in changes if each.post},
    )
    remittance_answers.update_states(
        writer.connection, [(each.answer_id, each.state, each.reason, each.because) for each in changes]
    )
    # What was left to the patient, and transferred to the next payer, is no longer left.
    writer.undo(dict.fromkeys(next_claims.ended_transfers(writer.connection, accounts)))
    writer.settled.update(accounts)


def _decisions(rows: Sequence[StoredAnswer]) -> list[Decision]:
    """What changes for the answers of one account."""
    only = rows[0]
    if len(rows) == 1 and not only.is_reversal and (only.turn == "P" or not only.has_first_payer):
        if only.state == POSTED:
            return []
        return [Decision(only.answer_id, POSTED, None, post=True, undo=False, because=None)]
    reversed_by = {row.reverses_id: row.answer_id for row in rows if row.state == POSTED and row.is_reversal}
    return decide(
        [_as_answer(row, reversed_by) for row in rows], has_earlier=any(row.has_first_payer for row in rows)
    )


def _payments_of_undoing(
    accounts: Iterable[Sequence[StoredAnswer]], changes: Sequence[Decision]
) -> dict[int, int]:
    """To which payment the undoing of each answer belongs: that of its reversal, otherwise its own."""
    rows = {row.answer_id: row for of_account in accounts for row in of_account}
    found = {}
    for each in changes:
        other = None if each.because is None else rows[each.because]
        paying = other if other is not None and other.is_reversal else rows[each.answer_id]
        found[each.answer_id] = paying.payment_id
    return found


def _charged(rows: Sequence[StoredAnswer], states: Mapping[int, str]) -> tuple[int, str]:
    """The version of the claim that is charged, and who owes it: what is in force, otherwise the first
    answered.
    """
    turn = "P" if any(row.has_first_payer for row in rows) else rows[0].turn
    own = [row for row in rows if row.turn == turn] or rows
    in_force = [row for row in own if states.get(row.answer_id, row.state) == POSTED and not row.is_reversal]
    first = (
        min(own, key=lambda row: row.claim_key)
        if not in_force
        else max(in_force, key=lambda row: row.claim_key)
    )
    return first.claim_key, turn


def _as_answer(row: StoredAnswer, reversed_by: Mapping[int | None, int]) -> Answer:
    return Answer(
        row.answer_id, row.state, row.is_reversal, row.turn,
        frozenset(int(each) for each in row.lines_covered.split()), row.charge_cents, row.paid_cents,
        bytes(row.signature), None if row.payer_number is None else bytes(row.payer_number), row.paid_on,
        is_denial=row.paid_cents == 0 and row.owed_cents == 0, reason=row.reason,
        patient_cents=row.owed_cents,
        left_cents=row.charge_cents - row.prior_cents,
        because=row.reverses_id if row.is_reversal else reversed_by.get(row.answer_id),
    )  # fmt: skip
