"""Blocks are read in sequence, each for itself; nothing is shifted, nothing lost silently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.engine import Dropped
from closedbook.flows.parsing import form_of, parse_blocks, says_nothing

PAIR = ("question", "answer")
WORDS = st.text(st.sampled_from("abc XY?.*-\n"), min_size=1).filter(
    lambda text: text.strip(" *.\n")
)


def block(question: str, answer: str) -> str:
    return f"[QUESTION] {question}\n[ANSWER] {answer}\n[END]\n"


@pytest.mark.parametrize(
    "text",
    [
        "[QUESTION] q [ANSWER] a [END]",
        "[QUESTION]\nq\n\n[ANSWER]\na\n[END]\n",
        "Sure! Here it is:\n\n**[QUESTION]** q\n**[ANSWER]**: a\n**[END]**\nAnything else?",
        "[Question]: q\n[answer]: a",
        "`[QUESTION]` q `[ANSWER]` a `[END]`",
    ],
)
def test_a_block_is_found_in_every_usual_dress(text: str) -> None:
    assert parse_blocks(text, PAIR) == [{"question": "q", "answer": "a"}]


def test_emphasis_of_the_text_itself_stays() -> None:
    text = "[QUESTION] **why?**[ANSWER] *so*[END]"
    assert parse_blocks(text, PAIR) == [{"question": "**why?**", "answer": "*so*"}]


def test_a_missing_part_costs_its_own_block_only() -> None:
    text = block("q1", "a1") + "[QUESTION] q2\n[END]\n[ANSWER] a3 [END]" + block("q4", "a4")
    first, second, third, fourth = parse_blocks(text, PAIR)
    assert first == {"question": "q1", "answer": "a1"}
    assert second == Dropped("a part is missing", "no [ANSWER]", "[QUESTION] q2")
    assert third == Dropped("a part is missing", "no [QUESTION]", "[ANSWER] a3")
    assert fourth == {"question": "q4", "answer": "a4"}


def test_an_end_may_be_forgotten() -> None:
    text = "[QUESTION] q1 [ANSWER] a1 [QUESTION] q2 [QUESTION] q3 [ANSWER] a3"
    first, second, third = parse_blocks(text, PAIR)
    assert (first, third) == (
        {"question": "q1", "answer": "a1"},
        {"question": "q3", "answer": "a3"},
    )
    assert isinstance(second, Dropped)


def test_the_block_in_which_a_reply_was_cut_off_is_dropped() -> None:
    text = block("q1", "a1") + "[QUESTION] q2 [ANSWER] half an ans"
    whole, cut = parse_blocks(text, PAIR, truncated=True)
    assert whole == {"question": "q1", "answer": "a1"}
    assert cut == Dropped(
        "truncated", "the reply ended within this block", "[QUESTION] q2 [ANSWER] half an ans"
    )
    assert parse_blocks(block("q", "a"), PAIR, truncated=True) == [{"question": "q", "answer": "a"}]


def test_an_optional_part_may_be_missing_or_empty() -> None:
    tags, optional = (*PAIR, "evidence"), ("evidence",)
    text = block("q1", "a1") + "[QUESTION] q2 [ANSWER] a2 [EVIDENCE]\n[END]" + "[ANSWER] a3 [END]"
    first, second, third = parse_blocks(text, tags, optional=optional)
    assert first == {"question": "q1", "answer": "a1", "evidence": ""}
    assert second == {"question": "q2", "answer": "a2", "evidence": ""}
    assert third == Dropped("a part is missing", "no [QUESTION]", "[ANSWER] a3")


@pytest.mark.parametrize("text", ["[NOTHING]", " **[nothing]**.\n", "`[NOTHING]`"])
def test_nothing_is_understood(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["", "nothing", "[NOTHING] but the truth", "[END]"])
def test_nothing_must_be_said_plainly(text: str) -> None:
    assert not says_nothing(text)


def test_tags_of_several_words_and_their_form() -> None:
    assert form_of(("question", "wrong_1")) == "[QUESTION] ...\n[WRONG_1] ...\n[END]"
    text = "[QUESTION] q [WRONG 1] w [END]"
    assert parse_blocks(text, ("question", "wrong_1")) == [{"question": "q", "wrong_1": "w"}]


@given(st.lists(st.tuples(WORDS, WORDS), max_size=6), WORDS)
def test_all_pairs_written_are_read_whatever_is_between(
    pairs: list[tuple[str, str]], chatter: str
) -> None:
    text = chatter + chatter.join(block(question, answer) for question, answer in pairs)
    read = parse_blocks(text, PAIR)
    assert [tuple(child.values()) for child in read if not isinstance(child, Dropped)] == [
        (question.strip(), answer.strip()) for question, answer in pairs
    ]


@given(
    st.lists(
        st.sampled_from(["[QUESTION]", "[ANSWER]", "[END]", "**", "\n", " text 1 ", " text 2 "])
    ),
    st.booleans(),
)
def test_any_reply_gives_whole_blocks_or_reasons(parts: list[str], truncated: bool) -> None:
    text = "".join(parts)
    for child in parse_blocks(text, PAIR, truncated=truncated):
        if isinstance(child, Dropped):
            assert child.reason
            assert child.raw in text
        else:
            assert tuple(child) == PAIR
            assert all(child.values())
            # The parts stand in the text in this order: they were not taken from two blocks.
            start = text.index(child["question"])
            assert child["answer"] in text[start:]


@given(st.lists(st.sampled_from(["q", "a", "e"]), max_size=12))
def test_no_answer_goes_to_another_question(kinds: list[str]) -> None:
    """Every part is numbered by the last question before it: numbers within a block agree."""
    number, text = 0, ""
    for kind in kinds:
        number += kind == "q"
        text += {"q": f"[QUESTION] {number}\n", "a": f"[ANSWER] {number}\n", "e": "[END]\n"}[kind]
    for child in parse_blocks(text, PAIR):
        if not isinstance(child, Dropped):
            assert child["question"] == child["answer"]


def test_an_answer_that_is_no_verdict_stays_as_it_was_written() -> None:
    (child,) = parse_blocks(block("Is it far?", "No."), PAIR)
    assert child == {"question": "Is it far?", "answer": "No."}
