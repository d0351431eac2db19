"""Asking a student: which option it finds likeliest, and what it writes.

Knows prompts and options, not exams. Scores come from the student's own chat template: an option's
score is how likely the student is to say exactly this and stop, end of turn included. Invariant:
results are in the order of the prompts, whatever the batching.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from closedbook.records import Message, TrainingRow
from closedbook.students.encode import IGNORED, encode, encode_prompt
from closedbook.students.student import Student

Prompt = Sequence[Message]

BATCH_TOKENS = 8192
"""Prompt tokens, padding included, that are computed together."""


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
    scores: list[tuple[float, ...]] = [()] * len(asked)
    for batch in _batches([len(ids) for ids in asked]):
        scored = _score_batch(student, [asked[i] for i in batch], [answers[i] for i in batch])
        for index, values in zip(batch, scored, strict=True):
            scores[index] = values
    return scores


def generate(student: Student, prompts: Sequence[Prompt], max_tokens: int) -> list[str]:
    """The student's own answers, greedily decoded, at most `max_tokens` tokens each."""
    asked = [encode_prompt(student.tokenizer, prompt) for prompt in prompts]
    texts = [""] * len(asked)
    for batch in _batches([len(ids) for ids in asked]):
        written = _write_batch(student, [asked[i] for i in batch], max_tokens)
        for index, text in zip(batch, written, strict=True):
            texts[index] = text
    return texts


def _answer_ids(student: Student, prompt: Prompt, option: str) -> list[int]:
    """The ids of `option` and its end of turn, as they stand in the encoded conversation."""
    row = TrainingRow("exam", (*prompt, Message("assistant", option)))
    encoded = encode(student.tokenizer, row, max_length=2**31)
    return [label for label in encoded.labels if label != IGNORED]


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices grouped by length so that padding is small."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and lengths[index] * (len(batches[-1]) + 1) <= BATCH_TOKENS:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


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
def _write_batch(student: Student, prompts: list[list[int]], max_tokens: int) -> list[str]:
    ids, mask = _left_padded(student, prompts)
    written = student.model.generate(  # type: ignore[operator]
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=max_tokens,
        do_sample=False,
        pad_token_id=_pad_id(student),
    )
    texts = student.tokenizer.batch_decode(written[:, ids.shape[1] :], skip_special_tokens=True)
    return [text.strip() for text in texts]
