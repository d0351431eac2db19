"""The stages of one arm: mix and train."""

from __future__ import annotations

from pathlib import Path

from closedbook import evaluation, mixing, training
from closedbook.events import Counts, Emit
from closedbook.stages.setup import Setup
from closedbook.store import Stage, knowledge_files
from closedbook.students import REPLAY


def mix(setup: Setup, name: str) -> Stage:
    place, arm = setup.place, setup.config.arms[name]
    replay = {"builtin": REPLAY, "none": None}.get(arm.mix.replay, place.root / arm.mix.replay)
    ingredients = mixing.Ingredients(
        documents=place.documents,
        curated=place.curated,
        replay=replay,
        student=setup.student,
        max_length=arm.train.max_length,
        passage_characters=setup.config.evaluate.passage_characters,
    )
    settings = {
        **arm.mix.model_dump(),
        "student": setup.identity,
        "max_length": ingredients.max_length,
        "passage_characters": ingredients.passage_characters,
    }
    inputs = {"documents": place.documents, **knowledge_files(place.curated)}
    if replay:
        inputs["replay"] = replay

    def make(out: Path, emit: Emit) -> Counts:
        return mixing.mix(ingredients, arm.mix, out, emit)

    return Stage(f"mix/{name}", 3, settings, inputs, make, ("documents", "curate"))


def train(setup: Setup, name: str) -> Stage:
    place, how = setup.place, setup.config.arms[name].train
    inputs, after = {"rows": place.encoded(name)}, [f"mix/{name}"]
    if how.checkpoint == "exam":
        inputs["exam"] = place.exam
        after.append("exam")

    def make(out: Path, emit: Emit) -> Counts:
        judge = evaluation.judge_by(place.exam) if "exam" in inputs else None
        return training.train(inputs["rows"], setup.student, how, out, emit, judge)

    settings = {**how.of_the_result(), "student": setup.identity}
    name, card = f"train/{name}", "model/README.md"
    return Stage(name, 2, settings, inputs, make, tuple(after), completed_later=(card,))
