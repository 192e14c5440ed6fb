"""Appeals of denials: a case in stages, a letter of which every statement is proven, approved, sent,
decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from claimwright.store.appeals import AppealCase, PayerAddress, list_addresses, list_cases

    from .addresses import AppealAddressError, state_address
    from .eligibility import LEVELS, SAYS, Eligibility, NotEligible, judge_eligibility
    from .errors import AppealNotFoundError, AppealStateError, StageFailedError
    from .facts import Materials, make_case
    from .jobs import DRAFT, register_drafting, submit_drafting
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
    from .sending import HOWS, HandedOff, Packet, appeal_packet, send_appeal
    from .stages import HEAD_FACTS, STAGES, Means, read_clinical, run_case, verdict_of
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
    "eligibility": ("LEVELS", "SAYS", "Eligibility", "NotEligible", "judge_eligibility"),
    "errors": ("AppealNotFoundError", "AppealStateError", "StageFailedError"),
    "facts": ("Materials", "make_case"),
    "jobs": ("DRAFT", "register_drafting", "submit_drafting"),
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
    "sending": ("HOWS", "HandedOff", "Packet", "appeal_packet", "send_appeal"),
    "stages": ("HEAD_FACTS", "STAGES", "Means", "read_clinical", "run_case", "verdict_of"),
    "stored": ("AppealCase", "PayerAddress", "list_addresses", "list_cases"),
    "working": (
        "AppealSheet", "OpenedDraft", "appeal_sheet", "approve_appeal", "confirm_statement", "edit_appeal",
        "one_case", "open_appeal", "refresh_appeal", "withdraw_appeal",
    ),
}  # fmt: skip
__all__ = [
    "BYS",
    "DRAFT",
    "HEAD_FACTS",
    "HOWS",
    "LEVELS",
    "MODEL",
    "OUTCOMES",
    "PROMPT_ID",
    "SAYS",
    "STAGES",
    "TRIAL",
    "AppealAddressError",
    "AppealCase",
    "AppealNotFoundError",
    "AppealSheet",
    "AppealStateError",
    "By",
    "DraftingTrial",
    "Eligibility",
    "HandedOff",
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
    "approve_appeal",
    "ask_for_draft",
    "calls_of_case",
    "confirm_statement",
    "edit_appeal",
    "judge_eligibility",
    "list_addresses",
    "list_cases",
    "make_case",
    "one_case",
    "open_appeal",
    "open_call",
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
    "template_outcomes",
    "try_drafting",
    "verdict_of",
    "wilson",
    "withdraw_appeal",
]

__getattr__ = lazy_exports(__name__, _HOME)
