"""The rule engine: rules as data, evaluated in one scan per level.

    rulebook = load_rulebook()
    findings = evaluate(batch, rulebook, as_of=date(2026, 11, 22))

Errors:

    RuleBookError      rules or waivers cannot be used; `problems` has file, line, what, and what to do
    PredicateError     a predicate is not one scalar boolean expression over known names
    CaseError        no claim can be built from a case
    PredicateWarning    (a warning) a predicate failed on a value of some claim
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .book import RuleBook
from .cases import CaseError, CaseResult, claims_of_cases, clean_claim, run_cases
from .engine import Evaluation, PredicateWarning, RuleEngine, evaluate
from .loading import load_rulebook, read_rulebook
from .predicate import Confidence, Predicate, PredicateError, Repair
from .problems import Problem, RuleBookError
from .repair_cases import RepairResult, repair_problems, run_repairs
from .repairing import Repairer
from .rule import Case, Lifecycle, Rule
from .scan import Fault
from .waivers import Waiver, load_waivers, waived

if TYPE_CHECKING:
    from .explain import Explanation, explain_predicate, message_of
    from .predicate_compiler import compile_predicate

__all__ = [
    "Case",
    "CaseError",
    "CaseResult",
    "Confidence",
    "Evaluation",
    "Explanation",
    "Fault",
    "Lifecycle",
    "Predicate",
    "PredicateError",
    "PredicateWarning",
    "Problem",
    "Repair",
    "RepairResult",
    "Repairer",
    "Rule",
    "RuleBook",
    "RuleBookError",
    "RuleEngine",
    "Waiver",
    "claims_of_cases",
    "clean_claim",
    "compile_predicate",
    "evaluate",
    "explain_predicate",
    "load_rulebook",
    "load_waivers",
    "message_of",
    "read_rulebook",
    "repair_problems",
    "run_cases",
    "run_repairs",
    "waived",
]  # fmt: skip

# Names that need the SQL parser; a check with the built-in rules should not wait for its import.
_OF_THE_PARSER = {
    "Explanation": "explain",
    "compile_predicate": "predicate_compiler",
    "explain_predicate": "explain",
    "message_of": "explain",
}


def __getattr__(name: str) -> Any:
    """Import names that need the SQL parser at first use."""
    if name not in _OF_THE_PARSER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_OF_THE_PARSER[name]}"), name)
