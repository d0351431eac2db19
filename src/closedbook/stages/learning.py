"""The stages of one arm: mix and train."""

from __future__ import annotations

from pathlib import Path

from closedbook import evaluation, mixing, training
from closedbook.errors import UserError
from closedbook.events import Counts, Emit
from closedbook.hints import command
from closedbook.models.profiles import choose_profile
from closedbook.stages.setup import Setup
from closedbook.store import Stage, knowledge_files
from closedbook.students import REPLAY
from closedbook.training import launched


def mix(setup: Setup, name: str) -> Stage:
    place, arm = setup.place, setup.config.arms[name]
    knowledge = place.curated if arm.mix.rows == "curated" else place.generated
    ingredients = mixing.Ingredients(
        recipe=mixing.load_recipe(arm.mix, name, place.root, setup.config.generate.flows),
        documents=place.documents,
        knowledge=knowledge,
        replay=_replay(arm.mix.replay, place.root),
        student=setup.student,
        profile=choose_profile(None, setup.student.where, place.root).profile,
        max_length=arm.train.max_length,
        passage_characters=setup.config.evaluate.passage_characters,
    )
    settings = {
        **arm.mix.model_dump(exclude={"recipe", "shares", "repeat"}),
        "recipe": ingredients.recipe.model_dump(),
        "thinking": ingredients.profile.thinking.model_dump(),
        "student": setup.identity,
        "max_length": ingredients.max_length,
        "passage_characters": ingredients.passage_characters,
    }
    inputs = {"documents": place.documents, **knowledge_files(knowledge)}
    if isinstance(ingredients.replay, Path):
        inputs["replay"] = ingredients.replay

    def make(out: Path, emit: Emit) -> Counts:
        return mixing.mix(ingredients, arm.mix, out, emit)

    return Stage(f"mix/{name}", 6, settings, inputs, make, ("documents", arm.mix.made_by))


def _replay(named: str, root: Path) -> Path | str | None:
    """A file, the name of a dataset, or none."""
    if named.startswith(mixing.DATASET):
        return named
    return {"builtin": REPLAY, "none": None}.get(named, root / named)


def train(setup: Setup, name: str) -> Stage:
    place, how = setup.place, setup.config.arms[name].train
    inputs, after = {"rows": place.encoded(name)}, [f"mix/{name}"]
    if how.checkpoint == "exam":
        inputs["exam"] = place.exam
        after.append("exam")

    def make(out: Path, emit: Emit) -> Counts:
        judge = evaluation.judge_by(place.exam) if "exam" in inputs else None
        library = how.trainer == "instructlab"
        if library and launched.size() > 1:
            raise UserError(
                "the instructlab trainer starts its own processes, it cannot run under torchrun",
                hint=f"{command(f'train {name}')}, in one process",
            )
        trained = training.train_with_instructlab if library else training.train
        return trained(inputs["rows"], setup.student, how, out, emit, judge)

    settings = {**how.of_the_result(), "student": setup.identity}
    card = "model/README.md"
    return Stage(f"train/{name}", 3, settings, inputs, make, tuple(after), completed_later=(card,))
