"""A local student as an examinee: its options scored by log-likelihood, or its answers written.

Imports torch, so only the stage that asks imports this. Invariants: a prompt it does not refuse
fits the context with every option and with a free answer; what these weights were asked before is
not asked again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import orjson
import torch
from pydantic import TypeAdapter

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError, StepError
from closedbook.evaluation.asking import WHOLE, Answering, Ask, Said
from closedbook.evaluation.conditions import TOO_LONG
from closedbook.evaluation.grading import names_an_option
from closedbook.models.profiles import Profile, Switch
from closedbook.models.resolving import switched
from closedbook.models.thinking import tell_apart
from closedbook.records import Message, TrainingRow
from closedbook.store.said import SaidBefore, said_key
from closedbook.students import LETTERS, StudentSource
from closedbook.students.answering import (
    Written,
    generate,
    prompt_text,
    score_options,
    score_texts,
    text_ids,
    write,
)
from closedbook.students.encode import encode
from closedbook.students.student import Student, load_student

BATCH = 64
"""Asks answered together; also the most that a crash can cost."""
CLOSING, BREAK = "\n</think>\n\n", "\n\n"
ASKED_ONCE_MORE = "Answer:"
"""What is put behind an answer that was cut off, so that only the letter is left to say."""
SPARE_TOKENS = 16
"""What that takes."""
KEY_VERSION = 1
PLAIN = Profile(profile="plain")
_SAID = TypeAdapter(Said)


@dataclass(frozen=True, slots=True)
class LocalExaminee:
    """`identity` tells these weights, and how thinking is told apart, from any other; what they
    said before is in `before`. The profile of their family says how thinking is switched."""

    student: Student
    settings: Evaluate
    identity: str = ""
    before: SaidBefore | None = None
    profile: Profile = PLAIN

    @classmethod
    def load(
        cls,
        source: StudentSource,
        settings: Evaluate,
        *,
        before: SaidBefore | None = None,
        profile: Profile = PLAIN,
    ) -> LocalExaminee:
        """The student of a source; raises as `load_student` does."""
        student = load_student(source)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.nn.Module.to(student.model, device)
        thinking = profile.thinking.model_dump_json()
        identity = f"{source.identity} {thinking}" if before else ""
        return cls(student, settings, identity, before, profile)

    @property
    def answering(self) -> Answering:
        if self.settings.answering is None:
            raise ValueError("answering is None: a Config resolves it for the kind of its student")
        return self.settings.answering

    def refusal(self, prompt: Sequence[Message], options: Sequence[str]) -> str:
        """TOO_LONG, or why encoding fails ("special token in text", ...), or ""."""
        writes = self.answering == "generate" or not options
        room = self._most + SPARE_TOKENS if writes else _free_tokens(self.settings)
        rendered = self._rendered(prompt, self.settings.thinking)
        if len(text_ids(self.student, rendered)) + room > self._context:
            return TOO_LONG
        # All options in one turn: one encoding shows what cannot be encoded in any of them, and is
        # at least as long as the longest.
        answer = Message("assistant", "\n".join(options) or "-")
        try:
            row = TrainingRow("exam", (*prompt, answer))
            encode(self.student.tokenizer, row, self._context)
        except StepError as error:
            return error.message
        return ""

    def answer(self, asks: Iterator[Ask], take: Callable[[Ask, Said], None]) -> None:
        """Hand what is said to each ask to `take`. Raises EvaluationError if a score is not a
        number."""
        while batch := list(islice(asks, BATCH)):
            keys = [self._key(ask) for ask in batch]
            known = self.before.get(keys) if self.before else {}
            new = [place for place, key in enumerate(keys) if key not in known]
            said = dict(zip(new, self._said([batch[place] for place in new]), strict=True))
            if self.before and said:
                self.before.put({keys[n]: orjson.dumps(item) for n, item in said.items()})
            for place, ask in enumerate(batch):
                take(ask, said.get(place) or _SAID.validate_json(known[keys[place]]))

    @property
    def _context(self) -> int:
        """Tokens of prompt and answer together."""
        return int(self.student.model.config.get_text_config().max_position_embeddings)

    @property
    def _most(self) -> int:
        """Tokens of an answer that is graded: half of the context, if that is small."""
        return min(self.settings.written_tokens, self._context // 2)

    def write(self, prompts: Sequence[Sequence[Message]]) -> list[str]:
        """Free answers, for people to read."""
        return generate(self.student, prompts, _free_tokens(self.settings))

    def _key(self, ask: Ask) -> bytes:
        how = self.settings
        asked = [[turn.role, turn.content] for turn in ask.prompt.messages]
        sampled = (how.temperature, how.seed, ask.sample) if how.temperature else ()
        tokens = how.answer_tokens if self._is_scored(ask) else self._most
        manner = (self.answering, tokens, self._thinking(ask), *sampled)
        return said_key(KEY_VERSION, self.identity, manner, asked, ask.prompt.options)

    def _said(self, asks: Sequence[Ask]) -> list[Said]:
        started = time.monotonic()
        scored = iter(self._scored([ask for ask in asks if self._is_scored(ask)]))
        written = iter(self._written([ask for ask in asks if not self._is_scored(ask)]))
        said = [next(scored if self._is_scored(ask) else written) for ask in asks]
        seconds = round((time.monotonic() - started) / max(1, len(asks)), 6)
        return [replace(item, seconds=seconds) for item in said]

    def _is_scored(self, ask: Ask) -> bool:
        return self.answering != "generate" and bool(ask.prompt.options)

    def _scored(self, asks: Sequence[Ask]) -> list[Said]:
        prompts = [ask.prompt.messages for ask in asks]
        options = [ask.prompt.options for ask in asks]
        if self.answering == "turn":
            scores = score_options(self.student, prompts, options)
        else:
            letters = self.answering == "letter"
            texts = [LETTERS[: len(shown)] if letters else shown for shown in options]
            rendered = [self._rendered(prompt, self.settings.thinking) for prompt in prompts]
            scores = score_texts(self.student, rendered, texts)
        if self.answering == "text_normalised":
            scores = [_per_character(*both) for both in zip(scores, options, strict=True)]
        for ask, values in zip(asks, scores, strict=True):
            if any(map(math.isnan, values)):
                raise EvaluationError(
                    f"the score of an option of {ask.prompt.question.question!r} is not a number",
                    hint="the training diverged: lower train.learning_rate",
                )
        writes = self.answering in WHOLE and self.settings.answer_tokens
        free = self.write(prompts) if writes else [""] * len(asks)
        return [Said(text, values) for text, values in zip(free, scores, strict=True)]

    def _written(self, asks: Sequence[Ask]) -> list[Said]:
        how = self.settings
        rendered = [self._rendered(ask.prompt.messages, self._thinking(ask)) for ask in asks]
        ids = [text_ids(self.student, text) for text in rendered]
        seed = how.seed + (asks[0].number if asks else 0)
        answers = write(
            self.student, ids, self._most, temperature=how.temperature or 0.0, seed=seed
        )
        said = [
            self._told_apart(answer, len(prompt), self._thinking(ask))
            for answer, prompt, ask in zip(answers, ids, asks, strict=True)
        ]
        cut = [
            place
            for place, (ask, item) in enumerate(zip(asks, said, strict=True))
            if item.truncated and ask.prompt.options and not names_an_option(ask, item.text)
        ]
        asked = [_once_more(rendered[n], answers[n], said[n]) for n in cut]
        letters = [[f" {letter}" for letter in LETTERS[: len(asks[n].prompt.options)]] for n in cut]
        for place, scores in zip(cut, score_texts(self.student, asked, letters), strict=True):
            best = max(range(len(scores)), key=scores.__getitem__)
            said[place] = replace(said[place], letter=LETTERS[best])
        return said

    def _thinking(self, ask: Ask) -> bool | None:
        """Whether to think: as the question says, else as all are asked."""
        asked = ask.prompt.question.thinking
        return self.settings.thinking if asked is None else asked

    def _told_apart(self, answer: Written, prompted: int, thinking: bool | None) -> Said:
        reasoning, text = tell_apart(
            answer.text, finished=answer.finished, shape=self.profile.thinking, wanted=thinking
        )
        return Said(
            text,
            reasoning=reasoning,
            truncated=not answer.finished,
            prompt_tokens=prompted,
            completion_tokens=answer.tokens,
        )

    def _rendered(self, messages: Sequence[Message], thinking: bool | None) -> str:
        switch = self.profile.thinking.switch(thinking) or Switch()
        more: dict[str, Any] = switch.body.get("chat_template_kwargs", {})
        return prompt_text(self.student, switched(tuple(messages), switch), more)


def _free_tokens(settings: Evaluate) -> int:
    """Of a free answer; where none is written beside scores, a person still gets one."""
    return settings.answer_tokens or Evaluate().answer_tokens


def _once_more(rendered: str, answer: Written, said: Said) -> str:
    """Everything up to where only the letter is missing; thinking without an end gets one."""
    thinks = bool(said.reasoning and not said.text)
    return f"{rendered}{answer.text}{CLOSING if thinks else BREAK}{ASKED_ONCE_MORE}"


def _per_character(scores: Sequence[float], options: Sequence[str]) -> tuple[float, ...]:
    return tuple(score / len(option) for score, option in zip(scores, options, strict=True))
