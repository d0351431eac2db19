"""The generate stage with a scripted teacher: what goes in comes out, or there is a reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from closedbook.engine import Account
from closedbook.errors import ConfigError, ProviderError
from closedbook.events import silent
from closedbook.flows import TO_EXAMINE, TO_TRAIN_ON, generate, generate_exam, load_flows
from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.records import (
    Completion,
    Document,
    QAPair,
    Question,
    Rejection,
    StudyText,
)
from closedbook.store.rows import read_rows, write_rows

PAIR = "## system\nGive [QUESTION] [ANSWER] [EVIDENCE] [END].\n"
VERDICT = "## system\nGive [FAITHFUL] YES or NO [END].\n"
CHOICE = "## system\nGive [QUESTION] [CORRECT] [WRONG_1] [WRONG_2] [WRONG_3] [END].\n"
FILES = {
    "flows/pairs.yaml": """\
flow: pairs
makes: pairs
steps:
  - ask: {prompt: make, samples: 2, reasoning: keep, parse: {tags: [question, answer, evidence]}}
  - ask: {prompt: judge, parse: {tags: [faithful], blocks: one, choices: {faithful: ['YES', 'NO']}}}
  - filter: {where: "faithful == 'YES'", reason: judged unfaithful}
""",
    "flows/notes.yaml": """\
flow: notes
makes: study
steps:
  - ask: {prompt: restate, into: text}
""",
    "flows/exam.yaml": """\
flow: exam
makes: exam
steps:
  - ask: {prompt: exam, parse: {tags: [question, correct, wrong_1, wrong_2, wrong_3]}}
""",
    "prompts/make.md": PAIR + "## user\nMAKE {{ document }} {{ sample }}\n",
    "prompts/judge.md": VERDICT + "## user\nJUDGE {{ document }} {{ question }} {{ answer }}\n",
    "prompts/restate.md": "## user\nRESTATE {{ document }}\n",
    "prompts/exam.md": CHOICE + "## user\nEXAM {{ document }}\n",
}
GOOD = "[QUESTION] {n}? [ANSWER] a [EVIDENCE] e [END]"


class Teacher(ChatModel):
    """Answers by the first word of the last turn: a text, a Completion, or a function of it."""

    identity = "scripted"

    def __init__(self, **replies: Any) -> None:
        self.replies = {
            "MAKE": lambda text: GOOD.format(n=text),
            "JUDGE": "[FAITHFUL] **Yes.** [END]",
            "RESTATE": "In other words.",
            **replies,
        }
        self.asked: Counter[str] = Counter()
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        text = request.messages[-1].content
        word = text.split()[0]
        self.asked[word] += 1
        self.requests.append(request)
        reply = self.replies[word]
        reply = reply(text) if isinstance(reply, Callable) else reply  # type: ignore[arg-type]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Completion) else Completion(reply, "hm", "stop", 10, 5)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    documents = [Document.make(title=f"T{n}", text=f"doc{n}", source=f"{n}.md") for n in range(3)]
    write_rows(tmp_path / "documents.jsonl", documents)
    return tmp_path


def run(
    project: Path, teacher: Teacher, flows: Sequence[str] = ("pairs", "notes"), out: str = "out"
) -> dict[str, int]:
    return generate(
        project / "documents.jsonl",
        load_flows(flows, TO_TRAIN_ON, project),
        Account.of(teacher, project / "journal.sqlite"),
        project / out,
        silent,
    )


def rejections(project: Path) -> list[Rejection]:
    return list(read_rows(project / "out/rejections.jsonl", Rejection))


def test_pairs_and_study_texts_come_out_in_the_order_of_the_documents(project: Path) -> None:
    counts = run(project, Teacher())
    pairs = list(read_rows(project / "out/pairs.jsonl", QAPair))
    assert [pair.question for pair in pairs] == [
        f"MAKE doc{n} {sample}?" for n in range(3) for sample in (1, 2)
    ]
    assert {(pair.flow, pair.answer, pair.evidence, pair.reasoning) for pair in pairs} == {
        ("pairs", "a", "e", "hm")
    }
    study = list(read_rows(project / "out/study.jsonl", StudyText))
    assert [(text.title, text.text) for text in study] == [
        (f"T{n}", "In other words.") for n in range(3)
    ]
    ids = [document.id for document in read_rows(project / "documents.jsonl", Document)]
    assert [text.document_id for text in study] == ids
    assert [pair.document_id for pair in pairs[::2]] == ids
    assert counts == {
        "asks": 15,
        "from_journal": 0,
        "prompt_tokens": 150,
        "completion_tokens": 75,
        "pairs": 6,
        "study": 3,
        "rejected": 0,
        "to_retry": 0,
    }


def test_samples_are_told_apart(project: Path) -> None:
    (project / "prompts/make.md").write_text(PAIR + "## user\nMAKE {{ document }}\n")
    teacher = Teacher()
    run(project, teacher)
    assert teacher.asked["MAKE"] == 6


def test_a_second_run_asks_nothing_and_writes_the_same_bytes(project: Path) -> None:
    first, second = Teacher(), Teacher()
    run(project, first)
    counts = run(project, second, out="again")
    assert not second.asked
    assert counts["from_journal"] == counts["asks"] == 15
    for name in ("pairs.jsonl", "study.jsonl", "rejections.jsonl", "steps.json", "retry.jsonl"):
        ours, theirs = (project / folder / name for folder in ("out", "again"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_an_edited_prompt_asks_again_only_what_it_changes(project: Path) -> None:
    run(project, Teacher())
    (project / "prompts/judge.md").write_text(
        VERDICT + "## user\nJUDGE strictly {{ document }} {{ answer }}"
    )
    teacher = Teacher()
    run(project, teacher)
    assert set(teacher.asked) == {"JUDGE"}


@pytest.mark.parametrize(
    ("reply", "reason", "asked"),
    [
        ("[NOTHING]", "nothing offered", 6),
        (Completion("[QUESTION] half", "", "length"), "truncated", 6),
        (Completion("no block yet", "", "length"), "truncated", 6),
        (Completion("", "still thinking", "stop"), "truncated", 6),
        ("[QUESTION] q [EVIDENCE] e [END]", "a part is missing", 6),
    ],
)
def test_a_reply_without_a_pair_is_a_rejection_with_a_reason(
    project: Path, reply: object, reason: str, asked: int
) -> None:
    teacher = Teacher(MAKE=reply)
    counts = run(project, teacher, ["pairs"])
    found = rejections(project)
    assert {(r.stage, r.step, r.reason) for r in found} == {("generate", "pairs/make", reason)}
    assert all(r.raw for r in found)
    assert [r.subject for r in found] == [f"{n}.md" for n in range(3) for _ in "ab"]
    assert (counts["pairs"], counts["rejected"]) == (0, 6)
    assert sum(teacher.asked.values()) == asked


def test_a_formless_reply_gets_one_repair_ask(project: Path) -> None:
    teacher = Teacher(MAKE="I would rather not.", That="[QUESTION] q [ANSWER] a [EVIDENCE] e [END]")
    assert run(project, teacher, ["pairs"])["pairs"] == 6
    assert (teacher.asked["MAKE"], teacher.asked["That"]) == (6, 6)
    repair = next(r for r in teacher.requests if r.messages[-1].content.startswith("That"))
    assert [turn.role for turn in repair.messages] == ["system", "user", "assistant", "user"]
    assert repair.messages[2].content == "I would rather not."
    assert "[QUESTION] ...\n[ANSWER] ...\n[EVIDENCE] ...\n[END]" in repair.messages[3].content


def test_a_reply_formless_twice_is_a_rejection_that_keeps_it(project: Path) -> None:
    run(project, Teacher(MAKE="no", That="never"), ["pairs"])
    assert {(r.reason, r.raw) for r in rejections(project)} == {
        ("not in the form asked for", "never")
    }


def test_one_verdict_per_pair(project: Path) -> None:
    both = "[FAITHFUL] NO [END] [FAITHFUL] YES [END]"
    counts = run(project, Teacher(JUDGE=both, That=both), ["pairs"])
    assert counts["pairs"] == 0
    assert {r.reason for r in rejections(project)} == {"more than one block"}


def test_a_filtered_pair_is_kept_as_rejection(project: Path) -> None:
    teacher = Teacher(JUDGE=lambda text: f"[FAITHFUL] {'no' if 'doc1' in text else 'yes'} [END]")
    assert run(project, teacher)["pairs"] == 4
    first, second = rejections(project)
    assert (first.reason, first.step) == ("judged unfaithful", "pairs/filter")
    assert first.subject == second.subject == "1.md"
    assert "question: MAKE doc1 1?" in first.raw
    assert "faithful: NO" in first.raw


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(Completion(""), "empty reply"), (Completion("In other wo", "", "length"), "truncated")],
)
def test_an_unfinished_study_text_is_not_learned(project: Path, reply: object, reason: str) -> None:
    counts = run(project, Teacher(RESTATE=reply))
    assert counts["study"] == 0
    assert {r.reason for r in rejections(project)} == {reason}


def test_unknown_token_counts_are_absent_not_zero(project: Path) -> None:
    counts = run(project, Teacher(RESTATE=Completion("text")), ["notes"])
    assert set(counts) == {"asks", "from_journal", "pairs", "study", "rejected", "to_retry"}


def test_missing_answers_are_counted_and_are_all_that_is_asked_later(project: Path) -> None:
    fault = ProviderError("503: loading", retryable=True)
    broken = Teacher(MAKE=lambda text: fault if "doc2 2" in text else GOOD.format(n=text))
    counts = run(project, broken)
    assert (counts["pairs"], counts["rejected"], counts["to_retry"]) == (5, 0, 1)
    (line,) = (project / "out/retry.jsonl").read_text().splitlines()
    assert '"2.md"' in line
    assert "503: loading" in line
    teacher = Teacher()
    assert run(project, teacher)["pairs"] == 6
    assert teacher.asked == {"MAKE": 1, "JUDGE": 1}


def test_a_teacher_with_a_connection_is_opened_for_the_run(project: Path) -> None:
    class Connected(Teacher):
        is_open = False

        async def __aenter__(self) -> Connected:
            self.is_open = True
            return self

        async def __aexit__(self, *_: object) -> None:
            self.is_open = False

        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            assert self.is_open
            return await super().complete(request)

    teacher = Connected()
    assert run(project, teacher)["pairs"] == 6
    assert not teacher.is_open


def test_an_exam_is_generated_with_its_options_shuffled(project: Path) -> None:
    def exam(text: str) -> str:
        questions = [
            f"[QUESTION] {text} {n}? [CORRECT] right [WRONG_1] x [WRONG_2] y [WRONG_3] z [END]"
            for n in range(20)
        ]
        return "\n".join(questions)

    counts = generate_exam(
        project / "documents.jsonl",
        load_flows(["exam"], TO_EXAMINE, project),
        Account.of(Teacher(EXAM=exam), project / "journal.sqlite"),
        project / "out",
        silent,
    )
    questions = list(read_rows(project / "out/exam.jsonl", Question))
    assert (counts["questions"], counts["rejected"], len(questions)) == (60, 0, 60)
    assert {question.document for question in questions} == {"T0", "T1", "T2"}
    for question in questions:
        assert question.options[question.answer] == "right"
        assert sorted(question.options) == ["right", "x", "y", "z"]
    places = Counter(question.answer for question in questions)
    assert min(places[place] for place in range(4)) >= 5
    assert rejections(project) == []


def test_short_questions_are_questions_without_options(project: Path) -> None:
    (project / "flows/short.yaml").write_text(
        "flow: short\nmakes: short_exam\nsteps:\n"
        "  - ask: {prompt: short, parse: {tags: [question, answer, evidence]}}\n"
    )
    (project / "prompts/short.md").write_text(f"{PAIR}## user\nSHORT {{{{ document }}}}\n")
    asked = "[QUESTION] who? [ANSWER] a [EVIDENCE] e [END] [QUESTION] WHO? [ANSWER] a [EVIDENCE] e"
    counts = generate_exam(
        project / "documents.jsonl",
        load_flows(["short"], TO_EXAMINE, project),
        Account.of(Teacher(SHORT=asked), project / "journal.sqlite"),
        project / "out",
        silent,
    )
    assert (counts["questions"], counts["rejected"]) == (3, 3)
    first, *_ = read_rows(project / "out/exam.jsonl", Question)
    assert (first.document, first.question, first.options, first.accepted, first.evidence) == (
        *("T0", "who?", (), ("a",), "e"),
    )
    assert {r.reason for r in rejections(project)} == {"the same question again"}


def test_a_broken_exam_question_is_a_rejection(project: Path) -> None:
    good = "[QUESTION] who? [CORRECT] a [WRONG_1] b [WRONG_2] c [WRONG_3] d [END]"
    exam = "\n".join([good, good.replace("who", "WHO"), good.replace("[WRONG_3] d", "[WRONG_3] A")])
    counts = generate_exam(
        project / "documents.jsonl",
        load_flows(["exam"], TO_EXAMINE, project),
        Account.of(Teacher(EXAM=exam), project / "journal.sqlite"),
        project / "out",
        silent,
    )
    assert (counts["questions"], counts["rejected"]) == (3, 6)
    assert Counter(r.reason for r in rejections(project)) == {
        "the same question again": 3,
        "two options are the same": 3,
    }


def test_a_flow_that_makes_something_else_is_refused(project: Path) -> None:
    with pytest.raises(ConfigError, match=r"'exam' makes exam, but pairs or study are needed"):
        run(project, Teacher(), ["exam"])


def test_any_text_goes_through_to_the_files(project: Path) -> None:
    odd = "x\x00y \ud83d z \u2028 {{ 7 * 7 }} <b>"
    run(project, Teacher(RESTATE=odd), ["notes"])
    lines = (project / "out/study.jsonl").read_text(encoding="utf-8").split("\n")
    assert json.loads(lines[0])["text"] == "x\\x00y \\ud83d z \u2028 {{ 7 * 7 }} <b>"
