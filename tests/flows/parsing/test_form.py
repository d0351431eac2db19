"""What a form does with a reply as a whole: rows, a reason, or the wish to ask once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from closedbook.engine import Dropped
from closedbook.errors import ParseError
from closedbook.flows.parsing import Own, Structured
from closedbook.flows.spec import ParseSpec


def form(**keys: Any) -> Structured:
    return Structured(ParseSpec.model_validate(keys, strict=False))


JUDGE = {
    "tags": ["why", "faithful"],
    "optional": ["why"],
    "blocks": "one",
    "choices": {"faithful": ["YES", "NO"]},
}


@pytest.mark.parametrize(
    ("keys", "text", "rows"),
    [
        (JUDGE, "[WHY] so [FAITHFUL] **yes** [END]", [{"why": "so", "faithful": "YES"}]),
        (JUDGE, "[FAITHFUL] No.", [{"why": "", "faithful": "NO"}]),
        ({**JUDGE, "optional": ["faithful"]}, "[WHY] so", [{"why": "so", "faithful": ""}]),
        (
            {"json": ["score"], "choices": {"score": [0, 1, 2]}, "blocks": "one"},
            '{"score": 2}',
            [{"score": "2"}],
        ),
        ({"json": ["q"]}, "[]", [Dropped("nothing offered", raw="[]")]),
        ({"json": ["q"]}, "[NOTHING]", [Dropped("nothing offered", raw="[NOTHING]")]),
    ],
)
def test_a_reply_in_the_form(keys: dict[str, Any], text: str, rows: object) -> None:
    assert form(**keys).read(text, truncated=False) == rows


@pytest.mark.parametrize(
    ("keys", "text", "reason", "detail"),
    [
        (JUDGE, "Fine.", "not in the form asked for", ""),
        (
            JUDGE,
            "[FAITHFUL] maybe",
            "not in the form asked for",
            "faithful is not YES or NO: maybe",
        ),
        (JUDGE, "[WHY] so", "a part is missing", "no [FAITHFUL]"),
        (JUDGE, "[FAITHFUL] YES [END] [FAITHFUL] NO [END]", "more than one block", ""),
        ({"json": ["q"], "blocks": "one"}, '[{"q": "a"}, {"q": "b"}]', "more than one block", ""),
        ({"json": ["q"]}, "no", "not in the form asked for", ""),
    ],
)
def test_a_reply_that_is_asked_for_again(
    keys: dict[str, Any], text: str, reason: str, detail: str
) -> None:
    with pytest.raises(ParseError) as caught:
        form(**keys).read(text, truncated=False)
    assert (caught.value.message, caught.value.hint) == (reason, detail)


def test_of_many_blocks_only_the_wrongly_chosen_one_goes() -> None:
    spec = {"tags": ["q", "kind"], "choices": {"kind": ["easy", "hard"]}}
    text = "[Q] a [KIND] Easy [END] [Q] b [KIND] odd [END] [Q] c [KIND] HARD. [END]"
    first, second, third = form(**spec).read(text, truncated=False)
    assert (first, third) == ({"q": "a", "kind": "easy"}, {"q": "c", "kind": "hard"})
    assert isinstance(second, Dropped)
    assert second.detail == "kind is not easy or hard: odd"


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        (JUDGE, ["[WHY] ...\n[FAITHFUL] ...\n[END]", "[FAITHFUL] is one of: YES, NO", "only one"]),
        ({"json": ["q", "a"]}, ['[{"q": "...", "a": "..."}, ...]', "reply with this alone: []"]),
        ({"tags": ["q"]}, ["[Q] ...\n[END]", "reply with this alone: [NOTHING]"]),
    ],
)
def test_the_repair_tells_the_form(keys: dict[str, Any], parts: list[str]) -> None:
    wish = form(**keys).repair(ParseError("not in the form asked for", hint="a hint"))
    for part in ["(a hint)", *parts]:
        assert part in wish


def own(text: str) -> Sequence[Mapping[str, str]]:
    if text == "formless":
        raise ParseError("no numbers")
    if text == "raise":
        raise KeyError("x")
    return {"rows": [{"a": "1"}, {"b": "2"}], "none": [], "text": "odd"}[text]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "children"),
    [
        ("rows", [{"a": "1"}, Dropped("a part is missing", "the function gave no 'a'", "rows")]),
        ("none", [Dropped("nothing offered", raw="none")]),
        ("raise", [Dropped("the parser failed", "KeyError: 'x'", "raise")]),
        ("text", [Dropped("the parser failed", "it gave no list, but 'odd'", "text")]),
    ],
)
def test_what_a_parser_of_ones_own_gives(text: str, children: object) -> None:
    assert Own(own, ("a",)).read(text, truncated=False) == children


def test_a_parser_of_ones_own_can_ask_for_a_repair() -> None:
    with pytest.raises(ParseError, match="not in the form asked for") as caught:
        Own(own, ("a",)).read("formless", truncated=False)
    assert "cannot be used: no numbers. Give it again" in Own(own, ("a",)).repair(caught.value)
    assert Own(own, ("a",)).read("rows", truncated=True) == [Dropped("truncated", raw="rows")]
