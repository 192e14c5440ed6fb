"""Masked copies: a store, or its claims as files, with patient data masked, for non-production use."""

from claimwright.store.masked_copy import MaskError

from .masked_copy import Copied, copy_masked
from .masking import masked_claims

__all__ = ["Copied", "MaskError", "copy_masked", "masked_claims"]
