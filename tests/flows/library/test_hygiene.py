"""Thinking that is kept speaks of no unseen text and bears its answer out."""

from __future__ import annotations

import pytest

from closedbook.errors import StepError
from closedbook.flows.library.steps.hygiene import clean_trace, find_leaks

DOCUMENT = "Ada Ore founded Orr Mill in 1921. She signed the document in Velm."
QUESTION = "Who founded Orr Mill, and when?"
ANSWER = "Ada Ore founded Orr Mill in 1921."
THINKING = (
    "Orr Mill began with a chemist. Ada Ore set it up in 1921. So the answer is Ada Ore, 1921."
)


def row(**columns: str) -> dict[str, str]:
    return {
        "document": DOCUMENT,
        "question": QUESTION,
        "draft_reasoning": THINKING,
        "draft_answer": ANSWER,
        "clean_thinking": "",
        "clean_answer": "",
        **columns,
    }


@pytest.mark.parametrize(
    ("said", "leak"),
    [
        ("The passage says that she did.", "The passage says"),
        ("According to the reference she did.", "According to the reference"),
        ("As stated in the provided text, she did.", "stated in the provided text"),
        ("The document above is clear.", "The document above"),
        ("Let me look at the article.", "look at the article"),
        ("Let me re-read\nthe excerpt.", "re-read the excerpt"),
        ("The given context doesn't tell.", "The given context doesn't"),
        ("This passage is short.", "This passage"),
        ("Based on the document, she did.", "Based on the document"),
        ("The texts mention her.", "The texts mention"),
        ("The source states it.", "The source states"),
        ("Based on the given information she did.", "the given information"),
        ("I was given a passage.", "given a passage"),
        ("It is in paragraph two.", "in paragraph two"),
    ],
)
def test_talk_of_an_unseen_text_is_found(said: str, leak: str) -> None:
    assert find_leaks(row(draft_reasoning=f"{THINKING} {said}"))["leaks"] == f'"{leak}"'
    assert leak in find_leaks(row(draft_answer=f"{ANSWER} {said}"))["leaks"]


@pytest.mark.parametrize(
    "said",
    [
        "She was the assistant of a documentary writer.",
        "She signed the document in Velm.",
        "In the context of 1921 that was bold.",
        "The text of the treaty was lost.",
        "A passage led to the yard.",
        "A reference from Velm helped her.",
        "The source of the Ketter lies near.",
        "Thus the mill came late.",
    ],
)
def test_other_talk_is_left_alone(said: str) -> None:
    thinking = f"{THINKING} {said}"
    found = find_leaks(row(draft_reasoning=thinking))
    assert found == {"leaks": ""}
    assert clean_trace(row(draft_reasoning=thinking)) == {"reasoning": thinking, "answer": ANSWER}


def test_a_rewriting_takes_the_place_of_what_leaked() -> None:
    leaking = row(draft_reasoning=f"The text says: {THINKING}")
    assert find_leaks(leaking)["leaks"]
    mended = clean_trace({**leaking, "clean_thinking": THINKING, "clean_answer": ANSWER})
    assert mended == {"reasoning": THINKING, "answer": ANSWER}


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"draft_reasoning": " "}, "no thinking came with the answer"),
        ({"draft_reasoning": "Hm. Let me think."}, "the thinking does not hold the answer"),
        ({"draft_answer": "Ada Ore in 1922."}, "the thinking does not hold the answer"),
        ({"draft_answer": "Tal Vere and Mia Lund of Brennick."}, "does not hold the answer"),
        (
            {"draft_reasoning": "Ada Ore or Tal Vere? My conclusion must be Tal Vere.",
             "draft_answer": "It was Ada Ore."},
            "the thinking concludes otherwise",
        ),
        (
            {"question": "Did Ada Ore found it?", "draft_answer": "Yes, Ada Ore did.",
             "draft_reasoning": "Was it Ada Ore? I doubt it. The answer is no."},
            "the thinking concludes otherwise",
        ),
        ({"draft_reasoning": "Ada Ore or Tal Vere, in 1921? Therefore, it was Tal Vere."},
         "the thinking concludes otherwise"),
        ({"draft_reasoning": "Ada Ore or Tal Vere? Final answer: Tal Vere, 1921."},
         "the thinking concludes otherwise"),
    ],
)  # fmt: skip
def test_thinking_that_does_not_bear_the_answer_out_is_refused(
    columns: dict[str, str], problem: str
) -> None:
    for check in (find_leaks, clean_trace):
        with pytest.raises(StepError, match=problem):
            check(row(**columns))


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"clean_thinking": f"This text again. {THINKING}"}, "speaks of a text"),
        ({"clean_answer": "Ada Ore founded Orr Mill."}, "the rewriting changed the answer"),
        ({"clean_thinking": "I recall it well."}, "the thinking does not hold the answer"),
    ],
)
def test_a_rewriting_is_held_to_the_same(columns: dict[str, str], problem: str) -> None:
    leaking = row(draft_reasoning=f"The text says: {THINKING}")
    with pytest.raises(StepError, match=problem):
        clean_trace({**leaking, "clean_thinking": THINKING, "clean_answer": ANSWER, **columns})


def test_only_the_last_conclusion_counts() -> None:
    thinking = f"At first I think the answer is Tal Vere. No: {THINKING}"
    assert clean_trace(row(draft_reasoning=thinking))["answer"] == ANSWER
