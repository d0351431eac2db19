"""The teacher a config names: an endpoint with the profile of its family, or the rehearsal
stand-in."""

from __future__ import annotations

from pathlib import Path

from closedbook.config import FILE_NAME, EndpointTeacher, Teacher
from closedbook.config.yaml_lines import load_yaml
from closedbook.errors import ConfigError, UserError
from closedbook.models.chat import ChatModel
from closedbook.models.endpoint import Endpoint
from closedbook.models.profiles import Chosen, choose_profile
from closedbook.models.rehearsal import RehearsalTeacher


def make_teacher(settings: Teacher, project: Path, key: str = "teacher") -> ChatModel:
    """A ChatModel; an endpoint's connections are opened when it is entered. `key` is where the
    config has the settings. Raises ConfigError where the profile is wrong."""
    if not isinstance(settings, EndpointTeacher):
        return RehearsalTeacher()
    return Endpoint(settings, teacher_profile(settings, project, key).profile)


def teacher_profile(settings: EndpointTeacher, project: Path, key: str = "teacher") -> Chosen:
    """The profile for these settings. Raises ConfigError if there is none of the name, if it is
    wrong, or if it cannot switch thinking as the settings want."""
    try:
        chosen = choose_profile(settings.profile, settings.model, project)
    except ConfigError:
        raise
    except UserError as error:
        problem = (error.message, error.hint)
        raise _problem(project, f"{key}.profile", settings.profile, problem) from None
    if unable := chosen.profile.problem_with(settings.thinking):
        raise _problem(project, f"{key}.thinking", settings.thinking, unable)
    return chosen


async def look(settings: EndpointTeacher) -> tuple[str | None, int | None]:
    """What is wrong with an endpoint, and how many tokens it says it takes, from one request for
    its list of models."""
    try:
        async with Endpoint(settings) as endpoint:
            return await endpoint.probe(), endpoint.served_context
    except UserError as error:
        return str(error), None


def _problem(project: Path, key: str, value: object, problem: tuple[str, str]) -> ConfigError:
    """At the key's line in closedbook.yaml; at none if its value came from elsewhere."""
    file = project / FILE_NAME
    line = None
    if file.is_file():
        written, line_of = load_yaml(file)
        path = tuple(key.split("."))
        for part in path:
            written = written.get(part) if isinstance(written, dict) else None
        if written == value:
            line = line_of(path)
    message, hint = problem
    return ConfigError(f"{key}: {message}", file=file, line=line, hint=hint)
