"""Drafts appeal letters: templates, sources, selection, the drafter without a model, questions to one."""

from .answer_forms import AnswerFormError
from .by_model import ModelQuestion, drafter_name
from .by_rules import HEAD, RULES, Drafter, draft_by_rules, head_of
from .experiments import Standing, arm_of, judge_experiment
from .library import load_sources, read_sources
from .minimising import Minimised, hides, identifiers_of
from .prompts import APPEAL_DRAFT, REPAIR_PROPOSAL, Prompt, PromptError, read_prompt
from .repairs_by_model import MOST_FACTS, ClaimFact, ClaimFinding, ProposedRepair, RepairQuestion
from .selection import NEAR, Chosen, Wanted, choose_template, near_duplicates
from .templates import TemplateError, read_template
from .vocabulary import VARIABLES

__all__ = [
    "APPEAL_DRAFT",
    "HEAD",
    "MOST_FACTS",
    "NEAR",
    "REPAIR_PROPOSAL",
    "RULES",
    "VARIABLES",
    "AnswerFormError",
    "Chosen",
    "ClaimFact",
    "ClaimFinding",
    "Drafter",
    "Minimised",
    "ModelQuestion",
    "Prompt",
    "PromptError",
    "ProposedRepair",
    "RepairQuestion",
    "Standing",
    "TemplateError",
    "Wanted",
    "arm_of",
    "choose_template",
    "draft_by_rules",
    "drafter_name",
    "head_of",
    "hides",
    "identifiers_of",
    "judge_experiment",
    "load_sources",
    "near_duplicates",
    "read_prompt",
    "read_sources",
    "read_template",
]
