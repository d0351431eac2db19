"""The shape of closedbook.yaml: every key, its type, its default.

Reading the file and finding the line of a mistake is `loading`'s work. Paths are relative to the
folder of closedbook.yaml.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
)

Share = Annotated[float, Field(ge=0, le=1)]
Source = Literal["qa", "qa_with_context", "study", "documents", "replay"]
ADDRESS = re.compile(r"https?://[^/]")
ARM_NAME = re.compile(r"[a-z][a-z0-9_-]*")
DEFAULTS_FOR_STUDENT: dict[str, dict[str, dict[str, object]]] = {
    "huggingface": {
        "mix": {"replay": "none"},
        "train": {"learning_rate": 1e-5, "batch_tokens": 32_768, "max_length": 4096},
    },
}
"""What a kind of student changes in the defaults of `mix` and `train`, which are the rehearsal
student's (8B students: learning rates of 1e-6 to 1e-5 in the published recipes)."""


class Settings(BaseModel):
    """A frozen section that refuses unknown keys and does not guess types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RehearsalTeacher(Settings):
    """The built-in rule-based stand-in: no key, no network, not a language model."""

    kind: Literal["rehearsal"]


class Price(Settings):
    """USD per million tokens."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]

    def cost(self, prompt_tokens: int | None, completion_tokens: int | None) -> float | None:
        """USD; None if a count is unknown, for what is unknown is not free."""
        if prompt_tokens is None or completion_tokens is None:
            return None
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


def _addresses(given: object) -> str | tuple[str, ...]:
    """One address or several, each once."""
    listed = given if isinstance(given, list | tuple) else [given]
    urls = tuple(url for url in listed if isinstance(url, str) and ADDRESS.match(url))
    if not listed or len(urls) < len(listed):
        raise ValueError(f"an address beginning with http:// or https://, or a list, not {given!r}")
    if len({url.rstrip("/") for url in urls}) < len(urls):
        raise ValueError("the same address twice")
    return urls if isinstance(given, list | tuple) else urls[0]


class EndpointTeacher(Settings):
    """Any OpenAI-compatible chat endpoint, at one address or several replicas of it.

    `concurrency` bounds the requests in flight per replica. `timeout` is in seconds for one
    attempt, `give_up_after` from a request's first.
    """

    kind: Literal["endpoint"]
    base_url: Annotated[str | tuple[str, ...], PlainValidator(_addresses)]
    model: str = Field(min_length=1)
    revision: str = ""
    api_key: str = Field(default="", repr=False)
    concurrency: PositiveInt = 64
    timeout: PositiveFloat = 600.0
    attempts: PositiveInt = 8
    give_up_after: PositiveFloat = 600.0
    price: Price | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: PositiveInt | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The replicas' base URLs, without a slash at the end."""
        given = (self.base_url,) if isinstance(self.base_url, str) else self.base_url
        return tuple(url.rstrip("/") for url in given)


Teacher = Annotated[RehearsalTeacher | EndpointTeacher, Field(discriminator="kind")]


class RehearsalStudent(Settings):
    """The built-in tiny transformer, pretrained on other fictional worlds; runs on a CPU."""

    kind: Literal["rehearsal"]


class HuggingFaceStudent(Settings):
    """A causal language model with a chat template: a local folder or a name on the Hub."""

    kind: Literal["huggingface"]
    model: str = Field(min_length=1)
    revision: str = "main"


Student = Annotated[RehearsalStudent | HuggingFaceStudent, Field(discriminator="kind")]


class Caps(Settings):
    """The most a project may spend on its teacher, all runs together. `usd` needs the teacher's
    price; `tokens` counts prompts and answers; None is no cap."""

    usd: PositiveFloat | None = None
    tokens: PositiveInt | None = None
    requests: PositiveInt | None = None


class Generate(Settings):
    """Which flows ask the teacher: names of shipped flows or of files in the project's `flows/`."""

    flows: tuple[str, ...] = ("qa", "study")


class Curate(Settings):
    """What a generated row must satisfy to be kept; `filters` names the project's own tests, run
    after the built-in ones."""

    filters: tuple[str, ...] = ()
    max_answer_characters: PositiveInt = 4000


class Mix(Settings):
    """One arm's training mixture: `tokens` in all, shared among the sources by `shares`.

    `replay` is "builtin" (rehearsal student only), "none" or a JSONL file of chat messages.
    `shuffle_answers` exchanges the answers of the pairs among each other: a control that must not
    learn anything true.
    """

    tokens: PositiveInt = 520_000
    shares: dict[Source, Share] = {
        "qa": 0.18,
        "qa_with_context": 0.27,
        "study": 0.23,
        "replay": 0.32,
    }
    replay: str = "builtin"
    shuffle_answers: bool = False
    seed: int = 0

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: dict[Source, Share]) -> dict[Source, Share]:
        total = sum(shares.values())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares add up to {total:g}, not 1")
        return shares


class Train(Settings):
    """How one arm is trained. `batch_tokens` is the number of tokens per optimiser step, padding
    included; `save_minutes` is the most work a crash can cost."""

    epochs: PositiveFloat = 1.0
    learning_rate: PositiveFloat = 1.4e-3
    warmup_share: Share = 0.05
    batch_tokens: PositiveInt = 512
    max_length: PositiveInt = 512
    weight_decay: float = 0.01
    save_minutes: PositiveFloat = 5.0
    seed: int = 0


class Arm(Settings):
    """A variant of the experiment: its own mixture and training."""

    mix: Mix = Mix()
    train: Train = Train()


class Evaluate(Settings):
    """What is asked. `retrieved` is how many passages a RAG prompt holds; `passage_characters`
    bounds their length; `resamples` is the number of bootstrap resamples."""

    conditions: tuple[Literal["closed_book", "rag", "open_book"], ...] = (
        "closed_book",
        "rag",
        "open_book",
    )
    retrieved: PositiveInt = 2
    passage_characters: PositiveInt = 1024
    answer_tokens: PositiveInt = 24
    resamples: Annotated[int, Field(ge=1000)] = 10_000
    seed: int = 0


class Config(Settings):
    """The whole of closedbook.yaml. `models` are asked in other roles than the teacher's; the
    "judge" is the teacher where it names none. `mix` and `train` are the defaults of every arm; an
    arm names only what differs. `base`, the untrained student, is always examined too."""

    documents: str
    exam: str | None = None
    teacher: Teacher
    models: dict[str, Teacher] = {}
    student: Student
    budget: Caps = Caps()
    generate: Generate = Generate()
    curate: Curate = Curate()
    mix: Mix = Mix()
    train: Train = Train()
    arms: dict[str, Arm] = {"customised": Arm()}
    evaluate: Evaluate = Evaluate()

    @field_validator("budget")
    @classmethod
    def _priced(cls, budget: Caps, info: ValidationInfo) -> Caps:
        if budget.usd is None:
            return budget
        others = {f"models.{name}": model for name, model in info.data.get("models", {}).items()}
        for key, model in {"teacher": info.data.get("teacher"), **others}.items():
            if isinstance(model, EndpointTeacher) and not model.price:
                needed = f"{key}.price: {{prompt: ..., completion: ...}}"
                raise ValueError(f"a cap in usd needs {needed}")
        return budget

    @field_validator("arms")
    @classmethod
    def _names(cls, arms: dict[str, Arm]) -> dict[str, Arm]:
        for name in arms:
            if name == "base":
                raise ValueError("'base' is the untrained student and always there")
            if not ARM_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no arm name: use a-z, 0-9, - and _")
        return arms
