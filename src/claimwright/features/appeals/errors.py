"""AppealError
AppealNotFoundError    there is no such case
AppealStateError       the step does not fit the case's state, or the caller may not take it
StageFailedError       a stage could not be done; the case says which, and resumes there
"""

from __future__ import annotations

from claimwright.foundation.errors import InputError, NotFoundError


class AppealNotFoundError(NotFoundError):
    """There is no such case."""


class AppealStateError(InputError):
    """The step does not fit the case's state, or this person may not take it."""


class StageFailedError(InputError):
    """A stage could not be done."""

    def __init__(self, stage: str, word: str, says: str) -> None:
        super().__init__(f"{stage}: {says}")
        self.stage, self.word = stage, word
