"""How an ask samples, and who says so: the flow, else the config, else the endpoint itself."""

from __future__ import annotations

from dataclasses import dataclass

from closedbook.config import Config, EndpointTeacher
from closedbook.flows.spec import AskSpec

SETTINGS = ("temperature", "top_p", "max_tokens", "thinking")


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of an ask's sampling; None is left to the endpoint."""

    name: str
    value: float | bool | None
    source: str


def resolved_sampling(spec: AskSpec, config: Config | None) -> tuple[Setting, ...]:
    """Temperature, top_p, max_tokens and thinking of an ask in a project."""
    return tuple(_resolved(name, spec, config) for name in SETTINGS)


def _resolved(name: str, spec: AskSpec, config: Config | None) -> Setting:
    """The first that says something: who comes earlier wins."""
    teacher = config.models.get(spec.model, config.teacher) if config else None
    said = {
        "the flow": getattr(spec, name),
        "closedbook.yaml": getattr(teacher, name, None)
        if isinstance(teacher, EndpointTeacher)
        else None,
    }
    for source, value in said.items():
        if value is not None:
            return Setting(name, value, source)
    return Setting(name, None, "the endpoint's default")
