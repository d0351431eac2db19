"""The step `ask`: prompt a model, read its reply, one row for each thing read.

Knows prompts and forms; not where answers come from. Every reply ends as rows or as Dropped
children that keep its text; a formless one is asked for once more before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from closedbook.engine import Ask, Child, Dropped, Row
from closedbook.errors import ParseError
from closedbook.flows.building import Site
from closedbook.flows.condition import Condition
from closedbook.flows.parsing import Form, Own, Structured, Whole
from closedbook.flows.plugins import PARSERS
from closedbook.flows.prompts import Prompt
from closedbook.flows.spec import AskSpec, ParseSpec
from closedbook.models.chat import ChatRequest, Sampling
from closedbook.records import Completion, Message

STOPPED = {"content_filter": "stopped by a content filter", "tool_calls": "asked for a tool"}
"""Reasons of replies without text, which asking for another form cannot mend."""
HIDDEN = "@"
"""Begins the names of columns that only steps see: conversations that go on."""


@dataclass(frozen=True, slots=True)
class AskStep:
    """One prompt, asked `spec.samples` times per row. `continues` and `keeps` are hidden columns:
    of the conversation before, and of this one if another step goes on with it ("": none).
    `first` samples were asked for in earlier rounds."""

    name: str
    spec: AskSpec
    prompt: Prompt
    form: Form
    continues: str = ""
    keeps: str = ""
    when: Condition | None = None
    first: int = 0

    @property
    def branches(self) -> int:
        return self.spec.samples

    async def run(self, row: Row, branch: int, ask: Ask, /) -> Sequence[Child]:
        if self.when and not self.when.holds(row.columns):
            return [self._nothing_asked(row)] if branch == 0 else []
        messages = self._messages(row, branch)
        completion = await ask(self._request(messages, branch), self.spec.model)
        try:
            children = self._read(completion)
        except ParseError as problem:
            again = self._repair(messages, completion, problem)
            completion = await ask(self._request(again, branch), self.spec.model)
            children = self._read_at_last(completion)
        more = self._more(messages, completion)
        if not more:
            return children
        return [child if isinstance(child, Dropped) else {**child, **more} for child in children]

    def _nothing_asked(self, row: Row) -> Child:
        read = self.spec.parse.columns if self.spec.parse else (str(self.spec.into),)
        empty = dict.fromkeys((*read, *self._kept()), "")
        # Who goes on with this conversation goes on with the one before it.
        before = row.columns.get(self.continues, "[]")
        return {**empty, self.keeps: before} if self.keeps else empty

    def _kept(self) -> tuple[str, ...]:
        return ("reasoning",) if self.spec.reasoning == "keep" else ()

    def _messages(self, row: Row, branch: int) -> tuple[Message, ...]:
        numbers = {"sample": self.first + branch + 1, "samples": self.first + self.spec.samples}
        turns = self.prompt.render({**row.columns, **numbers})
        if not self.continues:
            return turns
        before = orjson.loads(row.columns[self.continues])
        return (*(Message(role, content) for role, content in before), *turns)

    def _request(self, messages: tuple[Message, ...], branch: int) -> ChatRequest:
        sampling = Sampling(self.spec.temperature, self.spec.top_p, self.spec.max_tokens)
        return ChatRequest(messages, sampling, self.first + branch, self.spec.thinking)

    def _repair(
        self, messages: tuple[Message, ...], completion: Completion, problem: ParseError
    ) -> tuple[Message, ...]:
        # Chat templates refuse an empty turn.
        reply = completion.text or "(no reply)"
        wish = self.form.repair(problem)
        return (*messages, Message("assistant", reply), Message("user", wish))

    def _read(self, completion: Completion) -> Sequence[Child]:
        """Raises ParseError for a formless reply that was not cut off."""
        truncated, raw = _is_truncated(completion), completion.text or completion.reasoning
        if not completion.text and (truncated or completion.finish_reason in STOPPED):
            return [Dropped(STOPPED.get(completion.finish_reason, "truncated"), raw=raw)]
        try:
            return self.form.read(completion.text, truncated=truncated)
        except ParseError:
            if truncated:
                return [Dropped("truncated", raw=raw)]
            raise

    def _read_at_last(self, completion: Completion) -> Sequence[Child]:
        try:
            return self._read(completion)
        except ParseError as problem:
            return [Dropped(problem.message, problem.hint, completion.text)]

    def _more(self, messages: tuple[Message, ...], completion: Completion) -> dict[str, str]:
        """Columns beside those that were read."""
        more = dict.fromkeys(self._kept(), completion.reasoning)
        if self.keeps:
            turns = [[message.role, message.content] for message in messages]
            said = [*turns, ["assistant", completion.text]]
            more[self.keeps] = orjson.dumps(said).decode()
        return more


def _is_truncated(completion: Completion) -> bool:
    """Cut off by the token limit or a filter, or while still thinking."""
    return completion.finish_reason in ("length", "content_filter") or bool(
        completion.reasoning and not completion.text
    )


def build(spec: AskSpec, site: Site) -> AskStep | None:
    """The step, if it can be made; what is wrong is reported to `site`."""
    available = {*site.columns, "sample", "samples"}
    when = site.condition(spec.when, "when") if spec.when else None
    _make_columns(spec, site)
    if spec.model not in site.building.given.roles:
        site.unknown("model", spec.model, site.building.given.roles, "model")
    elif spec.reasoning == "keep" and spec.model in site.building.given.thoughtless:
        hint = f"name a {spec.model} that thinks, or leave out reasoning: keep"
        site.report(f"the {spec.model} never thinks: nothing to keep", "reasoning", hint=hint)
    before = _continued(spec, site)
    prompt = site.prompt(spec.prompt)
    form = _form(spec, site)
    if prompt is None:
        # Later asks may still continue this one.
        site.building.asks[site.name] = ()
        return None
    site.building.problems.extend(prompt.problems(available, site.label))
    if spec.continues and any(turn.role == "system" for turn in prompt.turns):
        hint = "the system turn stands at the beginning of the conversation"
        site.report("a prompt that continues another has no ## system", "prompt", hint=hint)
    site.building.asks[site.name] = (*before, prompt)
    # A prompt before that could not be read may hold what is missing here.
    if spec.parse and (before or not spec.continues):
        _check_asked_for(spec.parse, "\n".join(_texts((*before, prompt))), site)
    keeps = f"{HIDDEN}{site.name}" if site.name in site.building.continued else ""
    continues = f"{HIDDEN}{spec.continues}" if spec.continues else ""
    return AskStep(site.label, spec, prompt, form, continues, keeps, when) if form else None


def _make_columns(spec: AskSpec, site: Site) -> None:
    if spec.into:
        site.make(spec.into, "into")
    if spec.parse:
        key = "tags" if spec.parse.tags else "json" if spec.parse.json_keys else "makes"
        for place, column in enumerate(spec.parse.columns):
            site.make(column, "parse", key, place)
    if spec.reasoning == "keep":
        site.make("reasoning", "reasoning")


def _continued(spec: AskSpec, site: Site) -> tuple[Prompt, ...]:
    """The prompts of the conversation so far."""
    asks = site.building.asks
    if spec.continues and spec.continues not in asks:
        site.unknown("ask before this one is named", spec.continues, asks, "continues")
    return asks.get(spec.continues or "", ())


def _form(spec: AskSpec, site: Site) -> Form | None:
    if spec.parse is None:
        return Whole(str(spec.into))
    if spec.parse.parser is None:
        return Structured(spec.parse)
    function = site.function(PARSERS, spec.parse.parser, "parse", "parser")
    return Own(function, spec.parse.makes) if function else None


def _texts(prompts: Sequence[Prompt]) -> Iterator[str]:
    return (turn.source for prompt in prompts for turn in prompt.turns)


def _check_asked_for(parse: ParseSpec, prompt: str, site: Site) -> None:
    """What is read from a reply must be asked for in the prompt."""
    hint = "say in the prompt what the reply shall look like"
    for place, tag in enumerate(parse.tags):
        if not re.search(rf"\[{tag.replace('_', '[_ ]')}\]", prompt, re.IGNORECASE):
            site.report(f"the prompt never says [{tag.upper()}]", "parse", "tags", place, hint=hint)
    if parse.json_keys and "json" not in prompt.lower():
        site.report("the prompt never says JSON", "parse", "json", hint=hint)
    for place, key in enumerate(parse.json_keys):
        if not _says(key, prompt):
            site.report(f"the prompt never names {key!r}", "parse", "json", place, hint=hint)
    for column, choices in parse.choices.items():
        for place, choice in enumerate(choices):
            if not _says(choice, prompt):
                message = f"the prompt never mentions the choice {choice!r}"
                site.report(message, "parse", "choices", column, place, hint=hint)


def _says(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
