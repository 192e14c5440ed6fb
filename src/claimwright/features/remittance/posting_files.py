"""Posts a remittance file: one transaction, so that a killed process leaves nothing behind.

The same file again is not posted; the same payment in another file is a duplicate.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.denials import classify
from claimwright.engines.remittance import Account, provider_entries
from claimwright.engines.remittance.preparing import Prepared, prepare
from claimwright.engines.x12 import Remittance, read_835_blocks
from claimwright.features.intake import Gets, Shelf, StoredFile
from claimwright.foundation import clock
from claimwright.platform.database import Connection, Database
from claimwright.store import remittances
from claimwright.store.denials import DENIALS, insert_denials
from claimwright.store.remittances import KnownPayment, NewFile
from claimwright.store.staging import next_file_id
from claimwright.store.tenants import require_tenant
from claimwright.store.underpayments import insert_stated

from .following import FirstAnswers, follow_first_answers, follow_postings
from .kept_blocks import KeptBlocks
from .ledger_writer import LedgerWriter
from .opened_claims import OpenedClaims
from .payer_turns import numbers_of_later_payers
from .posting_answers import AnswerPoster, AskedAnswers, PostedAnswers, SealsAndFinds
from .surveying import Survey, survey
from .underpayments import UnderpaymentSearch, stated_facts
from .writes import Write, in_background

# A block is posted whole, with its claims opened: some 10,000 of them.
_BLOCK_BYTES = 4 << 20
TRACE_REUSED = "trace_number_used_before"


class RemittanceShelf(Shelf, Gets, Protocol):
    """The storage of files, written and read."""


class Notices(Protocol):
    """Records a posted file, in its transaction: in the audit log and the outbox."""

    def __call__(self, caller: Caller, connection: Connection, posted: PostedFile) -> None:
        """Write the records."""


@dataclass(frozen=True)
class PostedFile:
    """The result for a file. `earlier` is an earlier file with the same content; then nothing was done.

    `payments` are the rows of its payments; `answers` counts its claims by state, and by reason for those
    that wait.
    """

    file_id: int
    correlation_id: str
    earlier: int | None = None
    payments: pl.DataFrame = field(default_factory=pl.DataFrame)
    answers: PostedAnswers = field(default_factory=PostedAnswers)
    faults: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether everything in the file was posted."""
        return (
            self.earlier is None
            and "waiting" not in self.answers.states
            and (self.payments["state"] == "posted").all()
        )


@dataclass(frozen=True)
class _Source:
    """What is known of a file's content; `kind` is 835, csv or paper, `folder` where it is stored."""

    file_id: int
    kind: str
    digest: bytes
    size: int = 0
    folder: str | None = None


@dataclass
class RemittancePoster:
    """Posts remittance files into one store, one after another."""

    database: Database
    sealer: SealsAndFinds
    shelf: RemittanceShelf
    notices: Notices | None = None
    underpayments: UnderpaymentSearch = field(default_factory=UnderpaymentSearch)

    def post(
        self,
        caller: Caller,
        content: Callable[[], Iterable[bytes]],
        name: str,
        *,
        facility: str | None = None,
        block_bytes: int = _BLOCK_BYTES,
    ) -> PostedFile:
        """Post an 835. `content` gives its bytes, and is called again for a large one; `name` is for
        messages.

        Raises:
            RemittanceError: it is no 835.
            UnknownTenantError: the caller's tenant was never created.
            psycopg.Error: the store failed; nothing of the file is posted.
        """
        return self._post_file(caller, content(), content, name, facility, block_bytes)

    def post_stream(
        self,
        caller: Caller,
        chunks: Iterable[bytes],
        name: str,
        *,
        facility: str | None = None,
        block_bytes: int = _BLOCK_BYTES,
    ) -> PostedFile:
        """Post an 835 that can be read only once, such as an upload; as `post` does.

        Raises:
            RemittanceError, UnknownTenantError, psycopg.Error: as for `post`.
        """
        return self._post_file(caller, chunks, None, name, facility, block_bytes)

    def _post_file(
        self, caller: Caller, chunks: Iterable[bytes], content: Callable[[], Iterable[bytes]] | None,
        name: str, facility: str | None, block_bytes: int,
    ) -> PostedFile:  # fmt: skip
        file_id = self._begin(caller)
        stored = StoredFile(self.sealer, self.shelf, caller.tenant, file_id)

        kept = KeptBlocks()

        def blocks() -> Iterator[Remittance]:
            if (known := kept.again()) is not None:
                return known
            again = content() if content is not None else stored.again(self.sealer, self.shelf)
            return read_835_blocks(again, block_bytes=block_bytes)

        try:
            read = read_835_blocks(stored.passing(chunks), block_bytes=block_bytes)
            surveyed = survey(kept.passing(read), name)
            posted = self._post(
                caller,
                _Source(file_id, "835", stored.digest, stored.bytes, stored.folder),
                surveyed,
                blocks,
                facility,
            )
        except BaseException:
            stored.discard()
            raise
        if posted.earlier is not None:
            stored.discard()
        return posted

    def post_frames(
        self,
        caller: Caller,
        remittance: Remittance,
        *,
        source: str,
        digest: bytes,
        facility: str | None = None,
    ) -> PostedFile:
        """Post a remittance that was typed in from paper, or read from a table; `source` is paper or csv."""
        file_id = self._begin(caller)
        surveyed = survey([remittance], source)
        typed = _Source(file_id, source, digest)
        return self._post(caller, typed, surveyed, lambda: iter([remittance]), facility)

    def _begin(self, caller: Caller) -> int:
        with self.database.transaction(caller) as connection:
            require_tenant(caller, connection)
            return next_file_id(connection)

    def _post(
        self,
        caller: Caller,
        source: _Source,
        surveyed: Survey,
        blocks: Callable[[], Iterator[Remittance]],
        facility: str | None,
    ) -> PostedFile:
        begun = PostedFile(source.file_id, str(uuid.uuid4()), faults=surveyed.faults)
        with self.database.transaction(caller) as connection:
            remittances.lock_remittances(connection)
            earlier = remittances.file_with_digest(connection, source.digest)
            if earlier is not None:
                return replace(begun, earlier=earlier)
            remittances.insert_file(
                connection,
                NewFile(
                    source.file_id, source.kind, source.digest, source.size, source.folder,
                    surveyed.payments.height, surveyed.claims, surveyed.faults, begun.correlation_id,
                ),
                caller.actor,
            )  # fmt: skip
            with in_background() as writes:
                filing = _FileTransaction(
                    LedgerWriter(connection, caller, clock.now(), writes=writes), self.sealer, facility,
                    self.underpayments, source.digest,
                )  # fmt: skip
                done = replace(
                    begun, payments=filing.open_payments(source.file_id, surveyed), answers=filing.answers
                )
                filing.post(blocks())
                filing.close_payments()
            if self.notices is not None:
                self.notices(caller, connection, done)
        return done


@dataclass
class _BegunBlock:
    """A block whose answers are to be posted."""

    block: Remittance
    prepared: Prepared
    poster: AnswerPoster
    ask: Callable[[], AskedAnswers]

    @cached_property
    def asked(self) -> AskedAnswers:
        """Its answers, with what the store knows of them."""
        return self.ask()

    def look_up(self) -> None:
        """Read what the store knows of its answers."""
        self.asked  # noqa: B018 - kept

    def choose(self) -> None:
        """Open and compare the claims that its answers may be about."""
        if self.asked.answers.height:
            self.asked.found  # noqa: B018 - kept


@dataclass
class _FileTransaction:
    """The transaction of one file."""

    writer: LedgerWriter
    sealer: SealsAndFinds
    facility: str | None
    underpayments: UnderpaymentSearch
    digest: bytes
    answers: PostedAnswers = field(default_factory=PostedAnswers)
    _payments: pl.DataFrame = field(default_factory=pl.DataFrame)
    _positions: dict[int, int] = field(default_factory=dict)

    def open_payments(self, file_id: int, surveyed: Survey) -> pl.DataFrame:
        """Store the file's payments, with what is known of each at its end. Returns their rows."""
        found = surveyed.payments
        self.writer.writes.wait()
        known = remittances.payments_with(self.writer.connection, found["identity"].to_list())
        ids = self.writer.take_ids(found.height)
        states: list[tuple[str, str | None, int | None]] = []
        here = dict(known)
        replacing: dict[bytes, int] = {}
        for number, identity, content, held in zip(
            ids, found["identity"], found["content"], found["held"], strict=True
        ):
            before = here.get(identity)
            if before is not None and before.content == content and (before.is_posted or held is not None):
                states.append(("duplicate", "same_payment", before.payment_id))
            elif held is not None:
                states.append(("held", held, None))
            elif before is not None and before.is_posted:
                states.append(("held", TRACE_REUSED, before.payment_id))
            else:
                # One that is held was never posted: this one came whole, and takes its place.
                if before is not None:
                    replacing[identity] = number
                here[identity] = KnownPayment(number, content, is_posted=True)
                states.append(("posted", None, None))
        rows = found.with_columns(
            payment_id=pl.Series(ids, dtype=pl.Int64), file_id=pl.lit(file_id, pl.Int64),
            position=pl.col("payment").cast(pl.Int32), method="payment_method",
            state=pl.Series([each[0] for each in states], dtype=pl.String),
            reason=pl.Series([each[1] for each in states], dtype=pl.String),
            first_id=pl.Series([each[2] for each in states], dtype=pl.Int64),
            payee_id=pl.coalesce("payee_npi", "payee_id"), claims=pl.col("claims").cast(pl.Int32),
        )  # fmt: skip
        remittances.insert_payments(self.writer.connection, rows.select(remittances.PAYMENT_COLUMNS))
        if replacing:
            remittances.replace_held(self.writer.connection, replacing)
        self._payments = rows
        # Before the answers: whether interest was paid is known from these.
        self._post_provider_adjustments(surveyed.provider_adjustments)
        return rows

    def post(self, blocks: Iterable[Remittance]) -> None:
        """Post the answers of blocks. What is read for the next block is read before the last rows of this
        one are written, so that its claims are opened and compared in the meantime.
        """
        begun = map(self._begun, blocks)
        block = next(begun, None)
        while block is not None:
            following = next(begun, None)
            self._post(block, following)
            block = following

    def _begun(self, block: Remittance) -> _BegunBlock:
        positions = self._numbered(block.claims)
        prepared = prepare(positions, block.lines, block.adjustments, block.remarks)
        writer = self.writer
        opened = OpenedClaims(writer.caller, writer.connection, self.sealer, writer.writes)
        payments = self._payments.select(
            "payment", "payment_id", "paid_on", "payer_id", "payer_name", "payee_npi",
            held=pl.when(pl.col("state") != "posted").then("state"),
        ).with_columns(held="payment_" + pl.col("held"))  # fmt: skip
        poster = AnswerPoster(writer, self.sealer, self.facility, opened)
        return _BegunBlock(block, prepared, poster, partial(poster.asked, prepared, payments))

    def _post(self, begun: _BegunBlock, following: _BegunBlock | None) -> None:
        writer, block, prepared = self.writer, begun.block, begun.prepared
        opened = begun.asked.opened

        def follow(stored: pl.DataFrame, first: FirstAnswers, ledgered: Sequence[Write]) -> None:
            ordinals = prepared.answers["answer"]
            stated = stated_facts(block, stored.select("answer_id", claim=ordinals))
            writer.writes.add(partial(insert_stated, writer.connection, stated))
            denials = self._denials(block, ordinals, stored, opened)

            def before_search() -> None:
                if following is not None:
                    following.look_up()
                for write in ledgered:
                    writer.writes.add(write)
                writer.writes.add(partial(insert_denials, writer.connection, denials))

            follow_first_answers(
                writer, opened, self.underpayments, replace(first, stated=stated), evidence=self.digest,
                before_search=before_search,
            )  # fmt: skip
            if following is not None:
                following.choose()

        self.answers.add(begun.poster.post(begun.asked, follow))

    def _denials(
        self, block: Remittance, ordinals: pl.Series, posted: pl.DataFrame, opened: OpenedClaims
    ) -> pl.DataFrame:
        """What was denied, reduced or taken back in a block: rows of `remittance.denials`."""
        found = classify(block)
        ids = self.writer.take_ids(found.height)
        answers = posted.select("answer_id", "claim_key", "facility", "paid_on", "turn", claim=ordinals)
        payers = self._payments.select("payment", "payer_id")
        rows = (
            found.with_columns(denial_id=pl.Series(ids, dtype=pl.Int64))
            .join(answers, on="claim", how="inner", maintain_order="left")
            .join(payers, on="payment", how="left", maintain_order="left")
            .join(block.claims.select("claim", "claim_filing"), on="claim", how="left", maintain_order="left")
        )
        own = numbers_of_later_payers(rows.select("answer_id", "claim_key", "turn").unique(), opened)
        rows = (
            rows.join(own, on="answer_id", how="left", maintain_order="left")
            .with_columns(payer_id=pl.coalesce("own_number", "payer_id"))
            .with_columns(
                pl.col("rarcs", "rules").list.join(" "), position="line", group_code="group",
                denied_on="paid_on", amount_cents=(pl.col("amount") * 100).cast(pl.Int64),
                found_at=pl.lit(self.writer.now).cast(pl.Datetime("us", "UTC")),
            )
        )  # fmt: skip
        return rows.select([pl.col(name).cast(dtype) for name, dtype in DENIALS.items()])

    def _numbered(self, claims: pl.DataFrame) -> pl.DataFrame:
        """The claims with their position in their payment, which continues across blocks."""
        before = pl.col("payment").replace_strict(self._positions, default=0, return_dtype=pl.Int64)
        numbered = claims.with_columns(
            position=(pl.int_range(1, pl.len() + 1).over("payment") + before).cast(pl.Int32)
        )
        for payment, last in numbered.group_by("payment").agg(pl.col("position").max()).iter_rows():
            self._positions[payment] = last
        return numbered

    def _post_provider_adjustments(self, adjustments: pl.DataFrame) -> None:
        if not adjustments.height:
            return
        tenant = self.writer.caller.tenant
        rows = adjustments.join(
            self._payments.select("payment", "payment_id", "state"), on="payment", maintain_order="left"
        ).with_columns(
            amount_cents=(pl.col("amount") * 100).cast(pl.Int64).fill_null(0),
            ordinal=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("payment"),
        )
        references = rows["reference"].to_list()
        contexts = [
            remittances.provider_adjustment_context(tenant, payment, ordinal)
            for payment, ordinal in rows.select("payment_id", "ordinal").iter_rows()
        ]
        sealed = self.sealer.seal([(each or "").encode() for each in references], contexts)
        blinded = self.sealer.blind("payer-claim-number", tenant, references)
        stored = rows.select(
            "payment_id", "ordinal", "reason", "amount_cents",
            reference=pl.Series(blinded, dtype=pl.Binary), sealed=pl.Series(sealed, dtype=pl.Binary),
        )  # fmt: skip
        connection = self.writer.connection
        self.writer.writes.add(partial(remittances.insert_provider_adjustments, connection, stored))
        posted = rows.filter(pl.col("state") == "posted")
        entries = provider_entries(posted.select("reason", "amount_cents", answer="payment_id"))
        self.writer.add_for_payments("provider", entries)

    def close_payments(self) -> None:
        """Post the money of each payment: received; only its answers apply it. Then do what follows."""
        received = self._payments.filter(pl.col("state") == "posted", pl.col("amount_cents") != 0).select(
            "amount_cents", answer="payment_id", account=pl.lit(Account.CASH.value)
        )
        unapplied = received.with_columns(
            amount_cents=-pl.col("amount_cents"), account=pl.lit(Account.UNAPPLIED.value)
        )
        self.writer.add_for_payments("payment", pl.concat([received, unapplied]))
        follow_postings(
            self.writer, self.sealer, self.underpayments, payments=self._payments["payment_id"].to_list()
        )
