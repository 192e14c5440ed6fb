"""Rules with one thing wrong in each, and whether the cases of the rule notice."""

from __future__ import annotations

from .mutants import Mutant, mutants_of
from .mutation import MutationReport, RuleScore, Survivor, mutate, sample_of_rules

__all__ = ["Mutant", "MutationReport", "RuleScore", "Survivor", "mutants_of", "mutate", "sample_of_rules"]
