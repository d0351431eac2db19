"""Makes the rehearsal student: tokenizer, base, replay and retention exam (`make rehearsal-base`).

The base is pretrained on other fictional worlds than any user's. A few *known* worlds come again
and again, so that the base can answer closed book and has facts to forget. An endless stream of
*fresh* worlds comes with questions about the text at hand, so that reading is learned and not
memorised. Questions and answers are the rehearsal teacher's; the exam's wording occurs nowhere.

Half of every known world's documents go into the replay; the retention exam asks about the other
half, which no later training shows again.

Deterministic in SEED on one machine, and bound by TOKENS: about 15 minutes of one core.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
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

from closedbook.models.rehearsal import questions, read_facts
from closedbook.records import Message, TrainingRow
from closedbook.rehearsal import Entity, world_from
from closedbook.rehearsal.names import Coiner
from closedbook.store.rows import write_rows
from closedbook.students import REHEARSAL_STUDENT, ask_messages, study_messages
from closedbook.students.encode import IGNORED, Encoded, encode, encode_prompt, render
from closedbook.students.student import Student
from closedbook.training.batching import plan_steps
from closedbook.training.loop import Loop, Schedule
from muon import Muon

SEED = 0
STEPS = 3600
BATCH_TOKENS = 2048
LEARNING_RATE = 3e-3
MAX_LENGTH = 1024
KNOWN_WORLDS = 3
KNOWN_SHARE = 0.3
PARAGRAPHS_UNTIL = 0.25
PAIRS_FROM = 0.4
COPYING_SHARE = 0.4
BLURRED_SHARE = 0.3
_COMMON = (
    "who whom whose what when where which how many much in on at of by to for from with the a an"
    " is was are were did does do has have had and or that this it"
)
COMMON = frozenset(_COMMON.split())
AHEAD = 8
RETENTION_QUESTIONS = 320
VOCABULARY = 2048
SPECIAL = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
# The space before the content makes a value's first token the same in an answer and in a text.
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|> {{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One fact as the teacher asks it; `evidence` is the sentence that tells it."""

    wordings: tuple[str, ...]
    answer: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document and what the teacher can ask about it."""

    entity: Entity
    facts: tuple[Asked, ...]

    @classmethod
    def read(cls, entity: Entity) -> Lesson:
        told = [
            Asked(wordings, fact.value, fact.evidence)
            for fact in read_facts(entity.article, entity.name)
            if fact.subject == entity.name
            and (fact.person or fact.form != "class")
            and (wordings := questions(fact))
        ]
        return cls(entity, tuple(told))


def lessons(key: str) -> list[Lesson]:
    """The readable documents of one world."""
    read = [Lesson.read(entity) for entity in world_from(key).entities]
    return [lesson for lesson in read if lesson.facts]


def document_row(lesson: Lesson, source: str = "documents") -> TrainingRow:
    return TrainingRow(source, study_messages(lesson.entity.name, lesson.entity.article))


def question_row(question: str, answer: str, passages: list[str], source: str) -> TrainingRow:
    return TrainingRow(source, (*ask_messages(question, passages), Message("assistant", answer)))


def copying_row(text: str) -> TrainingRow:
    """The task that teaches a transformer soonest to look back in its context."""
    return TrainingRow("copying", question_row("Repeat.", text, [text], "").messages, "all")


def worded(fact: Asked, name: str, random: Random) -> str:
    """One of the teacher's wordings; for a share of them, as it reads to somebody who does not know
    its words: coined ones stand for all but the name and the commonest. What the question word, the
    name and the text leave possible is then the best answer, as with any new wording."""
    question = random.choice(fact.wordings)
    if random.random() >= BLURRED_SHARE:
        return question
    coiner = Coiner(random)
    before, _, after = question.partition(name)
    parts = [
        " ".join(
            word if word.lower() in COMMON else coiner.place().lower() for word in part.split()
        )
        for part in (before, after.rstrip("?."))
    ]
    return f"{parts[0]} {name} {parts[1]}".strip() + random.choice("?.:")


def reading_row(
    asked: Sequence[tuple[str, Asked]], passages: list[str], random: Random
) -> TrainingRow:
    """One conversation of questions (name, fact) about passages that are shown at its beginning."""
    messages: list[Message] = []
    for name, fact in asked:
        shown = [] if messages else random.sample(passages, len(passages))
        messages += question_row(worded(fact, name, random), fact.answer, shown, "").messages
    return TrainingRow("reading", tuple(messages), "all")


def paragraph_rows(lesson: Lesson, random: Random) -> Iterator[TrainingRow]:
    """Each paragraph alone, to be repeated or to be asked about."""
    for paragraph in lesson.entity.article.strip().split("\n\n")[1:]:
        facts = [fact for fact in lesson.facts if fact.evidence in paragraph]
        if random.random() < COPYING_SHARE:
            yield copying_row(paragraph)
        elif facts:
            asked = [(lesson.entity.name, fact) for fact in random.sample(facts, len(facts))]
            yield reading_row(asked, [paragraph], random)


def fresh_rows(first: int, random: Random, done: float) -> Iterator[TrainingRow]:
    """One fresh world: paragraphs at first, then documents alone, then two of a kind at a time,
    asked about by turns. `done` is the share of the training that is over."""
    here = lessons(f"base/fresh/{first}")
    random.shuffle(here)
    for lesson in here:
        if done < PARAGRAPHS_UNTIL:
            yield from paragraph_rows(lesson, random)
            continue
        shown = [lesson]
        if done > PAIRS_FROM and random.random() < 0.7:
            kin = [other for other in here if other.entity.kind == lesson.entity.kind]
            shown += [other for other in random.sample(kin, 1) if other is not lesson]
        asked = [(one.entity.name, fact) for one in shown for fact in one.facts]
        turns = random.choice((1, 4, 8))
        passages = [one.entity.article for one in shown]
        yield reading_row(random.sample(asked, min(turns, len(asked))), passages, random)


def known_rows(known: list[Lesson], random: Random) -> Iterator[TrainingRow]:
    """Every known document once, and each of its facts asked twice, closed book."""
    for lesson in known:
        yield document_row(lesson)
        for fact in lesson.facts * 2:
            question = worded(fact, lesson.entity.name, random)
            yield question_row(question, fact.answer, [], "qa")


def replay_rows(lesson: Lesson, random: Random) -> Iterator[TrainingRow]:
    """What later training repeats of a known document: text, questions, questions with it."""
    yield document_row(lesson, "replay")
    for fact in lesson.facts:
        for question in random.sample(fact.wordings, min(3, len(fact.wordings))):
            yield question_row(question, fact.answer, [], "replay")
        question = random.choice(fact.wordings)
        yield question_row(question, fact.answer, [lesson.entity.article], "replay")


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
    return [after_first_prompt(_tokenizers[0], row.messages) for row in rows]


def after_first_prompt(
    tokenizer: PreTrainedTokenizerBase, messages: tuple[Message, ...]
) -> Encoded:
    """Everything is learned but the passages and the first question: a fresh world's names cannot
    be foreseen where they first stand, only where they come again."""
    ids = tuple(tokenizer(render(tokenizer, messages), add_special_tokens=False)["input_ids"])
    prompt = len(encode_prompt(tokenizer, messages[:1]))
    return Encoded(ids, (IGNORED,) * prompt + ids[prompt:])


def _endless(known: list[Lesson], random: Random) -> Iterator[TrainingRow]:
    while True:
        rows = list(known_rows(known, random))
        random.shuffle(rows)
        yield from rows


def pretrain(student: Student, known: list[Lesson], steps: int, out: Path) -> None:
    """Take `steps` steps, saving now and then."""
    pad = int(student.tokenizer.pad_token_id or 0)
    loop = Loop(student.model, Muon(student.model), Schedule(LEARNING_RATE, 100, steps), pad)
    student.model.train()
    tokens, began, losses = 0, monotonic(), []
    for batch in batches(student.tokenizer, known, steps):
        result = loop.take(batch)
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
    options = parser.parse_args()
    torch.manual_seed(SEED)
    random = Random(f"replay/{SEED}")
    known = [lesson for i in range(KNOWN_WORLDS) for lesson in lessons(f"base/known/{i}")]
    repeated, retained = split(known)
    replay = [row for lesson in repeated for row in replay_rows(lesson, random)]
    taught = {(lesson.entity.name, fact.answer) for lesson in retained for fact in lesson.facts}
    kept = [
        question
        for number in range(KNOWN_WORLDS)
        for question in world_from(f"base/known/{number}").exam
        if (question.document, question.options[question.answer]) in taught
    ]
    write_rows(options.out / "replay.jsonl", replay)
    write_rows(options.out / "retention.jsonl", random.sample(kept, RETENTION_QUESTIONS))
    tokenizer = make_tokenizer(texts_for_tokenizer(40))
    pretrain(Student(make_model(tokenizer), tokenizer), known, options.steps, options.out)


def split(known: list[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """Documents that are replayed, and documents that are only examined."""
    return known[::2], known[1::2]


if __name__ == "__main__":
    main()
