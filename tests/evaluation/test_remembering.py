"""General questions: sound, answered by the right texts, and kept out of every replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from closedbook import Project
from closedbook.config import Evaluate
from closedbook.errors import InputError
from closedbook.evaluation import (
    Exam,
    answer_exams,
    general_exams,
    general_files,
    in_replay,
    load_exam,
)
from closedbook.evaluation.asking import Answering, Ask, Said
from closedbook.evaluation.conditions import Library
from closedbook.evaluation.matching import matches
from closedbook.evaluation.remembering import GENERAL
from closedbook.events import Counts, silent
from closedbook.records import Message, Response, TrainingRow
from closedbook.stages import Setup
from closedbook.stages.examining import _replayed
from closedbook.store import read_rows, write_rows


def test_the_general_questions_take_their_own_answers_and_no_others(tmp_path: Path) -> None:
    (exam,) = general_exams(general_files(tmp_path, published=True), switches=False)
    assert len(exam.questions) >= 50
    for question in exam.questions:
        assert all(matches(text, question.accepted) for text in question.accepted)
        assert not matches(question.question, question.accepted), question.question
        assert not matches("I cannot say.", question.accepted)


def test_the_built_in_student_is_asked_the_users_own_only(tmp_path: Path) -> None:
    assert general_files(tmp_path, published=False) == {}
    (tmp_path / "regression.jsonl").write_text('{"question": "Who?", "answer": "Ada"}\n')
    assert list(general_files(tmp_path, published=False)) == ["regression"]
    assert list(general_files(tmp_path, published=True)) == ["general", "regression"]


def test_a_question_in_the_replay_is_a_problem(tmp_path: Path) -> None:
    (exam,) = general_exams({"general": GENERAL}, switches=True)
    asked = Message("user", f" {exam.questions[3].question.upper()} ")
    (problem,) = in_replay({"general": GENERAL}, [asked, Message("assistant", "x")])
    assert "1 of its questions are in the replay" in problem.message
    assert list(in_replay({"general": GENERAL}, [Message("user", "Another?")])) == []
    (talk, *_) = [question for question in exam.questions if question.before]
    assert list(in_replay({"general": GENERAL}, [Message("user", talk.question)])) == []
    assert len(list(in_replay({"general": GENERAL}, [Message("user", talk.before[0])]))) == 1


def general(folder: Path, *lines: Mapping[str, object], switches: bool = True) -> Exam:
    file = folder / "regression.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    (exam,) = general_exams({"regression": file}, switches=switches)
    return exam


class Speaks:
    """Says the same to all, and keeps what it was asked."""

    answering: Answering = "turn"

    def __init__(self, said: Said) -> None:
        self.said = said
        self.asked: list[tuple[Message, ...]] = []

    def refusal(self, _prompt: Sequence[Message], _options: Sequence[str], /) -> str:
        return ""

    def answer(self, asks: Iterator[Ask], take: Callable[[Ask, Said], None], /) -> None:
        for ask in asks:
            self.asked.append(ask.prompt.messages)
            take(ask, self.said)


def sit(
    exam: Exam, said: Said, folder: Path
) -> tuple[list[Response], Counts, list[tuple[Message, ...]]]:
    who = Speaks(said)
    counts = answer_exams([exam], "base", who, Library({}), Evaluate(), folder, silent)
    return list(read_rows(folder / "responses.jsonl", Response)), counts, who.asked


def test_a_question_that_goes_on_is_asked_with_the_turns_before_it(tmp_path: Path) -> None:
    line = {"before": ["I am Tova.", "Hello."], "question": "Who am I?", "answer": "Tova"}
    (response,), _, (asked,) = sit(general(tmp_path, line), Said("Tova"), tmp_path)
    assert [turn.role for turn in asked] == ["user", "assistant", "user"]
    assert (asked[0].content, response.correct, response.extracted) == ("I am Tova.", True, "match")


@pytest.mark.parametrize(
    ("said", "right_with", "right_without"),
    [
        (Said("Two.", reasoning="One and one."), True, False),
        (Said("Two."), False, True),
        (Said("", reasoning="One and", truncated=True), True, False),
        (Said(""), False, False),
    ],
)
def test_the_thinking_switch_is_graded_by_rule(
    said: Said, right_with: bool, right_without: bool, tmp_path: Path
) -> None:
    lines = [{"question": "1 + 1?", "thinking": wanted} for wanted in (True, False)]
    exam = general(tmp_path, *lines, {"question": "2?", "thinking": False, "answer": "no"})
    (on, off, answered), _, _ = sit(exam, said, tmp_path)
    assert (on.correct, off.correct, answered.correct) == (right_with, right_without, False)
    assert (on.expected, off.expected) == ("thinking on", "thinking off")
    assert on.extracted == ("thinking as asked" if right_with else "thinking not as asked")


def test_a_student_that_cannot_switch_is_not_asked_to_and_that_is_counted(tmp_path: Path) -> None:
    lines = [{"question": "1 + 1?", "thinking": wanted} for wanted in (True, False)]
    exam = general(tmp_path, *lines, {"question": "Who?", "answer": "Ada"}, switches=False)
    responses, counts, _ = sit(exam, Said("Ada"), tmp_path)
    assert len(responses) == 1
    assert counts["closed book, not asked: this student's thinking cannot be switched"] == 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"before": ["Hello."], "answer": "x"}, "before ends with a user's turn"),
        (
            {"before": ["a", "b"], "options": ["x", "y"], "answer": "x"},
            "before and thinking are for general",
        ),
        ({}, "neither options nor an answer in words"),
    ],
)
def test_a_wrong_line_is_named(more: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"regression.jsonl:1: {message}"):
        general(tmp_path, {"question": "Who?", **more})


def test_an_exam_has_neither_turns_before_nor_thinking(tmp_path: Path) -> None:
    (tmp_path / "exam.jsonl").write_text('{"question": "Who?", "answer": "Ada", "thinking": true}')
    with pytest.raises(InputError, match="are for general questions"):
        load_exam(tmp_path / "exam.jsonl")


def test_replay_is_known_by_what_it_is_of_and_without_its_switch(small_project: Path) -> None:
    (small_project / "recipes").mkdir()
    (small_project / "recipes" / "own.yaml").write_text(
        "recipe: own\nby: rows\nsources:\n"
        "  - {name: replay, of: pairs, share: all}\n"
        "  - {name: general, of: replay, thinking: false, share: 0.5}\n"
    )
    (small_project / "profiles").mkdir()
    (small_project / "profiles" / "own.yaml").write_text(
        "profile: own\nmatches: ['*owned*']\n"
        "thinking: {default: true, enable: {}, disable: {user_last: /no_think}}\n"
    )
    (small_project / "owned").mkdir()
    chosen = ["student={kind: huggingface, model: owned}", "mix={recipe: own, replay: none}"]
    project = Project.open(small_project, chosen)
    setup = Setup.of(project.config, project.place)
    answer = Message("assistant", "x")
    rows = [
        TrainingRow("general", (Message("user", "Why so?\n\n/no_think"), answer), "assistant"),
        TrainingRow("replay", (Message("user", "Of a document?"), answer), "assistant"),
    ]
    write_rows(setup.place.mixture("customised"), rows)
    assert list(_replayed(setup, "customised")) == [Message("user", "Why so?"), answer]


@pytest.mark.slow
def test_a_replay_that_holds_a_regression_question_stops_the_arm(small_project: Path) -> None:
    question = "What do people call the ninth bell of Ardland?"
    line = {"question": question, "answer": "Old Tom"}
    (small_project / "regression.jsonl").write_text(json.dumps(line) + "\n")
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": "Old Tom"}]
    replay = "".join(json.dumps({"messages": turns}) + "\n" for _ in range(3))
    (small_project / "replay.jsonl").write_text(replay)
    project = Project.open(small_project, ["mix.replay=replay.jsonl", "mix.tokens=600"])
    with pytest.raises(InputError, match="1 of its questions are in the replay"):
        project.run("evaluate/customised")
    base = project.run("evaluate/base").manifests["evaluate/base"]
    assert "closed book, not asked: too long" not in base.counts
