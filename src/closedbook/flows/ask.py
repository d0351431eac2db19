"""The step `ask`: prompt the model, read its reply, one row per block.

Knows prompts and the form of replies; not where answers come from. Every reply ends as rows or as
Dropped children that keep its text; a formless one is asked for once more before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Dropped, Row
from closedbook.flows.parsing import form_of, parse_blocks, says_nothing
from closedbook.flows.prompts import Prompt
from closedbook.flows.spec import AskSpec
from closedbook.models.chat import ChatRequest, Sampling
from closedbook.records import Completion, Message

REPAIR = """\
That reply does not have the form asked for. Give it again in exactly this form, without any other \
text:

{form}

If there is nothing to give, reply with this alone: [NOTHING]"""
ONLY_ONE = "Give one block only."


@dataclass(frozen=True, slots=True)
class AskStep:
    """One prompt, asked `spec.samples` times per row."""

    name: str
    spec: AskSpec
    prompt: Prompt

    @property
    def branches(self) -> int:
        return self.spec.samples

    async def run(self, row: Row, branch: int, ask: Ask, /) -> Sequence[Child]:
        numbers = {"sample": branch + 1, "samples": self.spec.samples}
        messages = self.prompt.render({**row.columns, **numbers})
        completion = await ask(self._request(messages, branch))
        blocks = self._blocks(completion)
        if self._is_formless(completion, blocks):
            completion = await ask(self._request(self._repair(messages, completion), branch))
            blocks = self._blocks(completion)
        children = self._children(completion, blocks)
        if self.spec.reasoning == "drop":
            return children
        return [
            child if isinstance(child, Dropped) else {**child, "reasoning": completion.reasoning}
            for child in children
        ]

    def _request(self, messages: tuple[Message, ...], sample: int) -> ChatRequest:
        sampling = Sampling(self.spec.temperature, self.spec.top_p, self.spec.max_tokens)
        return ChatRequest(messages, sampling, sample)

    def _blocks(self, completion: Completion) -> list[Child]:
        parse = self.spec.parse
        if not parse.tags:
            return []
        verdicts, truncated = parse.blocks == "one", _is_truncated(completion)
        return parse_blocks(completion.text, parse.tags, truncated=truncated, verdicts=verdicts)

    def _is_formless(self, completion: Completion, blocks: Sequence[Child]) -> bool:
        parse = self.spec.parse
        if not parse.tags or _is_truncated(completion) or says_nothing(completion.text):
            return False
        return not blocks or (parse.blocks == "one" and len(blocks) > 1)

    def _repair(self, messages: tuple[Message, ...], completion: Completion) -> tuple[Message, ...]:
        parse = self.spec.parse
        wish = REPAIR.format(form=form_of(parse.tags))
        wish = f"{wish}\n{ONLY_ONE}" if parse.blocks == "one" else wish
        # Chat templates refuse an empty turn.
        reply = completion.text or "(no reply)"
        return (*messages, Message("assistant", reply), Message("user", wish))

    def _children(self, completion: Completion, blocks: list[Child]) -> list[Child]:
        parse, text, truncated = self.spec.parse, completion.text, _is_truncated(completion)
        raw = text or completion.reasoning
        if parse.into is not None:
            if truncated or not text:
                return [Dropped("truncated" if truncated else "empty reply", raw=raw)]
            return [{parse.into: text}]
        if says_nothing(text):
            return [Dropped("nothing offered", raw=raw)]
        if parse.blocks == "one" and len(blocks) > 1:
            return [Dropped("more than one block", raw=raw)]
        if not blocks:
            return [Dropped("truncated" if truncated else "not in the form asked for", raw=raw)]
        return blocks


def _is_truncated(completion: Completion) -> bool:
    """Cut off by the token limit, or while still thinking."""
    return completion.finish_reason == "length" or bool(
        completion.reasoning and not completion.text
    )
