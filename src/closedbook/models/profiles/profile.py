"""The shape of a profile file: every key, its type, its default.

The defaults assume nothing of a model and read every shape of thinking.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PositiveInt, field_validator

from closedbook.config.section import Settings

Share = Annotated[float, Field(gt=0, le=1)]
Mark = Annotated[str, Field(min_length=1)]
COMMON_TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
)
"""What models in common use put around their thinking."""
OWN_FIELDS = frozenset(
    {"model", "messages", "temperature", "top_p", "max_tokens", "top_k", "min_p", "n", "stream"}
)
"""Fields of a request's body that a switch may not touch."""


class Switch(Settings):
    """What a request gets so that the model thinks, or does not: text before and after the system
    turn's (which is added if there is none), text after the last user turn's, fields of the
    request's body. An empty switch says that nothing is needed."""

    system_first: str = ""
    system_last: str = ""
    user_last: str = ""
    body: dict[str, Any] = Field(default_factory=dict)

    @field_validator("body")
    @classmethod
    def _none_of_ours(cls, body: dict[str, Any]) -> dict[str, Any]:
        if taken := OWN_FIELDS & body.keys():
            raise ValueError(f"{', '.join(sorted(taken))}: not by a switch; see `sampling`")
        return body


class Thinking(Settings):
    """How a family thinks.

    `default` is what it does unasked, None if that is not known. A family without `enable` cannot
    be made to think, one without `disable` cannot be kept from it. `tags` are the marks around
    thinking that comes in the text, `answer_tags` marks around the answer. With
    `opened_by_template` a reply begins inside the thinking; `channels` tells of replies in the
    harmony format.
    """

    default: bool | None = None
    enable: Switch | None = None
    disable: Switch | None = None
    tags: tuple[tuple[Mark, Mark], ...] = COMMON_TAGS
    answer_tags: tuple[Mark, ...] = ()
    opened_by_template: bool = False
    channels: bool = False

    def expected(self, wanted: bool | None) -> bool | None:
        """Whether a model that was asked so thinks; None is unknown."""
        return self.default if wanted is None else wanted

    @property
    def never(self) -> bool:
        """Whether the family cannot think at all."""
        return self.default is False and self.enable is None

    @property
    def fixed(self) -> bool:
        """Whether it cannot be switched at all, as far as is known."""
        return self.enable is None or self.disable is None

    def switch(self, wanted: bool | None) -> Switch | None:
        """What to send; None if the family cannot do what is wanted."""
        if wanted is None:
            return Switch()
        return self.enable if wanted else self.disable


class Recommended(Settings):
    """Sampling its makers recommend; None leaves the choice to the endpoint."""

    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Share | None = None
    top_k: PositiveInt | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None


class Recommendations(Settings):
    """Sampling with thinking, and when answering at once."""

    thinking: Recommended = Recommended()
    answering: Recommended = Recommended()


class Profile(Settings):
    """What is known of a family.

    `matches` are patterns of model names (`*` and `?`, case does not matter). `context` is in
    tokens, prompt and answer together. `training_template` is the chat template to train a
    student of this family with and to ask it by: a file beside the profile's, or its text.
    """

    profile: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    matches: tuple[str, ...] = ()
    thinking: Thinking = Thinking()
    sampling: Recommendations = Recommendations()
    context: PositiveInt | None = None
    training_template: str | None = None

    def problem_with(self, wanted: bool | None) -> tuple[str, str] | None:
        """Why thinking cannot be as `wanted`, and what to do; None if it can."""
        thinking = self.thinking
        if thinking.switch(wanted) is not None:
            return None
        verb = "on" if wanted else "off"
        if thinking.enable is None and thinking.disable is None:
            message = f"the profile {self.profile!r} does not know how to switch thinking {verb}"
            hint = "name the model's own with teacher.profile, write one in profiles/, or leave"
            return message, f"{hint} thinking out"
        never = "never" if wanted else "always"
        message = f"thinking cannot be switched {verb}: models of {self.profile!r} {never} think"
        return message, "leave thinking out, or choose another model or profile"

    def recommended(self, wanted: bool | None) -> Recommended:
        """Sampling for what the model is going to do; nothing where that is not known."""
        thinks = self.thinking.expected(wanted)
        if thinks is None:
            return Recommended()
        return self.sampling.thinking if thinks else self.sampling.answering
