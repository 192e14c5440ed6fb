"""Coverage criteria of payers: read as data, and judged by what documents of a case say."""

from .judging import CaseFinding, judge_policy
from .policies import PayerPolicyError, read_policy

__all__ = ["CaseFinding", "PayerPolicyError", "judge_policy", "read_policy"]
