"""Signals: findings about a whole file. A provider is compared with its peers, or with the length of a day.

    tallies = Tallies(load_signals())
    for batch in blocks:
        tallies.add(facts(batch, as_of=day))
    tallies.findings(as_of=day)        # notes of the file: no claim, no line

Between blocks, only counts by provider are kept, never claims. A signal is a note: it says where to look, not
that something is wrong.
"""

from .cases import SignalCaseResult, run_signal_cases
from .judging import judge
from .signal import Group, Signal, SignalCase, Thresholds, load_signals, read_signal
from .tallies import Tallies

__all__ = [
    "Group",
    "Signal",
    "SignalCase",
    "SignalCaseResult",
    "Tallies",
    "Thresholds",
    "judge",
    "load_signals",
    "read_signal",
    "run_signal_cases",
]
