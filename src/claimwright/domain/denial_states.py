"""What people have done about a denial. Setting a state moves no money."""

from __future__ import annotations

from typing import Literal, get_args

# open: nobody has acted on it yet. resubmitted: a corrected claim was sent. won: the payer paid after all.
# lost: the payer keeps its decision. billed_on: the next payer or the patient was billed. written_off: given
# up with approval, after the write-off was posted.
DecidedState = Literal["resubmitted", "appealed", "won", "lost", "billed_on", "written_off"]
DenialState = Literal["open", DecidedState]
DENIAL_STATES: tuple[DenialState, ...] = get_args(DenialState)
