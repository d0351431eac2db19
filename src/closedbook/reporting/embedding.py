"""Answers packed into the page: compressed JSON in pieces that its script unpacks when shown.

Base64 holds no markup, so nothing a document or model wrote can end the script it stands in.
Invariant: what is embedded stays below BUDGET; longer texts are cut, and say so.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson

from closedbook.records import Passage, Response
from closedbook.reporting.answers import ArmAnswers, Key, SideBySide, conditions_of

Row = TypeVar("Row")

BUDGET = 10_000_000
"""Characters of base64, all pieces together."""
FOR_PASSAGES = 0.35
"""Share of the budget that passages may take."""
PIECE = 64
"""Questions, or passages, in a piece."""
LENGTHS = (20_000, 6000, 2500, 1200, 600, 300, 120)
"""Characters kept of an answer, of its thinking, or of a passage: the first that fits."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Base64 of gzip of JSON. `index` holds what lists and filters need, `answers` PIECE questions
    each, `passages` PIECE passages each."""

    index: str
    answers: tuple[str, ...]
    passages: tuple[str, ...]


def embed(
    asked: Sequence[SideBySide],
    pair: tuple[str, str],
    arms: Sequence[str],
    passages: Mapping[str, Passage],
    evidence: Mapping[str, str],
    *,
    reviewed: bool,
) -> Embedded:
    """Everything the browser of answers shows. `pair` are the arms compared at first; `passages`
    are by id, `evidence` (the sentence an answer rests on) by question id."""
    used = dict.fromkeys(
        part.id
        for item in asked
        for said in item.said.values()
        for part in said.first.retrieved
        if part.id in passages
    )
    numbers = {identity: number for number, identity in enumerate(used)}
    texts = [[passages[identity].title, passages[identity].text] for identity in used]
    shown = _fitting(texts, BUDGET * FOR_PASSAGES, _cut_passages)
    index = _packed(_index(asked, pair, arms, reviewed=reviewed))
    left = BUDGET - len(index) - sum(map(len, shown))
    cut = partial(_cut_answers, _keys(asked, arms), numbers, evidence)
    return Embedded(index, tuple(_fitting(asked, left, cut)), tuple(shown))


def _index(
    asked: Sequence[SideBySide], pair: tuple[str, str], arms: Sequence[str], *, reviewed: bool
) -> dict[str, Any]:
    documents = {
        title: place for place, title in enumerate(dict.fromkeys(a.row.document for a in asked))
    }
    exams = {name: place for place, name in enumerate(dict.fromkeys(a.row.exam for a in asked))}
    keys = _keys(asked, arms)
    return {
        "reviewed": reviewed,
        "piece": PIECE,
        "pair": pair,
        "arms": arms,
        "keys": keys,
        "conditions": conditions_of(asked),
        "exams": list(exams),
        "documents": list(documents),
        "questions": [
            [
                exams[item.row.exam],
                documents[item.row.document],
                item.row.question,
                item.row.options,
                item.answer,
                item.row.hard,
                "".join(_verdict(item.said.get(key)) for key in keys),
            ]
            for item in asked
        ],
    }


def _keys(asked: Sequence[SideBySide], arms: Sequence[str]) -> list[Key]:
    conditions = conditions_of(asked)
    return [(arm, condition) for arm in arms for condition in conditions]


def _verdict(said: ArmAnswers | None) -> str:
    if said is None:
        return "-"
    return "?" if said.right is None else "r" if said.right else "w"


def _fitting(
    rows: Sequence[Row], budget: float, cut: Callable[[Sequence[Row], int], list[list[Any]]]
) -> list[str]:
    """The rows in packed pieces, their texts as long as the budget allows."""
    pieces = [rows[start : start + PIECE] for start in range(0, len(rows), PIECE)]
    # A tenth of the pieces tells how long all would be.
    some = pieces[:: max(1, len(pieces) // 10)]
    share = len(some) / max(1, len(pieces))
    for length in LENGTHS:
        if sum(len(_packed(cut(piece, length))) for piece in some) <= budget * share:
            break
    return [_packed(cut(piece, length)) for piece in pieces]


def _cut_passages(piece: Sequence[Sequence[str]], length: int) -> list[list[Any]]:
    return [[title, *_cut(text, length)] for title, text in piece]


def _cut_answers(
    keys: Sequence[Key],
    numbers: Mapping[str, int],
    evidence: Mapping[str, str],
    piece: Sequence[SideBySide],
    length: int,
) -> list[list[Any]]:
    return [
        [
            item.expected,
            evidence.get(item.row.question_id, ""),
            [_answer(item.said.get(key), numbers, length) for key in keys],
        ]
        for item in piece
    ]


def _answer(said: ArmAnswers | None, numbers: Mapping[str, int], length: int) -> list[Any] | None:
    """Option, [text, cut], [thinking, cut], how each turn came out, remarks, passages."""
    if said is None:
        return None
    row = said.first
    return [
        row.chosen,
        _cut(row.text, length),
        _cut(row.reasoning, length),
        "".join("r" if right else "w" for right in said.turns),
        list(_remarks(row)),
        [[numbers.get(p.id), p.title, p.evidence] for p in row.retrieved],
    ]


def _remarks(row: Response) -> Iterator[str]:
    if row.failed:
        yield f"no answer: {row.failed}"
    elif not row.extracted:
        yield "no option told"
    if row.truncated:
        yield "cut off"
    if row.forced:
        yield "asked once more"


def _cut(text: str, length: int) -> tuple[str, int]:
    """A text and whether it was cut."""
    return (text, 0) if len(text) <= length else (text[:length], 1)


def _packed(value: Any) -> str:
    return b64encode(gzip.compress(orjson.dumps(value), 6, mtime=0)).decode()
