"""The gate of appeal letters: every statement resolves to the case, or it is marked and a person decides."""

from .clinical import ReadClinical
from .completeness import Requirement, load_requirements, required_facts
from .gate import verify
from .verdict import UNPROVEN, Finding, Problem, Tick, Verdict

__all__ = [
    "UNPROVEN",
    "Finding",
    "Problem",
    "ReadClinical",
    "Requirement",
    "Tick",
    "Verdict",
    "load_requirements",
    "required_facts",
    "verify",
]
