"""JSON in every dress a model gives it; what cannot be read is a reason, never another's answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.engine import Dropped
from closedbook.flows.parsing import parse_objects

PAIR = ("question", "answer")
ONE = {"question": "q", "answer": "a"}
TWO = [ONE, {"question": "q2", "answer": "a2"}]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (json.dumps(ONE), [ONE]),
        (json.dumps(TWO), TWO),
        (json.dumps(TWO, indent=2), TWO),
        (f"```json\n{json.dumps(TWO)}\n```", TWO),
        (f"Here it is [1]:\n\n```\n{json.dumps(TWO, indent=1)}\n```\nDone {{really}}.", TWO),
        (f"Sure! {json.dumps(ONE)} Anything else?", [ONE]),
        (f"{json.dumps(TWO[0])}\n{json.dumps(TWO[1])}\n", TWO),
        (json.dumps({"pairs": TWO}), TWO),
        ('[{"Question": "q", "ANSWER": "a", "topic": "x"}]', [ONE]),
        ('[{"question": "q", "answer": "a",}, {"question": "q2", "answer": "a2"}]', TWO),
        ("[{'question': 'q', 'answer': 'a'}]", [ONE]),
        ('{"question": "q", "answer": "a"', [ONE]),
        ('[{"question": "q", "answer": ["a", 2]}]', [{"question": "q", "answer": "a\n2"}]),
        ('[{"question": "q", "answer": 0.5}]', [{"question": "q", "answer": "0.5"}]),
        ('[{"question": "q", "answer": {"x": 1}}]', [{"question": "q", "answer": '{"x": 1}'}]),
        ('[{"question": "a\nb", "answer": "a"}]', [{"question": "a\nb", "answer": "a"}]),
        ("[]", []),
        ("```json\n[]\n```", []),
    ],
)
def test_objects_are_found_in_every_usual_dress(text: str, rows: object) -> None:
    assert parse_objects(text, PAIR) == rows


@pytest.mark.parametrize("text", ["", "I would rather not.", "[1, 2]", '{"else": 1}', "{", "[["])
def test_a_reply_without_such_objects_is_formless(text: str) -> None:
    assert parse_objects(text, PAIR) is None


def test_a_missing_answer_in_the_middle_costs_its_own_object_only() -> None:
    text = json.dumps([TWO[0], {"question": "lost"}, {"question": "x", "answer": None}, TWO[1]])
    found = parse_objects(text, PAIR)
    assert found is not None
    first, second, third, fourth = found
    assert (first, fourth) == (TWO[0], TWO[1])
    assert [c.reason for c in (second, third) if isinstance(c, Dropped)] == [
        "a part is missing"
    ] * 2
    assert parse_objects('{"question": "q"}', PAIR, optional=("answer",)) == [
        {"question": "q", "answer": ""}
    ]


def test_a_list_that_was_cut_off_keeps_its_whole_objects() -> None:
    text = json.dumps(TWO)[:-20]
    found = parse_objects(text, PAIR, truncated=True)
    assert found is not None
    whole, cut = found
    assert whole == ONE
    assert isinstance(cut, Dropped)
    assert cut.reason == "truncated"
    assert parse_objects(json.dumps(TWO)[:-1], PAIR, truncated=True) == TWO


def test_quotation_marks_within_a_text_are_mended() -> None:
    text = (
        '[{"question": "q", "answer": "He said "no" and left."}, {"question": "r", "answer": "s"}]'
    )
    found = parse_objects(text, PAIR)
    assert found is not None
    assert found[-1] == {"question": "r", "answer": "s"}
    assert len(found) == 2


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), st.booleans())
def test_all_pairs_written_are_read(pairs: list[tuple[str, str]], fenced: bool) -> None:
    rows = [{"question": question.strip(), "answer": answer.strip()} for question, answer in pairs]
    text = json.dumps(rows)
    assert parse_objects(f"```json\n{text}\n```" if fenced else text, PAIR) == rows


@given(st.lists(st.sampled_from(['{"question": "q"', '"answer": "a"}', "[", "]", "{", ",", " x "])))
def test_any_reply_gives_rows_or_reasons(parts: list[str]) -> None:
    for child in parse_objects("".join(parts), PAIR) or []:
        assert isinstance(child, Dropped) or tuple(child) == PAIR
