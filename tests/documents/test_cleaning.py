"""Clean text holds every word and nothing invisible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.documents.cleaning import clean_text, clean_title, first_heading, readable_name

ODD = st.sampled_from(["\n", "\r\n", "\r", " ", "\t", "\0", "\x0c", "\u2028", "\u00a0", "\ud800"])
TEXT = st.lists(st.one_of(ODD, st.text(max_size=4)), max_size=40).map("".join)


@given(TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


@given(TEXT)
def test_clean_text_has_plain_lines_that_can_be_stored(text: str) -> None:
    clean = clean_text(text)
    assert clean.encode().decode() == clean
    assert "\n\n\n\n" not in clean
    assert all(line == line.rstrip() for line in clean.split("\n"))
    assert all(
        character.isprintable() or character in "\n\t" for character in clean if character < "\x80"
    )


def test_letters_are_composed_and_invisible_characters_removed() -> None:
    assert (
        clean_text("Cafe\u0301\u200b na\u00adive\ufeff \0x\r\nTom\u00a0B.  \n")
        == "Café naive x\nTom B."
    )


def test_blank_lines_shrink_to_two_and_indentation_stays() -> None:
    assert clean_text("\n\n  a\n\n\n\n\n\tb\n") == "  a\n\n\n\tb"


@pytest.mark.parametrize(
    ("markdown", "heading"),
    [
        ("text\n\n## The **River** `Alba` ##\n# Later", "The River Alba"),
        ("```\n# a comment\n```\n# Real", "Real"),
        ("The Title\n=========\ntext", "The Title"),
        ("# [Alba](http://x.example) {#alba}", "Alba"),
        ("#hashtag and no heading", ""),
        ("", ""),
    ],
)
def test_first_heading(markdown: str, heading: str) -> None:
    assert first_heading(markdown) == heading


def test_a_title_is_one_line_of_bearable_length() -> None:
    assert clean_title(" The\n\tAlba ") == "The Alba"
    assert len(clean_title("word " * 200)) <= 201


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("river-alba_history", "River alba history"),
        ("NASA", "NASA"),
        ("__", "__"),
        ("élan", "Élan"),
    ],
)
def test_file_names_become_readable(stem: str, title: str) -> None:
    assert readable_name(stem) == title
