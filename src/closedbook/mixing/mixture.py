"""The mix stage: a token budget shared among sources, drawn pass by pass.

Within a pass no row occurs twice; a source smaller than its share starts another pass. Token
counts are those of the student's own encoding, exactly what training will see. Same inputs and
seed give identical bytes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from closedbook.config import Mix
from closedbook.errors import InputError, StepError
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.mixing.ingredients import Ingredients
from closedbook.mixing.sources import (
    Pass,
    context_rows,
    document_rows,
    question_rows,
    read_material,
    replay_rows,
    study_rows,
)
from closedbook.mixing.writing import Drawn, write_mixture
from closedbook.records import Rejection, TrainingRow
from closedbook.store import write_json, write_rows
from closedbook.students.encode import encode
from closedbook.students.student import load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(slots=True)
class Share:
    """One source's part of the mixture: what was drawn, in tokens as the student counts them."""

    rows: list[Drawn] = field(default_factory=list)
    tokens: int = 0
    loss_tokens: int = 0
    passes: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def mix(ingredients: Ingredients, settings: Mix, out: Path, emit: Emit) -> Counts:
    """Draw one arm's rows into `out`, with table.json (per source) beside them.

    A share of a source without rows goes to the others in proportion, with a notice. Raises
    InputError if none has any.
    """
    stage = f"mix/{out.name}"
    passes = _passes(ingredients, settings)
    shares = _shares_with_rows(settings, passes, stage, emit)
    tokenizer = load_tokenizer(ingredients.student)
    drawn = {}
    for number, (source, share) in enumerate(shares.items(), start=1):
        generator = random.Random(f"{settings.seed}/{source}")
        budget = round(settings.tokens * share)
        drawn[source] = draw(passes[source], budget, tokenizer, ingredients.max_length, generator)
        emit(StageProgress(stage, number, len(shares), source))
        if not drawn[source].rows:
            emit(Notice(stage, f"no {source} row could be encoded; see rejections.jsonl"))
    return _write(drawn, settings.seed, out)


def _passes(ingredients: Ingredients, settings: Mix) -> dict[str, Pass]:
    material = read_material(
        ingredients.documents,
        ingredients.curated,
        ingredients.passage_characters,
        settings.seed if settings.shuffle_answers else None,
    )
    passes = {
        "qa": question_rows(material),
        "qa_with_context": context_rows(material),
        "study": study_rows(material),
        "documents": document_rows(material),
    }
    if ingredients.replay:
        passes["replay"] = replay_rows(ingredients.replay)
    return passes


def draw(
    one_pass: Pass,
    budget: int,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    generator: random.Random,
) -> Share:
    """Rows worth `budget` tokens, the last one included; rows that do not encode are counted."""
    share = Share()
    while share.tokens < budget:
        before = share.tokens
        for row in one_pass(generator):
            _take(row, share, tokenizer, max_length)
            if share.tokens >= budget:
                break
        share.passes += 1
        if share.tokens == before:
            break
    return share


def _take(
    row: TrainingRow, share: Share, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> None:
    try:
        encoded = encode(tokenizer, row, max_length)
    except StepError as error:
        if share.passes == 0:
            share.refused[error.message] += 1
        return
    share.rows.append((row, encoded))
    share.tokens += len(encoded.ids)
    share.loss_tokens += encoded.loss_tokens


def _shares_with_rows(
    settings: Mix, passes: Mapping[str, Pass], stage: str, emit: Emit
) -> dict[str, float]:
    """The shares of sources that offer anything, scaled to one."""
    wanted = {source: share for source, share in sorted(settings.shares.items()) if share > 0}
    there = {
        source: share
        for source, share in wanted.items()
        if source in passes and next(passes[source](random.Random(0)), None)
    }
    if not there.keys() - {"replay"}:
        raise InputError(
            f"{stage}: nothing to train on: {', '.join(wanted.keys() - {'replay'})} have no rows",
            hint="see out/curate/rejections.jsonl, or change mix.shares",
        )
    for source in wanted.keys() - there.keys():
        emit(Notice(stage, f"no {source} rows: their share goes to the other sources"))
    total = sum(there.values())
    return {source: share / total for source, share in there.items()}


def _write(drawn: Mapping[str, Share], seed: int, out: Path) -> Counts:
    rows = [row for share in drawn.values() for row in share.rows]
    random.Random(seed).shuffle(rows)
    rejections = [
        Rejection("mix", source, reason, source, f"{count} times")
        for source, share in drawn.items()
        for reason, count in sorted(share.refused.items())
    ]
    table = {
        source: {
            "rows": len(share.rows),
            "different_rows": len({row for row, _ in share.rows}),
            "tokens": share.tokens,
            "loss_tokens": share.loss_tokens,
            "passes": share.passes,
            "refused": dict(share.refused),
        }
        for source, share in drawn.items()
    }
    write_mixture(rows, out)
    write_rows(out / "rejections.jsonl", rejections)
    write_json(out / "table.json", table)
    return {
        "rows": len(rows),
        "tokens": sum(share.tokens for share in drawn.values()),
        "loss_tokens": sum(share.loss_tokens for share in drawn.values()),
        "rejected": sum(share.refused.total() for share in drawn.values()),
    }
