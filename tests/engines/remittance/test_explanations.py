"""Every state and reason of payments and answers has its words."""

from __future__ import annotations

from pathlib import Path

from claimwright.engines.remittance import (
    ACCOUNTS,
    AMBIGUOUS,
    ANSWER_REASONS,
    ANSWER_STATES,
    BELOW_THRESHOLD,
    PAYMENT_REASONS,
    PAYMENT_STATES,
    UNKNOWN,
    Account,
    explain_answer,
    explain_payment,
)
from claimwright.engines.remittance.sequence import REASONS
from claimwright.features.remittance import covering, posting_files, surveying
from claimwright.store.remittance_answers import REASONS_OF_ORDER
from claimwright.store.remittances import CAME_WHOLE


def test_every_reason_for_which_an_answer_waits_has_its_words() -> None:
    reasons = {
        *REASONS, *REASONS_OF_ORDER, AMBIGUOUS, BELOW_THRESHOLD, UNKNOWN, covering.LINES_DIFFER,
        covering.CHARGE_DIFFERS, "out_of_balance", "unreadable", "unknown_group", "payment_held",
        "payment_duplicate", "undone",
    }  # fmt: skip
    assert set(ANSWER_REASONS) == reasons
    assert all(each.means and each.do for each in ANSWER_REASONS.values())


def test_every_reason_for_which_a_payment_is_not_posted_has_its_words() -> None:
    reasons = {
        *surveying._HELD.values(), surveying.NO_AMOUNT, surveying.NO_DATE, posting_files.TRACE_REUSED,
        "same_payment", CAME_WHOLE,
    }  # fmt: skip
    assert set(PAYMENT_REASONS) == reasons


def test_the_page_says_of_each_what_the_table_says(repo_root: Path) -> None:
    page = (repo_root / "docs" / "remittance.md").read_text(encoding="utf-8")
    for table in (ANSWER_REASONS, ANSWER_STATES, PAYMENT_REASONS, PAYMENT_STATES):
        for word, (means, do) in table.items():
            assert f"| `{word}` | {means} | {do} |" in page, word
    for account, means in ACCOUNTS.items():
        assert f"| `{account.value}` | {means} |" in page, account


def test_states_and_accounts_have_words_and_reasons_go_before_states() -> None:
    assert set(ACCOUNTS) == set(Account)
    assert set(PAYMENT_STATES) == {"posted", "held", "duplicate"}
    assert len(ANSWER_STATES) == 7
    assert explain_answer("waiting", AMBIGUOUS) == ANSWER_REASONS[AMBIGUOUS]
    assert explain_answer("dismissed", "of another practice") == ANSWER_STATES["dismissed"]
    assert explain_payment("held", "truncated") == PAYMENT_REASONS["truncated"]
    assert explain_payment("posted", None) == PAYMENT_STATES["posted"]
