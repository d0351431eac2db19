"""Where published pipelines lose or spoil rows, the shipped flows keep the right ones and say why
the others went. The teacher is the rehearsal one, except for the reply a test is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from closedbook.models.chat import ChatRequest
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Completion
from golden_flows import Made, make

Reply = Completion | str | Callable[[str], Completion | str]


class Scripted(RehearsalTeacher):
    """Gives a reply to prompts that hold a phrase; keeps what it was asked."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = replies
        self.asked: dict[str, list[ChatRequest]] = {phrase: [] for phrase in replies}

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        text = "\n".join(message.content for message in request.messages)
        for phrase, reply in self.replies.items():
            if phrase in text:
                self.asked[phrase].append(request)
                given = reply(text) if callable(reply) else reply
                return given if isinstance(given, Completion) else Completion(given)
        return await super().complete(request, affinity)


WRITE = "Write questions about this text"
JUDGE = "Judge in this order"
ANSWER = "Answer the question from what"
REWRITE = "You edit the thinking"
FOUNDED = "It was founded in 1887 by Mila Torn"
PAIRS = """\
[QUESTION] Who founded Velm Ferry? [ANSWER] Mila Torn [END]
[QUESTION] Which river does Velm Ferry cross? [END]
[QUESTION] Who bought Velm Ferry in 1931? [ANSWER] Jon Reef [END]
"""
ONE = "[QUESTION] Who founded Velm Ferry? [ANSWER] Mila Torn [END]"
ASKED = "[QUESTION] Who founded Velm Ferry? [END]"


def kept(made: Made) -> set[tuple[str, str]]:
    return {(row["question"], row["answer"]) for row in made.rows}


def verdict(
    claims: str = f'SUPPORTED: she did | "{FOUNDED}"',
    faithful: str = "YES",
    relevancy: str = "2",
    alone: str = "1",
) -> str:
    return (
        f"[CLAIMS]\n{claims}\n[FAITHFUL] {faithful}\n[RELEVANCY] {relevancy}"
        f"\n[SELF_CONTAINED] {alone}\n[END]"
    )


def test_a_missing_answer_shifts_no_other() -> None:
    made = make("knowledge-qa", Scripted({WRITE: PAIRS}))
    assert kept(made) == {
        ("Who founded Velm Ferry?", "Mila Torn"),
        ("Who bought Velm Ferry in 1931?", "Jon Reef"),
    }
    assert made.rejections == {"knowledge-qa/write: a part is missing": 20}


def test_a_cut_off_list_keeps_what_was_whole() -> None:
    cut = Completion(PAIRS + "[QUESTION] Who led Velm Ferry? [ANSWER] Ada", finish_reason="length")
    made = make("knowledge-qa", Scripted({WRITE: cut}))
    assert len(made.rows) == 40
    assert made.rejections == {
        "knowledge-qa/write: a part is missing": 20,
        "knowledge-qa/write: truncated": 20,
    }


def test_a_cut_off_list_of_questions_too() -> None:
    cut = Completion(f"{ASKED}\n[QUESTION] Who bought Vel", finish_reason="length")
    thought = Completion("[ANSWER] Mila Torn [END]", "It was Mila Torn.")
    made = make("reasoning-qa", Scripted({WRITE: cut, ANSWER: thought}))
    assert kept(made) == {("Who founded Velm Ferry?", "Mila Torn")}
    assert made.rejections == {"reasoning-qa/questions: truncated": 20}


@pytest.mark.parametrize(
    "reply",
    [
        verdict(faithful="**YES**", relevancy="**2**", alone="**1**"),
        verdict(faithful="**Yes.**", relevancy="2/2", alone="Score: 1"),
        verdict().replace("[FAITHFUL]", "**[FAITHFUL]:**"),
    ],
)
def test_decorated_verdicts_are_verdicts(reply: str) -> None:
    made = make("knowledge-qa", Scripted({WRITE: ONE, JUDGE: reply}))
    assert (len(made.rows), made.rejections) == (20, {})


def test_a_verdict_is_what_was_said_not_what_was_thought() -> None:
    thought = Completion(verdict(), reasoning=verdict(faithful="NO", relevancy="0", alone="0"))
    made = make("knowledge-qa", Scripted({WRITE: ONE, JUDGE: thought}))
    assert (len(made.rows), made.rejections) == (20, {})


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (verdict(faithful="NO"), "faithful: judged unfaithful"),
        (verdict(f'SUPPORTED: a | "{FOUNDED}"\nNOT FOUND: b'), "supported: a claim is not"),
        (verdict('SUPPORTED: a | "Mila Torn built it"'), "quoted: the judge quotes what"),
        (verdict("It is all there."), "claims: the judge checked no claim"),
        (verdict(relevancy="1"), "relevant: judged off the subject"),
        (verdict(alone="0"), "self-contained: judged not to stand alone"),
        (verdict(faithful="perhaps"), "judge: not in the form asked for"),
        (verdict() + verdict(), "judge: more than one block"),
    ],
)  # fmt: skip
def test_a_bad_verdict_has_its_own_reason(reply: str, reason: str) -> None:
    made = make("knowledge-qa", Scripted({WRITE: ONE, JUDGE: reply}))
    assert not made.rows
    ((found, count),) = made.rejections.items()
    assert found.startswith(f"knowledge-qa/{reason}")
    assert count == 20


def test_judges_see_the_document_and_neither_summary_nor_thinking() -> None:
    teacher = Scripted(
        {
            WRITE: ASKED,
            ANSWER: Completion("[ANSWER] Mila Torn [END]", "SECRET: it was Mila Torn."),
            "Write a detailed summary": "SUMMARY: Mila Torn founded Velm Ferry in 1887.",
            JUDGE: verdict(),
        }
    )
    assert make("reasoning-qa", teacher).rows
    judged = teacher.asked[JUDGE]
    for request in judged:
        text = request.messages[-1].content
        assert FOUNDED in text
        assert "SUMMARY" not in text
        assert "SECRET" not in text


def test_each_judge_has_a_column_of_its_own() -> None:
    made = make("knowledge-qa-three-judges", Scripted({WRITE: ONE}))
    assert (len(made.rows), made.rejections) == (20, {})
    row = made.rows[0]
    explanations = {name for name in row if name.endswith("_explanation")}
    assert explanations == {
        "faithfulness_explanation",
        "relevancy_explanation",
        "self_contained_explanation",
    }
    assert len({row[name] for name in explanations}) == 3


def test_no_word_is_cut_out_of_an_answer() -> None:
    said = "Mila Torn, who had an assistant; think of user and system, <b>too</b>."
    pair = ONE.replace("Mila Torn [END]", f"{said} [END]")
    made = make("knowledge-qa", Scripted({WRITE: pair, JUDGE: verdict()}))
    assert kept(made) == {("Who founded Velm Ferry?", said)}


def thinks(thinking: str, answer: str = "Mila Torn founded Velm Ferry.") -> Completion:
    return Completion(f"[ANSWER] {answer} [END]", thinking)


CLEAN = "Velm Ferry began in 1887. Mila Torn founded it."


def reasoned(answer: Completion, rewriting: Reply = "?") -> tuple[Made, Scripted]:
    script = {WRITE: ASKED, REWRITE: rewriting, ANSWER: answer, JUDGE: verdict()}
    teacher = Scripted(script)
    return make("reasoning-qa", teacher), teacher


def test_thinking_that_speaks_of_the_document_is_written_again() -> None:
    rewriting = f"[CLEAN_THINKING] {CLEAN} [CLEAN_ANSWER] Mila Torn founded Velm Ferry. [END]"
    made, teacher = reasoned(thinks(f"The passage says it. {CLEAN}"), rewriting)
    assert {row["reasoning"] for row in made.rows} == {CLEAN}
    assert (len(made.rows), made.rejections) == (20, {})
    (wish, *_) = [request.messages[-1].content for request in teacher.asked[REWRITE]]
    assert '"The passage says"' in wish


def test_clean_thinking_is_kept_without_another_ask() -> None:
    made, teacher = reasoned(thinks(CLEAN))
    assert {row["reasoning"] for row in made.rows} == {CLEAN}
    assert not teacher.asked[REWRITE]


@pytest.mark.parametrize(
    ("answer", "rewriting", "reason"),
    [
        (thinks(""), "?", "leaks: no thinking came with the answer"),
        (thinks("Let me see."), "?", "leaks: the thinking does not hold the answer"),
        (thinks("Mila Torn? No. The answer is Ada Ore.", "It was Mila Torn."), "?",
         "leaks: the thinking concludes otherwise"),
        (thinks(f"The text is plain. {CLEAN}"), "?", "rewrite: not in the form asked for"),
        (thinks(f"The text is plain. {CLEAN}"),
         f"[CLEAN_THINKING] This text. {CLEAN} [CLEAN_ANSWER] Mila Torn founded Velm Ferry. [END]",
         "clean: speaks of a text its reader does not see"),
        (thinks(f"The text is plain. {CLEAN}"),
         f"[CLEAN_THINKING] {CLEAN} [CLEAN_ANSWER] Mila Torn, 1999. [END]",
         "clean: the rewriting changed the answer"),
        (Completion("", "Still thinking of"), "?", "answer: truncated"),
        (Completion("[NOTHING]", CLEAN), "?", "answer: nothing offered"),
    ],
)  # fmt: skip
def test_a_trace_that_cannot_be_learned_has_a_reason(
    answer: Completion, rewriting: str, reason: str
) -> None:
    made, _ = reasoned(answer, rewriting)
    assert not made.rows
    assert made.rejections == {f"reasoning-qa/{reason}": 20}


OPEN, CLOSED = "You sit an exam with the document", "You sit an exam without any document"


@pytest.mark.parametrize(
    ("flow", "script", "reason"),
    [
        ("exam", {OPEN: "[OPEN_BOOK] NONE [END]"},
         "answerable: not answered right with the document"),
        ("exam-short", {OPEN: "[OPEN_BOOK] UNKNOWN [END]"},
         "answerable: not answered right with the document"),
        ("exam-short", {CLOSED: "[CLOSED_BOOK] Mila Torn [END]"},
         "unguessed: guessed without the document"),
    ],
)  # fmt: skip
def test_exam_questions_that_prove_nothing_are_refused(
    flow: str, script: dict[str, Reply], reason: str
) -> None:
    before, after = make(flow), make(flow, Scripted(script))
    lost = len(before.rows) - len(after.rows)
    assert lost > 0
    assert after.rejections[f"{flow}/{reason}"] == lost


def test_a_question_whose_letter_is_guessed_is_refused() -> None:
    guessed = [make("exam", Scripted({CLOSED: f"[CLOSED_BOOK] {letter}"})) for letter in "ABCD"]
    reason = "exam/unguessed: guessed without the document"
    assert sum(made.rejections.get(reason, 0) for made in guessed) == len(make("exam").rows)


def test_a_chain_of_asks_is_one_conversation() -> None:
    seen: list[ChatRequest] = []

    class Watched(RehearsalTeacher):
        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            seen.append(request)
            return await super().complete(request, affinity)

    made = make("icl", Watched())
    assert [row["kind"] for row in made.rows] == ["fact", "theme", "reasoning"]
    assert [len(request.messages) for request in seen] == [2, 4, 6, 8]
    assert seen[-1].messages[:6] == seen[-2].messages


def test_a_broken_json_is_mended_and_an_unknown_kind_refused() -> None:
    pairs = '```json\n[{"kind": "fact", "question": "q?", "answer": ["a", "b"],}, {"kind": "other",'
    pairs += ' "question": "r?", "answer": 2}]\n```'
    made = make("icl", Scripted({"Last, check every pair": pairs}))
    assert [(row["kind"], row["question"]) for row in made.rows] == [("fact", "q?")]
    assert made.rejections == {"icl/kinds: none of the three kinds": 1}
