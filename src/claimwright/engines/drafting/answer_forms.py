"""What questions to a language model have in common: blocks of data, strict schemas, and wrong answers.

AnswerFormError (ValueError)   the answer has not the form; `problems` says where, without values
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from claimwright.foundation.errors import InputError

# More values than this in an enumeration, and OpenAI refuses the schema (Structured outputs, limits).
MOST_LISTED = 250


class AnswerFormError(InputError, ValueError):
    """The answer has not the form that was asked for."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"the answer has not the form that was asked for: {problems[0]}")
        self.problems = tuple(problems)

    @classmethod
    def of(cls, problem: ValidationError) -> AnswerFormError:
        """Where an answer differs from its model, without what it said."""
        return cls(
            [
                f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
                for each in problem.errors(include_input=False, include_url=False, include_context=False)
            ]
        )


def strict_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object, in the subset that the providers' strict modes have."""
    return {
        "type": "object", "properties": properties, "required": list(properties),
        "additionalProperties": False,
    }  # fmt: skip


def data_block(value: object) -> str:
    """JSON in which no record can end the block of data that it stands in."""
    return json.dumps(value, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
