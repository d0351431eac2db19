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


def summary_of(arms: Mapping[str, Path], out: Path, *, unreviewed: str = "") -> dict[str, Any]:
    summarise(arms, SETTINGS, out, unreviewed=unreviewed)
    content: dict[str, Any] = json.loads((out / "summary.json").read_bytes())
    return content


def test_results_follow_from_the_responses(arms: dict[str, Path], tmp_path: Path) -> None:
    content = summary_of(arms, tmp_path)
    assert content["version"] == 2
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
    assert found["relative_interval"][0] < found["relative"] < found["relative_interval"][1]
    assert found["mcnemar"] == pytest.approx(2 * 22 / 2**21)
    assert 0.05 < found["detectable"] < 0.3
    assert found["p"] <= found["p_holm"] <= 5 * found["p"]


def test_an_unreviewed_exam_has_no_accuracy_anywhere(arms: dict[str, Path], tmp_path: Path) -> None:
    content = summary_of(arms, tmp_path, unreviewed="nobody has read it")
    assert content["reviewed"] is False
    assert content["checked"][0] == "nobody has read it"
    assert content["comparisons"] == []
    assert {(r["arm"], r["n"]) for r in content["results"]} == {
        ("base", 40),
        ("raw", 40),
        ("customised", 40),
    }
    for result in content["results"]:
        telling = {"accuracy", "interval", "method", "parsed", "hard", "easy"}
        assert not telling & result.keys()
        assert result["letters"] == []
    assert content["checked"][1] == (
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


def test_arms_are_compared_on_the_questions_that_both_answered(tmp_path: Path) -> None:
    arms = {
        name: arm(tmp_path, name, [response(name, n, right=n > 2) for n in numbers])
        for name, numbers in (("base", range(8)), ("customised", range(2, 9)))
    }
    content = summary_of(arms, tmp_path)
    (found,) = content["comparisons"]
    assert (found["n"], found["unpaired"], found["difference"]) == (6, 3, 0)
    (told,) = [line for line in content["checked"] if "customised answered" in line]
    assert told.startswith("own, closed book: customised answered 7 of 9 questions")


def turned(name: str, number: int, chosen: int | None, permutation: int, **told: Any) -> Response:
    """An answer to a question whose options were turned; option 1 is right."""
    row = response(name, number, right=chosen == 1)
    return replace(row, scores=(), chosen=chosen, permutation=permutation, **told)


def test_orders_of_options_are_averaged_and_told_by_letter(tmp_path: Path) -> None:
    """A base that always says A is right once in four orders; option 1 is first shown as B."""
    always_a = [
        turned("base", n, chosen=turn % 4, permutation=turn) for n in range(8) for turn in range(4)
    ]
    knows = [
        turned("customised", n, chosen=1, permutation=turn) for n in range(8) for turn in range(4)
    ]
    arms = {row[0].arm: arm(tmp_path, row[0].arm, row) for row in (always_a, knows)}
    content = summary_of(arms, tmp_path)
    base, customised = content["results"]
    assert (base["n"], base["answers"], base["accuracy"]) == (8, 32, 0.25)
    assert [(x["letter"], x["chosen"], x["accuracy"]) for x in base["letters"]] == [
        ("A", 1.0, 1.0),
        ("B", 0.0, 0.0),
        ("C", 0.0, 0.0),
        ("D", 0.0, 0.0),
    ]
    assert [x["accuracy"] for x in customised["letters"]] == [1.0] * 4
    (gain,) = content["comparisons"]
    assert (gain["gained"], gain["lost"], gain["difference"]) == (8, 0, 0.75)
    assert gain["mcnemar"] == pytest.approx(2 / 2**8)


def test_what_told_no_option_is_wrong_and_counted(tmp_path: Path) -> None:
    rows = [
        *(turned("base", n, 1, 0, extracted="letter") for n in range(6)),
        turned("base", 6, None, 0, extracted="", truncated=True),
        turned("base", 7, None, 0, extracted="", failed="the endpoint gave no answer"),
        turned("base", 8, 2, 0, extracted="letter", forced=True, truncated=True),
    ]
    (found,) = summary_of({"base": arm(tmp_path, "base", rows)}, tmp_path)["results"]
    told = {key: found[key] for key in ("unparsed", "failed", "truncated", "forced")}
    assert told == {"unparsed": 1, "failed": 1, "truncated": 2, "forced": 1}
    assert found["accuracy"] == pytest.approx(6 / 9)
    assert (found["parsed"]["n"], found["parsed"]["accuracy"]) == (7, pytest.approx(6 / 7))


def test_hard_and_easy_questions_are_told_apart(tmp_path: Path) -> None:
    rows = [replace(response("base", n, right=n % 4 > 0), hard=n % 4 < 2) for n in range(40)]
    (found,) = summary_of({"base": arm(tmp_path, "base", rows)}, tmp_path)["results"]
    assert (found["hard"]["n"], found["hard"]["accuracy"]) == (20, 0.5)
    assert (found["easy"]["n"], found["easy"]["accuracy"]) == (20, 1.0)
    assert found["hard"]["interval"][0] < 0.5 < found["hard"]["interval"][1]


def test_evidence_recall_tokens_and_seconds_are_means(tmp_path: Path) -> None:
    rows = [
        replace(
            response("base", n, right=True, condition="rag"),
            retrieved=(Retrieved("a", "d9", False), Retrieved("b", "d9", n < 3)),
            prompt_tokens=100 + n,
            seconds=0.5,
        )
        for n in range(4)
    ]
    (found,) = summary_of({"base": arm(tmp_path, "base", rows)}, tmp_path)["results"]
    assert (found["evidence_recall"], found["retrieved_right"]) == (0.75, 0.0)
    assert (found["prompt_tokens"], found["seconds"]) == (101.5, 0.5)
    assert "completion_tokens" not in found


def test_short_answers_have_neither_chance_nor_letters(tmp_path: Path) -> None:
    rows = [
        replace(
            response("base", n, right=False),
            options=(), answer=-1, scores=(), chosen=None, correct=n > 3, extracted="match",
        )
        for n in range(8)
    ]  # fmt: skip
    (found,) = summary_of({"base": arm(tmp_path, "base", rows)}, tmp_path)["results"]
    assert (found["accuracy"], found["chance"], found["letters"]) == (0.5, 0, [])


def test_a_floor_that_asks_no_model_is_not_compared(tmp_path: Path) -> None:
    arms = {
        name: arm(
            tmp_path,
            name,
            [response(name, n, right=n > 1, condition="longest_option") for n in range(8)],
        )
        for name in ("base", "customised")
    }
    assert summary_of(arms, tmp_path)["comparisons"] == []


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
    file.write_text(json.dumps({"version": 1, **empty}), encoding="utf-8")
    with pytest.raises(InputError, match="version 1, not 2"):
        read_summary(file)
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="not a summary"):
        read_summary(file)
