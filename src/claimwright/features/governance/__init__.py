"""Versioned files that decide what is written: templates, prompts, policies, evaluation sets; who approved
them.
"""

from .experiments import (
    Experiment,
    ExperimentError,
    assigned_version,
    end_experiment,
    list_experiments,
    one_experiment,
    settle_experiments,
    start_experiment,
)
from .policies import POLICY, active_policies, check_policy, shipped_policies
from .registry import (
    FileVersion,
    activate_file,
    active_prompt,
    active_templates,
    add_file,
    approve_file,
    file_text,
    list_governed,
    not_in_force,
    template_versions,
)
from .shipped import check_template, shipped_prompts, shipped_template_versions, shipped_templates
from .texts import Gets, GovernedFileError, Shelf

__all__ = [
    "POLICY",
    "Experiment",
    "ExperimentError",
    "FileVersion",
    "Gets",
    "GovernedFileError",
    "Shelf",
    "activate_file",
    "active_policies",
    "active_prompt",
    "active_templates",
    "add_file",
    "approve_file",
    "assigned_version",
    "check_policy",
    "check_template",
    "end_experiment",
    "file_text",
    "list_experiments",
    "list_governed",
    "not_in_force",
    "one_experiment",
    "settle_experiments",
    "shipped_policies",
    "shipped_prompts",
    "shipped_template_versions",
    "shipped_templates",
    "start_experiment",
    "template_versions",
]
