"""Talking to models: the chat protocol, endpoints, thinking, the rehearsal teacher.

Knows conversations and answers, not what they are for.
"""

from closedbook.models.chat import ChatModel, ChatRequest, Sampling
from closedbook.models.teacher import make_teacher

__all__ = ["ChatModel", "ChatRequest", "Sampling", "make_teacher"]
