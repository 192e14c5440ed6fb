"""A remittance in many blocks is posted as if it were one, whether or not its blocks are kept."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER, Shelf

from claimwright.engines.x12 import Remittance, read_835
from claimwright.features.remittance import RemittancePoster, posting_files, tell
from claimwright.features.remittance.kept_blocks import KeptBlocks

from .conftest import Clinic
from .known_answers import A100, ANN, DENIED, PAID, negated
from .written_835 import Clp, Payment, Svc, written

CORRECTED = dataclasses.replace(
    A100, lines=[Svc("99213", "100", ["CO-45:10"]), Svc("85025", "50", ["CO-45:30"])], payer_number="ICN7"
)
ANSWERS = (
    A100,
    Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z", payer_number="X1"),
    negated(A100), CORRECTED, PAID, negated(PAID),
    Clp("A300", "1", [Svc("99213", "100", ["CO-45:40", "PR-2:12"])], payer_number="F1", **ANN),
    Clp("A300", "2", [Svc("99213", "100", ["OA-23:88", "PR-3:2"])], payer_number="S1", **ANN), DENIED,
)  # fmt: skip
CONTENT = written(Payment(ANSWERS[:5]), Payment(ANSWERS[5:], trace="2"))


def _left_by(clinic: Clinic, content: bytes, *, pieces: int, kept: bool = True) -> tuple[int, Any]:
    """The answers, and all balances that the file left in the store, which forgets it again."""
    size = len(content) // pieces + 1
    read: list[int] = []

    def chunks() -> list[bytes]:
        read.append(1)
        return [content[at : at + size] for at in range(0, len(content), size)]

    poster = RemittancePoster(clinic.database, clinic.sealer, Shelf(), tell)
    with clinic.database.connection.transaction(force_rollback=True):
        poster.post(CALLER, chunks, "test.835", block_bytes=size)
        left = (
            clinic.rows(
                "select position, state, reason, claim_key, account_key, turn, score, lines_covered, "
                "reverses_id is null from remittance.answers order by answer_id"
            ),
            clinic.rows(
                "select p.account_key, e.account, e.turn, e.line, sum(e.amount_cents)::bigint "
                "from remittance.postings p join remittance.entries e using (posting_id) "
                "group by 1, 2, 3, 4 having sum(e.amount_cents) <> 0 order by 1, 2, 3, 4"
            ),
            clinic.rows(
                "select account_key, amount_cents from remittance.patient_balances "
                "where amount_cents <> 0 order by 1"
            ),
            clinic.rows(
                "select account_key, position, carc, stage, root_cause, amount_cents "
                "from remittance.denials_in_force order by 1, 2, 3, 4"
            ),
        )
    assert len(read) == (1 if kept else 2)
    return len(left[0]), left


def test_many_blocks_are_posted_as_one(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    count, whole = _left_by(clinic, CONTENT, pieces=1)
    assert count == len(ANSWERS)
    assert _left_by(clinic, CONTENT, pieces=12) == (count, whole)
    # Too large to be kept: the file is read a second time.
    monkeypatch.setattr(posting_files, "KeptBlocks", partial(KeptBlocks, most_bytes=0))
    assert _left_by(clinic, CONTENT, pieces=12, kept=False) == (count, whole)


def test_a_takeback_is_a_denial_until_its_correction_is_there(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    clinic.post(Payment([negated(A100)], trace="2"))
    in_force = "select stage, amount_cents from remittance.denials_in_force"
    assert clinic.rows(in_force) == [("recouped", 8400)]
    clinic.post(Payment([CORRECTED], trace="3"))
    assert clinic.rows(in_force) == []


def test_a_claim_is_found_by_the_payers_number_in_an_earlier_block(clinic: Clinic) -> None:
    content = written(Payment([PAID, A100]), Payment([dataclasses.replace(negated(PAID), number="-")]))
    _, (answers, *_) = _left_by(clinic, content, pieces=6)
    assert [(state, key) for _, state, _, key, *_ in answers] == [
        ("reversed", clinic.key_of("A200")), ("posted", clinic.key_of("A100")),
        ("posted", clinic.key_of("A200")),
    ]  # fmt: skip


def test_blocks_are_kept_up_to_a_size_and_let_go_as_they_are_taken() -> None:
    blocks = [read_835(CONTENT) for _ in range(3)]
    kept = KeptBlocks()
    assert list(kept.passing(iter(blocks))) == blocks
    again = kept.again()
    assert again is not None
    assert list(again) == blocks
    assert list(kept.again() or []) == []
    small = KeptBlocks(most_bytes=2 * blocks[0].estimated_bytes())
    assert len(list(small.passing(iter(blocks)))) == len(blocks)
    assert small.again() is None


def test_the_size_of_frames_is_about_that_of_their_values() -> None:
    assert 0 < read_835(CONTENT).estimated_bytes() < 1 << 20
    assert Remittance.of().estimated_bytes() == 0
