"""General questions: sound, answered by the right texts, and kept out of every replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from closedbook import Project
from closedbook.errors import InputError
from closedbook.evaluation import general_exams, general_files, in_replay
from closedbook.evaluation.matching import matches
from closedbook.evaluation.remembering import GENERAL
from closedbook.records import Message, TrainingRow
from closedbook.stages import Setup
from closedbook.stages.examining import _replayed
from closedbook.store import write_rows


def test_the_general_questions_take_their_own_answers_and_no_others(tmp_path: Path) -> None:
    (exam,) = general_exams(general_files(tmp_path, published=True))
    assert len(exam.questions) >= 40
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
    (exam,) = general_exams({"general": GENERAL})
    asked = Message("user", f" {exam.questions[3].question.upper()} ")
    (problem,) = in_replay({"general": GENERAL}, [asked, Message("assistant", "x")])
    assert "1 of its questions are in the replay" in problem.message
    assert list(in_replay({"general": GENERAL}, [Message("user", "Another?")])) == []


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
