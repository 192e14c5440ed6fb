"""Appeals of denials: a case in stages, a letter of which every statement is proven, approved, sent,
decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from claimwright.store.appeal_letters import FiledLetter
    from claimwright.store.appeals import AppealCase, PayerAddress, list_addresses, list_cases

    from .addresses import AppealAddressError, state_address
    from .correspondence import Filed, apply_letter, file_letter, letters_of_case
    from .eligibility import LEVELS, SAYS, Eligibility, NotEligible, judge_eligibility
    from .errors import AppealNotFoundError, AppealStateError, StageFailedError
    from .facts import Materials, make_case
    from .jobs import (
        DRAFT,
        SAFETY_SECONDS,
        AppealTracking,
        register_drafting,
        submit_drafting,
        track_appeal,
    )
    from .levels import LevelOfAppeal, levels_of
    from .model_calls import (
        BYS,
        TRIAL,
        By,
        DraftingTrial,
        ModelCall,
        ModelSpending,
        ProviderState,
        SentCall,
        calls_of_case,
        open_call,
        prompt_in_force,
        provider_states,
        spending_of,
        try_drafting,
    )
    from .model_drafting import MODEL, PROMPT_ID, ModelDrafter, Written, ask_for_draft
    from .outcomes import OUTCOMES, TemplateOutcome, settle_appeals, state_outcome, template_outcomes, wilson
    from .samples import sample_case, sample_question
    from .sending import FORMS, HOWS, HandedOff, Packet, appeal_packet, print_letters, send_appeal
    from .stages import HEAD_FACTS, STAGES, Means, read_clinical, run_case, verdict_of
    from .standstill import LONGEST_MINUTES, tell_stalled
    from .working import (
        AppealSheet,
        OpenedDraft,
        appeal_sheet,
        approve_appeal,
        confirm_statement,
        edit_appeal,
        one_case,
        open_appeal,
        refresh_appeal,
        withdraw_appeal,
    )

_HOME = {
    "addresses": ("AppealAddressError", "state_address"),
    "correspondence": ("Filed", "apply_letter", "file_letter", "letters_of_case"),
    "eligibility": ("LEVELS", "SAYS", "Eligibility", "NotEligible", "judge_eligibility"),
    "errors": ("AppealNotFoundError", "AppealStateError", "StageFailedError"),
    "facts": ("Materials", "make_case"),
    "levels": ("LevelOfAppeal", "levels_of"),
    "jobs": (
        "DRAFT", "SAFETY_SECONDS", "AppealTracking", "register_drafting", "submit_drafting", "track_appeal",
    ),
    "model_calls": (
        "BYS", "TRIAL", "By", "DraftingTrial", "ModelCall", "ModelSpending", "ProviderState", "SentCall",
        "calls_of_case", "open_call", "prompt_in_force", "provider_states", "spending_of", "try_drafting",
    ),
    "model_drafting": (
        "MODEL", "PROMPT_ID", "ModelDrafter", "Written", "ask_for_draft",
    ),
    "samples": ("sample_case", "sample_question"),
    "outcomes": (
        "OUTCOMES", "TemplateOutcome", "settle_appeals", "state_outcome", "template_outcomes", "wilson",
    ),
    "sending": ("FORMS", "HOWS", "HandedOff", "Packet", "appeal_packet", "print_letters", "send_appeal"),
    "stages": ("HEAD_FACTS", "STAGES", "Means", "read_clinical", "run_case", "verdict_of"),
    "standstill": ("LONGEST_MINUTES", "tell_stalled"),
    "stored": ("AppealCase", "FiledLetter", "PayerAddress", "list_addresses", "list_cases"),
    "working": (
        "AppealSheet", "OpenedDraft", "appeal_sheet", "approve_appeal", "confirm_statement", "edit_appeal",
        "one_case", "open_appeal", "refresh_appeal", "withdraw_appeal",
    ),
}  # fmt: skip
__all__ = [
    "BYS",
    "DRAFT",
    "FORMS",
    "HEAD_FACTS",
    "HOWS",
    "LEVELS",
    "LONGEST_MINUTES",
    "MODEL",
    "OUTCOMES",
    "PROMPT_ID",
    "SAFETY_SECONDS",
    "SAYS",
    "STAGES",
    "TRIAL",
    "AppealAddressError",
    "AppealCase",
    "AppealNotFoundError",
    "AppealSheet",
    "AppealStateError",
    "AppealTracking",
    "By",
    "DraftingTrial",
    "Eligibility",
    "Filed",
    "FiledLetter",
    "HandedOff",
    "LevelOfAppeal",
    "Materials",
    "Means",
    "ModelCall",
    "ModelDrafter",
    "ModelSpending",
    "NotEligible",
    "OpenedDraft",
    "Packet",
    "PayerAddress",
    "ProviderState",
    "SentCall",
    "StageFailedError",
    "TemplateOutcome",
    "Written",
    "appeal_packet",
    "appeal_sheet",
    "apply_letter",
    "approve_appeal",
    "ask_for_draft",
    "calls_of_case",
    "confirm_statement",
    "edit_appeal",
    "file_letter",
    "judge_eligibility",
    "letters_of_case",
    "levels_of",
    "list_addresses",
    "list_cases",
    "make_case",
    "one_case",
    "open_appeal",
    "open_call",
    "print_letters",
    "prompt_in_force",
    "provider_states",
    "read_clinical",
    "refresh_appeal",
    "register_drafting",
    "run_case",
    "sample_case",
    "sample_question",
    "send_appeal",
    "settle_appeals",
    "spending_of",
    "state_address",
    "state_outcome",
    "submit_drafting",
    "tell_stalled",
    "template_outcomes",
    "track_appeal",
    "try_drafting",
    "verdict_of",
    "wilson",
    "withdraw_appeal",
]

__getattr__ = lazy_exports(__name__, _HOME)
