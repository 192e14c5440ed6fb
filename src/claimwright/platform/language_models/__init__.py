"""One gateway to language models: Amazon Bedrock, Anthropic, what speaks like OpenAI, or none.

The answer has the form of a JSON schema. Every request is kept, sealed, before it is sent; afterwards
it says what came of it, with its tokens and cost.
"""

from .anthropic import AnthropicWire
from .asking import Ask, Reply, Wire
from .bedrock import BedrockWire
from .calls import (
    BYS,
    By,
    ModelCall,
    ModelSpending,
    SentCall,
    call_context,
    calls_under_way,
    last_answers,
    model_calls,
    model_spending,
    sent_call,
    spent_since,
)
from .errors import LanguageModelError, ModelSchemaError, NoModelAnswerError, Note, in_words
from .gateway import Answered, Gateway, ModelLimits, Price, Provider, Purpose
from .openai import OpenAiWire

__all__ = [
    "BYS",
    "Answered",
    "AnthropicWire",
    "Ask",
    "BedrockWire",
    "By",
    "Gateway",
    "LanguageModelError",
    "ModelCall",
    "ModelLimits",
    "ModelSchemaError",
    "ModelSpending",
    "NoModelAnswerError",
    "Note",
    "OpenAiWire",
    "Price",
    "Provider",
    "Purpose",
    "Reply",
    "SentCall",
    "Wire",
    "call_context",
    "calls_under_way",
    "in_words",
    "last_answers",
    "model_calls",
    "model_spending",
    "sent_call",
    "spent_since",
]
