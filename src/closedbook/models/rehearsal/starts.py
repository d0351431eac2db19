"""Where things start and end in a row of words: noun phrases, clauses, verbs.

Knows the order of English words; nothing of what they mean.
"""

from __future__ import annotations

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.values import is_capital, is_number
from closedbook.models.rehearsal.verbs import BARE, FINITE, THIRD

BE = frozenset({"is", "was", "are", "were"})
AUXILIARIES = BE | {"has", "had", "have"}
_ATTACHED = frozenset({"from", "on", "to", "at", "in"})
_OPENERS = lexicon.DETERMINERS | {"one"}
_NO_ADVERBS = lexicon.word_list("no_adverbs")


def is_adverb(word: str) -> bool:
    """By its ending, or one of the common ones."""
    lower = word.lower()
    return lower in lexicon.ADVERBS or (
        lower.endswith("ly") and len(lower) > 4 and lower not in _NO_ADVERBS
    )


def skip_adverbs(words: list[str], index: int) -> int:
    """The index of the first word from `index` that is no adverb."""
    while index < len(words) and is_adverb(words[index]):
        index += 1
    return index


def is_finite(word: str) -> bool:
    """Whether the word can be the finite verb of a clause."""
    return word in AUXILIARIES or word in FINITE


def verb_follows(words: list[str], index: int) -> bool:
    """Whether a finite verb stands at `index`, adverbs before it aside."""
    index = skip_adverbs(words, index)
    return index < len(words) and is_finite(words[index])


def noun_phrase_end(words: list[str]) -> int:
    """Where the noun phrase at the start of `words` ends (0: there is none)."""
    if not words or words[0].lower() in lexicon.PRONOUNS:
        return min(len(words), 1)
    index = 1 if words[0].lower() in lexicon.DETERMINERS else 0
    many = is_number(words[0]) or words[0].lower() in lexicon.APPROXIMATE | {"most", "many"}
    nouns = 0
    while index < len(words):
        word = words[index]
        lower = word.lower()
        if lower == "of" and nouns and index + 1 < len(words):
            index += 2 if words[index + 1].lower() in lexicon.DETERMINERS else 1
            nouns = 0
            continue
        if _ends_noun_phrase(words, index, nouns) or (many and nouns and word in BARE):
            break
        nouns += 1
        many = many or (word.endswith("s") and word.islower() and len(word) > 3)
        index += 1
    return index if nouns else 0


def _ends_noun_phrase(words: list[str], index: int, nouns: int) -> bool:
    word = words[index]
    lower = word.lower()
    if not word[0].isalnum() and word[0] not in '“"$€£':
        return True
    if lower in lexicon.JOINING:
        return not is_capital(word) or nouns == 0
    if not nouns or is_capital(word):
        return False
    if is_finite(word) or (word.endswith("ed") and is_capital(words[index - 1])):
        return True
    return is_adverb(word) and verb_follows(words, index)


def subject_end(words: list[str]) -> tuple[int, int] | None:
    """(end of the subject, index of its finite verb), or None where no clause starts here."""
    end = noun_phrase_end(words)
    if 1 < end < len(words) and words[end].lower() in _ATTACHED and words[0].lower() in _OPENERS:
        further = noun_phrase_end(words[end + 1 :])
        end += further + 1 if further else 0
    verb = skip_adverbs(words, end)
    if not end or verb >= len(words):
        return None
    if words[verb] in THIRD and words[verb] not in AUXILIARIES and _is_noun_here(words, verb):
        return None
    many = (w.endswith("s") or is_number(w) or w == "people" for w in words[:end])
    plural = words[0].lower() == "they" or any(many)
    named = is_capital(words[end - 1]) or words[0].lower() in lexicon.PRONOUNS
    unknown = named and words[verb].endswith("ed")
    found = is_finite(words[verb]) or (plural and words[verb] in BARE) or unknown
    return (end, verb) if found else None


def _is_noun_here(words: list[str], verb: int) -> bool:
    """ "stamps" in "Orr stamps are rare"."""
    return any(following in AUXILIARIES for following in words[verb + 1 : verb + 2])


def starts_clause(words: list[str]) -> bool:
    """Whether a clause with a subject of its own starts here."""
    if not words:
        return False
    first = words[0].lower()
    named = is_capital(words[0]) and first not in lexicon.MONTHS
    opens = first in lexicon.POINTING or named
    return opens and subject_end(words) is not None
