"""Users' own reference data: loads published files into a store, and looks up the ones in force."""

from .changes import Changes, UpdateRecord, changes, keep, rules_by_dataset
from .layouts import recognised
from .loading import Loaded, load_files
from .problems import FileProblem, ReferenceFileError
from .store import (
    SETTING,
    ReferenceStoreError,
    Verified,
    default_store,
    install,
    load,
    reference_snapshot,
    verify,
)
from .update import Update, update

__all__ = [
    "SETTING",
    "Changes",
    "FileProblem",
    "Loaded",
    "ReferenceFileError",
    "ReferenceStoreError",
    "Update",
    "UpdateRecord",
    "Verified",
    "changes",
    "default_store",
    "install",
    "keep",
    "load",
    "load_files",
    "recognised",
    "reference_snapshot",
    "rules_by_dataset",
    "update",
    "verify",
]
