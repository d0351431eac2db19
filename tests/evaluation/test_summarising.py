"""summary.json: what it holds, that it follows from the responses, and what it never holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError, InputError
from closedbook.evaluation import summarise
from closedbook.records import Comparison, Condition, Response, Retrieved
from closedbook.store import read_summary, write_rows

SETTINGS = Evaluate(resamples=1000)
OPTIONS = ("a", "b", "c", "d")


def response(
    arm: str, number: int, *, right: bool, condition: Condition = "closed_book", exam: str = "own"
) -> Response:
    chosen = 1 if right else 2
    return Response(
        exam=exam,
        arm=arm,
        condition=condition,
        question_id=f"q{number}",
        document=f"d{number // 4}",
        question=f"Question {number}?",
        options=OPTIONS,
        answer=1,
        scores=tuple(-0.5 if place == chosen else -2.0 for place in range(4)),
        chosen=chosen,
        correct=right,
        text="b",
        retrieved=(Retrieved("a", "d0"), Retrieved("b", f"d{number // 4}"))
        if condition == "rag" and number % 2
        else (),
    )


def arm(folder: Path, name: str, rows: Sequence[Response]) -> Path:
    path = folder / name / "responses.jsonl"
    write_rows(path, rows)
    return path


@pytest.fixture
def arms(tmp_path: Path) -> dict[str, Path]:
    """40 questions about 10 documents. Right: base 1 of 4, raw 2 of 4, customised 3 of 4, but
    customised loses question 0, which base knew."""
    known = {"base": 1, "raw": 2, "customised": 3}
    return {
        name: arm(
            tmp_path,
            name,
            [
                response(
                    name,
                    number,
                    right=number % 4 < right and not (name == "customised" and number == 0),
                    condition=condition,
                )
                for condition in ("closed_book", "rag")
                for number in range(40)
            ],
        )
        for name, right in known.items()
    }


def summary_of(arms: Mapping[str, Path], out: Path, *, reviewed: bool = True) -> dict[str, Any]:
    summarise(arms, SETTINGS, out, reviewed=reviewed)
    content: dict[str, Any] = json.loads((out / "summary.json").read_bytes())
    return content


def test_results_follow_from_the_responses(arms: dict[str, Path], tmp_path: Path) -> None:
    content = summary_of(arms, tmp_path)
    assert content["version"] == 1
    shares = {(r["arm"], r["condition"]): r["accuracy"] for r in content["results"]}
    assert shares["base", "closed_book"] == 0.25
    assert shares["raw", "rag"] == 0.5
    assert shares["customised", "closed_book"] == 29 / 40
    for result in content["results"]:
        assert (result["exam"], result["n"], result["documents"]) == ("own", 40, 10)
        assert result["chance"] == 0.25
        assert result["interval"][0] < result["accuracy"] < result["interval"][1]


def test_retrieval_is_judged_by_the_right_document(arms: dict[str, Path], tmp_path: Path) -> None:
    results = summary_of(arms, tmp_path)["results"]
    assert {r["condition"]: r.get("retrieved_right") for r in results} == {
        "closed_book": None,
        "rag": 0.5,
    }


def test_planned_comparisons_and_no_others(arms: dict[str, Path], tmp_path: Path) -> None:
    content = summary_of(arms, tmp_path)
    planned = {(c["condition"], c["arm"], c["against"]) for c in content["comparisons"]}
    assert planned == {
        ("closed_book", "raw", "base"),
        ("rag", "raw", "base"),
        ("closed_book", "customised", "base"),
        ("rag", "customised", "base"),
        ("closed_book", "customised", "raw"),
    }


def test_a_comparison_counts_flips_and_gains(arms: dict[str, Path], tmp_path: Path) -> None:
    found = next(
        c
        for c in summary_of(arms, tmp_path)["comparisons"]
        if (c["condition"], c["arm"], c["against"]) == ("closed_book", "customised", "base")
    )
    assert (found["gained"], found["lost"], found["n"]) == (20, 1, 40)
    assert found["difference"] == pytest.approx(19 / 40)
    assert found["relative"] == pytest.approx(19 / 10)
    assert found["interval"][0] < found["difference"] <= found["interval"][1]
    assert found["p"] <= found["p_holm"] <= 5 * found["p"]


def test_an_unreviewed_exam_has_no_accuracy_anywhere(arms: dict[str, Path], tmp_path: Path) -> None:
    content = summary_of(arms, tmp_path, reviewed=False)
    assert content["reviewed"] is False
    assert content["comparisons"] == []
    assert {(r["arm"], r["n"]) for r in content["results"]} == {
        ("base", 40),
        ("raw", 40),
        ("customised", 40),
    }
    for result in content["results"]:
        assert not {"accuracy", "interval", "method"} & result.keys()
    assert content["checked"][0] == (
        "own: 40 questions about 10 documents, answered by 3 arms (closed book, RAG): "
        "240 responses."
    )


def test_it_reads_back_typed(arms: dict[str, Path], tmp_path: Path) -> None:
    content = summary_of(arms, tmp_path)
    summary = read_summary(tmp_path / "summary.json")
    assert len(summary.results) == len(content["results"])
    assert isinstance(summary.comparisons[0], Comparison)
    assert list(summary.comparisons[0].interval) == content["comparisons"][0]["interval"]


def test_the_same_responses_give_the_same_bytes(arms: dict[str, Path], tmp_path: Path) -> None:
    summary_of(arms, tmp_path / "one")
    summary_of(arms, tmp_path / "two")
    one, two = ((tmp_path / name / "summary.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_reference_without_a_right_answer_has_no_relative_gain(tmp_path: Path) -> None:
    arms = {
        name: arm(tmp_path, name, [response(name, n, right=name != "base") for n in range(8)])
        for name in ("base", "customised")
    }
    assert "relative" not in summary_of(arms, tmp_path)["comparisons"][0]
    assert read_summary(tmp_path / "summary.json").comparisons[0].relative is None


def test_arms_that_sat_different_exams_are_refused(tmp_path: Path) -> None:
    arms = {
        name: arm(tmp_path, name, [response(name, n, right=True) for n in range(count)])
        for name, count in (("base", 8), ("customised", 7))
    }
    with pytest.raises(EvaluationError, match="did not answer the same questions"):
        summarise(arms, SETTINGS, tmp_path)


def test_a_question_answered_twice_is_refused(tmp_path: Path) -> None:
    row = response("base", 1, right=True)
    with pytest.raises(EvaluationError, match="answered twice"):
        summarise({"base": arm(tmp_path, "base", [row, row])}, SETTINGS, tmp_path)


def test_a_response_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    edited = replace(response("base", 1, right=True), correct=False)
    path = arm(tmp_path, "base", [edited])
    with pytest.raises(EvaluationError, match="contradicts itself"):
        summarise({"base": path}, SETTINGS, tmp_path)


def test_a_summary_that_is_missing_or_of_another_version_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no summary"):
        read_summary(tmp_path / "summary.json")
    file = tmp_path / "summary.json"
    empty = {"reviewed": True, "results": [], "comparisons": [], "checked": []}
    file.write_text(json.dumps({"version": 2, **empty}), encoding="utf-8")
    with pytest.raises(InputError, match="version 2, not 1"):
        read_summary(file)
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="not a summary"):
        read_summary(file)
