"""The rule engine: rules as data, evaluated in one scan a level.

    rulebook = load_rulebook()
    findings = evaluate(batch, rulebook, as_of=date(2026, 11, 22))

Errors, all of them data before they are raised:

    RuleBookError      rules or waivers that cannot be used; `problems` has file, line, what, and what to do
    PredicateError     a predicate that is not one scalar boolean expression over known names
    CaseError        a case of which no claim can be made
    PredicateWarning    (a warning) a predicate that failed on a value of some claim
"""

from __future__ import annotations

from .book import RuleBook
from .cases import CaseError, CaseResult, clean_claim, run_cases
from .engine import Evaluation, PredicateWarning, RuleEngine, evaluate
from .explain import Explanation, explain_predicate
from .loading import load_rulebook, read_rulebook
from .predicate import Predicate, PredicateError, compile_predicate
from .problems import Problem, RuleBookError
from .rule import Case, Lifecycle, Rule
from .scan import Fault
from .waivers import Waiver, load_waivers

__all__ = [
    "Case",
    "CaseError",
    "CaseResult",
    "Evaluation",
    "Explanation",
    "Fault",
    "Lifecycle",
    "Predicate",
    "PredicateError",
    "PredicateWarning",
    "Problem",
    "Rule",
    "RuleBook",
    "RuleBookError",
    "RuleEngine",
    "Waiver",
    "clean_claim",
    "compile_predicate",
    "evaluate",
    "explain_predicate",
    "load_rulebook",
    "load_waivers",
    "read_rulebook",
    "run_cases",
]  # fmt: skip
