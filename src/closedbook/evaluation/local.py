"""A local student as an examinee: scores by log-likelihood, answers greedily.

Imports torch, so only the stage that asks imports this. Invariant: a prompt it does not refuse fits
the context with every option and with a free answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from closedbook.errors import StepError
from closedbook.evaluation.conditions import TOO_LONG
from closedbook.records import Message, TrainingRow
from closedbook.students import StudentSource
from closedbook.students.answering import generate, score_options
from closedbook.students.encode import encode, encode_prompt
from closedbook.students.student import Student, load_student


@dataclass(frozen=True, slots=True)
class LocalExaminee:
    """`answer_tokens` is the longest free answer."""

    student: Student
    answer_tokens: int

    @classmethod
    def load(cls, source: StudentSource, answer_tokens: int) -> LocalExaminee:
        """The student of a source; raises as `load_student` does."""
        student = load_student(source)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.nn.Module.to(student.model, device)
        return cls(student, answer_tokens)

    def refusal(self, prompt: Sequence[Message], options: Sequence[str]) -> str:
        """TOO_LONG, or why encoding fails ("special token in text", ...), or ""."""
        tokenizer = self.student.tokenizer
        context = int(self.student.model.config.get_text_config().max_position_embeddings)
        if len(encode_prompt(tokenizer, prompt)) + self.answer_tokens > context:
            return TOO_LONG
        # All options in one turn: one encoding shows what cannot be encoded in any of them, and is
        # at least as long as the longest.
        answer = Message("assistant", "\n".join(options))
        try:
            encode(tokenizer, TrainingRow("exam", (*prompt, answer)), context)
        except StepError as error:
            return error.message
        return ""

    def score(
        self, prompts: Sequence[Sequence[Message]], options: Sequence[Sequence[str]]
    ) -> list[tuple[float, ...]]:
        return score_options(self.student, prompts, options)

    def write(self, prompts: Sequence[Sequence[Message]]) -> list[str]:
        return generate(self.student, prompts, self.answer_tokens)
