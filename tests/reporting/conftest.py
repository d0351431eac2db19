"""A finished evaluation on disk, made from a seed, with the shape of a real one."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from closedbook.config import Evaluate
from closedbook.evaluation import summarise
from closedbook.records import Condition, Rejection, Response, Retrieved
from closedbook.reporting import ReportInput, gather
from closedbook.store import Manifest, write_json, write_rows

RATES: dict[str, dict[Condition, float]] = {
    "base": {"closed_book": 0.25, "rag": 0.93, "open_book": 0.95},
    "customised": {"closed_book": 0.9, "rag": 0.94, "open_book": 0.96},
    "raw": {"closed_book": 0.33, "rag": 0.8, "open_book": 0.84},
}
STAGES = (
    "documents",
    "generate",
    "mix/customised",
    "train/customised",
    "train/raw",
    *(f"evaluate/{arm}" for arm in RATES),
    "evaluate",
)
PLACES = ("Quarrenhold", "Listrava", "Old Mevin", "Tass & <Sons>")

MakeOut = Callable[..., Path]


def _responses(arm: str, documents: int, per_document: int) -> list[Response]:
    rows = []
    exams: tuple[tuple[str, dict[Condition, float]], ...] = (
        ("exam", RATES[arm]),
        ("retention", {"closed_book": 0.97}),
    )
    for exam, rates in exams:
        for condition, rate in rates.items():
            for number in range(documents * per_document):
                document = number // per_document
                answer = number % 4
                right = random.Random(f"{exam}{arm}{condition}{number}").random() < rate
                chosen = answer if right else (answer + 1) % 4
                rows.append(
                    Response(
                        exam=exam,
                        arm=arm,
                        condition=condition,
                        question_id=f"{exam}{number}",
                        document=f"Orla Venn {document}",
                        question=f"In which town did Orla Venn {document} open office {number}?",
                        options=PLACES,
                        answer=answer,
                        scores=tuple(-0.2 if place == chosen else -3.0 for place in range(4)),
                        chosen=chosen,
                        correct=right,
                        text=PLACES[chosen],
                        retrieved=(Retrieved("p", f"Orla Venn {document}"),)
                        if condition == "rag"
                        else (),
                    )
                )
    return rows


@pytest.fixture
def make_out(tmp_path: Path) -> MakeOut:
    """A folder `out` as the stages leave it; `reviewed=False` for a generated exam."""

    def made(documents: int = 10, per_document: int = 4, *, reviewed: bool = True) -> Path:
        out = tmp_path / "out"
        for arm in RATES:
            rows = _responses(arm, documents, per_document)
            write_rows(out / "evaluate" / arm / "responses.jsonl", rows)
        arms = {arm: out / "evaluate" / arm / "responses.jsonl" for arm in RATES}
        summarise(arms, Evaluate(resamples=1000), out / "evaluate", reviewed=reviewed)
        for arm, floor in (("customised", 0.4), ("raw", 1.1)):
            losses = [{"step": n, "loss": floor + 4 / (1 + n / 12)} for n in range(244)]
            write_rows(out / "train" / arm / "loss.jsonl", losses)
        share = {"rows": 4100, "different_rows": 2560, "tokens": 125_021, "passes": 2}
        table = {"qa": share | {"loss_tokens": 31_000}, "replay": share | {"loss_tokens": 9000}}
        write_json(out / "mix" / "customised" / "table.json", table)
        reasons = ["repeats an exam question"] * 3 + ["<i>odd</i> reason"]
        dropped = [Rejection("generate", "filter", reason, "row") for reason in reasons]
        write_rows(out / "generate" / "rejections.jsonl", dropped)
        for stage in STAGES:
            fingerprint = {"version": 1, "settings": {}, "inputs": {"documents": "ab" * 16}}
            manifest = Manifest(fingerprint, {"rows": 2560}, 81.4, {"rows.jsonl": "cd" * 16})
            write_json(out / stage / "manifest.json", manifest)
        return out

    return made


@pytest.fixture
def make_input(make_out: MakeOut) -> Callable[..., ReportInput]:
    """The report's input from `make_out`."""

    def made(documents: int = 10, per_document: int = 4, *, reviewed: bool = True) -> ReportInput:
        return gather(
            make_out(documents, per_document, reviewed=reviewed),
            STAGES,
            title="Can training put new facts into weights?",
            identities={"teacher": "rehearsal teacher", "student": "rehearsal base"},
            limits=("It says nothing about <large> models.",),
            banner="Demonstration with stand-ins.",
        )

    return made
