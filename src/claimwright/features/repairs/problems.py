"""Errors of repairs.

RepairError              what was asked can't be done to a claim
ClaimChangedError        somebody corrected it, or decided on it, since it was read
NotCorrectableError      it can't be corrected where it stands
AddsBlockError           one of these: the rules would find something new that blocks it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from claimwright.foundation.errors import InputError

if TYPE_CHECKING:
    from .trials import ShownFinding


class RepairError(InputError):
    """A rule without a repair here, a change that changes nothing, or one that can't be written."""


class ClaimChangedError(InputError):
    """Somebody corrected the claim, or decided on it, since it was read. The message says who and when."""


class NotCorrectableError(InputError):
    """The claim can't be corrected where it stands; the message says why."""


class AddsBlockError(NotCorrectableError):
    """After the correction the rules would find something new that blocks the claim; `findings` says what."""

    def __init__(self, findings: Sequence[ShownFinding]) -> None:
        codes = ", ".join(dict.fromkeys(each.code for each in findings))
        super().__init__(f"the correction would add findings that block the claim: {codes}.")
        self.findings = list(findings)
