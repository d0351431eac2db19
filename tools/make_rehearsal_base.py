"""Makes the rehearsal student: tokenizer, base, replay and retention exam (`make rehearsal-base`).

The base is pretrained on other fictional worlds than any user's. A few *known* worlds come again
and again, so that the base can answer closed book and has facts to forget. An endless stream of
*fresh* worlds comes with questions about the text at hand, so that reading is learned and not
memorised. Questions and answers are the rehearsal teacher's; the exam's wording occurs nowhere.

Half of every known world's documents go into the replay. `retention.jsonl` asks about these, in the
exam's words, which no replay row has; `unreplayed.jsonl` about the other half, which no later
training shows again.

Seeded by SEED and bound by STEPS: 15 minutes 31 seconds on two cores that had other work beside it.
A machine that adds up in another order gets other last digits, so a rebuilt base is another one; it
must pass tests/students/test_rehearsal_base.py.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import monotonic

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from closedbook.records import Question, TrainingRow
from closedbook.rehearsal import world_from
from closedbook.store.rows import write_rows
from closedbook.students import REHEARSAL_STUDENT
from closedbook.students.encode import Encoded, encode
from closedbook.students.student import Student
from closedbook.training.batching import plan_steps
from closedbook.training.loop import Loop, Schedule
from muon import Muon
from pretraining_rows import Lesson, fresh_rows, known_rows, lessons, replay_rows

SEED = 0
STEPS = 4400
BATCH_TOKENS = 2048
LEARNING_RATE = 3e-3
MAX_LENGTH = 1024
KNOWN_WORLDS = 3
KNOWN_SHARE = 0.3
AHEAD = 8
RETENTION_QUESTIONS = 240
VOCABULARY = 2048
SPECIAL = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
# The space before the content makes a value's first token the same in an answer and in a text.
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|> {{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def make_tokenizer(texts: Iterator[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE, as large models have it, with a small vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    pad, end, *roles = SPECIAL
    made = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=pad,
        eos_token=end,
        additional_special_tokens=roles,
        model_max_length=MAX_LENGTH,
        clean_up_tokenization_spaces=False,
    )
    made.chat_template = TEMPLATE
    return made


def make_model(tokenizer: PreTrainedTokenizerBase) -> LlamaForCausalLM:
    """Three layers of width 128: 0.85M parameters."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=128,
            intermediate_size=344,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=MAX_LENGTH,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def texts_for_tokenizer(worlds: int) -> Iterator[str]:
    """Articles and questions of worlds that are used for nothing else."""
    random = Random("tokenizer")
    for number in range(worlds):
        for lesson in lessons(f"base/tokenizer/{number}"):
            yield lesson.entity.article
            for fact in lesson.facts:
                yield f" {random.choice(fact.wordings)} {fact.answer}"


def batches(
    tokenizer: PreTrainedTokenizerBase, known: list[Lesson], steps: int
) -> Iterator[list[Encoded]]:
    """What each optimiser step sees: known and fresh rows side by side.

    Fresh worlds are prepared by another process, always AHEAD worlds before they are used.
    """
    random = Random(f"base/{SEED}")
    stream = _endless(known, random)
    encoded = cache(lambda row: encode(tokenizer, row, MAX_LENGTH))
    with ProcessPoolExecutor(1, get_context("spawn"), _remember, (tokenizer,)) as other:
        coming = deque(other.submit(fresh_world, world, 0.0) for world in range(AHEAD))
        taken, world = 0, AHEAD
        while taken < steps:
            rows = coming.popleft().result()
            coming.append(other.submit(fresh_world, world, taken / steps))
            wanted = sum(len(row.ids) for row in rows) * KNOWN_SHARE / (1 - KNOWN_SHARE)
            while wanted > 0:
                rows.append(encoded(next(stream)))
                wanted -= len(rows[-1].ids)
            for step in plan_steps([len(row.ids) for row in rows], BATCH_TOKENS, 1, world):
                yield [rows[index] for index in step]
                taken += 1
            world += 1
        for future in coming:
            future.cancel()


_tokenizers: list[PreTrainedTokenizerBase] = []
"""The tokenizer of the process that prepares worlds."""


def _remember(tokenizer: PreTrainedTokenizerBase) -> None:
    _tokenizers.append(tokenizer)


def fresh_world(world: int, done: float) -> list[Encoded]:
    """The rows of one fresh world, ready to be learned."""
    rows = fresh_rows(world, Random(f"base/{SEED}/{world}"), done)
    return [encode(_tokenizers[0], row, MAX_LENGTH) for row in rows]


def _endless(known: list[Lesson], random: Random) -> Iterator[TrainingRow]:
    while True:
        rows = list(known_rows(known, random))
        random.shuffle(rows)
        yield from rows


def pretrain(student: Student, known: list[Lesson], steps: int, out: Path) -> None:
    """Take `steps` steps, saving now and then."""
    pad = int(student.tokenizer.pad_token_id or 0)
    loop = Loop(student.model, Muon, Schedule(LEARNING_RATE, 100, steps), pad)
    tokens, began, losses = 0, monotonic(), []
    for batch in batches(student.tokenizer, known, steps):
        result = loop.take([batch])
        tokens += result.tokens
        losses.append(result.loss)
        if result.step % 50 == 0 or result.step == steps:
            speed = tokens / (monotonic() - began)
            print(
                f"step {result.step}/{steps}, {tokens / 1e6:.2f}M tokens, {speed:,.0f} tokens/s,"
                f" loss {sum(losses) / len(losses):.3f}",
                flush=True,
            )
            losses = []
        if result.step % 500 == 0 or result.step == steps:
            save(student, out)
        if result.step == steps:
            return


def save(student: Student, out: Path) -> None:
    student.model.save_pretrained(out)
    student.tokenizer.save_pretrained(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(REHEARSAL_STUDENT.where))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--rows-only", action="store_true", help="replay and exams, no training")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    random = Random(f"replay/{SEED}")
    known = [lesson for i in range(KNOWN_WORLDS) for lesson in lessons(f"base/known/{i}")]
    repeated, retained = split(known)
    write_rows(options.out / "replay.jsonl", replay_rows(repeated, random))
    for name, asked in (("retention", repeated), ("unreplayed", retained)):
        exam = random.sample(questions_about(asked), RETENTION_QUESTIONS)
        write_rows(options.out / f"{name}.jsonl", exam)
    if options.rows_only:
        return
    tokenizer = make_tokenizer(texts_for_tokenizer(40))
    pretrain(Student(make_model(tokenizer), tokenizer), known, options.steps, options.out)


def split(known: list[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """Documents that the replay repeats, and documents that it does not."""
    return known[::2], known[1::2]


def questions_about(asked: list[Lesson]) -> list[Question]:
    """The exam's questions about facts that pretraining taught from these documents."""
    taught = {(lesson.entity.name, fact.answer) for lesson in asked for fact in lesson.facts}
    return [
        question
        for number in range(KNOWN_WORLDS)
        for question in world_from(f"base/known/{number}").exam
        if (question.document, question.options[question.answer]) in taught
    ]


if __name__ == "__main__":
    main()
