"""The rehearsal teacher and the prompts of the shipped recipes: each form is answered in its form,
from the prompt alone."""

from __future__ import annotations

import json

import anyio
import pytest

from closedbook.engine import Dropped
from closedbook.flows.library.steps.listing import items
from closedbook.flows.parsing import parse_blocks
from closedbook.flows.places import LIBRARY
from closedbook.flows.prompts import load_prompt
from closedbook.flows.spec import SOURCE_COLUMNS
from closedbook.models.chat import ChatRequest
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Completion, Message

DOCUMENT = """\
Orr Mill is a flour mill in Lisk. It was founded in 1921 by Ada Ore, a chemist. The mill employs 40
people and sells flour to Velm. In 1950 it was bought by Tal Vere. Every autumn the harvest from
Brennick is blessed in its yard.
"""
GIVEN = {
    **dict.fromkeys(SOURCE_COLUMNS, ""),
    "document": DOCUMENT,
    "title": "Orr Mill",
    "outline": "Orr Mill",
    "passage": "Orr Mill was founded by Ada Ore. Its founder lived in Lisk.",
    "fact": "Orr Mill was founded by Ada Ore.",
    "scope": "title",
    "organisation": "",
    "sample": 1,
    "samples": 5,
    "question": "Who founded Orr Mill?",
    "answer": "Ada Ore",
    "strategy": "Timeline. Tell everything in the order of time.",
}


def ask(messages: tuple[Message, ...], *, thinking: bool | None = None) -> Completion:
    return anyio.run(RehearsalTeacher().complete, ChatRequest(messages, thinking=thinking))


def prompted(name: str, **columns: object) -> str:
    prompt = load_prompt(LIBRARY / "prompts" / f"{name}.md")
    return ask(prompt.render({**GIVEN, **columns})).text


def read(name: str, *tags: str, **columns: object) -> list[dict[str, str]]:
    blocks = parse_blocks(prompted(name, **columns), tags)
    assert blocks
    assert not [block for block in blocks if isinstance(block, Dropped)]
    return [dict(block) for block in blocks if not isinstance(block, Dropped)]


def test_pairs_are_of_the_passage_alone() -> None:
    pairs = read("knowledge_qa", "question", "answer")
    assert {pair["answer"] for pair in pairs} == {"Ada Ore", "Lisk"}
    questions = read("questions", "question")
    assert [pair["question"] for pair in pairs] == [asked["question"] for asked in questions]


def test_an_example_changes_nothing_that_is_asked() -> None:
    example = {
        "icl_document": "Exam Hall is a hall in Tarn. It was built in 1800.",
        "icl_question_1": "When was Exam Hall built?",
        "icl_answer_1": "1800",
    }
    assert prompted("knowledge_qa", **example) == prompted("knowledge_qa")
    assert prompted("questions", **example) == prompted("questions")


@pytest.mark.parametrize(
    ("scope", "opening"), [("title", 'About "The Mills": '), ("organisation", "At Orr Works: ")]
)
def test_questions_name_their_source_as_they_are_told(scope: str, opening: str) -> None:
    naming = {"scope": scope, "organisation": "Orr Works", "outline": "The Mills"}
    plain = read("questions", "question", scope="none")
    named = read("questions", "question", **naming)
    assert [row["question"] for row in named] == [opening + row["question"] for row in plain]
    answered = read("answer", "answer", question=named[0]["question"])
    assert answered == read("answer", "answer", question=plain[0]["question"])


def test_one_fact_is_asked_both_ways_and_said_again() -> None:
    pairs = read("fact_questions", "question", "answer")
    assert [pair["answer"] for pair in pairs] == ["Ada Ore"] * 3 + ["Orr Mill"] * 2
    assert len({pair["question"] for pair in pairs}) == 5
    texts = [row["text"] for row in read("restate_fact", "text")]
    assert len(set(texts)) == 5
    assert all("Orr Mill" in text and "Ada Ore" in text for text in texts)


def test_every_view_tells_the_facts() -> None:
    summary, facts = prompted("detailed_summary"), items(prompted("atomic_facts"))
    assert len(facts) > 6
    for value in ("1921", "Ada Ore", "40", "Tal Vere", "Brennick"):
        assert value in summary
        assert any(value in fact for fact in facts)
    for sentence in prompted("extractive_summary").split(". "):
        assert sentence.rstrip(".") in " ".join(DOCUMENT.split())


def test_strategies_are_proposed_and_carried_out() -> None:
    strategies = items(prompted("study_strategies"))
    assert len(set(strategies)) == len(strategies) > 1
    told = prompted("apply_strategy")
    assert told.startswith("This is about Orr Mill. ")
    assert told.index("1921") < told.index("1950")
    assert len({prompted("apply_strategy", strategy=text) for text in strategies}) > 1


def test_an_answer_is_reasoned_out_only_where_thinking_is_asked_for() -> None:
    messages = load_prompt(LIBRARY / "prompts/answer.md").render(GIVEN)
    assert ask(messages).reasoning == ask(messages, thinking=False).reasoning == ""
    thought = ask(messages, thinking=True)
    assert thought.text == ask(messages).text == "[ANSWER] Ada Ore\n[END]"
    assert "founded in 1921 by Ada Ore" in thought.reasoning
    assert prompted("answer", question="Who painted the roof?") == "[NOTHING]"


def test_talk_of_a_text_is_taken_out_of_thinking() -> None:
    columns = {
        "draft_reasoning": "The passage says that Ada Ore did. It was her.",
        "draft_answer": "According to the document, Ada Ore.",
        "leaks": '"The passage says"',
    }
    (row,) = read("rewrite_trace", "clean_thinking", "clean_answer", **columns)
    assert row == {"clean_thinking": "Ada Ore did. It was her.", "clean_answer": "Ada Ore."}


VERDICTS = ("claims", "faithful", "relevancy", "self_contained")


@pytest.mark.parametrize(
    ("question", "answer", "verdicts"),
    [
        ("Who founded Orr Mill?", "Ada Ore", "YES 2 1"),
        ("Who founded Orr Mill?", "Mia Lund", "NO 2 1"),
        ("Which bird cannot fly?", "Ada Ore", "YES 0 0"),
        ("What does the document say of 1921?", "Ada Ore", "YES 2 0"),
        ("Who founded Orr Mill?", "I do not know.", "NO 1 1"),
    ],
)
def test_judges_claim_by_claim_and_apart_as_together(
    question: str, answer: str, verdicts: str
) -> None:
    pair = {"question": question, "answer": answer}
    (row,) = read("judge_pair", *VERDICTS, **pair)
    assert " ".join(row[name] for name in VERDICTS[1:]) == verdicts
    supported = (
        row["claims"].startswith("SUPPORTED") and '| "It was founded in 1921' in row["claims"]
    )
    assert supported == (row["faithful"] == "YES")
    (faith,) = read("judge_faithfulness", "claims", "faithfulness_explanation", "faithful", **pair)
    (focus,) = read("judge_relevancy", "relevancy_explanation", "relevancy", **pair)
    assert (faith["claims"], faith["faithful"]) == (row["claims"], row["faithful"])
    assert focus["relevancy"] == row["relevancy"]


@pytest.mark.parametrize(
    ("question", "clear"), [("Who founded Orr Mill?", "1"), ("Who founded it?", "0")]
)
def test_whether_a_question_is_clear_is_judged_without_a_document(
    question: str, clear: str
) -> None:
    tags = ("self_contained_explanation", "self_contained")
    (row,) = read("judge_self_contained", *tags, question=question)
    assert row["self_contained"] == clear


def test_exams_are_answered_with_the_document_and_not_without() -> None:
    options = "A) Tal Vere\nB) Ada Ore\nC) Mia Lund\nD) Odo Krail"
    assert prompted("exam_open_book", options=options) == "[OPEN_BOOK] B\n[END]"
    others = options.replace("Ada Ore", "Piet Lorn")
    assert prompted("exam_open_book", options=others) == "[OPEN_BOOK] NONE\n[END]"
    assert prompted("exam_closed_book", options=options) == "[CLOSED_BOOK] UNKNOWN\n[END]"
    assert prompted("exam_short_open_book") == "[OPEN_BOOK] Ada Ore\n[END]"
    assert prompted("exam_short_closed_book") == "[CLOSED_BOOK] UNKNOWN\n[END]"


def test_short_exams_ask_in_other_words_than_pairs() -> None:
    tags = ("question", "answer", "evidence")
    exam, pairs = read("exam_short", *tags), read("qa", *tags)
    assert {row["answer"] for row in exam} >= {"1921", "Ada Ore", "40"}
    assert not {row["question"] for row in exam} & {row["question"] for row in pairs}


def test_the_chain_of_an_example_ends_in_three_pairs() -> None:
    def turn(name: str) -> tuple[Message, ...]:
        return load_prompt(LIBRARY / "prompts" / f"{name}.md").render(GIVEN)

    talk = turn("icl_draft")
    for name in ("icl_refine", "icl_json", "icl_verify"):
        talk = (*talk, Message("assistant", ask(talk).text), *turn(name))
    assert talk[4].content == talk[2].content, "refining adds nothing to what a rule wrote"
    pairs = json.loads(ask(talk).text)
    assert [pair["kind"] for pair in pairs] == ["fact", "theme", "reasoning"]
    assert ask(talk).text == talk[6].content


def test_an_invented_example_has_nothing_of_the_document() -> None:
    said = prompted("icl_draft_invented")
    for name in ("Orr Mill", "Ada Ore", "Velm", "1921"):
        assert name not in said
