"""The rule workshop: tools to search, create, test, compare, time and replay rules before use.

These are the tools of a rule's author. Findings and waivers of rules in use are in `checking`.
"""

from .comparison import Change, Comparison, compare, compare_folders
from .coverage import CodeCoverage, Coverage, FieldFamily, RuleFamily, coverage, names_of
from .denials import Agreement, Outcome, OutcomeError, Share, agreement, read_outcomes
from .profiling import DEFAULT_RUNS, Profile, RuleTime, profile
from .reading import (
    ReadRules,
    TriedRules,
    read_rule_text,
    read_rules,
    try_files,
    try_rules,
    unsaid,
)
from .replaying import DEFAULT_EXAMPLES, Replay, ReplayBlock, RuleReplay, blocks, blocks_of, replay
from .scaffolding import DEFAULT_FOLDER, ScaffoldError, free_code, scaffold
from .searching import Hit, Search, family_of, search
from .stored_claims import StoredClaims

__all__ = [
    "DEFAULT_EXAMPLES",
    "DEFAULT_FOLDER",
    "DEFAULT_RUNS",
    "Agreement",
    "Change",
    "CodeCoverage",
    "Comparison",
    "Coverage",
    "FieldFamily",
    "Hit",
    "Outcome",
    "OutcomeError",
    "Profile",
    "ReadRules",
    "Replay",
    "ReplayBlock",
    "RuleFamily",
    "RuleReplay",
    "RuleTime",
    "ScaffoldError",
    "Search",
    "Share",
    "StoredClaims",
    "TriedRules",
    "agreement",
    "blocks",
    "blocks_of",
    "compare",
    "compare_folders",
    "coverage",
    "family_of",
    "free_code",
    "names_of",
    "profile",
    "read_outcomes",
    "read_rule_text",
    "read_rules",
    "replay",
    "scaffold",
    "search",
    "try_files",
    "try_rules",
    "unsaid",
]
