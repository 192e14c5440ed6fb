"""Drafts appeal letters: templates, the library of sources, selection, and the drafter without a model."""

from .by_rules import HEAD, RULES, Drafter, draft_by_rules, head_of
from .library import load_sources, read_sources
from .selection import NEAR, Chosen, Wanted, choose_template, near_duplicates
from .templates import TemplateError, read_template
from .vocabulary import VARIABLES

__all__ = [
    "HEAD",
    "NEAR",
    "RULES",
    "VARIABLES",
    "Chosen",
    "Drafter",
    "TemplateError",
    "Wanted",
    "choose_template",
    "draft_by_rules",
    "head_of",
    "load_sources",
    "near_duplicates",
    "read_sources",
    "read_template",
]
