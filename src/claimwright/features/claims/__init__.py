"""Work with stored claims: open, list, search, review; dead letters; runs."""

from claimwright.domain.errors import ClaimNotFoundError
from claimwright.store.claim_history import ClaimEvent, PricedLine, history_of, priced_lines
from claimwright.store.dead_letters import DeadLetter
from claimwright.store.listings import (
    PLACES,
    FindingCount,
    ListedClaim,
    ListedFile,
    Refusal,
    StoredFinding,
    count_findings,
    file_of,
    findings_of,
    findings_of_file,
    list_claims,
    list_files,
    list_findings,
    order_value,
    refusals_of,
)
from claimwright.store.overview import ChunkView, RunView, chunks, runs, waiting
from claimwright.store.review import ReviewClaim
from claimwright.store.waivers import StoredWaiver

from .dead_letters import dead_letters, discard, retry
from .finding_claims import claims_numbered
from .given_up import ChunkNotOpenError, give_up_chunk, staged_in_chunk
from .opened_claim import OpenedClaim, opened_claim
from .review import (
    ApprovalNeededError,
    NotInReviewError,
    demand_approval,
    in_review,
    release,
    send_back,
)
from .sensitivity import sensitivity_labels
from .shown_claim import (
    KIND_OF,
    Decide,
    Reads,
    ShownClaim,
    ShownSegments,
    Withheld,
    alert_of_broken_glass,
    kinds_shown,
    shown_claim,
    shown_segments,
    withhold,
    without_days,
)
from .waivers import (
    WaiverError,
    WaiverNotFoundError,
    add_waiver,
    end_waiver,
    list_waivers,
    waivers_in_force,
)

__all__ = [
    "KIND_OF",
    "PLACES",
    "ApprovalNeededError",
    "ChunkNotOpenError",
    "ChunkView",
    "ClaimEvent",
    "ClaimNotFoundError",
    "DeadLetter",
    "Decide",
    "FindingCount",
    "ListedClaim",
    "ListedFile",
    "NotInReviewError",
    "OpenedClaim",
    "PricedLine",
    "Reads",
    "Refusal",
    "ReviewClaim",
    "RunView",
    "ShownClaim",
    "ShownSegments",
    "StoredFinding",
    "StoredWaiver",
    "WaiverError",
    "WaiverNotFoundError",
    "Withheld",
    "add_waiver",
    "alert_of_broken_glass",
    "chunks",
    "claims_numbered",
    "count_findings",
    "dead_letters",
    "demand_approval",
    "discard",
    "end_waiver",
    "file_of",
    "findings_of",
    "findings_of_file",
    "give_up_chunk",
    "history_of",
    "in_review",
    "kinds_shown",
    "list_claims",
    "list_files",
    "list_findings",
    "list_waivers",
    "opened_claim",
    "order_value",
    "priced_lines",
    "refusals_of",
    "release",
    "retry",
    "runs",
    "send_back",
    "sensitivity_labels",
    "shown_claim",
    "shown_segments",
    "staged_in_chunk",
    "waiting",
    "waivers_in_force",
    "withhold",
    "without_days",
]
