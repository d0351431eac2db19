"""A model behind an endpoint sits an exam: over HTTP, through the journal, whatever goes wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Caps, EndpointTeacher, Evaluate, load_config
from closedbook.engine import Account, Role
from closedbook.errors import AuthError, BudgetExhausted, EvaluationError
from closedbook.evaluation import Exam, RemoteExaminee, answer_exams
from closedbook.evaluation.conditions import Library
from closedbook.events import silent
from closedbook.models.endpoint import Endpoint
from closedbook.records import Message, Question, Response
from closedbook.simulator import Simulator, SimulatorSettings
from closedbook.stages import Setup, examining
from closedbook.store import Place, read_rows

QUESTIONS = tuple(
    Question(
        document=f"D{number % 5}", question=f"Which is {number}?", options=tuple("wxyz"), answer=1
    )
    for number in range(20)
)
Reply = Callable[[tuple[Message, ...], int], str]


@contextmanager
def serving(reply: Reply, **settings: Any) -> Iterator[Simulator]:
    """A simulator on a thread of its own, since the examinee brings its own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    simulator = Simulator(SimulatorSettings(**settings), reply=reply)
    asyncio.run_coroutine_threadsafe(simulator.__aenter__(), loop).result(10)
    try:
        yield simulator
    finally:
        asyncio.run_coroutine_threadsafe(simulator.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def sit(
    url: str,
    folder: Path,
    questions: Sequence[Question] = QUESTIONS,
    *,
    caps: Caps | None = None,
    terms: dict[str, Any] | None = None,
    **changes: Any,
) -> tuple[list[Response], dict[str, int | float]]:
    given = {"attempts": 1, "give_up_after": 0.1, "concurrency": 8, **(terms or {})}
    settings = EndpointTeacher(kind="endpoint", base_url=url, model="rehearsal", **given)
    role = Role(Endpoint(settings, first_wait=0.01))
    account = Account({"other": role}, folder / "journal.sqlite", caps or Caps())
    how = Evaluate(**{"written_tokens": 50, **changes})
    examinee = RemoteExaminee(account, "other", how)
    exam = Exam("own", tuple(questions), ("closed_book",))
    counts = answer_exams([exam], "other", examinee, Library({}), how, folder, silent)
    return list(read_rows(folder / "responses.jsonl", Response)), dict(counts)


def says_b(messages: tuple[Message, ...], _seed: int) -> str:
    return "Thinking of it, yes.\nAnswer: B"


def test_answers_come_in_the_exams_order_with_what_they_took(tmp_path: Path) -> None:
    with serving(says_b) as server:
        responses, counts = sit(server.url, tmp_path)
    assert [response.question_id for response in responses] == [item.id for item in QUESTIONS]
    assert all(response.correct and response.extracted == "answer line" for response in responses)
    assert all(response.prompt_tokens and response.completion_tokens for response in responses)
    assert all(response.seconds is not None for response in responses)
    assert counts == {"responses": 20}


def test_what_was_answered_is_not_sent_again(tmp_path: Path) -> None:
    with serving(says_b) as server:
        sit(server.url, tmp_path, QUESTIONS[:12])
        sit(server.url, tmp_path, QUESTIONS)
        assert server.stats()["received"] == 20


def test_faults_cost_their_own_questions_and_are_asked_again(tmp_path: Path) -> None:
    with serving(says_b, faults={"server_error": 0.3}, seed=3) as server:
        responses, counts = sit(server.url, tmp_path)
        failed = [response for response in responses if response.failed]
        assert 0 < len(failed) < 20
        assert counts["failed"] == counts["to_retry"] == len(failed)
        assert not any(response.correct for response in failed)
        server.change(faults={})
        responses, counts = sit(server.url, tmp_path)
        assert "failed" not in counts
        assert server.stats()["received"] == 20 + len(failed)


def test_an_endpoint_that_never_answers_stops_the_run(tmp_path: Path) -> None:
    many = [
        Question(document="", question=f"{n}?", options=("a", "b"), answer=0) for n in range(100)
    ]
    with (
        serving(says_b, faults={"server_error": 1.0}) as server,
        pytest.raises(EvaluationError, match="no answer to 32 questions: 500"),
    ):
        sit(server.url, tmp_path, many)


def test_a_wrong_key_and_a_spent_budget_stop_the_run(tmp_path: Path) -> None:
    with serving(says_b, api_key="right") as server:
        with pytest.raises(AuthError):
            sit(server.url, tmp_path, terms={"api_key": "wrong"})
        with pytest.raises(BudgetExhausted):
            sit(server.url, tmp_path, terms={"api_key": "right"}, caps=Caps(requests=5))
        assert server.stats()["answered"].get("200", 0) <= 5


def test_a_cut_answer_is_asked_for_its_letter_once_more(tmp_path: Path) -> None:
    def endless(messages: tuple[Message, ...], _seed: int) -> str:
        return "C" if messages[-1].content.startswith("Reply with") else "<think>" + "hm " * 400

    with serving(endless) as server:
        responses, counts = sit(server.url, tmp_path)
    assert counts == {"responses": 20, "truncated": 20, "forced": 20}
    assert {response.chosen for response in responses} == {2}
    assert all(response.reasoning.startswith("hm") for response in responses)


def test_samples_and_orders_are_asked_apart(tmp_path: Path) -> None:
    with serving(says_b) as server:
        responses, _ = sit(server.url, tmp_path, QUESTIONS[:1], samples=3, permutations=4)
        assert server.stats()["received"] == 12
    assert {(r.sample, r.permutation) for r in responses} == {
        (sample, turn) for sample in range(3) for turn in range(4)
    }
    assert [r.chosen for r in responses if r.sample == 0] == [1, 2, 3, 0]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [("{kind: teacher}", ""), ("{kind: endpoint, MORE}", "too long")],
)
def test_the_teacher_has_the_room_of_the_students_whatever_it_writes_elsewhere(
    small_project: Path, settings: str, reason: str
) -> None:
    """Of a context of 1100 tokens 900 are for what is generated, 100 for a graded answer."""
    more = "base_url: http://127.0.0.1:9/v1, model: m, max_tokens: 900, context: 1100"
    model = settings.replace("MORE", more)
    config = load_config(
        small_project / "closedbook.yaml",
        [
            f"teacher={{kind: endpoint, {more}}}",
            f"evaluate.models={{them: {model}}}",
            "evaluate.written_tokens=100",
        ],
    )
    place = Place(small_project, small_project / "out", small_project / "journal.sqlite")
    examinee = examining._sitter(Setup.of(config, place), "them").ready()
    assert examinee.refusal([Message("user", "word " * 200)], ()) == reason
