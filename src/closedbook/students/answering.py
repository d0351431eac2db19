"""Asking a student: which option it finds likeliest, and what it writes.

Knows prompts and options, not exams. Scores come from the student's own chat template: an option's
score is how likely the student is to say exactly this and stop, end of turn included. Invariant:
results are in the order of the prompts, whatever the batching.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from closedbook.records import Message, TrainingRow
from closedbook.students.batching import batches_alike
from closedbook.students.encode import encode, encode_prompt
from closedbook.students.labelling import IGNORED
from closedbook.students.student import Student

Prompt = Sequence[Message]

BATCH_TOKENS = 8192
"""Prompt tokens, padding included, that are computed together."""


@dataclass(frozen=True, slots=True)
class Written:
    """A free answer: how many tokens it took, and whether it came to an end of its own."""

    text: str
    tokens: int
    finished: bool


def score_options(
    student: Student, prompts: Sequence[Prompt], options: Sequence[Sequence[str]]
) -> list[tuple[float, ...]]:
    """Log-likelihood, in nats, of each option as the whole answer to its prompt.

    A prompt is computed once and its keys and values are shared by its options.
    """
    asked = [encode_prompt(student.tokenizer, prompt) for prompt in prompts]
    answers = [
        [_answer_ids(student, prompt, option) for option in choices]
        for prompt, choices in zip(prompts, options, strict=True)
    ]
    return score_ids(student, asked, answers)


def score_texts(
    student: Student, prompts: Sequence[str], texts: Sequence[Sequence[str]]
) -> list[tuple[float, ...]]:
    """Log-likelihood, in nats, of each text as what follows its rendered prompt, whatever comes
    after: as lm-evaluation-harness computes it, white space at the prompt's end included."""
    asked = [text_ids(student, prompt.rstrip()) for prompt in prompts]
    answers = [
        [text_ids(student, prompt + choice)[len(ids) :] for choice in choices]
        for prompt, choices, ids in zip(prompts, texts, asked, strict=True)
    ]
    return score_ids(student, asked, answers)


def score_ids(
    student: Student, prompts: Sequence[list[int]], answers: Sequence[list[list[int]]]
) -> list[tuple[float, ...]]:
    """Log-likelihood, in nats, of each answer's ids after the ids of its prompt."""
    scores: list[tuple[float, ...]] = [()] * len(prompts)
    for batch in batches_alike([len(ids) for ids in prompts], BATCH_TOKENS):
        scored = _score_batch(student, [prompts[i] for i in batch], [answers[i] for i in batch])
        for index, values in zip(batch, scored, strict=True):
            scores[index] = values
    return scores


def generate(student: Student, prompts: Sequence[Prompt], max_tokens: int) -> list[str]:
    """The student's own answers, greedily decoded, at most `max_tokens` tokens each."""
    asked = [encode_prompt(student.tokenizer, prompt) for prompt in prompts]
    return [written.text for written in write(student, asked, max_tokens)]


def write(
    student: Student,
    prompts: Sequence[list[int]],
    max_tokens: int,
    *,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[Written]:
    """The student's own answers to prompts of ids, greedily decoded at temperature 0. What is drawn
    follows from `seed` and the place of the prompts, so that equal prompts are drawn apart."""
    answers = [Written("", 0, True)] * len(prompts)
    how: dict[str, Any] = {"do_sample": False}
    if temperature:
        how = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
    for batch in batches_alike([len(ids) + max_tokens for ids in prompts], BATCH_TOKENS):
        torch.manual_seed(seed + batch[0])
        ids = [prompts[i] for i in batch]
        for index, answer in zip(batch, _write_batch(student, ids, max_tokens, how), strict=True):
            answers[index] = answer
    return answers


def prompt_text(student: Student, messages: Prompt, more: Mapping[str, Any] | None = None) -> str:
    """The conversation as the chat template writes it, up to where the student's answer begins;
    `more` are variables of the template."""
    turns = [{"role": turn.role, "content": turn.content.strip()} for turn in messages]
    text = student.tokenizer.apply_chat_template(
        turns, tokenize=False, add_generation_prompt=True, **(more or {})
    )
    return str(text)


def text_ids(student: Student, text: str) -> list[int]:
    """The ids of a rendered text, which holds its special tokens itself."""
    ids: list[int] = student.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return ids


def _answer_ids(student: Student, prompt: Prompt, option: str) -> list[int]:
    """The ids of `option` and its end of turn, as they stand in the encoded conversation."""
    row = TrainingRow("exam", (*prompt, Message("assistant", option)))
    encoded = encode(student.tokenizer, row, max_length=2**31)
    return [label for label in encoded.labels if label != IGNORED]


def _left_padded(student: Student, rows: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and attention mask, both (rows, longest), padded on the left."""
    longest = max(map(len, rows))
    pad = _pad_id(student)
    ids = torch.tensor([[pad] * (longest - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    return ids.to(student.model.device), mask.to(student.model.device)


def _pad_id(student: Student) -> int:
    """Padding is masked everywhere, so any id would do where the tokenizer names none."""
    return int(student.tokenizer.pad_token_id or 0)


@torch.inference_mode()
def _score_batch(
    student: Student, prompts: list[list[int]], answers: list[list[list[int]]]
) -> list[tuple[float, ...]]:
    ids, mask = _left_padded(student, prompts)
    read = _forward(student, ids, mask, logits_to_keep=1, use_cache=True)
    owners = [index for index, choices in enumerate(answers) for _ in choices]
    rows = torch.tensor(owners, device=ids.device)
    read.past_key_values.batch_select_indices(rows)
    flat = [choice for choices in answers for choice in choices]
    longest = max(map(len, flat))
    padded = torch.tensor([choice + [IGNORED] * (longest - len(choice)) for choice in flat])
    targets = padded.to(ids.device)
    logits = read.logits[rows]
    if longest > 1:
        inputs = targets[:, :-1].clamp(min=0)
        seen = torch.cat([mask[rows], torch.ones_like(inputs)], dim=1)
        more = _forward(student, inputs, seen, past_key_values=read.past_key_values)
        logits = torch.cat([logits, more.logits], dim=1)
    losses = functional.cross_entropy(
        logits.float().transpose(1, 2), targets, ignore_index=IGNORED, reduction="none"
    )
    values = iter((-losses.sum(dim=1)).tolist())
    return [tuple(next(values) for _ in choices) for choices in answers]


def _forward(student: Student, ids: torch.Tensor, mask: torch.Tensor, **more: Any) -> Any:
    """A forward pass with positions counted from each row's first real token."""
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
    return student.model(input_ids=ids, attention_mask=mask, position_ids=positions, **more)


@torch.inference_mode()
def _write_batch(
    student: Student, prompts: list[list[int]], max_tokens: int, how: Mapping[str, Any]
) -> list[Written]:
    ids, mask = _left_padded(student, prompts)
    written = student.model.generate(  # type: ignore[operator]
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=max_tokens,
        pad_token_id=_pad_id(student),
        **how,
    )
    return [_read(student, row) for row in written[:, ids.shape[1] :].tolist()]


def _read(student: Student, ids: list[int]) -> Written:
    """What was written up to the end of the turn."""
    ends = _ends(student)
    length = next((place for place, token in enumerate(ids) if token in ends), len(ids))
    text = str(student.tokenizer.decode(ids[:length], skip_special_tokens=True))
    return Written(text.strip(), length, length < len(ids))


def _ends(student: Student) -> set[int]:
    """The ids that end a turn: the tokenizer's, and those the model's makers name."""
    named = getattr(student.model.generation_config, "eos_token_id", None)
    listed = named if isinstance(named, list) else [named]
    return {token for token in (*listed, student.tokenizer.eos_token_id) if token is not None}
