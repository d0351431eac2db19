"""The mix stage: sources drawn in their shares, shuffled together.

Token counts are those of the student's own encoding, exactly what training will see. Rows wait on
disk, so memory holds some bytes for each. Same inputs and seed give identical bytes. Of a dataset
of the Hub the inputs are its name and revision; a branch moves, and table.json says which commit
was read.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from closedbook.config import Mix
from closedbook.errors import InputError
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.mixing.ingredients import Ingredients
from closedbook.mixing.material import open_material
from closedbook.mixing.pool import Encoding, Pool, Until
from closedbook.mixing.replay import DATASET, Replay, open_replay
from closedbook.mixing.shares import Sharing
from closedbook.mixing.shortcomings import REJECTIONS, refuse_if_empty, shortcomings
from closedbook.mixing.sources import Making, Pass
from closedbook.mixing.writing import write_mixture
from closedbook.store import write_json
from closedbook.store.numbered import Pile
from closedbook.store.rows import rows_written
from closedbook.students.student import load_tokenizer


def mix(ingredients: Ingredients, settings: Mix, out: Path, emit: Emit) -> Counts:
    """Draw one arm's rows into `out`, with table.json (per source) beside them.

    A share of a source without rows goes to the others in proportion, with a notice. Raises
    InputError if none has any that can be encoded.
    """
    stage = f"mix/{out.name}"
    with ExitStack() as stack:
        replay = _replay(ingredients, out, stack)
        passes = _passes(ingredients, replay, settings, stack)
        pools = _pools_with_rows(ingredients, passes, stage, emit)
        pile = stack.enter_context(Pile(out))
        refuse = stack.enter_context(rows_written(out / REJECTIONS))
        tokenizer = load_tokenizer(ingredients.student)
        encoding = Encoding(tokenizer, ingredients.max_length, pile, refuse)
        filled: list[str] = []

        def fill(pool: Pool, until: Until) -> None:
            name = pool.source.name
            generator = random.Random(f"{settings.seed}/{name}")
            pool.fill(passes[name], encoding, generator, until)
            filled.append(name)
            emit(StageProgress(stage, len(filled), len(pools), name))

        sharing = Sharing(pools, ingredients.recipe.by == "rows", settings.tokens)
        amounts = sharing.amounts(fill)
        refuse_if_empty(pools, amounts, settings.tokens, out)
        for text in shortcomings(pools, amounts, settings.tokens, out):
            emit(Notice(stage, text))
        drawn = [number for name, pool in pools.items() for number in pool.numbers[: amounts[name]]]
        random.Random(settings.seed).shuffle(drawn)
        write_mixture((pile[number] for number in drawn), out)
    return _count(pools, amounts, replay, out)


def _replay(ingredients: Ingredients, out: Path, stack: ExitStack) -> Replay | None:
    """What is replayed, if the recipe replays, as long as the `stack` holds it open."""
    asked = any(source.of == "replay" for source in ingredients.recipe.sources)
    if not asked or not ingredients.replay:
        return None
    return stack.enter_context(open_replay(ingredients.replay, out))


def _passes(
    ingredients: Ingredients, replay: Replay | None, settings: Mix, stack: ExitStack
) -> dict[str, Pass]:
    """The passes over every source, as long as the `stack` holds their files open."""
    opened = open_material(
        ingredients.documents,
        ingredients.knowledge,
        ingredients.passage_characters,
        settings.seed if settings.shuffle_answers else None,
    )
    making = Making(stack.enter_context(opened), replay, ingredients.profile)
    return {source.name: making.rows(source) for source in ingredients.recipe.sources}


def _pools_with_rows(
    ingredients: Ingredients, passes: Mapping[str, Pass], stage: str, emit: Emit
) -> dict[str, Pool]:
    """A pool for every source that offers anything; numbers among the shares scaled so that they
    add up to what they did before."""
    sources = ingredients.recipe.sources
    there = [s for s in sources if next(passes[s.name](random.Random(0)), None) is not None]
    if all(source.of == "replay" for source in there):
        wanted = ", ".join(source.name for source in sources if source.of != "replay")
        raise InputError(
            f"{stage}: nothing to train on: {wanted or 'no source of knowledge'} have no rows",
            hint="see out/curate/rejections.jsonl, or change mix.shares",
        )
    thinking = ingredients.profile.thinking
    for source in sources:
        if thinking.switch(source.thinking) is None:
            how = "on" if source.thinking else "off"
            text = f"{source.name}: the profile {ingredients.profile.profile!r} has no switch for"
            emit(Notice(stage, f"{text} thinking {how}; its rows are asked as all others"))
        if source not in there:
            text = f"no {source.name} rows: their share goes to the other sources"
            emit(Notice(stage, text))
    numbers = [source.share for source in there if source.share != "all"]
    scale = 1.0 if len(numbers) < len(there) else 1 / sum(numbers)
    return {
        source.name: Pool(
            source
            if source.share == "all"
            else source.model_copy(update={"share": source.share * scale})
        )
        for source in there
    }


def _count(
    pools: Mapping[str, Pool], amounts: Mapping[str, int], replay: Replay | None, out: Path
) -> Counts:
    table: dict[str, dict[str, object]] = {
        name: {
            "rows": amounts[name],
            "different_rows": len(set(pool.digests[: amounts[name]])),
            "tokens": pool.tokens[amounts[name]],
            "loss_tokens": pool.loss_tokens[amounts[name]],
            "passes": 1 + sum(end < amounts[name] for end in pool.passes),
            "refused": dict(pool.refused),
        }
        for name, pool in pools.items()
    }
    for name, pool in pools.items():
        if replay and pool.source.of == "replay" and replay.where.startswith(DATASET):
            table[name]["from"] = replay.where
    write_json(out / "table.json", table)
    return {
        "rows": sum(amounts.values()),
        "tokens": sum(pool.tokens[amounts[name]] for name, pool in pools.items()),
        "loss_tokens": sum(pool.loss_tokens[amounts[name]] for name, pool in pools.items()),
        "rejected": sum(pool.refused.total() for pool in pools.values()),
    }
