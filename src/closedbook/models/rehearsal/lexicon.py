"""The small words of English, and short lists of common nouns that tell what a phrase is about.

Plain data, out of lexicon.yaml; knows no rules.
"""

from __future__ import annotations

from pathlib import Path

from closedbook.config.yaml_lines import load_yaml

LISTS = load_yaml(Path(__file__).with_suffix(".yaml"))[0]


def word_list(name: str) -> frozenset[str]:
    """A list of lexicon.yaml."""
    return frozenset(entry.replace("_", " ") for entry in LISTS[name].split())


PREPOSITIONS = word_list("prepositions")
AWAY = word_list("away")
"""Prepositions that a distance goes with."""
PREPOSITIONS |= AWAY
PLACE_PREPOSITIONS = word_list("place_prepositions")
ARTICLES = frozenset({"a", "an", "the"})
DETERMINERS = ARTICLES | word_list("determiners")
POSSESSIVES = frozenset({"its", "his", "her", "their"})
PRONOUNS = {"it": "thing", "he": "person", "she": "person", "they": "any"}
POINTING = DETERMINERS | PRONOUNS.keys()
"""What a noun phrase may begin with that is no noun."""
OBJECT_PRONOUNS = word_list("object_pronouns")
RELATIVES = word_list("relatives")
SUBORDINATORS = word_list("subordinators")
JOINING = PREPOSITIONS | RELATIVES | SUBORDINATORS | {"and", "or", "but"}
ADVERBS = word_list("adverbs")
TRAILING = word_list("trailing")
SENTENCE_ADVERBS = ADVERBS | word_list("sentence_adverbs")

NEGATIONS = word_list("negations")
HEDGES = word_list("hedges")

MONTHS = word_list("months")
TIME_NOUNS = word_list("time_nouns") | MONTHS
NUMBER_WORDS = word_list("number_words")
APPROXIMATE = word_list("approximate")
BOUNDS = frozenset(tuple(bound.split()) for bound in word_list("bounds"))
"""What may stand before an amount, one word or two."""
UNITS = word_list("units")
MONEY = word_list("money")
DIMENSIONS = word_list("dimensions")
COLOURS = word_list("colours")

PERSON_NOUNS = word_list("person_nouns")
PROFESSIONS = word_list("professions")
PERSON_CLASSES = PROFESSIONS | word_list("person_classes")
ORGANISATION_CLASSES = word_list("organisation_classes")
PLACE_CLASSES = word_list("place_classes")
NAMED_PLACES = word_list("named_places")
"""Nouns that stand before a name with "of": "the town of Orr"."""
ALIKE = tuple(frozenset(group.split()) for group in LISTS["alike"])
"""Nouns by which a text may call the same thing."""
THING_CLASSES = word_list("thing_classes")
CLASSES = PERSON_CLASSES | ORGANISATION_CLASSES | PLACE_CLASSES | THING_CLASSES
LOCATED = PLACE_CLASSES | ORGANISATION_CLASSES
PLACE_NOUNS = LOCATED | word_list("place_nouns")
ORGANISATION_WORDS = word_list("organisation_words")
PLACE_WORDS = word_list("place_words")
