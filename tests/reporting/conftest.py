"""A finished evaluation on disk, made from a seed, with the shape of a real one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from closedbook.config import Evaluate
from closedbook.evaluation import summarise
from closedbook.records import (
    GENERATED,
    Condition,
    Document,
    Passage,
    QAPair,
    Question,
    Rejection,
    Response,
    Retrieved,
)
from closedbook.reporting import About, ReportInput, gather, write_report
from closedbook.store import Manifest, write_json, write_rows

RATES: dict[str, dict[Condition, float]] = {
    "base": {"closed_book": 0.25, "rag": 0.93, "open_book": 0.95, "longest_option": 0.32},
    "customised": {"closed_book": 0.9, "rag": 0.94, "open_book": 0.96},
    "raw": {"closed_book": 0.33, "rag": 0.8, "open_book": 0.84},
}
STAGES = (
    "documents",
    "generate",
    "curate",
    "mix/customised",
    "train/customised",
    "train/raw",
    *(f"evaluate/{arm}" for arm in RATES),
    "evaluate",
)
PLACES = ("Quarrenhold", "Listrava", "Old Mevin", "Tass & <Sons>")
HOSTILE = "</script><img src=x onerror=alert(1)><script>alert(2)</script>"

MakeOut = Callable[..., Path]


def _question(exam: str, number: int, per_document: int) -> Question:
    document = number // per_document
    return Question(
        id=f"{exam}{number}",
        document=f"Orla Venn {document}",
        question=f"In which town did Orla Venn {document} open office {number}?",
        options=PLACES,
        answer=number % 4,
        evidence=f"Office {number} opened in {PLACES[number % 4]}.",
        hard=number % 3 == 0,
    )


def _response(
    question: Question, exam: str, arm: str, condition: Condition, turn: int, rate: float
) -> Response:
    seed = f"{exam}{arm}{condition}{question.id.removeprefix(exam)}{turn or ''}"
    right = random.Random(seed).random() < rate
    chosen = question.answer if right else (question.answer + 1) % 4
    passages = (
        Retrieved(f"p{question.document}", question.document, True),
        Retrieved("nowhere", "Another", False),
    )
    return Response(
        exam=exam,
        arm=arm,
        condition=condition,
        question_id=question.id,
        document=question.document,
        question=question.question,
        options=PLACES,
        answer=question.answer,
        scores=(),
        chosen=chosen,
        correct=right,
        text=f"Answer: {PLACES[chosen]} {HOSTILE}" if question.id == "exam0" else PLACES[chosen],
        retrieved=passages if condition == "rag" else (),
        permutation=turn,
        hard=question.hard,
        reasoning="She opened it late in life." if condition == "closed_book" else "",
        extracted="letter",
        completion_tokens=12,
    )


def _responses(arm: str, documents: int, per_document: int, turns: int) -> Iterator[Response]:
    exams: tuple[tuple[str, dict[Condition, float]], ...] = (
        ("exam", RATES[arm]),
        ("retention", {"closed_book": 0.97}),
    )
    for exam, rates in exams:
        for condition, rate in rates.items():
            for number in range(documents * per_document):
                question = _question(exam, number, per_document)
                for turn in range(turns):
                    yield _response(question, exam, arm, condition, turn, rate)


def _write_data(out: Path, documents: int, per_document: int) -> None:
    """Documents, an exam, generated and curated pairs and what was dropped."""
    questions = [
        _question("exam", number, per_document) for number in range(documents * per_document)
    ]
    write_rows(out / "exam" / "exam.jsonl", questions)
    texts, passages, pairs = [], [], []
    for number in range(documents):
        mine = questions[number * per_document : (number + 1) * per_document]
        text = f"Orla Venn {number} was a trader. " + " ".join(item.evidence for item in mine)
        document = Document.make(title=f"Orla Venn {number}", text=text, source=f"{number}.md")
        texts.append(document)
        passages.append(
            Passage(f"p{document.title}", document.id, document.title, text, 0, len(text))
        )
        pairs += [
            QAPair(
                document_id=document.id,
                flow="qa",
                question=f"Where is office {item.id}?",
                answer=PLACES[item.answer],
                evidence=item.evidence,
            )
            for item in mine
        ]
    write_rows(out / "documents" / "documents.jsonl", texts)
    write_rows(out / "retrieve" / "passages.jsonl", passages)
    write_rows(out / "generate" / "pairs.jsonl", pairs)
    write_rows(out / "curate" / "pairs.jsonl", pairs[5:])
    dropped = [
        Rejection("curate", "contamination", "repeats an exam question", pair.id, raw="a\nb")
        for pair in pairs[:4]
    ]
    dropped.append(
        Rejection("curate", "repeats", "repeated question", "gone", raw=f"{HOSTILE}\nYes")
    )
    # Another filter's reason may speak of repeating: filters are told apart by name.
    odd = Rejection("curate", "mine", "would repeat an exam question", "odd", raw="c\nd")
    write_rows(out / "curate" / "rejections.jsonl", [*dropped, odd])
    given_away = {"id": "x", "document_id": "y", "exam": "exam", "why": "nearly the same question"}
    rows = [{**given_away, "text": HOSTILE, "question": item.question} for item in questions[:4]]
    write_rows(out / "curate" / "contamination.jsonl", rows)
    coverage = [
        {
            "document": text.title,
            "pairs": 0 if place == 0 else 4,
            "study": 0,
            "sentences": 20,
            "untouched": [f"Nobody asks about this <{n}>." for n in range(14 if place else 0)],
        }
        for place, text in enumerate(texts)
    ]
    write_rows(out / "curate" / "coverage.jsonl", coverage)


def write_out(
    folder: Path,
    documents: int = 10,
    per_document: int = 4,
    *,
    turns: int = 1,
    reviewed: bool = True,
) -> Path:
    """A folder `out` as the stages leave it; `reviewed=False` for a generated exam."""
    out = folder / "out"
    arms = {arm: out / "evaluate" / arm / "responses.jsonl" for arm in RATES}
    for arm, file in arms.items():
        write_rows(file, _responses(arm, documents, per_document, turns))
    unreviewed = "" if reviewed else GENERATED
    summarise(arms, Evaluate(resamples=1000), out / "evaluate", unreviewed=unreviewed)
    _write_data(out, documents, per_document)
    for arm, floor in (("customised", 0.4), ("raw", 1.1)):
        losses = [{"step": n, "loss": floor + 4 / (1 + n / 12)} for n in range(244)]
        write_rows(out / "train" / arm / "loss.jsonl", losses)
    share = {"rows": 4100, "different_rows": 2560, "tokens": 125_021, "passes": 2}
    table = {"qa": share | {"loss_tokens": 31_000}, "replay": share | {"loss_tokens": 9000}}
    write_json(out / "mix" / "customised" / "table.json", table)
    reasons = ["the teacher refused"] * 3 + ["<i>odd</i> reason"]
    rejections = [Rejection("generate", "filter", reason, "row") for reason in reasons]
    write_rows(out / "generate" / "rejections.jsonl", rejections)
    for stage in STAGES:
        fingerprint = {"version": 1, "settings": {}, "inputs": {"documents": "ab" * 16}}
        manifest = Manifest(fingerprint, {"rows": 2560}, 81.4, {"rows.jsonl": "cd" * 16})
        write_json(out / stage / "manifest.json", manifest)
    return out


@pytest.fixture
def make_out(tmp_path: Path) -> MakeOut:
    """`write_out` in a folder of the test's own."""
    return partial(write_out, tmp_path)


ABOUT = About(
    title="Can training put new facts into weights?",
    identities={"teacher": "rehearsal teacher", "student": "rehearsal base"},
    limits=("It says nothing about <large> models.",),
    banner="Demonstration with stand-ins.",
    config={
        "teacher": {"base_url": "https://me:hush@host/v1", "api_key": "sk-verysecret"},
        "mix": {"seed": 3},
    },
)


@pytest.fixture(scope="session")
def report_input(tmp_path_factory: pytest.TempPathFactory) -> ReportInput:
    """A report's input, the same for all who only read it."""
    return gather(write_out(tmp_path_factory.mktemp("report")), STAGES, ABOUT)


@pytest.fixture(scope="session")
def report_file(report_input: ReportInput, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of `report_input`."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(report_input, path)
    return path


@pytest.fixture
def make_input(make_out: MakeOut) -> Callable[..., ReportInput]:
    """The report's input from `make_out`."""

    def made(
        documents: int = 10, per_document: int = 4, *, turns: int = 1, reviewed: bool = True
    ) -> ReportInput:
        out = make_out(documents, per_document, turns=turns, reviewed=reviewed)
        return gather(out, STAGES, ABOUT)

    return made
