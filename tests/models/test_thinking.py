"""Thinking never reaches the answer, and the answer never the thinking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.models.thinking import split_thinking

PLAIN = st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"])).map(str.strip)


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("just an answer", "", "just an answer"),
        ("<think>hm</think>\n\nyes", "hm", "yes"),
        ("<THINK>hm</Think> yes", "hm", "yes"),
        ("hm, well</think>\nyes", "hm, well", "yes"),
        ("<think>a</think>one<think>b</think>two", "a\nb", "one\ntwo"),
        ("<think>a</think>b</think>yes", "a\nb", "yes"),
        ("<think></think>yes", "", "yes"),
        ("<think>a <think> b</think>yes", "a\nb", "yes"),
        ("<think>cut off", "cut off", ""),
        ("an answer<think>and then", "an answer\nand then", ""),
        ("<think>hm</think>[THINK] opens it", "hm", "[THINK] opens it"),
        ("<think>is it [/THINK]?</think>yes", "is it [/THINK]?", "yes"),
        ("<think>hm</think><reasoning>so</reasoning>", "hm", "<reasoning>so</reasoning>"),
        ("", "", ""),
    ],
)
def test_thinking_is_told_from_the_answer(text: str, reasoning: str, answer: str) -> None:
    assert split_thinking(text) == (reasoning, answer)


@given(PLAIN, PLAIN)
def test_any_thinking_and_any_answer_come_apart_as_they_were(thought: str, answer: str) -> None:
    assert split_thinking(f"<think>{thought}</think>{answer}") == (thought, answer)


@given(PLAIN, st.lists(st.sampled_from(["<think>", "</think>", "x ", "y"])))
def test_no_tag_is_left_in_either_part(start: str, parts: list[str]) -> None:
    for part in split_thinking(start + "".join(parts)):
        assert "think>" not in part
