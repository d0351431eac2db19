"""The exams of a project: several kinds, splits, digests, and what cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.checks import find_problems
from closedbook.cli.main import app
from closedbook.config import FileExam, QualityExam
from closedbook.errors import InputError
from closedbook.evaluation import load_exams, read_exam, read_exams, sealed_exams, to_choose_by
from closedbook.events import Event
from closedbook.records import Question
from closedbook.store import read_json, read_rows


def own(tmp_path: Path, documents: int = 10, per_document: int = 3) -> FileExam:
    lines = [
        {"document": f"D{d}", "question": f"Which {n}?", "options": ["a", "b"], "answer": 0}
        for d in range(documents)
        for n in range(per_document)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "exam.jsonl").write_text(text, encoding="utf-8")
    return FileExam(kind="file", path="exam.jsonl")


def test_whole_documents_are_set_apart_for_choosing(tmp_path: Path) -> None:
    settings = own(tmp_path).model_copy(update={"choose": 0.2})
    chosen = {q.document for q in read_exam(settings, tmp_path).questions if q.split == "choose"}
    sealed = {q.document for q in read_exam(settings, tmp_path).questions if q.split == "sealed"}
    assert (len(chosen), len(sealed)) == (2, 8)
    other = read_exam(settings.model_copy(update={"seed": 1}), tmp_path)
    assert {q.document for q in other.questions if q.split == "choose"} != chosen


def test_single_questions_can_be_set_apart(tmp_path: Path) -> None:
    settings = own(tmp_path).model_copy(update={"choose": 0.2, "choose_by": "question"})
    assert read_exam(settings, tmp_path).chosen == 6


def test_the_digest_is_of_the_questions_not_of_the_splits(tmp_path: Path) -> None:
    settings = own(tmp_path)
    digest = read_exam(settings, tmp_path).digest
    split = settings.model_copy(update={"choose": 0.5, "frozen": digest})
    assert read_exam(split, tmp_path).digest == digest
    file = tmp_path / "exam.jsonl"
    file.write_text(file.read_text().replace("Which 1?", "Which one?", 1))
    with pytest.raises(InputError, match=f"not {digest} as frozen: a changed exam is a new exam"):
        read_exam(split, tmp_path)


def test_the_stage_leaves_all_exams_with_their_counts(tmp_path: Path) -> None:
    told: list[Event] = []
    other = tmp_path / "other.csv"
    other.write_text("question,answer\nWho?,Ada\n", encoding="utf-8")
    exams = {
        "exam": own(tmp_path).model_copy(update={"choose": 0.2}),
        "other": FileExam(kind="file", path="other.csv"),
    }
    counts = read_exams(exams, tmp_path, tmp_path / "out", told.append)
    assert counts == {"questions": 31, "documents": 10, "choose": 6}
    file = tmp_path / "out" / "exam.jsonl"
    assert [exam.name for exam in sealed_exams(file, ("rag",))] == ["exam", "other"]
    assert [len(exam.questions) for exam in sealed_exams(file, ("rag",))] == [24, 1]
    assert {question.split for question in to_choose_by(read_rows(file, Question))} == {"choose"}
    assert read_json(tmp_path / "out" / "exams.json")["exam"]["sealed"] == 24
    assert "1 questions name no document" in str(told)


def test_one_id_of_two_questions_in_two_exams_is_refused(tmp_path: Path) -> None:
    """What was found and answered is known by it."""
    for name, question in (("one", "Who?"), ("two", "Where?")):
        line = {"id": "q1", "question": question, "answer": "Ada"}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(line))
    exams = {name: FileExam(kind="file", path=f"{name}.jsonl") for name in ("one", "two")}
    with pytest.raises(InputError, match="two: the id 'q1' of another question in one"):
        load_exams(exams, tmp_path)


def test_a_project_with_several_exams_is_checked_and_shown(small_project: Path) -> None:
    config = small_project / "closedbook.yaml"
    text = config.read_text().replace(
        "exam: exam.jsonl", "exam: {kind: file, path: exam.jsonl, choose: 0.34}"
    )
    config.write_text(f"{text}exams:\n  more: more.csv\n")
    (small_project / "more.csv").write_text("question,A,B,answer\nWhich?,x,y,B\n")
    assert find_problems(small_project) == []
    shown = load_exams(Project.open(small_project).config.every_exam, small_project)
    assert {name: len(exam.questions) for name, exam in shown.items()} == {"exam": 4, "more": 1}
    assert Project.open(small_project).run("exam").manifests["exam"].counts["questions"] == 5
    (small_project / "more.csv").write_text("question,A,B,answer\nWhich?,x,y,C\n")
    assert any("more.csv:2" in problem for problem in find_problems(small_project))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("exam: {kind: file, path: none.jsonl}", ":2: no such file"),
        ("exam: {kind: files, path: exam.jsonl}", "'exam' needs a known kind"),
        ("exam: {kind: file, path: exam.jsonl, chose: 1}", "did you mean 'choose'"),
        ("exam: exam.jsonl\nexams: {retention: exam.jsonl}", "'retention' is taken"),
        ("exam: null\nexams: {more: exam.jsonl}", "set exam too"),
    ],
)
def test_what_is_wrong_with_an_exam_is_said_where(
    small_project: Path, change: str, problem: str
) -> None:
    config = small_project / "closedbook.yaml"
    config.write_text(config.read_text().replace("exam: exam.jsonl", change))
    assert any(problem in found for found in find_problems(small_project)), find_problems(
        small_project
    )


def test_a_checkpoint_that_no_question_can_choose_is_told_before_anything_is_asked(
    small_project: Path,
) -> None:
    config = small_project / "closedbook.yaml"
    config.write_text(f"{config.read_text()}train:\n  checkpoint: exam\n")
    (problem,) = find_problems(small_project)
    lines = config.read_text().splitlines()
    assert f"closedbook.yaml:{lines.index('  checkpoint: exam') + 1}: " in problem
    assert "no question with options is marked to choose by" in problem
    assert '"split": "choose"' in problem
    assert "exam.choose" in problem
    with pytest.raises(InputError, match=r"^train.checkpoint is exam, but no question"):
        Project.open(small_project).run()
    assert not (small_project / "out" / "generate").exists()
    exam = "exam={kind: file, path: exam.jsonl, choose: 0.34}"
    assert find_problems(small_project, [exam]) == []


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ("{base: {kind: teacher}}", "'base' is taken"),
        ("{customised: {kind: teacher}}", "'customised' is taken"),
        ("{t: {kind: teacher}}", "no language model"),
        ("{a: {kind: answers, file: none.jsonl}}", "no such file"),
        (
            "{a: {kind: endpoint, base_url: 'http://a', model: m}, "
            "b: {kind: endpoint, base_url: 'http://b', model: m}}",
            "give one a revision",
        ),
        ("{a: {kind: answer}}", "evaluate.models.a' needs a known kind"),
        ("{a: {kind: huggingface}}", "the key 'evaluate.models.a.model' is missing"),
        ("{a: {kind: huggingface, model: ./nix}}", "no such folder"),
    ],
)
def test_what_is_wrong_with_a_model_that_is_asked_is_said(
    small_project: Path, models: str, problem: str
) -> None:
    config = small_project / "closedbook.yaml"
    text = config.read_text().replace("evaluate: {", f"evaluate: {{models: {models}, ")
    config.write_text(text)
    found = find_problems(small_project)
    assert any(problem in line and ":6: " in line for line in found), found


def test_exams_are_shown_and_exported_from_the_command_line(
    small_project: Path, tmp_path: Path
) -> None:
    shown = CliRunner().invoke(app, ["exam", "show", "-p", str(small_project)])
    assert shown.exit_code == 0
    assert "exam: 4 questions about 3 documents (0 choose, 4 sealed, 0 not asked)" in shown.output
    to = ["exam", "export", "--out", str(tmp_path / "task"), "-p", str(small_project)]
    assert "exam.yaml: 4 questions" in CliRunner().invoke(app, to).output
    lines = (tmp_path / "task" / "exam.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["prompt"] == "Which year saw the beginnings of Heron?"
    wrong = CliRunner().invoke(app, [*to, "other"])
    assert wrong.exit_code == 2
    assert "no exam 'other'" in wrong.output
    short = {"document": "Herron", "question": "Who?", "answer": "Ada"}
    with (small_project / "exam.jsonl").open("a") as file:
        file.write(json.dumps(short) + "\n")
    shown = CliRunner().invoke(app, ["exam", "show", "-p", str(small_project)])
    assert "exam: 5 questions (1 with short answers) about 4 documents" in shown.output
    assert "'Herron'; their 1 questions cannot be asked open book" in shown.output
    exported = CliRunner().invoke(app, to).output
    assert "exam.yaml: 4 questions\n1 with short answers left out" in exported


def article(number: int, writer: int, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """A line in the published form, about an article nobody wrote."""
    return {
        "article_id": str(10_000 + number),
        "set_unique_id": f"{10_000 + number}_{writer}",
        "batch_num": "11",
        "writer_id": str(writer),
        "source": "None",
        "title": f"The Lamp {number:02}",
        "author": "Vas, Bea",
        "topic": "lamps",
        "url": "",
        "year": "1931",
        "license": "none",
        "article": f"A lamp stood in room {number}.\n\nIt was lit.",
        "questions": questions,
    }


def asked(identity: str, **changes: Any) -> dict[str, Any]:
    question = {
        "question": f"Where is lamp {identity}?",
        "question_unique_id": identity,
        "options": ["Here", "There", "Nowhere", "Away"],
        "gold_label": 2,
        "writer_label": 2,
        "validation": [],
        "speed_validation": [],
        "difficult": 0,
    }
    return {**question, **changes}


def quality(tmp_path: Path, *lines: dict[str, Any]) -> QualityExam:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "quality.dev").write_text(text, encoding="utf-8")
    return QualityExam(kind="quality", path="quality.dev", choose=0.0)


def test_quality_names_article_and_author_in_the_question(tmp_path: Path) -> None:
    lines = [article(1, 1, [asked("a")]), article(1, 2, [asked("b", difficult=1)])]
    first, second = read_exam(quality(tmp_path, *lines), tmp_path).questions
    assert first.question == (
        'In the context of "The Lamp 01", written by Vas, Bea in 1931, where is lamp a? '
        "There is only one correct choice."
    )
    assert first.question.startswith(first.about)
    assert (first.document, first.right, first.hard) == ("The Lamp 01", "There", False)
    assert second.hard is True


def test_quality_questions_that_cannot_be_asked_are_kept_with_the_reason(tmp_path: Path) -> None:
    told: list[Event] = []
    odd = [
        asked("ok"),
        asked("ok", question="Another?"),
        asked("c", options=["Here", "", "There", "Away"]),
        asked("d", options=["Here", "here ", "There", "Away"]),
        asked("e", gold_label=None),
        asked("f", gold_label=5),
        asked("g", question="  "),
        asked("h", question="Where is lamp ok?"),
    ]
    settings = quality(tmp_path, article(1, 1, odd))
    counts = read_exams({"exam": settings}, tmp_path, tmp_path / "out", told.append)
    assert (counts["questions"], counts["rejected"]) == (1, 7)
    assert len(list(read_rows(tmp_path / "out" / "exam.jsonl", Question))) == 1
    for reason in ("an option is missing", "no gold label", "the id of another question"):
        assert f"1 questions are not asked: {reason}" in str(told)


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    unlabelled = asked("a")
    del unlabelled["gold_label"]
    with pytest.raises(InputError, match="no question with a label"):
        read_exam(quality(tmp_path, article(1, 1, [unlabelled])), tmp_path)


def test_the_first_articles_by_title_are_for_choosing(tmp_path: Path) -> None:
    lines = [article(n, 1, [asked(f"q{n}")]) for n in (9, 3, 5, 1, 7)]
    settings = quality(tmp_path, *lines).model_copy(update={"choose": 0.2})
    questions = read_exam(settings, tmp_path).questions
    assert [q.document for q in questions if q.split == "choose"] == ["The Lamp 01"]


def test_a_subset_by_titles_and_hard_questions_only(tmp_path: Path) -> None:
    lines = [article(n, 1, [asked(f"q{n}"), asked(f"h{n}", difficult=1)]) for n in range(3)]
    settings = quality(tmp_path, *lines)
    some = settings.model_copy(update={"titles": ("the lamp 02",), "hard": True})
    (question,) = read_exam(some, tmp_path).questions
    assert (question.document, question.hard) == ("The Lamp 02", True)
    with pytest.raises(InputError, match="no article 'Defining Decay Down'"):
        read_exam(settings.model_copy(update={"titles": "tutorial"}), tmp_path)


def test_two_articles_of_one_title_are_told_apart(tmp_path: Path) -> None:
    lines = [article(1, 1, [asked("a")]), {**article(1, 1, [asked("b")]), "author": "Lom, Ada"}]
    read = read_exam(quality(tmp_path, *lines), tmp_path)
    titles = {question.document for question in read.questions}
    assert titles == {"The Lamp 01 (Vas, Bea)", "The Lamp 01 (Lom, Ada)"}


def test_the_older_flat_form_is_read_too(tmp_path: Path) -> None:
    flat = {
        "article_id": 7, "unique_id": "7_X", "title": "The Lamp", "author": "Vas, Bea",
        "year": 1931,
        "article": ["<html><head><style>p {}</style></head>", "<p>One.</p><p>Two.</p>"],
        "question1": "Where is it?", "question1option1": "Here", "question1option2": "There",
        "question1_gold_label": 2, "question1_annotator_speed_answers": [1, 1, 2],
        "question2": "Whose is it?", "question2option1": "Ada\'s", "question2option2": "Bea\'s",
        "question2_gold_label": 1, "question2_annotator_speed_answers": [1, 1, 2],
    }  # fmt: skip
    first, second = read_exam(quality(tmp_path, flat), tmp_path).questions
    assert (first.right, first.hard) == ("There", True)
    assert (second.right, second.hard) == ("Ada's", False)


@pytest.mark.parametrize("line", ["{", '{"title": "x"}', "[]"])
def test_a_line_that_is_no_article_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "quality.dev").write_text(line)
    with pytest.raises(InputError, match=r"quality\.dev:1"):
        read_exam(QualityExam(kind="quality", path="quality.dev"), tmp_path)
