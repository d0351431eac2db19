"""The teacher a config names: an endpoint with the profile of its family, or the rehearsal
stand-in."""

from __future__ import annotations

from pathlib import Path

from closedbook.config import FILE_NAME
from closedbook.config.settings import EndpointTeacher, Teacher
from closedbook.config.yaml_lines import load_yaml
from closedbook.errors import ConfigError, UserError
from closedbook.models.chat import ChatModel
from closedbook.models.endpoint import Endpoint
from closedbook.models.profiles import Chosen, choose_profile
from closedbook.models.rehearsal import RehearsalTeacher


def make_teacher(settings: Teacher, project: Path) -> ChatModel:
    """A ChatModel; an endpoint's connections are opened when it is entered. Raises ConfigError
    where its profile is wrong."""
    if not isinstance(settings, EndpointTeacher):
        return RehearsalTeacher()
    return Endpoint(settings, teacher_profile(settings, project).profile)


def teacher_profile(settings: EndpointTeacher, project: Path) -> Chosen:
    """The profile for these settings. Raises ConfigError if there is none of the name, if it is
    wrong, or if it cannot switch thinking as the settings want."""
    try:
        chosen = choose_profile(settings.profile, settings.model, project)
    except ConfigError:
        raise
    except UserError as error:
        raise _problem(project, "profile", error.message, error.hint) from None
    if problem := chosen.profile.problem_with(settings.thinking):
        raise _problem(project, "thinking", *problem)
    return chosen


def _problem(project: Path, key: str, message: str, hint: str) -> ConfigError:
    """At the key's line in closedbook.yaml; at none if it was set elsewhere."""
    file = project / FILE_NAME
    line = None
    if file.is_file():
        written, line_of = load_yaml(file)
        teacher = written.get("teacher") if isinstance(written, dict) else None
        if isinstance(teacher, dict) and key in teacher:
            line = line_of(("teacher", key))
    return ConfigError(f"teacher.{key}: {message}", file=file, line=line, hint=hint)
