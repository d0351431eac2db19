"""How an ask samples, and who says so: the flow, else the config, else the profile of the model's
family, else the endpoint itself. As `models.resolving` has it, which decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from closedbook.config import Config, EndpointTeacher
from closedbook.flows.spec import AskSpec
from closedbook.models.chat import ChatRequest, Sampling
from closedbook.models.resolving import resolve
from closedbook.models.teacher import teacher_profile

SHOWN = ("temperature", "top_p", "max_tokens", "thinking", "top_k", "min_p")
SELDOM = ("top_k", "min_p")
"""Shown only where they are sent."""
Values = Mapping[str, float | bool]


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of an ask's sampling; None is left to the endpoint."""

    name: str
    value: float | bool | None
    source: str


def resolved_sampling(
    spec: AskSpec, config: Config | None, project: Path = Path()
) -> tuple[Setting, ...]:
    """What an ask in a project is sent with. Raises UserError for a profile that is wrong."""
    asked = Sampling(spec.temperature, spec.top_p, spec.max_tokens)
    own = _given(asked.given(), spec.thinking)
    teacher = config.models.get(spec.model, config.teacher) if config else None
    if not isinstance(teacher, EndpointTeacher):
        return tuple(_settings(own, {}, own, ""))
    role = f"models.{spec.model}" if config and spec.model in config.models else "teacher"
    profile = teacher_profile(teacher, project, role).profile
    sent = resolve(ChatRequest((), asked, thinking=spec.thinking), teacher, profile)
    said = teacher.model_dump(include=set(SHOWN), exclude_none=True)
    final = _given(sent.sampling.given(), sent.thinking)
    return tuple(_settings(own, said, final, profile.profile))


def _given(sampling: Mapping[str, float], thinking: bool | None) -> Values:
    return {**sampling, **({} if thinking is None else {"thinking": thinking})}


def _settings(flow: Values, config: Values, sent: Values, profile: str) -> Iterator[Setting]:
    for name in SHOWN:
        value = sent.get(name)
        if value is None and name in SELDOM:
            continue
        if name in flow and flow[name] != value:
            yield Setting(name, None, f"the model's way; profile {profile} cannot switch it")
            continue
        sources = {"the flow": name in flow, "closedbook.yaml": name in config}
        default = "the endpoint's default" if value is None else f"profile {profile}"
        yield Setting(name, value, next((who for who, said in sources.items() if said), default))
