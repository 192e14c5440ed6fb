"""Prediction jobs: submitted, processed, and retrieved by tracking id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .job import FolderStore, JobStore, PredictionJobs, Status
    from .store_jobs import (
        StoredJobs,
        claim_of_prediction,
        register_job,
        run_job,
        submit_prediction,
    )

__all__ = [
    "FolderStore",
    "JobStore",
    "PredictionJobs",
    "Status",
    "StoredJobs",
    "claim_of_prediction",
    "register_job",
    "run_job",
    "submit_prediction",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "job": (
            "FolderStore",
            "JobStore",
            "PredictionJobs",
            "Status",
        ),
        "store_jobs": (
            "StoredJobs",
            "claim_of_prediction",
            "register_job",
            "submit_prediction",
            "run_job",
        ),
    },
)
