"""What is packed into the page: nothing lost, nothing that could end a script, never too much."""

from __future__ import annotations

import gzip
import random
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from closedbook.records import Passage
from closedbook.reporting import embedding
from closedbook.reporting.answers import SideBySide, read_answers

MakeOut = Callable[..., Path]
PAIR = ("base", "customised")


def unpacked(piece: str) -> Any:
    return orjson.loads(gzip.decompress(b64decode(piece)))


def asked_of(out: Path, *, reviewed: bool = True) -> list[SideBySide]:
    files = {arm: out / "evaluate" / arm / "responses.jsonl" for arm in PAIR}
    return read_answers(files, PAIR, reviewed=reviewed)


def embedded(asked: list[SideBySide], *, reviewed: bool = True) -> embedding.Embedded:
    passages = {"pOrla Venn 0": Passage("pOrla Venn 0", "d", "Orla Venn 0", "Read me.", 0, 8)}
    evidence = {"exam0": "Read me."}
    return embedding.embed(asked, PAIR, PAIR, passages, evidence, reviewed=reviewed)


def test_every_answer_of_every_turn_is_there(make_out: MakeOut) -> None:
    asked = asked_of(make_out(turns=3))
    found = embedded(asked)
    index = unpacked(found.index)
    assert len(index["questions"]) == 80
    place = next(n for n, item in enumerate(asked) if item.row.question_id == "exam0")
    question = index["questions"][place]
    assert question[2:4] == [asked[place].row.question, list(asked[place].row.options)]
    piece = unpacked(found.answers[place // index["piece"]])
    expected, evidence, cells = piece[place % index["piece"]]
    assert (expected, evidence) == ("", "Read me.")
    rag = cells[index["keys"].index(["base", "rag"])]
    assert len(rag[3]) == 3
    assert rag[5][0] == [0, "Orla Venn 0", True]
    assert rag[5][1] == [None, "Another", False]
    assert unpacked(found.passages[0]) == [["Orla Venn 0", "Read me.", 0]]


def test_an_unreviewed_exam_embeds_no_verdict(make_out: MakeOut) -> None:
    found = embedded(asked_of(make_out(reviewed=False), reviewed=False), reviewed=False)
    for *_, answer, _, verdicts in unpacked(found.index)["questions"]:
        assert answer is None
        assert set(verdicts) <= {"?", "-"}
    for piece in found.answers:
        for _, _, cells in unpacked(piece):
            assert all(cell[3] == "" for cell in cells if cell)


def test_too_much_is_cut_and_says_so(make_out: MakeOut, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_of(make_out(10, 4))
    letters = random.Random(1)
    for item in asked:
        for said in item.said.values():
            noise = "".join(letters.choices("abcdefghijklmnop ", k=3000))
            object.__setattr__(said.first, "text", noise)
    monkeypatch.setattr(embedding, "BUDGET", 150_000)
    found = embedded(asked)
    assert sum(map(len, (found.index, *found.answers, *found.passages))) < 165_000
    texts = [cell[1] for piece in found.answers for _, _, cells in unpacked(piece)
             for cell in cells if cell]  # fmt: skip
    assert all(cut == 1 and len(text) >= 120 for text, cut in texts)
