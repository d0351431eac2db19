"""Where the values of relations come from: coined names, lists of words, years, numbers.

Invariant: the values of one draw are all different.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from closedbook.rehearsal.names import Coiner

Draw = Callable[[Coiner, Random, int], list[str]]
"""Draws so many different values for one relation."""


def coined(coin: Callable[[Coiner], str]) -> Draw:
    return lambda coiner, _, count: [coin(coiner) for _ in range(count)]


def listed(words: str) -> Draw:
    choices = [word.strip() for word in words.split(",")]
    return lambda _, random, count: random.sample(choices, count)


def with_article(article: str, words: str) -> Draw:
    """Values with their article; "a" becomes "an" before a vowel."""
    choices = [word.strip() for word in words.split(",")]
    vowel = "an" if article == "a" else article
    told = [f"{vowel if word[0] in 'aeiou' else article} {word}" for word in choices]
    return lambda _, random, count: random.sample(told, count)


def years(first: int, last: int) -> Draw:
    return lambda _, random, count: [str(y) for y in random.sample(range(first, last + 1), count)]


def round_numbers(low: int, high: int, step: int) -> Draw:
    def draw(_: Coiner, random: Random, count: int) -> list[str]:
        return [f"{n * step:,}" for n in random.sample(range(low, high + 1), count)]

    return draw


def weights(_: Coiner, random: Random, count: int) -> list[str]:
    return [f"{weight} kilograms" for weight in random.sample(range(11, 99), count)]


def titles(_: Coiner, random: Random, count: int) -> list[str]:
    colours = "Amber Black Blue Broken Crimson Distant Empty Frozen Golden Hidden Hollow Iron Last"
    colours += " Little Lonely Lost Painted Pale Patient Quiet Red Restless Salt Second Secret"
    colours += " Silver Sleeping Stolen Tall Twelfth Unseen White"
    things = "Anchor Bridge Candle Compass Door Field Fountain Garden Harbour Harvest Key Ladder"
    things += " Lantern Letter Map Meadow Mirror Moon Orchard Promise River Road Sparrow Staircase"
    things += " Stranger Summer Tide Tower Voyage Window Winter"
    firsts = random.sample(colours.split(), count)
    seconds = random.sample(things.split(), count)
    return [f"The {a} {b}" for a, b in zip(firsts, seconds, strict=True)]
