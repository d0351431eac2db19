"""The option is told from an answer by ordered rules; what names none, or several, is unparsed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.evaluation.extracting import RULES, extract
from closedbook.evaluation.matching import matches

OPTIONS = ("a lake", "a lake in the north", "1921", "Ada Lom")


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("It rains.\nAnswer: B", 1, "answer line"),
        ("Answer: A\nNo, wait.\n**Answer: C**", 2, "answer line"),
        ("the final answer is: (D).", 3, "answer line"),
        ("Answer: B. a lake in the north", 1, "answer line"),
        ("### Answer: **C**", 2, "answer line"),
        ("Réponse : D", 3, "answer line"),
        ("答案：C", 2, "answer line"),
        ("So \\boxed{B}", 1, "boxed"),
        ("C", 2, "letter alone"),
        ("**(B)**.", 1, "letter alone"),
        ("I would say the correct answer is B, since it is north.", 1, "said in a sentence"),
        ("Option D is correct.", 3, "said in a sentence"),
        ("B) because of the north", 1, "letter first"),
        ("It was founded then.\nC. 1921", 2, "letter first"),
        ("Ada Lom.", 3, "option text"),
        ("It must be a lake in the north of it", 1, "option within"),
        ("", None, ""),
        ("I cannot say.", None, ""),
        ("Answer: E", None, ""),
        ("A lake, or 1921?", None, ""),
        ("The answer is A. Or rather, the answer is B.", None, ""),
        ("Answer: unknown", None, ""),
        ("Answer: A lake", 0, "answer line"),
        ("A man was there.", None, ""),
    ],
)
def test_rules_in_their_order(text: str, place: int | None, rule: str) -> None:
    assert extract(text, OPTIONS) == (place, rule)


TITLED = ("Tar", "a 10-year term", "A Pail of Air", "A. B. Yeh")


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("Answer: B or C", None, ""),
        ("Answer: B, C", None, ""),
        ("**Answer:** (B) and (D)", None, ""),
        ("The answer is B or C", None, ""),
        ("Answer: A 10-year term", 1, "answer line"),
        ("Not Tar.\nAnswer: A Pail of Air", 2, "answer line"),
        ("The answer is A Pail of Air, I think", 2, "option within"),
        ("A. B. Yeh", 3, "option text"),
        ("Answer: A. B. Yeh", 3, "answer line"),
        ("Answer: A Tar", 0, "answer line"),
        ("Answer: A, I think", 0, "answer line"),
        ("Answer: B because A is wrong", 1, "answer line"),
        ("Answer:\n\n**C**", 2, "answer line"),
        ("Answer: C\n\nThe answer: it is told at the end.", 2, "answer line"),
        ("Answer: A-10 aircraft", None, ""),
    ],
)
def test_a_letter_counts_only_where_it_stands_for_an_option(
    text: str, place: int | None, rule: str
) -> None:
    assert extract(text, TITLED) == (place, rule)


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({name for name, _ in RULES}) == len(RULES)


@given(st.text(), st.lists(st.text(min_size=1), min_size=2, max_size=5, unique=True))
def test_any_text_gives_an_option_or_none(text: str, options: list[str]) -> None:
    place, rule = extract(text, options)
    assert (place is None) == (not rule)
    assert place is None or 0 <= place < len(options)


@pytest.mark.parametrize(
    ("text", "accepted", "right"),
    [
        ("the Quill Works", ["Quill works"], True),
        ("It was founded in 1,712.", ["1712"], True),
        ("Café Zürich", ["cafe zurich"], True),
        ("She was born in Rin, I think", ["Rin"], True),
        ("not Rin", ["Rin"], False),
        ("Rin or Tol", ["Rin"], False),
        ("Rinland", ["Rin"], False),
        ("", ["Rin"], False),
        ("word " * 20 + "Rin", ["Rin"], False),
        ("seventeen twelve", ["1712", "seventeen twelve"], True),
    ],
)
def test_short_answers_match_by_words(text: str, accepted: list[str], right: bool) -> None:
    assert matches(text, accepted) is right
