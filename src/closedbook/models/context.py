"""How long a document may be that a teacher is to read.

Knows lengths in tokens and what else a request needs, not documents. Nothing here asks anybody.
"""

from __future__ import annotations

from closedbook.config import EndpointTeacher
from closedbook.models.profiles import Profile

PROMPT_TOKENS = 2048
"""For what a prompt says beside the document."""
ANSWER_TOKENS = 8192
"""For an answer with its thinking, where `max_tokens` does not bound it."""


def context_of(settings: EndpointTeacher, profile: Profile) -> int | None:
    """Tokens of prompt and answer together; None if nothing says."""
    return settings.context or profile.context


def document_tokens(settings: EndpointTeacher, profile: Profile) -> int | None:
    """Tokens of the longest document that leaves room for prompt and answer, which get half of the
    context at most; None if nothing says how long that is."""
    context = context_of(settings, profile)
    return None if context is None else tokens_beside(context, settings.max_tokens)


def tokens_beside(context: int, longest_answer: int | None) -> int:
    """Tokens that a context leaves to a document."""
    return context - min(context // 2, PROMPT_TOKENS + (longest_answer or ANSWER_TOKENS))
