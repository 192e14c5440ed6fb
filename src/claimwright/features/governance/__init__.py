"""Versioned files that decide what is written: templates, prompts, policies, evaluation sets; who approved
them.
"""

from .registry import (
    FileVersion,
    Gets,
    GovernedFileError,
    Shelf,
    activate_file,
    active_prompt,
    active_templates,
    add_file,
    approve_file,
    check_template,
    file_text,
    list_governed,
    shipped_prompts,
    shipped_templates,
    template_versions,
)

__all__ = [
    "FileVersion",
    "Gets",
    "GovernedFileError",
    "Shelf",
    "activate_file",
    "active_prompt",
    "active_templates",
    "add_file",
    "approve_file",
    "check_template",
    "file_text",
    "list_governed",
    "shipped_prompts",
    "shipped_templates",
    "template_versions",
]
