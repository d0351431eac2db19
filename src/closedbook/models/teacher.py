"""The teacher a config names: an endpoint, or the rehearsal stand-in."""

from __future__ import annotations

from closedbook.config.settings import EndpointTeacher, Teacher
from closedbook.models.chat import ChatModel
from closedbook.models.endpoint import Endpoint
from closedbook.models.rehearsal import RehearsalTeacher


def make_teacher(settings: Teacher) -> ChatModel:
    """A ChatModel; an endpoint's connections are opened when it is entered."""
    return Endpoint(settings) if isinstance(settings, EndpointTeacher) else RehearsalTeacher()
